"""How a question ends: settled by its source, void for a reason, or still open."""

import datetime as dt

import foedus
from foedus.record.store import AsOf, Record
from foedus.study.ledger_parts.lines import (
    Fingerprint,
    ForecastLine,
    Form,
    ResolutionLine,
    VoidLine,
)
from foedus.study.ledger_parts.rules import score
from foedus.study.ledger_parts.series import Settled, changed_terms, settle, source
from foedus.world.months import add_months

VOID_MONTHS = 12
VALUE_DIGITS = 9
NOT_OVER = "the window is not over"


def close(
    record: Record, line: ForecastLine, when: AsOf, newest: dt.date
) -> ResolutionLine | VoidLine | str:
    """Resolve one question, declare it void, or say why it stays open."""
    if when.day < line.criterion.last:
        return NOT_OVER
    found = settle(record, line.criterion, when)
    terms = changed_terms(line.criterion, line.source.last_covered)
    if terms is not None:
        return _void(record, line, when, found, f"reported on other terms from {terms} on")
    if found.value is not None:
        return _resolution(record, line, when, found, found.value)
    if newest > add_months(line.due, VOID_MONTHS):
        why = (
            f"no whole figure for {found.missing} in {line.criterion.table}, though the record "
            f"reaches {newest}, more than {VOID_MONTHS} months past the due date"
        )
        return _void(record, line, when, found, why)
    if line.due < when.day:
        return f"overdue: the record in use has no whole figure for {found.missing}"
    return f"not due: no whole figure for {found.missing} yet"


def _resolution(
    record: Record, line: ForecastLine, when: AsOf, found: Settled, value: float
) -> ResolutionLine:
    rule = line.criterion
    value = float(f"{value:.{VALUE_DIGITS}g}")
    outcome = rule.happened(value) if line.form is Form.EVENT else None
    return ResolutionLine(
        id=line.id,
        value=value,
        outcome=outcome,
        basis="the producer's own estimate" if found.estimated else "as reported",
        score=score(line.forecast, value, outcome),
        baseline_score=score(line.baseline, value, outcome),
        source=source(record, rule.table, found.covered),
        resolved=when.day,
        fingerprint=fingerprint(record, rule.table),
        recorded=now(),
    )


def _void(record: Record, line: ForecastLine, when: AsOf, found: Settled, why: str) -> VoidLine:
    return VoidLine(
        id=line.id,
        reason=why,
        source=source(record, line.criterion.table, found.covered),
        resolved=when.day,
        fingerprint=fingerprint(record, line.criterion.table),
        recorded=now(),
    )


def fingerprint(record: Record, table: str, seed: int | None = None) -> Fingerprint:
    """Say what fixes a line: the rows of its table, the program, the seed."""
    return Fingerprint(record=record.digest([table])[:16], foedus=foedus.__version__, seed=seed)


def now() -> dt.datetime:
    """Give the time, UTC, to the second."""
    return dt.datetime.now(tz=dt.UTC).replace(microsecond=0)
