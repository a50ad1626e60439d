"""Scores of forecasts of ordered levels, one a case."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_FLOOR = 1e-12


def ranked_probability(probability: Floats, level: Ints) -> Floats:
    """Ranked probability score: mean squared gap of the cumulative forecast; 0 is best, 1 worst.

    Args:
        probability: Probability of each level, lowest first, shape (case, level).
        level: Number of the level that came, shape (case,).

    Source: Epstein, E. S. 1969. Journal of Applied Meteorology 8(6): 985-987, divided by the
    number of steps as in Murphy, A. H. 1971. Journal of Applied Meteorology 10(1): 155-156.
    """
    levels = probability.shape[1]
    reached = np.arange(levels)[None, :] >= level[:, None]
    gap = probability.cumsum(axis=1) - reached
    return (gap[:, :-1] ** 2).sum(axis=1) / (levels - 1)


def log_loss(probability: Floats, level: Ints) -> Floats:
    """Negative log probability of the level that came, in nats."""
    chosen = probability[np.arange(len(level)), level]
    return -np.log(np.maximum(chosen, _FLOOR))
