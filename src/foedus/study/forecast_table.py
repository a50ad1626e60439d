"""What an ensemble says, as rows: one a question, subject and horizon, beside a simple rule."""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record, open_record
from foedus.study.forecast import Forecast
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


def forecast_table(
    found: Forecast, case: str | Case, *, record: Record | None = None
) -> pl.DataFrame:
    """Put each answer beside that of the simple rule which did best on past windows.

    Returns:
        `question, subject, ccode1, ccode2, arena, series, horizon_months, value, lo90, hi90, unit,
        record_end, lead_months, baseline, baseline_value, baseline_lo90, baseline_hi90`.
    """
    from foedus.study.outlook import rule_rows

    there = load_case(case) if isinstance(case, str) else case
    rows = as_frame(ensemble_rows(found, there)).drop("method")
    when = AsOf(
        dt.date.fromisoformat(found.dataset.attrs["origin"]), Rule(found.dataset.attrs["rule"])
    )
    rules, _ = rule_rows(record if record is not None else open_record(), there, when)
    best = (
        as_frame(rules)
        .filter(pl.col("chosen"))
        .select(
            *KEYS,
            baseline="method",
            baseline_value="value",
            baseline_lo90="lo90",
            baseline_hi90="hi90",
        )
    )
    return rows.join(best, on=KEYS, how="left", nulls_equal=True, maintain_order="left")
