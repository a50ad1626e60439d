"""Who is named in a sentence: words that stand for a country or a body, as of a date.

A name means a holder of office only near the time in office; "Tokyo" means Japan, "the PLA" China's
military. Countries are given by COW number, bodies of states by their own letters.
"""

import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from foedus.record.store import Record
from foedus.world.countries import countries, find_country

SLACK_DAYS = 3 * 365
_TOKEN = re.compile(r"[A-Za-z](?:\.[A-Za-z])+\.?|[^\W_]+(?:['’][^\W_]+)*|\S")
# What follows a name that says who stands behind someone else, not who that is.
_BEHIND = re.compile(
    r"-(?:backed|brokered|made|built|sponsored|mediated|supported|designated|allied|funded|trained|"
    r"educated|bound|related|facing)\b",
    re.I,
)
_POSSESSIVE = re.compile(r"['’]s?$|['’]S$")
_PLAIN = str.maketrans("áàâäãåéèêëíìîïóòôöõúùûüñçžšığ", "aaaaaaeeeeiiiiooooouuuunczsig")
# Names that mean something else where nothing is written in capitals, or everything is.
_COMMON = frozenset({"polish", "poles", "diet", "total", "apple", "bush", "austin", "gallant",
                     "sharon", "pence", "harper", "male", "CAR", "WHO", "ICE", "AU",
                     "PLAN"})  # fmt: skip
_NOWHERE = "NONE"
_PARTICLES = frozenset({"al", "von", "bin", "the"})
_SMALL = frozenset({"UK", "EU", "UN", "UAE", "NATO", "ASEAN", "DPRK", "PRC", "ROK", "IMF", "IAEA",
                    "USA", "IDF", "PKK", "PLA"})  # fmt: skip
# Capitals that are oftener something else.
_NOT_ALONE = frozenset({"Male", "Victoria", "San Jose", "Georgetown", "Kingston", "Hamilton"})

ROLES = {
    "military": "military army armies navy naval troop soldier warplane warship jet "
    "aircraft forces marine coast.guard submarine destroyer frigate carrier general admiral "
    "commander peacekeeper drone defen[cs]e.minist\\w+ defen[cs]e.chief defen[cs]e.secretary "
    "air.force\\w* artillery airstrike missile command bomber vessel",
    "head of state": "president prime.minister premier chancellor king queen emperor emir sultan "
    "supreme.leader head.of.state monarch leaders?.of",
    "rebels": "rebel militant insurgent guerrilla militia gunmen terrorist jihadist separatist "
    "fighters extremist warlord cartel",
    "opposition": "opposition dissident activist",
    "judiciary": "court judge prosecutor tribunal attorney",
    "police": "police\\w* security.forces authorities",
    "firm": "company companies firm corporation corp inc ltd bank manufacturer airline tanker "
    "business\\w* exporter importer",
    "media": "journalist reporter newspaper broadcaster media blogger",
    "civilian": "civilian people protest\\w* demonstrator worker student citizen migrant refugee "
    "prisoner detainee resident villager farmer teacher women children girls families fishermen "
    "pilot tourist hacker national employee",
}
_ROLES = tuple(
    (role, re.compile(rf"\b(?:{'|'.join(words.split()).replace('.', ' ?')})s?\b", re.I))
    for role, words in ROLES.items()
)


@dataclass(frozen=True)
class Meaning:
    """What a name stands for.

    Args:
        code: ISO3 code of a country, or letters of a body of states.
        role: Role, where the name tells it.
        first: First day on which it does, for holders of office.
        last: Last day.
    """

    code: str
    role: str
    first: dt.date | None
    last: dt.date | None

    def near(self, day: dt.date) -> float:
        """Count the days between a day and the time in office; zero within it."""
        if self.first is not None and day < self.first:
            return (self.first - day).days
        if self.last is not None and day > self.last:
            return (day - self.last).days
        return 0.0


@dataclass(frozen=True)
class Mention:
    """A name found in a text.

    Args:
        start: First character.
        end: Character after the last.
        code: ISO3 code of the country, or letters of the body.
        role: Role, where the name tells it.
    """

    start: int
    end: int
    code: str
    role: str


@dataclass(frozen=True)
class Actor:
    """Someone who acts or is acted upon.

    Args:
        text: The words.
        code: ISO3 code of the country, or letters of a body of states; empty if not known.
        ccode: COW number of the country; None for a body or where not known.
        role: Role, such as government, military or IGO.
    """

    text: str
    code: str
    ccode: int | None
    role: str


