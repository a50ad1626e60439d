"""The statements of a text: which proposition each makes, of whom, and which cannot be tested."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from foedus.claim.camps import Camps
from foedus.claim.cues import worded
from foedus.claim.finder import Finder, Heard, Sort
from foedus.claim.proposition import Proposition, propositions
from foedus.read.actors import Mention, cow_number

FEWEST_WORDS = 4
# Of a certain sort only if it says nothing that the record could bear on.
UNTESTABLE: tuple[Sort, ...] = ("normative",)
_YEAR = r"(?:1[89]|20)\d\d"
_PERIOD = re.compile(
    rf"\b(?:since (?P<since>{_YEAR})|(?:between|from) (?P<first>{_YEAR}) (?:and|to|until) "
    rf"(?P<last>{_YEAR})|(?P<one>{_YEAR})\s?[-–]\s?(?P<two>{_YEAR})|in (?P<year>{_YEAR})|"
    rf"the (?P<decade>(?:1[89]|20)\d0)s)\b"
)


@dataclass(frozen=True)
class Slots:
    """Whom a statement is about; empty where the text does not say.

    Args:
        actor: ISO3 code of the state that is spoken of by itself.
        ally: ISO3 code of the ally that is spoken of first: the weaker of the two.
        partner: ISO3 code of its partner.
        rival: ISO3 code of the rival.
        arena: Arena.
        period: Years the sentence names, as `1990-2010` or `1990-`.
    """

    actor: str = ""
    ally: str = ""
    partner: str = ""
    rival: str = ""
    arena: str = ""
    period: str = ""

    def given(self) -> dict[str, str]:
        """Give the slots that are filled."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Statement:
    """One statement of a text.

    Args:
        sentence: The sentence it stands in.
        start: First character of the sentence in the text.
        end: Character after its last.
        sort: What sort of statement it is.
        proposition: Name of the proposition it makes; empty if none of the library.
        slots: Whom it is about.
        negated: Whether the sentence denies the proposition.
        chance: Chance of making it, by the network; 0 without a proposition.
    """

    sentence: str
    start: int
    end: int
    sort: Sort
    proposition: str
    slots: Slots
    negated: bool
    chance: float


@dataclass(frozen=True)
class Spoken:
    """A sentence with the names in it.

    Args:
        text: The sentence.
        start: First character in the text.
        mentions: Names in it.
        arenas: Arenas named in it.
    """

    text: str
    start: int
    mentions: tuple[Mention, ...]
    arenas: tuple[str, ...]

    @property
    def codes(self) -> list[str]:
        """Give the countries named, each once."""
        return list(dict.fromkeys(m.code for m in self.mentions if cow_number(m.code)))


def statements(sentences: Sequence[Spoken], finder: Finder, camps: Camps) -> list[Statement]:
    """Find the statements of a text and match them with the library.

    A sentence may make several statements. One that makes none of the library is listed with its
    sort alone, so that nothing a reader would list is passed over in silence. What stands in the
    text twice is listed once.

    Args:
        sentences: Sentences with the names in them.
        finder: Tells what a sentence states.
        camps: Tells allies from rivals.
    """
    once = {" ".join(spoken.text.split()): spoken for spoken in reversed(sentences)}
    kept = [s for s in reversed(list(once.values())) if _words(s.text) >= FEWEST_WORDS]
    kept.sort(key=lambda spoken: spoken.start)
    about = _about(kept, camps)
    places = {arena for spoken in kept for arena in spoken.arenas}
    found = []
    for spoken, heard in zip(kept, finder.hear([s.text for s in kept]), strict=True):
        slots = _slots(spoken, about, camps)
        likely = _likely(spoken, heard, slots, places, finder)
        found += _of_sentence(spoken, heard, likely, slots)
    return found


def _likely(
    spoken: Spoken, heard: Heard, slots: Slots, places: set[str], finder: Finder
) -> list[str]:
    """Name the propositions a sentence states, the likeliest first."""
    allies = (slots.ally, slots.partner)
    held = []
    for name, chance in sorted(heard.stated.items(), key=lambda pair: -pair[1]):
        item = propositions()[name]
        if chance < finder.least_worded or not _fits(item, spoken, places):
            continue
        if chance >= finder.least or worded(
            item, spoken.text, spoken.mentions, allies, slots.rival
        ):
            held.append(item)
    names = {item.name for item in held}
    return [
        item.name
        for item in held
        if heard.stated[item.name] >= finder.least or not names & set(item.narrower)
    ]


def _fits(item: Proposition, spoken: Spoken, places: set[str]) -> bool:
    """Say whether a sentence can be about what a proposition is about."""
    if item.arena and item.arena in (spoken.arenas or places):
        return True
    if item.names:
        return any(mention.code in item.names for mention in spoken.mentions)
    return not item.arena


def _words(text: str) -> int:
    return len(re.findall(r"[^\W\d_]+", text))


def _of_sentence(
    spoken: Spoken, heard: Heard, likely: Sequence[str], slots: Slots
) -> list[Statement]:
    end = spoken.start + len(spoken.text)
    plain = Statement(spoken.text, spoken.start, end, heard.sort, "", slots, negated=False,
                      chance=0.0)  # fmt: skip
    if heard.sort in UNTESTABLE or not likely:
        return [plain]
    return [
        replace(
            plain,
            proposition=name,
            negated=heard.denied[name] > 0.5,
            chance=round(heard.stated[name], 3),
        )
        for name in likely
    ]


def _about(sentences: Sequence[Spoken], camps: Camps) -> Slots:
    """Tell whom a text is about: the allies named together most, and the rival named most."""
    ally, partner = camps.alliance([spoken.codes for spoken in sentences])
    every = [code for spoken in sentences for code in spoken.codes]
    return Slots(ally=ally, partner=partner, rival=camps.rival(every, (ally, partner)))


def _slots(spoken: Spoken, about: Slots, camps: Camps) -> Slots:
    """Fill the slots from the sentence, and what it leaves open from the whole text."""
    codes = spoken.codes
    friends = [c for c in codes if not camps.hostile(c, about.ally) or c == about.partner]
    ally, partner = about.ally, about.partner
    if len(friends) == 2 and {ally, partner} != set(friends) and camps.friendly(*friends) > 0:
        ally, partner = camps.ordered(*friends)
    rival = camps.rival(codes, (ally, partner)) or about.rival
    return Slots(
        actor=next((c for c in friends if c != rival), ally),
        ally=ally,
        partner=partner,
        rival=rival if rival not in (ally, partner) else "",
        arena=spoken.arenas[0] if spoken.arenas else "",
        period=_period(spoken.text),
    )


def _period(text: str) -> str:
    """Give the years a sentence names."""
    match = _PERIOD.search(text)
    if match is None:
        return ""
    if match["since"]:
        return f"{match['since']}-"
    if match["decade"]:
        return f"{match['decade']}-{int(match['decade']) + 9}"
    if match["year"]:
        return f"{match['year']}-{match['year']}"
    first, last = match["first"] or match["one"], match["last"] or match["two"]
    return f"{first}-{last}" if int(first) <= int(last) else ""


def asked_of(item: Proposition, slots: Slots) -> dict[str, str]:
    """Give the slots a proposition asks for, as the text fills them; none if it is general."""
    if item.general:
        return {}
    given = slots.given()
    if item.arena:
        given["arena"] = item.arena
    return {name: given[name] for name in item.slots if name in given}
