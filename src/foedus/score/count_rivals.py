"""Simple rivals of monthly counts: each gives a mean and a negative-binomial size of each series.

Climatology, smoothing, a GARCH of counts, self-excitation, and self-excitation with an answer to
what the other side did. All are fitted by maximum likelihood on months before the target.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import fminbound, minimize
from scipy.stats import nbinom

Floats = NDArray[np.float64]
LEAST_MEAN = 0.02
SMOOTHING = 0.3
FAST, SLOW = 0.5, 0.93
LEAST_ROWS = 6
OWN_YEARS = 3.0
WIDEST = 30.0


@dataclass(frozen=True)
class CountForecast:
    """Negative-binomial forecasts of counts.

    Args:
        mean: Mean of each case, shape (case,).
        size: Size of each; the variance is mean + mean^2 / size.
    """

    mean: Floats
    size: Floats

    def probability(self, count: Floats) -> Floats:
        """Give the probability of a count, one a case."""
        return np.asarray(nbinom.pmf(count, self.size, self.size / (self.size + self.mean)))

    def draws(self, number: int) -> Floats:
        """Give evenly spaced quantiles, shape (case, draw)."""
        points = (np.arange(number) + 0.5) / number
        share = self.size / (self.size + self.mean)
        return np.asarray(nbinom.ppf(points[None, :], self.size[:, None], share[:, None]))


def _log_likelihood(count: Floats, mean: Floats, size: float) -> float:
    return float(nbinom.logpmf(count, size, size / (size + mean)).sum())


def _climb(loss: Callable[[Floats], float], start: Floats) -> Floats:
    bounds = [(-6.0, 4.0)] * len(start)
    return np.asarray(minimize(loss, start, method="L-BFGS-B", bounds=bounds).x)


def running_mean(counts: Floats) -> Floats:
    """Give the mean of all months before each, and last before the next; shape (..., month + 1).

    Missing months are left out; half a count in a month before the first keeps it above zero.
    """
    seen = np.isfinite(counts)
    total = np.cumsum(np.where(seen, counts, 0.0), axis=-1)
    months = np.cumsum(seen, axis=-1)
    head = np.zeros((*counts.shape[:-1], 1))
    total, months = np.concatenate([head, total], -1), np.concatenate([head, months], -1)
    return (total + 0.5) / (months + 1)


def decayed_mean(counts: Floats, kept: float) -> Floats:
    """Give the decayed mean before each month and the next, shape (..., month + 1).

    It begins at the first count seen; a missing month leaves it as it was.
    """
    level = np.full(counts.shape[:-1], np.nan)
    found = [level]
    for t in range(counts.shape[-1]):
        now = counts[..., t]
        moved = np.where(np.isfinite(level), kept * level + (1 - kept) * now, now)
        level = np.where(np.isfinite(now), moved, level)
        found.append(level)
    return np.nan_to_num(np.stack(found, axis=-1), nan=0.0)


def fit_size(count: Floats, mean: Floats) -> float:
    """Fit one size to counts with given means."""
    seen = np.isfinite(count)
    y, m = count[seen], np.maximum(mean[seen], LEAST_MEAN)

    def loss(z: Floats) -> float:
        return -_log_likelihood(y, m, float(np.exp(z[0])))

    return float(np.minimum(np.exp(_climb(loss, np.zeros(1))[0]), WIDEST))


def fit_sizes(counts: Floats, means: Floats) -> Floats:
    """Fit a size for each series, its logarithm drawn to the common one by a unit normal.

    Args:
        counts: Shape (series, month); missing months are nan.
        means: Their means, of the same shape.
    """
    common = fit_size(counts.ravel(), means.ravel())
    if len(counts) == 1:
        return np.array([common])
    sizes = []
    for count, mean in zip(counts, np.maximum(means, LEAST_MEAN), strict=True):
        seen = np.isfinite(count)

        def loss(z: float, y: Floats = count[seen], m: Floats = mean[seen]) -> float:
            return 0.5 * (z - np.log(common)) ** 2 - _log_likelihood(y, m, float(np.exp(z)))

        sizes.append(np.exp(fminbound(loss, -4.0, np.log(WIDEST))))
    return np.array(sizes, dtype=np.float64)


def _reach(months: int, burn_in: int, steps: int) -> int:
    """Give the steps whose past errors are learnt from: one where too few of the wanted are."""
    return steps if months - burn_in - steps + 1 >= LEAST_ROWS else 1


def level_forecast(
    counts: Floats, levels: Floats, burn_in: int, *, steps: int = 1
) -> CountForecast:
    """Forecast a coming month of every series by a level of its own.

    Args:
        counts: Shape (series, month).
        levels: Level before each month and the next, shape (series, month + 1).
        burn_in: First months that are not fitted.
        steps: Months ahead; 1 is the next.
    """
    reach = _reach(counts.shape[1], burn_in, steps)
    sizes = fit_sizes(counts[:, burn_in + reach - 1 :], levels[:, burn_in:-reach])
    return CountForecast(np.maximum(levels[:, -1], LEAST_MEAN), sizes)


def linear_forecast(
    counts: Floats, terms: Floats, burn_in: int, *, steps: int = 1
) -> CountForecast:
    """Forecast a coming month of every series by a weighted sum with weights of at least zero.

    Args:
        counts: Shape (series, month).
        terms: Terms before each month and the next, shape (series, month + 1, term).
        burn_in: First months that are not fitted.
        steps: Months ahead; 1 is the next.

    Source: Fokianos, K., A. Rahbek and D. Tjøstheim. 2009. Poisson autoregression. JASA 104(488):
    1430-1439 (identity link).
    """
    reach = _reach(counts.shape[1], burn_in, steps)
    y = counts[:, burn_in + reach - 1 :].ravel()
    x = terms[:, burn_in:-reach].reshape(len(y), -1)
    seen = np.isfinite(y)
    y, x = y[seen], x[seen]

    def loss(z: Floats) -> float:
        mean = np.maximum(x @ np.exp(z[:-1]), LEAST_MEAN)
        return -_log_likelihood(y, mean, float(np.exp(z[-1])))

    start = np.append(np.full(x.shape[1], -np.log(x.shape[1])), 0.5)
    found = _climb(loss, start)
    means = np.maximum(terms @ np.exp(found[:-1]), LEAST_MEAN)
    sizes = fit_sizes(counts[:, burn_in + reach - 1 :], means[:, burn_in:-reach])
    return CountForecast(means[:, -1], sizes)


def garch_forecast(counts: Floats, burn_in: int) -> CountForecast:
    """Forecast by a GARCH of counts that returns to each series' own mean; two shared weights.

    Source: Ferland, R., A. Latour and D. Oraichi. 2006. Journal of Time Series Analysis 27(6):
    923-942; Zhu, F. 2011. A negative binomial integer-valued GARCH model. Same 32(1): 54-67.
    """
    own = running_mean(counts)

    def means(z: Floats) -> Floats:
        parts = np.exp(np.append(z[:2], 0.0))
        news, keep, home = parts / parts.sum()
        level = own[:, 0]
        found = [level]
        for t in range(counts.shape[1]):
            count = np.where(np.isfinite(counts[:, t]), counts[:, t], level)
            level = home * own[:, t + 1] + news * count + keep * level
            found.append(level)
        return np.maximum(np.stack(found, axis=1), LEAST_MEAN)

    y = counts[:, burn_in:]
    seen = np.isfinite(y)

    def loss(z: Floats) -> float:
        mean = means(z)[:, burn_in:-1]
        return -_log_likelihood(y[seen], mean[seen], float(np.exp(z[2])))

    found = _climb(loss, np.array([0.0, 0.0, 0.5]))
    best = means(found)
    return CountForecast(best[:, -1], fit_sizes(y, best[:, burn_in:-1]))


def self_exciting_terms(counts: Floats) -> Floats:
    """Give each series' own mean with its fast and slow decayed means, ones last."""
    parts = [running_mean(counts), decayed_mean(counts, FAST), decayed_mean(counts, SLOW)]
    return np.stack([*parts, np.ones_like(parts[0])], axis=-1)


