"""From a fit to what is reported: estimate, interval, power, and paired forecast scores."""

import numpy as np
from scipy.stats import norm

from foedus.study.theory_parts.estimators import (
    Clusters,
    Fit,
    Floats,
    critical_value,
    fit_linear,
)
from foedus.study.theory_parts.result import Gain, Part

DIGITS = 6
GAIN_DIGITS = 9


def power(effect: float, error: float, clusters: int) -> float:
    """Give the chance that a 90 % interval excludes zero, were the effect this size.

    Normal approximation around the clustered standard error: the estimate is taken as normal
    around the effect with that error. Chance of exclusion on either side counts.
    """
    reach = critical_value(clusters)
    shift = abs(effect) / error
    return float(norm.cdf(shift - reach) + norm.cdf(-shift - reach))


def part(name: str, fit: Fit, smallest: float, *, term: int = 0) -> Part:
    """Report one term of a fit."""
    low, high = fit.interval(term)
    return Part(
        name,
        round(float(fit.coefficient[term]), DIGITS),
        round(low, DIGITS),
        round(high, DIGITS),
        round(power(smallest, fit.error(term), fit.clusters), DIGITS),
        fit.rows,
        fit.clusters,
    )


def paired_gain(score: str, gap: Floats, clusters: Clusters) -> Gain:
    """Average the score with a term less the score without, with its clustered 90 % interval.

    Args:
        score: Name of the score.
        gap: Difference of each forecast, shape (case,).
        clusters: Which forecasts are correlated.
    """
    fit = fit_linear(np.ones((len(gap), 1)), gap, clusters)
    low, high = fit.interval()
    return Gain(
        score,
        len(gap),
        round(float(fit.coefficient[0]), GAIN_DIGITS),
        round(low, GAIN_DIGITS),
        round(high, GAIN_DIGITS),
    )
