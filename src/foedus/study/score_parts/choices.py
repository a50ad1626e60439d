"""The forecaster the stored choice cards name."""

from collections.abc import Iterable

from foedus.record.store import Record
from foedus.score.scorecard import read_scorecards


def stored_choice(record: Record, task: str, tables: Iterable[str], question: str) -> str | None:
    """Name the forecaster chosen for a question, or None where no card of this record is stored."""
    try:
        cards, fingerprint = read_scorecards(task)
    except FileNotFoundError:
        return None
    if fingerprint["record"] != record.digest(tables):
        return None
    named = [c.chosen for c in cards if c.split == "choice" and c.question == question]
    return named[0] if named else None