def count_forecasts(
    counts: Floats, *, answer: NDArray[np.int64] | None = None, burn_in: int = 3
) -> dict[str, CountForecast]:
    """Forecast the next month of every series with every rival.

    Args:
        counts: Months to the origin, shape (series, month); missing months are nan.
        answer: For each series, the number of the other side's; without it none answers.
        burn_in: First months that are not fitted.
    """
    excited = self_exciting_terms(counts)
    found = {
        "climatology": level_forecast(counts, running_mean(counts), burn_in),
        "smoothing": level_forecast(counts, decayed_mean(counts, 1 - SMOOTHING), burn_in),
        "GARCH of counts": garch_forecast(counts, burn_in),
        "self-exciting": linear_forecast(counts, excited, burn_in),
    }
    if answer is not None:
        received = decayed_mean(counts, FAST)[answer][..., None]
        terms = np.concatenate([excited, received], axis=-1)
        found["action and reaction"] = linear_forecast(counts, terms, burn_in)
    return found


def seasonal_levels(counts: Floats, calendar: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Smooth counts freed of their season, before each month and the next.

    The factor of a calendar month is its past share of the mean, drawn to one as by three years.

    Args:
        counts: Shape (month,).
        calendar: Calendar month of each, 0 to 11.

    Returns:
        Levels, shape (month + 1,), and the factors before each month, shape (month + 1, 12).
    """
    seen = np.isfinite(counts)
    level = float(counts[seen][0]) if seen.any() else 0.0
    total, number = np.zeros(12), np.zeros(12)
    factor = np.ones(12)
    levels, factors = [level], [factor]
    for count, month in zip(counts, calendar, strict=True):
        if np.isfinite(count):
            level += SMOOTHING * (count / factor[month] - level)
            total[month] += count
            number[month] += 1
            mean = (total.sum() + 0.5) / (number.sum() + 1)
            factor = (total / mean + OWN_YEARS) / (number + OWN_YEARS)
        levels.append(level)
        factors.append(factor)
    return np.array(levels), np.array(factors)


def seasonal_forecast(
    counts: Floats, calendar: NDArray[np.int64], burn_in: int, *, steps: int = 1
) -> CountForecast:
    """Forecast a coming month of one series by seasonal smoothing.

    Args:
        counts: Shape (month,); missing months are nan.
        calendar: Calendar month of each, 0 to 11.
        burn_in: First months that are not fitted.
        steps: Months ahead; 1 is the next.

    Source: Winters, P. R. 1960. Management Science 6(3): 324-342 (multiplicative, no trend).
    """
    levels, factors = seasonal_levels(counts, calendar)
    reach = _reach(len(counts), burn_in, steps)
    at = np.arange(burn_in, len(counts) - reach + 1)
    past = levels[at] * factors[at, calendar[at + reach - 1]]
    size = fit_sizes(counts[None, at + reach - 1], past[None])
    ahead = (int(calendar[-1]) + steps) % 12
    return CountForecast(np.maximum([levels[-1] * factors[-1, ahead]], LEAST_MEAN), size)
