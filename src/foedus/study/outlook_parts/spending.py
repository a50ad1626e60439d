"""Military spending by random walks, scored on past origins."""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl

from foedus.record.store import AsOf, Record
from foedus.score import proper, rivals
from foedus.score.backtest import cluster_interval
from foedus.score.rivals import Floats
from foedus.world.cases import Case

SEED = 20240410
SPENDING_METHODS = {"no change": False, "random walk with drift": True}


def spending_rows(record: Record, case: Case, as_of: AsOf) -> list[dict[str, Any]]:
    """Forecast military spending in constant dollars by random walks, scored on past origins."""
    spending = record.read(
        "sipri_milex", columns=["ccode", "year", "constant_2023_musd"], as_of=as_of
    ).drop_nulls()
    panel = {
        ccode: _yearly(spending.filter(pl.col("ccode") == ccode))
        for ccode in sorted(case.countries)
        if spending.filter(pl.col("ccode") == ccode).height > 20
    }
    rows = []
    scored: dict[int, dict[str, dict[str, float]]] = {}
    for item in (*case.focal, case.rival):
        if item.ccode not in panel:
            continue
        first, values = panel[item.ccode]
        end = first + len(values) - 1
        for months in (12, 60):
            year = as_of.day.year + (months // 12)
            steps = year - end
            if steps not in scored:
                scored[steps] = _spending_scores(panel, steps)
            for method, drift in SPENDING_METHODS.items():
                draws = rivals.random_walk_draws(
                    float(values[-1]), steps, _growth(panel, end), drift=drift
                )
                low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95])
                score = scored[steps][method]
                rows.append(
                    {
                        "question": f"military spending in {year}",
                        "subject": item.name,
                        "ccode1": item.ccode,
                        "series": "sipri_milex",
                        "horizon_months": months,
                        "method": method,
                        "chosen": method == "random walk with drift",
                        "value": float(middle),
                        "lo90": float(low),
                        "hi90": float(high),
                        "unit": "million constant 2023 USD",
                        "record_end": dt.date(end, 12, 31),
                        "lead_months": 12 * (steps - 1),
                        "scored_lead_months": 12 * (steps - 1),
                        "cases": score["cases"],
                        "score_name": "CRPS of log spending",
                        "score": score["crps"],
                        "baseline": "no change",
                        "difference": score["difference"],
                        "difference_lo90": score["difference_lo90"],
                        "difference_hi90": score["difference_hi90"],
                        "coverage": score["coverage"],
                        "coverage_lo90": score["coverage_lo90"],
                        "coverage_hi90": score["coverage_hi90"],
                    }
                )
    return rows


def _yearly(frame: pl.DataFrame) -> tuple[int, Floats]:
    """Give the first year and the values of the last unbroken run of years."""
    frame = frame.sort("year")
    years = frame["year"].to_numpy()
    breaks = np.flatnonzero(np.diff(years) != 1)
    start = int(breaks[-1]) + 1 if len(breaks) else 0
    return int(years[start]), frame["constant_2023_musd"].to_numpy()[start:].astype(np.float64)


def _growth(panel: dict[int, tuple[int, Floats]], origin: int) -> Floats:
    """Collect the panel's yearly log changes of the twenty years to the origin."""
    parts = []
    for first, values in panel.values():
        known = values[: max(origin - first + 1, 0)]
        parts.append(np.diff(np.log(known[-21:])))
    return np.concatenate(parts)


def _spending_scores(
    panel: dict[int, tuple[int, Floats]], steps: int
) -> dict[str, dict[str, float]]:
    """Score the spending rivals on every country and origin from 1990, on the log scale."""
    losses: dict[str, list[float]] = {method: [] for method in SPENDING_METHODS}
    inside: dict[str, list[float]] = {method: [] for method in SPENDING_METHODS}
    origins = []
    last = max(first + len(values) - 1 for first, values in panel.values())
    for origin in range(1990, last - steps + 1):
        growth = _growth(panel, origin)
        for first, values in panel.values():
            at, then = origin - first, origin - first + steps
            if at < 0 or then >= len(values):
                continue
            truth = np.log(values[then : then + 1])
            for method, drift in SPENDING_METHODS.items():
                draws = rivals.random_walk_draws(float(values[at]), steps, growth, drift=drift)
                losses[method].append(float(proper.crps(np.log(draws)[None, :], truth)[0]))
                inside[method].append(float(proper.covered(np.log(draws)[None, :], truth)[0]))
            origins.append(origin)
    cluster = np.asarray(origins, dtype=np.int64) // max(steps, 1)
    scores = {}
    for method in SPENDING_METHODS:
        gap = np.asarray(losses[method]) - np.asarray(losses["no change"])
        low, high = cluster_interval(gap, cluster, seed=SEED)
        cover = np.asarray(inside[method])
        cover_low, cover_high = cluster_interval(cover, cluster, seed=SEED)
        scores[method] = {
            "cases": len(gap),
            "crps": float(np.mean(losses[method])),
            "difference": float(gap.mean()),
            "difference_lo90": low,
            "difference_hi90": high,
            "coverage": float(cover.mean()),
            "coverage_lo90": cover_low,
            "coverage_hi90": cover_high,
        }
    return scores
