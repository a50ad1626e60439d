"""What each origin knows of spending: the terms of the rivals and the memory of the law."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foedus.model.laws import arming
from foedus.study.law_cases.spending import (
    CountryYears,
    arming_memory,
    drift_memory,
    volatility_memory,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SpendingPanel:
    """Spending by country and year with its memory, missing terms filled by one named rule.

    The rule `pooled`: a growth of spending or of output that is missing at an origin is taken as
    the median of the states whose growth of that year is known, and the burden as the median one.
    A state whose series begins has no mean growth yet and the usual spread, as in the law.

    Args:
        source: Levels as the law reads them.
        growth: Last growth, filled, shape (country, year).
        mean: Mean growth.
        variance: Variance of growth.
        economy: Growth of output, filled.
        economy_mean: Slow mean of the growth of output, filled.
        economy_variance: Past volatility of the growth of output.
        burden: Log of spending over output, less the year's median, filled.
        disputes: Memory of disputes; past the record's end its last value.
        filled: Whether any term but the burden was filled.
    """

    source: CountryYears
    growth: Floats
    mean: Floats
    variance: Floats
    economy: Floats
    economy_mean: Floats
    economy_variance: Floats
    burden: Floats
    disputes: Floats
    filled: NDArray[np.bool_]


def spending_panel(source: CountryYears) -> SpendingPanel:
    """Run the memories along the years and fill missing terms; nothing later is looked at."""
    growth, mean, variance = arming_memory(source.spending)
    economy, slow = drift_memory(source.output, of_change=True)
    burden = source.spending - source.output
    burden = np.clip(burden - _medians(burden)[None, :], -3, 3)
    missing = ~np.isfinite(growth) | ~np.isfinite(economy)
    return SpendingPanel(
        source=source,
        growth=np.clip(_pooled(growth), -1, 1),
        mean=mean,
        variance=variance,
        economy=np.clip(_pooled(economy), -0.3, 0.3),
        economy_mean=np.clip(_pooled(slow), -0.3, 0.3),
        economy_variance=volatility_memory(economy, "growth"),
        burden=np.where(np.isfinite(burden), burden, 0.0),
        disputes=_carried(source.disputes),
        filled=missing,
    )


def _medians(grid: Floats) -> Floats:
    """Give the median of each year; of a year without any, the last one before it, or zero."""
    found, last = np.zeros(grid.shape[1]), 0.0
    for t in range(grid.shape[1]):
        known = grid[np.isfinite(grid[:, t]), t]
        last = float(np.median(known)) if len(known) else last
        found[t] = last
    return found


def _pooled(grid: Floats) -> Floats:
    return np.where(np.isfinite(grid), grid, _medians(grid)[None, :])


def _carried(grid: Floats) -> Floats:
    found = grid.copy()
    for t in range(1, grid.shape[1]):
        found[:, t] = np.where(np.isfinite(found[:, t]), found[:, t], found[:, t - 1])
    return found


def rival_terms(panel: SpendingPanel, *, economy: bool) -> Floats:
    """Give the terms of the panel regressions, shape (country, year, term), ones first.

    Args:
        panel: The panel.
        economy: With growth of output, burden, conflict and past volatility of spending.
    """
    columns = [np.ones_like(panel.growth), panel.growth, panel.mean]
    if economy:
        columns += [
            panel.economy,
            panel.economy_mean,
            panel.burden,
            np.log1p(panel.disputes),
            np.asarray(arming.volatility(panel.variance), dtype=np.float64),
        ]
    return np.stack(columns, axis=-1)


def cases_at(panel: SpendingPanel, origin: int, horizon: int) -> Ints:
    """Give the countries whose spending is known at the origin and at the target, by row."""
    t = origin - int(panel.source.years[0])
    level = panel.source.spending
    return np.flatnonzero(np.isfinite(level[:, t]) & np.isfinite(level[:, t + horizon]))
