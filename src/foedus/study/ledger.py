"""The ledger: forecasts issued before the fact, resolved from their source, scored in the open."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record, open_record
from foedus.study.ledger_parts.chain import NAME, Chain, append, read_chain
from foedus.study.ledger_parts.closing import NOT_OVER, close, fingerprint, now
from foedus.study.ledger_parts.lines import (
    ForecastLine,
    Line,
    Past,
    ResolutionLine,
    VoidLine,
    as_data,
)
from foedus.study.ledger_parts.questions import LeftOut, Question, ask
from foedus.study.ledger_parts.rules import Forecast, Simple, in_numbers, simple_rules
from foedus.study.ledger_parts.scores import by_series, overall
from foedus.study.ledger_parts.series import PUBLISHED, known_to
from foedus.world.cases import load_case
from foedus.world.errors import BadInputError

FOLDER = Path("ledger")
SEED = 20240410
EARLIEST = dt.date(1990, 1, 1)
__all__ = [
    "FOLDER",
    "NOT_OVER",
    "SEED",
    "Forecast",
    "Issued",
    "Question",
    "Report",
    "Resolved",
    "issue",
    "report",
    "resolve",
]


@dataclass(frozen=True)
class Issued:
    """What an issue did.

    Args:
        folder: Folder of the ledger.
        lines: Forecasts added.
        already: Ids of questions issued before for the same origin; nothing was added for them.
        left_out: What is not asked, and why.
        notes: What else a reader has to know.
    """

    folder: Path
    lines: tuple[ForecastLine, ...]
    already: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "issued": [as_data(line) for line in self.lines],
            "already_issued": list(self.already),
            "left_out": [{"what": item.what, "why": item.why} for item in self.left_out],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Resolved:
    """What a resolution did.

    Args:
        folder: Folder of the ledger.
        resolved: Questions settled by their source.
        void: Questions that cannot be settled any more.
        waiting: Open questions with the reason each stays open.
        notes: What else a reader has to know.
    """

    folder: Path
    resolved: tuple[ResolutionLine, ...]
    void: tuple[VoidLine, ...]
    waiting: tuple[tuple[ForecastLine, str], ...]
    notes: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "resolved": [as_data(line) for line in self.resolved],
            "void": [as_data(line) for line in self.void],
            "open": [
                {"id": line.id, "question": line.question, "due": line.due.isoformat(), "why": why}
                for line, why in self.waiting
            ],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Report:
    """The state of a ledger.

    Args:
        folder: Folder of the ledger.
        head: SHA-256 of the last line.
        counts: Forecasts issued, open, overdue, resolved, void, and issued after the fact.
        overall: Mean scores against the baseline, by form and by time of issue.
        by_series: The same by series.
        waiting: Open questions, the next due first.
        notes: What else a reader has to know.
    """

    folder: Path
    head: str
    counts: dict[str, int]
    overall: tuple[dict[str, Any], ...]
    by_series: tuple[dict[str, Any], ...]
    waiting: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "head": self.head,
            "counts": self.counts,
            "overall": list(self.overall),
            "by_series": list(self.by_series),
            "open": list(self.waiting),
            "notes": list(self.notes),
        }


def issue(
    case: str,
    *,
    as_of: dt.date | None = None,
    folder: str | Path = FOLDER,
    record: Record | None = None,
    seed: int = SEED,
    forecaster: Callable[[Question], Forecast | None] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Issued:
    """Issue a forecast for every question of a case that has none yet for its origin.

    Args:
        case: Name of a case, or path of a case file.
        as_of: Date of knowledge and of issue; today, UTC, by default.
        folder: Folder of the ledger.
        record: The record; the bundle and the user's own by default.
        seed: Seed of the random draws.
        forecaster: Gives draws of a question's statistic, or None where it has nothing to say and
            the best simple rule stands in. By default the best simple rule answers all.
        progress: Called with each question.

    Raises:
        FoedusError: The case is unknown, the date lies outside 1990 to today, the ledger does not
            hold together, or it cannot be written.
    """
    chosen = load_case(case)
    when = AsOf(_day(as_of), Rule.KNOWN)
    _fit(chosen.name, seed)
    place = Path(folder)
    known = record or open_record()
    before = {line.id for line in read_chain(place, must_exist=False).forecasts()}
    questions, left_out = ask(known, chosen, when)
    rules = simple_rules(known, chosen, when, seed)
    made: list[ForecastLine] = []
    for question in questions:
        if question.id not in before:
            progress(question.text)
            own = _checked(forecaster(question), question) if forecaster is not None else None
            made.append(_line(known, question, own, rules(question), seed))
    if not made:
        return Issued(place, (), tuple(question.id for question in questions), left_out, ())

    def new(chain: Chain) -> list[Line]:
        there = {line.id for line in chain.forecasts()}
        return [line for line in made if line.id not in there]

    _, added, aside = append(place, new)
    lines = tuple(line for line in added if isinstance(line, ForecastLine))
    written = {line.id for line in lines}
    already = tuple(question.id for question in questions if question.id not in written)
    return Issued(place, lines, already, left_out, _aside_notes(aside))


def resolve(
    folder: str | Path = FOLDER,
    *,
    record: Record | None = None,
    as_of: dt.date | None = None,
) -> Resolved:
    """Settle every open question whose window the record in use covers.

    A question is void where the series was reported on other terms between issue and window, or
    where the record goes on more than twelve months past the due date and still has no whole
    figure for the window. A record that is merely old leaves questions open.

    Args:
        folder: Folder of the ledger.
        record: The record; the bundle and the user's own by default.
        as_of: Date of knowledge; today, UTC, by default.

    Raises:
        FoedusError: There is no ledger, it does not hold together, or it cannot be written.
    """
    when = AsOf(_day(as_of), Rule.KNOWN)
    place = Path(folder)
    known = record or open_record()
    newest = max(known_to(known.spec(kept.table), when) for kept in PUBLISHED.values())
    closing: dict[str, ResolutionLine | VoidLine] = {}
    waiting: list[tuple[ForecastLine, str]] = []
    chain = read_chain(place)
    for line in chain.open():
        found = close(known, line, when, newest)
        if isinstance(found, str):
            waiting.append((line, found))
        else:
            closing[line.id] = found
    added: Sequence[Line] = ()
    aside = None
    if closing:
        _, added, aside = append(
            place, lambda there: [closing[it.id] for it in there.open() if it.id in closing]
        )
    return Resolved(
        place,
        tuple(line for line in added if isinstance(line, ResolutionLine)),
        tuple(line for line in added if isinstance(line, VoidLine)),
        tuple(waiting),
        _aside_notes(aside) or _torn_notes(chain),
    )


def report(folder: str | Path = FOLDER) -> Report:
    """Count and score what a ledger holds, each forecast against the baseline issued beside it.

    Scores of quantities in different units are joined after division by the width of the
    baseline's 90 % interval, fixed at issue (by one unit where that is zero).

    Raises:
        FoedusError: There is no ledger, or it does not hold together.
    """
    place = Path(folder)
    chain = read_chain(place)
    today = _today()
    forecasts = {line.id: line for line in chain.forecasts()}
    closed = chain.closed()
    settled = [
        (forecasts[name], line) for name, line in closed.items() if isinstance(line, ResolutionLine)
    ]
    waiting = sorted(chain.open(), key=lambda line: (line.due, line.id))
    counts = {
        "issued": len(forecasts),
        "open": len(waiting),
        "overdue": sum(line.due < today for line in waiting),
        "resolved": len(settled),
        "void": len(closed) - len(settled),
        "issued_after_the_fact": sum(line.retrospective for line in forecasts.values()),
    }
    return Report(
        place,
        chain.head,
        counts,
        overall(settled),
        by_series(settled),
        tuple(
            {"id": line.id, "question": line.question, "due": line.due.isoformat()}
            for line in waiting
        ),
        _torn_notes(chain),
    )


def _line(
    record: Record, question: Question, own: Forecast | None, simple: Simple, seed: int
) -> ForecastLine:
    """Write down a question with its forecast: a forecaster's own, or the best simple rule's."""
    past = simple.past
    if own is not None:
        past = Past(score="none", origins=0, forecast=None, baseline=None)
    return ForecastLine(
        id=question.id,
        question=question.text,
        settles=question.settles,
        case=question.case,
        series=question.criterion.series,
        subject=question.subject.name,
        unit=question.unit,
        form=question.form,
        criterion=question.criterion,
        source=question.source,
        issued=question.issued,
        origin=question.origin,
        due=question.due,
        forecast=in_numbers(own or simple.best, question.criterion),
        baseline=in_numbers(simple.baseline, question.criterion),
        past=past,
        fingerprint=fingerprint(record, question.source.table, seed),
        recorded=now(),
    )


def _fit(name: str, seed: int) -> None:
    """Refuse a seed or a case name that a line could not carry."""
    if not 0 <= seed < 2**63:
        raise BadInputError(
            f"the seed {seed}",
            expected="a whole number from 0 on",
            where="--seed",
            hint="leave the option out for the seed in common use",
        )
    if not name.isprintable():
        raise BadInputError(
            f"the case file is called {name!r}",
            expected="a name without line breaks and control characters",
            where="the name of the case",
            hint="rename the file",
        )


def _checked(forecast: Forecast | None, question: Question) -> Forecast | None:
    """Refuse draws that are no numbers."""
    if forecast is None:
        return None
    if forecast.draws.ndim != 1 or not len(forecast.draws) or not np.isfinite(forecast.draws).all():
        raise BadInputError(
            f"{forecast.method} gave no finite draws for {question.text!r}",
            expected="one row of at least one finite number, or None",
            where="forecaster",
            hint="return None where the method has nothing to say",
        )
    return forecast


def _aside_notes(aside: str | None) -> tuple[str, ...]:
    if aside is None:
        return ()
    return (f"An interrupted write had left an unfinished last line; it was set aside in {aside}.",)


def _torn_notes(chain: Chain) -> tuple[str, ...]:
    if not chain.torn:
        return ()
    return (
        f"The last line of {NAME} is unfinished ({len(chain.torn)} bytes), left by an interrupted "
        "write; it is not counted, and the next addition sets it aside.",
    )


def _day(as_of: dt.date | None) -> dt.date:
    today = _today()
    day = as_of or today
    if not EARLIEST <= day <= today:
        raise BadInputError(
            f"the ledger was asked for as of {day}",
            expected=f"a date from {EARLIEST} to today, {today}, UTC",
            where="--as-of",
            hint="leave the option out for today",
        )
    return day


def _today() -> dt.date:
    return dt.datetime.now(tz=dt.UTC).date()
