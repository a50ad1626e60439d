"""What a probability forecast of events earned: one set of measures for every card."""

import numpy as np
from numpy.typing import NDArray

from foedus.score import proper

Floats = NDArray[np.float64]
BINS = 10
RARE_THRESHOLD = 0.05
NEWTON_STEPS = 100
NEWTON_TOLERANCE = 1e-10
SHORTEST_STEP = 1e-6
RIDGE = 1e-3
_FLOOR = 1e-9


def event_measures(probability: Floats, outcome: Floats) -> dict[str, float]:
    """Give the measures of one forecaster of events, by name; undefined ones are left out.

    Args:
        probability: Probability of the event, shape (case,).
        outcome: 0 or 1, shape (case,).
    """
    found = {
        "log loss": float(proper.log_loss(probability, outcome).mean()),
        "brier": float(proper.brier(probability, outcome).mean()),
        "brier above .05": float(threshold_brier(probability, outcome, RARE_THRESHOLD).mean()),
        "average precision": proper.average_precision(probability, outcome),
        "auc": proper.area_under_curve(probability, outcome),
        "calibration error": calibration_error(probability, outcome),
        "reliability slope": reliability_slope(probability, outcome),
        "expected": float(probability.sum()),
        "events": float(outcome.sum()),
    }
    return {name: value for name, value in found.items() if np.isfinite(value)}


def calibration_error(probability: Floats, outcome: Floats, bins: int = BINS) -> float:
    """Mean distance of forecast from frequency over bins of equally many cases; ties stay together.

    Source: Naeini, M. P., G. Cooper and M. Hauskrecht. 2015. Obtaining well calibrated
    probabilities using Bayesian binning. AAAI 29: 2901-2907 (there with equal widths).
    """
    edges = np.quantile(probability, np.linspace(0, 1, bins + 1)[1:-1])
    place = np.searchsorted(edges, probability, side="left")
    size = np.bincount(place, minlength=bins)
    gap = np.bincount(place, weights=probability - outcome, minlength=bins)
    return float(np.abs(gap[size > 0]).sum() / len(outcome))


def reliability_slope(probability: Floats, outcome: Floats) -> float:
    """Slope of the outcome's log odds on the forecast's: 1 is reliable, below 1 overconfident.

    Returns nan where there is no event, no quiet case, or one forecast for all.

    Source: Cox, D. R. 1958. Two further applications of a model for binary regression. Biometrika
    45(3/4): 562-565.
    """
    held = np.clip(probability, _FLOOR, 1 - _FLOOR)
    line = np.log(held) - np.log1p(-held)
    if outcome.min() == outcome.max() or np.ptp(line) < 1e-9:
        return float("nan")
    return float(logit_coefficients(line[:, None], outcome)[1])


def logit_coefficients(
    terms: Floats,
    outcome: Floats,
    start: Floats | None = None,
    *,
    ridge: float = RIDGE,
    weight: Floats | None = None,
) -> Floats:
    """Fit a logit by maximum likelihood: intercept first, by Newton's method.

    For rolling refits, where no standard errors are wanted. A ridge far too weak to matter holds
    a term that separates the outcomes; a stronger one draws many terms toward zero.

    Args:
        terms: Shape (case, term).
        outcome: 0 or 1, shape (case,).
        start: Coefficients to start from, such as those of the year before.
        ridge: Precision of each slope's normal prior around zero, in units of the term's spread.
            The intercept is held no more than by the weak one.
        weight: Cases each row stands for, shape (case,); one by default.

    Raises:
        ValueError: The search did not settle.
    """
    mean, scale = terms.mean(axis=0), terms.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    design = np.column_stack([np.ones(len(terms)), (terms - mean) / scale])
    cases = np.ones(len(outcome)) if weight is None else weight
    rate = np.clip(np.average(outcome, weights=cases), _FLOOR, 1 - _FLOOR)
    weights = np.zeros(design.shape[1])
    weights[0] = np.log(rate) - np.log1p(-rate)
    if start is not None:
        weights = np.append(start[0] + start[1:] @ mean, start[1:] * scale)
    held = np.diag(np.append(min(ridge, RIDGE), np.full(terms.shape[1], ridge)))

    def height(at: Floats) -> float:
        line = design @ at
        seen = cases * (outcome * line - np.logaddexp(0.0, line))
        return float(seen.sum() - 0.5 * at @ held @ at)

    now = height(weights)
    for _ in range(NEWTON_STEPS):
        p = 1 / (1 + np.exp(-(design @ weights)))
        curve = design.T @ (design * (cases * p * (1 - p))[:, None]) + held
        move = np.linalg.solve(curve, design.T @ (cases * (outcome - p)) - held @ weights)
        length = 1.0
        while (
            found := height(np.asarray(weights + length * move, dtype=np.float64))
        ) < now and length > SHORTEST_STEP:
            length /= 2
        weights = np.asarray(weights + length * move, dtype=np.float64)
        gain, now = found - now, found
        if abs(gain) <= NEWTON_TOLERANCE * abs(now):
            slopes = weights[1:] / scale
            return np.append(weights[0] - slopes @ mean, slopes)
    raise ValueError("the logit did not settle")


def logit_probability(coefficients: Floats, terms: Floats) -> Floats:
    """Give the probability of a logit, intercept first in the coefficients."""
    return 1 / (1 + np.exp(-(coefficients[0] + terms @ coefficients[1:])))


def threshold_brier(probability: Floats, outcome: Floats, threshold: float) -> Floats:
    """Brier score of decisions that act from a threshold on only; 0 is best.

    The Brier score is twice the mean cost over all thresholds of a decision to act where the
    probability is higher; here thresholds below `threshold` are left out, so forecasts below it
    all count the same.

    Source: Schervish, M. J. 1989. A general method for comparing probability assessors. Annals of
    Statistics 17(4): 1856-1879, theorem 4.2.
    """
    raised = np.maximum(probability, threshold)
    return (raised - outcome) ** 2 - threshold**2 * (outcome == 0)
