"""How well statements are found: essays read sentence by sentence before any was tried.

Run as `python -m foedus.study.score_finder RAW`.
"""

import json
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from foedus.claim.camps import Camps
from foedus.claim.finder import Finder
from foedus.claim.statements import Statement, statements
from foedus.read.actors import Names
from foedus.read.documents import Document, documents
from foedus.record.store import open_record
from foedus.study.check_text import spoken_of

CARD = "text_claims.json"
SLOTS = ("ally", "partner", "rival")


@dataclass(frozen=True)
class FinderCard:
    """Scores on one set of essays.

    Args:
        essays: Essays.
        sentences: Sentences read.
        stated: Statements of the library a reader found.
        found: Those the program found.
        given: Statements the program gave.
        right: Those a reader found or would also accept.
        same_sense: Of those found, denied or stated as the reader says.
        same_sort: Sentences of the sort the reader gives.
        slots: Slots the reader filled in sentences with a statement found.
        slots_right: Those the program fills alike.
    """

    essays: int
    sentences: int
    stated: int
    found: int
    given: int
    right: int
    same_sense: int
    same_sort: int
    slots: int
    slots_right: int


def places_read(document: Document, told: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Give first and last character of each sentence a reader listed, by its first words."""
    starts, at = [], 0
    for sentence in told:
        place = document.text.find(sentence["begins"], at)
        at = place if place >= 0 else document.text.find(sentence["begins"])
        starts.append(at)
        at += 1
    return list(zip(starts, [*starts[1:], len(document.text)], strict=True))


def score_essays(pairs: Iterator[tuple[Path, Path]]) -> FinderCard:
    """Hold what the program finds in essays against what a reader found.

    Args:
        pairs: Text and what was read in it, of each essay.
    """
    record = open_record()
    names, finder, camps = Names(record), Finder(), Camps(record)
    total = dict.fromkeys(FinderCard.__dataclass_fields__, 0)
    for text, reading in pairs:
        (document,) = documents(text)
        found = statements(spoken_of(document, names), finder, camps)
        told = tomllib.loads(reading.read_text("utf-8"))["sentence"]
        total["essays"] += 1
        for sentence, (start, end) in zip(told, places_read(document, told), strict=True):
            here = [item for item in found if start - 3 <= item.start < end - 2]
            for name, count in _of_sentence(sentence, here).items():
                total[name] += count
    return FinderCard(**total)


def _of_sentence(told: dict[str, Any], here: list[Statement]) -> dict[str, int]:
    due = {item["name"]: item["negated"] for item in told["propositions"]}
    given = {item.proposition: item for item in here if item.proposition}
    hits = due.keys() & given.keys()
    slots = told.get("slots", {}) if hits else {}
    own = here[0].slots.given() if here else {}
    return {
        "sentences": 1,
        "stated": len(due),
        "found": len(hits),
        "given": len(given),
        "right": len(hits | (given.keys() & set(told.get("also_acceptable", [])))),
        "same_sense": sum(given[name].negated == due[name] for name in hits),
        "same_sort": int(told["kind"] in {item.sort for item in here}),
        "slots": sum(slot in slots for slot in SLOTS),
        "slots_right": sum(slot in slots and own.get(slot) == slots[slot] for slot in SLOTS),
    }


def essays(part: str, raw: Path | None) -> Iterator[tuple[Path, Path]]:
    """Give the essays of a part: `development`, `heldout`, or `samples`, whose text is in RAW."""
    folder = Path(str(resources.files("foedus.study").joinpath("finder_labels/essays"))) / part
    for reading in sorted(folder.glob("*.toml")):
        text = reading.with_suffix(".txt")
        if part == "samples" and raw is not None:
            text = raw / "text" / "essays" / text.name
        yield text, reading


def score_finder(raw: Path) -> dict[str, FinderCard]:
    """Score all parts."""
    return {part: score_essays(essays(part, raw)) for part in ("samples", "development", "heldout")}


if __name__ == "__main__":
    cards = {part: asdict(card) for part, card in score_finder(Path(sys.argv[1])).items()}
    target = Path(str(resources.files("foedus.score").joinpath(CARD)))
    target.write_text(json.dumps(cards, indent=1) + "\n", "utf-8")
    print(json.dumps(cards, indent=1))  # noqa: T201
