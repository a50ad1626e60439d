"""Proper scores and ranking measures, one signature: forecasts first, outcomes second.

Every function gives one score a case unless its name says otherwise, so that means, paired
differences and block bootstraps are taken by the caller on the same cases.
"""

import numpy as np
import scoringrules
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
_FLOOR = 1e-12


def brier(probability: Floats, outcome: Floats) -> Floats:
    """Squared distance of a probability from what happened; 0 is best.

    Source: Brier, G. W. 1950. Monthly Weather Review 78(1): 1-3.
    """
    return np.asarray(scoringrules.brier_score(outcome, probability), dtype=np.float64)


def log_loss(probability: Floats, outcome: Floats) -> Floats:
    """Negative log probability of what happened, in nats; 0 is best.

    Source: Good, I. J. 1952. Journal of the Royal Statistical Society B 14(1): 107-114.
    """
    chosen = np.where(outcome > 0, probability, 1 - probability)
    return -np.log(np.maximum(chosen, _FLOOR))


def crps(draws: Floats, outcome: Floats) -> Floats:
    """Continuous ranked probability score of an ensemble, in the outcome's unit; 0 is best.

    Args:
        draws: Shape (case, draw).
        outcome: Shape (case,).

    Source: Gneiting, T. and A. E. Raftery. 2007. JASA 102(477): 359-378, eq. 20-21.
    """
    return np.asarray(scoringrules.crps_ensemble(outcome, draws), dtype=np.float64)


def covered(draws: Floats, outcome: Floats, level: float = 0.9) -> Floats:
    """Say for each case whether the central interval of the draws holds the outcome (1 or 0)."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=1)
    return ((low <= outcome) & (outcome <= high)).astype(np.float64)


def area_under_curve(probability: Floats, outcome: Floats) -> float:
    """Chance that a case with the event is ranked above one without; ties count half.

    Returns nan where all cases have one outcome. Source: Hanley, J. A. and B. J. McNeil. 1982.
    Radiology 143(1): 29-36.
    """
    events = outcome > 0
    positive, negative = int(events.sum()), int((~events).sum())
    if positive == 0 or negative == 0:
        return float("nan")
    ranks = rankdata(probability)
    return float((ranks[events].sum() - positive * (positive + 1) / 2) / (positive * negative))


def average_precision(probability: Floats, outcome: Floats) -> float:
    """Precision averaged over the events as the threshold falls; tied forecasts count as one step.

    Returns nan where there is no event.
    """
    events = outcome.sum()
    if events == 0:
        return float("nan")
    order = np.argsort(-probability, kind="stable")
    sorted_p = probability[order]
    hits = np.cumsum(outcome[order])
    last_of_tie = np.append(sorted_p[1:] != sorted_p[:-1], True)
    hits, shown = hits[last_of_tie], (np.flatnonzero(last_of_tie) + 1).astype(np.float64)
    recall_steps = np.diff(hits, prepend=0.0) / events
    return float(np.sum(recall_steps * hits / shown))
