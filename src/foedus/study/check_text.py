"""Hold a text against the record: `foedus check`."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from foedus.claim.camps import Camps
from foedus.claim.finder import Finder
from foedus.claim.proposition import Proposition, fill, propositions
from foedus.claim.statements import Spoken, Statement, asked_of, statements
from foedus.claim.verdict import Answer, answer
from foedus.present.words import called
from foedus.read.actors import Names, cow_number
from foedus.read.documents import Document, documents, text_files, whole
from foedus.read.events import arenas_in, split
from foedus.read.language import language
from foedus.record.store import AsOf, Record, open_record
from foedus.study.claim_parts.estimands import points_of, run
from foedus.study.claim_parts.series import Case
from foedus.world.arenas import load_arena
from foedus.world.countries import find_country
from foedus.world.errors import BadInputError

LONGEST_CHARACTERS = 1_000_000
MOST_QUESTIONS = 300
OLD_YEARS = 5
VERDICTS = ("supported", "contested", "contradicted", "not testable here")


@dataclass(frozen=True)
class Question:
    """A proposition with its slots filled, and what the record says.

    Args:
        proposition: The proposition.
        slots: Whom it was asked about.
        worded: The proposition in words.
        measure: What was measured, in words.
        answer: What the record says.
        points: Series behind a trend, by time; empty otherwise.
    """

    proposition: Proposition
    slots: dict[str, str]
    worded: str
    measure: str
    answer: Answer
    points: dict[float, float]


@dataclass(frozen=True)
class Claim:
    """A statement of the text, with the question it raises if the library has one.

    Args:
        statement: The statement.
        question: The question; None if it cannot be tested or is not in the library.
        note: What the reader should know about the verdict.
    """

    statement: Statement
    question: Question | None
    note: str

    @property
    def verdict(self) -> str:
        """Give the verdict on the statement as the text makes it; empty if it is not tested."""
        if self.question is None:
            return ""
        found = self.question.answer.verdict
        swapped = {"supported": "contradicted", "contradicted": "supported"}
        return swapped.get(found, found) if self.statement.negated else found

    def row(self) -> dict[str, Any]:
        """Give the claim as plain data."""
        statement, asked = self.statement, self.question
        shown = asked.answer.shown if asked is not None else None
        low, high = shown.interval() if shown is not None else (None, None)
        return {
            "sentence": statement.sentence,
            "start": statement.start,
            "end": statement.end,
            "kind": statement.sort,
            "proposition": statement.proposition or None,
            "slots": statement.slots.given() | (asked.slots if asked is not None else {}),
            "negated": statement.negated,
            "verdict": self.verdict or None,
            "estimate": shown.value if shown is not None else None,
            "lo90": low,
            "hi90": high,
            "n": shown.n if shown is not None else None,
            "period": f"{shown.first}-{shown.last}" if shown is not None else None,
            "measure": asked.measure if asked is not None else None,
            "unit": asked.proposition.unit if asked is not None else None,
            "why": asked.answer.why if asked is not None else None,
            "chance": statement.chance,
            "note": self.note,
        }


@dataclass(frozen=True)
class Checked:
    """A text held against the record.

    Args:
        document: The text.
        claims: Its statements in order.
        questions: What was asked of the record, each once.
        as_of: What could be used, in words.
        record: Fingerprint of the tables read.
    """

    document: Document
    claims: list[Claim]
    questions: list[Question]
    as_of: str
    record: str

    @cached_property
    def verdicts(self) -> dict[str, int]:
        """Count the propositions by verdict."""
        given = [question.answer.verdict for question in self.questions]
        return {verdict: given.count(verdict) for verdict in VERDICTS}

    @property
    def tested(self) -> int:
        """Count the propositions the record could answer."""
        return len(self.questions) - self.verdicts["not testable here"]

    def as_dict(self) -> dict[str, Any]:
        """Give the result as plain data."""
        return {
            "text": self.document.name,
            "as_of": self.as_of,
            "record": self.record,
            "asked": len(self.questions),
            "tested": self.tested,
            "verdicts": self.verdicts,
            "claims": [claim.row() for claim in self.claims],
        }


def check_text(
    file: str | Path,
    *,
    stdin: IO[bytes] | None = None,
    as_of: AsOf | None = None,
    record: Record | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Checked:
    """Find what a text claims and say what the record makes of it.

    Args:
        file: The text: any file `foedus read` takes but JSON lines and feeds; `-` is standard
            input.
        stdin: Standard input.
        as_of: What may be used; everything by default.
        record: The record; the one that is open by default.
        progress: Called with each question before it is put to the record.

    Raises:
        BadInputError: The text is empty, too long, no text, not in English, or claims too much.
    """
    source = record if record is not None else open_record()
    document = one_text(file, stdin)
    found = statements(spoken_of(document, Names(source)), Finder(), Camps(source))
    keys = {key: None for s in found if s.proposition and (key := _key(s))}
    if len(keys) > MOST_QUESTIONS:
        raise BadInputError(
            f"{document.name} raises {len(keys):,} different questions",
            expected=f"at most {MOST_QUESTIONS}",
            where="foedus check",
            hint="check it in parts",
        )
    asked = {}
    for name, slots in keys:
        progress(name)
        asked[name, slots] = ask(propositions()[name], dict(slots), source, as_of)
    claims = []
    for statement in found:
        question = asked[_key(statement)] if statement.proposition else None
        claims.append(Claim(statement, question, _note(statement, question, document.published)))
    tables = {t for q in asked.values() for t in q.proposition.test.tables}
    told = f"{as_of.day}, rule {as_of.rule}" if as_of is not None else "everything on record"
    digest = source.digest(sorted(tables & set(source.names())))
    return Checked(document, claims, list(asked.values()), told, digest)


def spoken_of(document: Document, names: Names) -> list[Spoken]:
    """Give the sentences of a text with the names in them."""
    return [
        Spoken(part, start, tuple(names.find(part, document.published)), tuple(arenas_in(part)))
        for start, part in split(document.text)
    ]


def _key(statement: Statement) -> tuple[str, tuple[tuple[str, str], ...]]:
    item = propositions()[statement.proposition]
    return item.name, tuple(sorted(asked_of(item, statement.slots).items()))


def one_text(file: str | Path, stdin: IO[bytes] | None = None) -> Document:
    """Read one text in English.

    Raises:
        BadInputError: There is no such text, it is not in English, or there are several.
    """
    if str(file) == "-" and stdin is not None:
        (document,) = whole(stdin.read(8 * LONGEST_CHARACTERS), "standard input", "text")
    else:
        (path,) = text_files([Path(file)])[:1]
        if Path(file).is_dir() or path.suffix.lower() in SEVERAL:
            raise _unfit(str(file), "may hold several texts", "check them one by one")
        (document,) = documents(path)
    size = len(document.text)
    if not document.text.strip():
        raise _unfit(document.name, "holds no text", "look at the file")
    if size > LONGEST_CHARACTERS:
        raise _unfit(document.name, f"has {size:,} characters", "check it in parts")
    told = language(document.text)
    if not told.english:
        raise _unfit(document.name, f"is not in English ({told.code})", "check a translation")
    return document


SEVERAL = (".jsonl", ".ndjson", ".xml", ".rss", ".atom")


def _unfit(name: str, why: str, hint: str) -> BadInputError:
    return BadInputError(
        f"{name} {why}",
        expected="one text in English of at most a million characters: .txt, .md, .html, .pdf, "
        ".eml, or - for standard input",
        where="foedus check",
        hint=hint,
    )


def ask(item: Proposition, slots: dict[str, str], record: Record, as_of: AsOf | None) -> Question:
    """Put one proposition to the record.

    Args:
        item: The proposition.
        slots: ISO3 codes, and the name of an arena, by slot.
        record: The record.
        as_of: What may be used.
    """
    names = {
        slot: load_arena(value).title if slot == "arena" else called(find_country(value).name)
        for slot, value in slots.items()
    }
    worded, measure = fill(item.statement, names), fill(item.measure, names)
    why = item.test.why
    if item.test.kind != "absent" and not item.general:
        missing = [slot for slot in item.slots if slot not in slots]
        why = f"the text does not say who the {missing[0]} is" if missing else ""
    if why:
        none = Answer("not testable here", why, (), len(item.test.ways), 0.0, 0.0, 0.0)
        return Question(item, slots, worded, measure, none, {})
    number = {slot: cow_number(value) for slot, value in slots.items() if slot != "arena"}
    ally = number.get("ally", number.get("actor"))
    case = Case(record, ally, number.get("partner"), number.get("rival"), as_of)
    found = list(run(item, case))
    judged = answer(
        found,
        asked=len(item.test.ways),
        smallest=item.test.smallest,
        sign=item.test.sign,
        absent="too little of it is on record" if not found else "",
    )
    points = points_of(item, case) if item.test.kind == "trend" and found else {}
    return Question(item, slots, worded, measure, judged, points)


def _note(statement: Statement, question: Question | None, published: dt.date | None) -> str:
    if question is None:
        return UNTESTED[statement.sort]
    notes = []
    if statement.negated:
        notes.append("The text denies the proposition; the verdict is on what the text says.")
    if statement.sort == "causal" or question.proposition.causal:
        notes.append(
            "No design on record identifies a cause here, so the verdict is on what goes together."
        )
    if statement.sort == "forecast":
        notes.append("The text says what will be; the verdict is on what has been.")
    shown = question.answer.shown
    if shown is not None:
        today = published or dt.datetime.now(tz=dt.UTC).date()
        if shown.last < today.year - OLD_YEARS:
            notes.append(f"The record of this ends in {shown.last}.")
        first, _, last = statement.slots.period.partition("-")
        if first and (int(first) > shown.last or int(last or 9999) < shown.first):
            notes.append(
                f"The text speaks of {statement.slots.period.rstrip('-')}, "
                f"the answer is on {shown.first}-{shown.last}."
            )
    return " ".join(notes)


UNTESTED = {
    "normative": "Says what ought to be. A record can neither bear that out nor speak against it.",
    "unfalsifiable": "Says nothing that any record could speak against.",
    "announcement": "Reports that something was said, signed or done.",
    "forecast": "Says what will be; no proposition of the library matches it.",
    "causal": "Says that one thing brings about another; no proposition of the library matches it.",
    "association": "Says that things go together; no proposition of the library matches it.",
    "trend": "Says that something changes; no proposition of the library matches it.",
    "description": "Says how something is; no proposition of the library matches it.",
    "other": "States nothing that could be tested.",
}
