"""How the forecasts of a ledger did, each held against the baseline issued beside it."""

from typing import Any

import numpy as np

from foedus.score.backtest import cluster_interval
from foedus.study.ledger_parts.lines import ForecastLine, Form, ResolutionLine

LIVE, RETROSPECTIVE = "live", "retrospective"
LEAST_DATES = 5
SEED = 20240410

Pair = tuple[ForecastLine, ResolutionLine]


def overall(settled: list[Pair]) -> tuple[dict[str, Any], ...]:
    """Give mean scores by form and by whether the forecast was issued before the fact."""
    rows = []
    for when in (LIVE, RETROSPECTIVE):
        for form, name in (
            (Form.EVENT, "brier"),
            (Form.EVENT, "log_loss"),
            (Form.QUANTITY, "crps"),
        ):
            chosen = [pair for pair in settled if pair[0].form is form and _when(pair[0]) == when]
            if chosen:
                label = "scaled crps" if form is Form.QUANTITY else name
                row = {"issued": when, "form": str(form), "score": label}
                rows.append({**row, **_compared(chosen, name, scaled=form is Form.QUANTITY)})
    return tuple(rows)


def by_series(settled: list[Pair]) -> tuple[dict[str, Any], ...]:
    """Give mean scores by series and form, in the series' own unit."""
    keys = sorted({(_when(line), line.series, line.form, line.unit) for line, _ in settled})
    rows = []
    for when, series, form, unit in keys:
        chosen = [
            pair
            for pair in settled
            if (_when(pair[0]), pair[0].series, pair[0].form, pair[0].unit)
            == (when, series, form, unit)
        ]
        name = "log_loss" if form is Form.EVENT else "crps"
        row = {
            "issued": when,
            "series": series,
            "form": str(form),
            "score": name,
            "unit": "nats" if form is Form.EVENT else unit,
        }
        rows.append({**row, **_compared(chosen, name)})
    return tuple(rows)


def _compared(chosen: list[Pair], name: str, *, scaled: bool = False) -> dict[str, Any]:
    """Hold forecasts against baselines, case by case; below zero the forecast did better."""
    scale = np.asarray([_width(line) if scaled else 1.0 for line, _ in chosen])
    ours = np.asarray([getattr(done.score, name) for _, done in chosen]) / scale
    theirs = np.asarray([getattr(done.baseline_score, name) for _, done in chosen]) / scale
    gap = ours - theirs
    dates = np.asarray([line.issued.toordinal() for line, _ in chosen], dtype=np.int64)
    distinct = len(np.unique(dates))
    low, high = None, None
    if distinct >= LEAST_DATES:
        low, high = cluster_interval(gap, dates, seed=SEED)
    inside = [done.score.inside_90 for _, done in chosen if done.score.inside_90 is not None]
    return {
        "resolved": len(chosen),
        "baseline_method": sum(_same(line) for line, _ in chosen),
        "dates": distinct,
        "forecast": float(ours.mean()),
        "baseline": float(theirs.mean()),
        "difference": float(gap.mean()),
        "difference_lo90": low,
        "difference_hi90": high,
        "inside_90": float(np.mean(inside)) if inside else None,
    }


def _width(line: ForecastLine) -> float:
    """Give the width of the baseline's 90 % interval; 1 where it has none."""
    assert line.baseline.quantiles is not None
    return (line.baseline.quantiles[-1] - line.baseline.quantiles[0]) or 1.0


def _same(line: ForecastLine) -> bool:
    """Say whether the forecast is the baseline itself."""
    return line.forecast == line.baseline


def _when(line: ForecastLine) -> str:
    return RETROSPECTIVE if line.retrospective else LIVE
