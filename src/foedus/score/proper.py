"""Proper scores and ranking measures, one signature: forecasts first, outcomes second.

Every function gives one score a case unless its name says otherwise, so that means, paired
differences and block bootstraps are taken by the caller on the same cases.
"""

import numpy as np
import scoringrules
from numpy.typing import NDArray
from scipy.stats import beta, rankdata

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


def ranked_probability(probability: Floats, outcome: Floats) -> Floats:
    """Ranked probability score of ordered levels, a sum over the thresholds; 0 is best.

    Args:
        probability: Probability of each level, lowest first, shape (case, level).
        outcome: Number of the level that came, 0 for the lowest, shape (case,).

    Source: Epstein, E. S. 1969. Journal of Applied Meteorology 8(6): 985-987.
    """
    levels = np.arange(probability.shape[1] - 1)
    happened = (outcome[:, None] <= levels[None, :]).astype(np.float64)
    forecast = np.cumsum(probability, axis=1)[:, :-1]
    return np.asarray(((forecast - happened) ** 2).sum(axis=1), dtype=np.float64)


def upper_crps(draws: Floats, outcome: Floats, threshold: Floats) -> Floats:
    """CRPS that weighs only values above a threshold, by chaining; 0 is best.

    Args:
        draws: Shape (case, draw).
        outcome: Shape (case,).
        threshold: Fixed before the forecasts, shape (case,).

    Source: Gneiting, T. and R. Ranjan. 2011. Journal of Business & Economic Statistics 29(3):
    411-422; Allen, S., D. Ginsbourger and J. Ziegel. 2023. SIAM/ASA Journal on Uncertainty
    Quantification 11(3): 906-940 (chaining).
    """
    return crps(np.maximum(draws, threshold[:, None]), np.maximum(outcome, threshold))


def count_log_loss(probability: Floats) -> Floats:
    """Log loss of a count: minus the log of the probability that was given to what came, nats."""
    return -np.log(np.maximum(probability, _FLOOR))


def probability_integral(draws: Floats, outcome: Floats, uniform: Floats) -> Floats:
    """Place of the outcome among the draws, 0 to 1; ties and gaps between ranks by a uniform.

    Uniform over cases where the forecast is calibrated, for counts as for continuous outcomes.

    Args:
        draws: Shape (case, draw).
        outcome: Shape (case,).
        uniform: One uniform a case.

    Source: Czado, C., T. Gneiting and L. Held. 2009. Biometrics 65(4): 1254-1261, section 2.1.
    """
    below = (draws < outcome[:, None]).sum(axis=1)
    ties = (draws == outcome[:, None]).sum(axis=1)
    return (below + uniform * (ties + 1)) / (draws.shape[1] + 1)


def reliability_slope(place: Floats) -> float:
    """Slope of the sorted places of outcomes on the even grid they should follow.

    One where calibrated; above one, the outcomes lie too far out; below one, too far in. Returns
    nan for a single case.
    """
    if len(place) < 2:
        return float("nan")
    even = (np.arange(len(place)) + 0.5) / len(place) - 0.5
    return float(np.sum(even * (np.sort(place) - 0.5)) / np.sum(even**2))


def block_binomial(inside: Floats, block: NDArray[np.int64]) -> tuple[float, float]:
    """Give the 90 % interval of a coverage, its trials cut to what blocks of cases are worth.

    The trials are divided by the variance of the block totals over that of independent trials,
    where this is above one; then the interval is Jeffreys' of a binomial share.

    Source: Rao, J. N. K. and A. J. Scott. 1992. Biometrics 48(2): 577-585 (design effect); Brown,
    L. D., T. T. Cai and A. DasGupta. 2001. Statistical Science 16(2): 101-133, section 3.1.3.
    """
    _, index = np.unique(block, return_inverse=True)
    blocks = int(index.max()) + 1
    share, cases = float(inside.mean()), len(inside)
    totals = np.bincount(index, weights=inside - share, minlength=blocks)
    independent = cases * share * (1 - share)
    effect = 1.0
    if independent > 0 and blocks > 1:
        effect = max(1.0, float(np.sum(totals**2)) * blocks / (blocks - 1) / independent)
    trials = cases / effect
    low, high = beta.ppf([0.05, 0.95], share * trials + 0.5, (1 - share) * trials + 0.5)
    return float(low), float(high)


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


def ratio_interval(
    loss: Floats, rival: Floats, cluster: NDArray[np.int64], *, seed: int, replicates: int = 2000
) -> tuple[float, float]:
    """Give the 90 % bootstrap interval of a ratio of mean scores, drawing whole clusters.

    Args:
        loss: Score by case.
        rival: Score of the rival on the same cases.
        cluster: Cluster of each case.
        seed: Seed of the bootstrap.
        replicates: Number of draws.
    """
    _, index = np.unique(cluster, return_inverse=True)
    ours, theirs = np.bincount(index, weights=loss), np.bincount(index, weights=rival)
    chosen = np.random.default_rng(seed).integers(0, len(ours), size=(replicates, len(ours)))
    ratios = ours[chosen].sum(axis=1) / theirs[chosen].sum(axis=1)
    low, high = np.quantile(ratios, [0.05, 0.95])
    return float(low), float(high)
