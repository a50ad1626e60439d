"""Scores of several quantities forecast together, and the same draws with their ties cut.

Draws that are shuffled part by part keep every part's own distribution and lose the dependence
between the parts. A joint forecast whose dependence is right scores better than its own shuffle.
"""

import numpy as np
import scoringrules
from numpy.typing import NDArray

Floats = NDArray[np.float64]
VARIOGRAM_POWER = 0.5


def energy(draws: Floats, outcome: Floats) -> Floats:
    """Energy score: the CRPS of several parts at once, in their common unit; 0 is best.

    Args:
        draws: Shape (case, draw, part).
        outcome: Shape (case, part).

    Source: Gneiting, T. and A. E. Raftery. 2007. JASA 102(477): 359-378, eq. 22.
    """
    return np.asarray(scoringrules.es_ensemble(outcome, draws), dtype=np.float64)


def variogram(draws: Floats, outcome: Floats) -> Floats:
    """Variogram score of order one half, a mean over all pairs of parts; 0 is best.

    It looks at the distances between the parts alone, so it sees a wrong dependence that the
    energy score hardly sees; a level that is wrong for all parts alike it does not see.

    Args:
        draws: Shape (case, draw, part).
        outcome: Shape (case, part).

    Source: Scheuerer, M. and T. M. Hamill. 2015. Monthly Weather Review 143(4): 1321-1334.
    """
    whole = scoringrules.vs_ensemble(outcome, draws, p=VARIOGRAM_POWER)
    return np.asarray(whole, dtype=np.float64) / outcome.shape[1] ** 2


def untied(draws: Floats, rng: np.random.Generator) -> Floats:
    """Shuffle the draws of every part on its own: the same parts, independent of each other.

    Args:
        draws: Shape (case, draw, part).
        rng: Generator of the orders.
    """
    return rng.permuted(draws, axis=1)