class Names:
    """All names known to a record.

    Args:
        record: Record with capitals and leaders.
    """

    def __init__(self, record: Record) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Meaning]]] = {}
        self._letters: set[str] = set()
        lexicon = resources.files("foedus.read").joinpath("lexicon")
        for item in countries().values():
            if item.iso3 and item.exists(item.spells[-1][1] or dt.date(2016, 12, 31)):
                for name in (item.name, *item.aliases):
                    self._add(name, Meaning(item.iso3, "", None, None))
        for code, names in tomllib.loads(lexicon.joinpath("countries.toml").read_text()).items():
            for name in names:
                self._add(name, Meaning(code, "", None, None))
        capitals = record.read("cow_capitals")
        for ccode, capital in (
            capitals.select("ccode", "capital").unique(maintain_order=True).iter_rows()
        ):
            if ccode in countries() and capital and capital not in _NOT_ALONE:
                self._add(capital, Meaning(countries()[ccode].iso3, "", None, None))
        bodies = tomllib.loads(lexicon.joinpath("organisations.toml").read_text())
        for code, names in bodies["states"].items():
            for name in names:
                self._add(name, Meaning(code, "IGO", None, None))
        for code, parts in bodies["parts"].items():
            for name, role in parts:
                self._add(name, Meaning(code, role, None, None))
        self._leaders(record)
        for name, code, role, first, last in tomllib.loads(
            lexicon.joinpath("persons.toml").read_text()
        )["people"]:
            self._add(name, Meaning(code, role, _date(first), _date(last)))

    def _leaders(self, record: Record) -> None:
        leaders = record.read("leaders_archigos").drop_nulls(["ccode", "leader", "start"])
        for ccode, name, start, end in leaders.select(
            "ccode", "leader", "start", "end"
        ).iter_rows():
            held = countries().get(ccode)
            if held is None or start.year < 1945 or " " not in name.strip():
                continue
            self._add(name, Meaning(held.iso3, "head of state", start, end))

    def _add(self, name: str, meaning: Meaning) -> None:
        words = tuple(_fold(word) for word in _TOKEN.findall(name))
        if words and meaning.code:
            self._by_first.setdefault(words[0], []).append((words, meaning))
            self._letters.update(word for word in words if word.isupper())

    def find(self, text: str, day: dt.date | None = None) -> list[Mention]:
        """Find the names in a text, the longest first, none inside another.

        Args:
            text: A sentence.
            day: Day it was written; without it holders of office are not held to their time.
        """
        tokens = [(m.start(), m.end(), m[0]) for m in _TOKEN.finditer(text)]
        even = text.islower() or text.isupper()
        folded = self._evened(tokens, text) if even else self._folded(tokens)
        found: list[Mention] = []
        i = 0
        while i < len(tokens):
            hit = self._longest(folded, i, day) if even or _begins(tokens[i][2]) else None
            if hit is None:
                i += 1
                continue
            length, meaning = hit
            start, end = tokens[i][0], tokens[i + length - 1][1]
            if meaning.code != _NOWHERE and not _BEHIND.match(text, end):
                found.append(Mention(start, end, meaning.code, meaning.role))
            i += length
        return found

    def _folded(self, tokens: list[tuple[int, int, str]]) -> list[str]:
        """Fold words; a short one in capitals that is not the letters of a body is a plain name."""
        folded = (_fold(word) for _, _, word in tokens)
        return [w if w in self._letters else w.lower() for w in folded]

    def _evened(self, tokens: list[tuple[int, int, str]], text: str) -> list[str]:
        """Fold words of a text without small letters or without capitals."""
        found = []
        for start, end, word in tokens:
            fold = _fold(word.upper())
            letters = fold in self._letters and (
                text.isupper() or _stands_for(fold, text, start, end)
            )
            fold = fold if letters else _fold(word.lower())
            found.append("" if fold in _COMMON else fold)
        return found

    def _longest(
        self, folded: list[str], i: int, day: dt.date | None
    ) -> tuple[int, Meaning] | None:
        best: tuple[int, float, Meaning] | None = None
        for words, meaning in self._by_first.get(folded[i], ()):
            n = len(words)
            if tuple(folded[i : i + n]) != words:
                continue
            far = meaning.near(day) if day is not None else _late(meaning)
            if day is not None and far > SLACK_DAYS:
                continue
            if best is None or n > best[0] or (n == best[0] and far < best[1]):
                best = (n, far, meaning)
        return (best[0], best[2]) if best is not None else None


def _begins(word: str) -> bool:
    """Tell whether a word may begin a name."""
    return word[0].isupper() or word.startswith(("al-", "el-")) or word in _PARTICLES


def _stands_for(fold: str, text: str, start: int, end: int) -> bool:
    """Tell whether small letters are those of a body or country: a few, and `us` before a word."""
    if fold == "US":
        return (
            "." in text[start:end]
            or re.match(r"(?:, (?!and|but|or)| |-)[\w$]", text[end:]) is not None
        )
    return fold in _SMALL


def _late(meaning: Meaning) -> float:
    return -float(meaning.first.toordinal()) if meaning.first is not None else -1e9


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@cache
def _fold(word: str) -> str:
    plain = _POSSESSIVE.sub("", word).translate(_PLAIN)
    bare = plain.replace(".", "")
    if bare.isupper() and len(bare) <= 4:
        return bare
    return plain.rstrip(".").lower()


def role_of(text: str, mention: Mention | None = None) -> str:
    """Tell the role of an actor: rebels by name, else by its words, by name, else government."""
    named = mention.role if mention is not None else ""
    if named == "rebels":
        return named
    worded = next((role for role, pattern in _ROLES if pattern.search(text)), "")
    return worded or named or "government"


@cache
def cow_number(code: str) -> int | None:
    """Give the COW number of an ISO3 code; None for bodies and places COW does not count."""
    try:
        return find_country(code).ccode if len(code) == 3 else None
    except KeyError:
        return None
