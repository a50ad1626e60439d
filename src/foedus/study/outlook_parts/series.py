"""Arena series a month at a time, scored on their own past origins."""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.record.store import AsOf, Record
from foedus.score import rivals
from foedus.score.backtest import backtest_series
from foedus.study.tension_series import SERIES, Series, monthly
from foedus.world.arenas import load_arena
from foedus.world.months import month_end

Floats = NDArray[np.float64]
HORIZONS_MONTHS = (3, 12, 60)
MIN_ORIGINS = 12
SEED = 20240410
SERIES_METHODS = {
    "last twelve months": rivals.last_year_draws,
    "smoothing": rivals.smoothing_draws,
}


def series_rows(record: Record, arena: str, as_of: AsOf) -> list[dict[str, Any]]:
    """Forecast each located series of an arena; one without a long enough past gives no row."""
    rows = []
    for series in SERIES:
        if series.name in load_arena(arena).series:
            frame = monthly(record, series, arena, as_of)
            if frame.height:
                rows.extend(_one_series(series, arena, frame, as_of.day))
    return rows


def rule_draws(record: Record, series: Series, arena: str, as_of: AsOf, method: str) -> Floats:
    """Give the draws of a simple rule for a coming month, from the last segment of a series."""
    return SERIES_METHODS[method](_last_segment(monthly(record, series, arena, as_of)))


def _last_segment(frame: pl.DataFrame) -> Floats:
    kept = frame.filter(pl.col("segment") == frame["segment"][-1])
    return kept["count"].to_numpy().astype(np.float64)


def _one_series(
    series: Series, arena: str, frame: pl.DataFrame, origin: dt.date
) -> list[dict[str, Any]]:
    """Forecast one month at each horizon from the last segment, scored on its own past origins."""
    last = frame["month"][-1]
    values = _last_segment(frame)
    gap = (origin.year - last.year) * 12 + origin.month - last.month
    rows = []
    for horizon in HORIZONS_MONTHS:
        steps = gap + horizon
        scores = {
            score.rival: score
            for score in backtest_series(
                values, steps, SERIES_METHODS, start=12, block=12, seed=SEED
            )
        }
        for method, forecast in SERIES_METHODS.items():
            draws = forecast(values)
            score = scores.get(method)
            if score is None or score.origins < MIN_ORIGINS:
                continue
            low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95])
            rows.append(
                {
                    "question": "events in a month",
                    "subject": series.title,
                    "arena": arena,
                    "series": series.name,
                    "horizon_months": horizon,
                    "method": method,
                    "chosen": method == "last twelve months",
                    "value": float(middle),
                    "lo90": float(low),
                    "hi90": float(high),
                    "unit": series.unit,
                    "record_end": month_end(last.year, last.month),
                    "lead_months": gap,
                    "scored_lead_months": gap,
                    "cases": score.origins,
                    "score_name": "CRPS",
                    "score": score.crps,
                    "baseline": "last twelve months",
                    "difference": score.crps - scores["last twelve months"].crps,
                    "coverage": score.coverage,
                    "coverage_lo90": score.coverage_lo90,
                    "coverage_hi90": score.coverage_hi90,
                }
            )
    return rows
