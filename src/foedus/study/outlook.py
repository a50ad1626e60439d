"""A first outlook: what the simple rivals say comes next, beside how well they did before."""

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

import polars as pl

from foedus.record.store import AsOf, Record
from foedus.study.outlook_parts.disputes import dispute_rows
from foedus.study.outlook_parts.series import series_rows
from foedus.study.outlook_parts.spending import spending_rows
from foedus.world.cases import Case


@dataclass(frozen=True)
class Outlook:
    """Forecasts with their track record.

    Args:
        rows: One row a question, subject, horizon and method. Forecast: `question, subject,
            ccode1, ccode2, arena, series, horizon_months, method, chosen, value, lo90, hi90,
            unit`. Distance: `record_end, lead_months` (from the record's end to the window),
            `scored_lead_months` (the distance the scores were earned at). Track record: `cases,
            events, expected, score_name, score, baseline, difference, difference_lo90,
            difference_hi90, auc, coverage, coverage_lo90, coverage_hi90`. `chosen` marks the
            method picked on earlier targets than those scored. Blank where it does not apply.
        notes: What a reader has to know, in sentences.
    """

    rows: pl.DataFrame
    notes: tuple[str, ...]


def outlook(record: Record, case: Case, as_of: AsOf) -> Outlook:
    """Forecast disputes, arena series and spending for a case with the simple rivals.

    Args:
        record: The record.
        case: Case whose pairs, arenas and spenders are forecast.
        as_of: Origin and information rule.
    """
    track = track_record()
    rows, notes = dispute_rows(record, case, as_of, track)
    for arena in case.arenas:
        rows.extend(series_rows(record, arena, as_of))
    rows.extend(spending_rows(record, case, as_of))
    notes.append("Arena series and spending are scored each time, on origins that were past then.")
    return Outlook(pl.DataFrame(rows, infer_schema_length=None), tuple(notes))


def track_record() -> dict[str, Any]:
    """Give the stored scores of the rivals, with the record they were earned on."""
    place = resources.files("foedus.score").joinpath("track_record.json")
    return json.loads(place.read_text("utf-8"))
