"""What is forecast, as rows: one a question, subject and horizon, beside a simple rule."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record, open_record
from foedus.study.forecast import Forecast
from foedus.study.outlook_parts.arena_choice import (
    ArenaAnswer,
    arena_answers,
    with_arena_choice,
)
from foedus.study.outlook_parts.disputes import case_pairs
from foedus.study.tension_series import SERIES
from foedus.world.cases import Case, load_case
from foedus.world.countries import country

RISKS = {"any dispute": ("p_dispute", "n_dispute"), "use of force": ("p_force", "n_force")}
METHOD = "ensemble"
KEY_TYPES = {
    "question": pl.String,
    "ccode1": pl.Int64,
    "ccode2": pl.Int64,
    "arena": pl.String,
    "series": pl.String,
    "horizon_months": pl.Int64,
}
KEYS = tuple(KEY_TYPES)
ANSWER = ("value", "lo90", "hi90")


def as_frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Put rows of an outlook into a frame that has every key, blank where it does not apply."""
    whole = [dict.fromkeys(KEYS) | row for row in rows]
    return pl.DataFrame(whole, schema_overrides=KEY_TYPES, infer_schema_length=None)


def ensemble_rows(found: Forecast, case: Case) -> list[dict[str, Any]]:
    """Give the ensemble's answers to the questions of the outlook, in its columns.

    A probability's interval is that of the chance over draws of parameters, start and what else
    happens; a level's is that of the level itself.
    """
    data = found.dataset.isel(course=0)
    asked = [int(h) for h in data["horizon"].values if int(h) in (3, 12, 60)]
    rows: list[dict[str, Any]] = []
    ends = {(v, u): last for v, u, last in found.start.last.iter_rows()}
    origin = dt.date.fromisoformat(found.dataset.attrs["origin"])
    dispute_end = ends["disputes", "all pairs"]
    for question, (risk, _) in RISKS.items():
        for one, two in case_pairs(case):
            name = f"{country(one).iso3}-{country(two).iso3}"
            for horizon in asked:
                chance = data[risk].sel(pair=name, horizon=horizon).values.astype(np.float64)
                if not np.isfinite(chance).all():
                    continue
                low, high = np.quantile(chance, [0.05, 0.95])
                rows.append(
                    {
                        "question": question,
                        "subject": f"{country(one).name} and {country(two).name}",
                        "ccode1": one,
                        "ccode2": two,
                        "horizon_months": horizon,
                        "value": float(chance.mean()),
                        "lo90": float(low),
                        "hi90": float(high),
                        "unit": "probability",
                        "record_end": dispute_end,
                    }
                )
    for series in SERIES:
        if series.name not in data["series"].values:
            continue
        part = data["incidents"].sel(series=series.name)
        arena = str(part["arena"].values)
        for horizon in asked:
            counts = part.isel(month=horizon - 1).values.astype(np.float64)
            rows.append(
                {
                    "question": "events in a month",
                    "subject": series.title,
                    "arena": arena,
                    "series": series.name,
                    "horizon_months": horizon,
                    "unit": series.unit,
                    "record_end": ends[series.name, arena],
                }
                | _spread(counts)
            )
    for item in (*case.focal, case.rival):
        for horizon in asked:
            year = origin.year + horizon // 12
            if horizon < 12 or year not in data["year"].values:
                continue
            values = data["spending"].sel(country=item.iso3, year=year).values.astype(np.float64)
            if not np.isfinite(values).all():
                continue
            rows.append(
                {
                    "question": f"military spending in {year}",
                    "subject": item.name,
                    "ccode1": item.ccode,
                    "series": "sipri_milex",
                    "horizon_months": horizon,
                    "unit": "million constant 2023 USD",
                    "record_end": ends["spending", item.iso3],
                }
                | _spread(values)
            )
    gap = [
        {
            "method": METHOD,
            "lead_months": 12 * (origin.year - row["record_end"].year)
            + origin.month
            - row["record_end"].month,
        }
        for row in rows
    ]
    return [row | more for row, more in zip(rows, gap, strict=True)]


def _spread(values: Any) -> dict[str, float]:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"value": float(middle), "lo90": float(low), "hi90": float(high)}


def answers_at(
    found: Forecast, case: str | Case, *, record: Record | None = None
) -> list[ArenaAnswer]:
    """Give what the chosen forecaster says of each arena series at the origin of a forecast."""
    there = load_case(case) if isinstance(case, str) else case
    return arena_answers(record if record is not None else open_record(), there, _known_at(found))


def _known_at(found: Forecast) -> AsOf:
    origin = dt.date.fromisoformat(found.dataset.attrs["origin"])
    return AsOf(origin, Rule(found.dataset.attrs["rule"]))


def forecast_table(
    found: Forecast,
    case: str | Case,
    *,
    record: Record | None = None,
    answers: Sequence[ArenaAnswer] | None = None,
) -> pl.DataFrame:
    """Give each question the answer of the forecaster that did best on past origins.

    That is the ensemble, a simple rule, or a mean or pool of both; the ensemble's own answer and
    that of the simple rule that stands where nothing else was chosen are beside it.

    Args:
        found: The forecast.
        case: Its case.
        record: The record; the one that is open by default.
        answers: What `answers_at` gives, where it is at hand.

    Returns:
        `question, subject, ccode1, ccode2, arena, series, horizon_months, method, value, lo90,
        hi90, unit, record_end, lead_months, ensemble_value, ensemble_lo90, ensemble_hi90,
        baseline, baseline_value, baseline_lo90, baseline_hi90`.
    """
    from foedus.study.outlook import rule_rows, with_ensemble

    there = load_case(case) if isinstance(case, str) else case
    own = as_frame(ensemble_rows(found, there))
    source = record if record is not None else open_record()
    rules, _ = rule_rows(source, there, _known_at(found))
    if answers is None:
        answers = answers_at(found, there, record=source)
    whole = with_ensemble(with_arena_choice(rules, answers), found, there)
    chosen = as_frame(whole).filter(pl.col("chosen"))
    rule = as_frame(rules).filter(pl.col("chosen"))
    beside = rule.select(*KEYS, "method", *ANSWER).rename(
        {"method": "baseline", **{name: f"baseline_{name}" for name in ANSWER}}
    )
    ensemble = {name: f"ensemble_{name}" for name in ANSWER}
    table = (
        own.rename(ensemble)
        .drop("method")
        .pipe(_join, chosen.select(*KEYS, "method", *ANSWER))
        .pipe(_join, beside)
    )
    return table.with_columns(
        pl.col("method").fill_null(METHOD),
        *(pl.coalesce(name, ensemble[name]).alias(name) for name in ANSWER),
    ).select(
        *("question", "subject", *KEYS[1:], "method", *ANSWER, "unit", "record_end"),
        *("lead_months", *ensemble.values(), "baseline", *(f"baseline_{name}" for name in ANSWER)),
    )


def _join(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Put the answers of other methods beside the same questions, at most one a question."""
    return rows.join(
        others, on=KEYS, how="left", nulls_equal=True, maintain_order="left", validate="m:1"
    )
