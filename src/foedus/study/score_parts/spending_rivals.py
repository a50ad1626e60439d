"""Forecasts of spending by simple rivals, as if standing at an origin."""

import numpy as np

from foedus.score.rivals import changes_draws, even_draws, fit_changes
from foedus.study.score_parts.spending_panel import (
    Floats,
    Ints,
    SpendingPanel,
    rival_terms,
)

WALK, DRIFT = "random walk", "random walk with panel drift"
PANEL, ECONOMY = "autoregressive panel", "panel with economy and conflict"
RIVALS = (WALK, DRIFT, PANEL, ECONOMY)
LARGEST_CHANGE = 1.0
DRAWS = 400
WINDOW_YEARS = {"sipri": 10, "nmc nominal": 100, "nmc": 100}
"""Years of past changes the rivals learn from: for each series the best of 10 to all, 1985-94."""


def rival_draws(
    panel: SpendingPanel, origin: int, horizon: int, rows: Ints, *, window: int
) -> dict[str, Floats]:
    """Forecast the log of spending some years after an origin with every rival.

    All learn from the changes over as many years that had ended by the origin; the spread is
    that of the past changes, or errors, themselves. The walk without drift centres them.

    Args:
        panel: The panel; nothing past the origin is read.
        origin: Last year known.
        horizon: Years ahead.
        rows: Countries to forecast, by row.
        window: Years whose starts of changes are learnt from.

    Returns:
        For each rival, draws of shape (case, draw).
    """
    t = origin - int(panel.source.years[0])
    level = panel.source.spending
    last = level[rows, t][:, None]
    first = max(0, t - window - horizon)
    change = level[:, first + horizon : t + 1] - level[:, first : t + 1 - horizon]
    known = np.isfinite(change)
    past = change[known]
    found = {
        WALK: last + even_draws(past - past.mean(), DRAWS)[None, :],
        DRIFT: last + even_draws(past, DRAWS)[None, :],
    }
    most = LARGEST_CHANGE * horizon
    for name, economy in ((PANEL, False), (ECONOMY, True)):
        terms = rival_terms(panel, economy=economy)
        model = fit_changes(terms[:, first : t + 1 - horizon][known], np.clip(past, -most, most))
        found[name] = last + changes_draws(model, terms[rows, t], DRAWS)
    return found
