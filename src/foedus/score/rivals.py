"""Simple rivals: the forecasts any model has to beat, each with an interval.

Yearly event probabilities come from the base rate, a pair's own history, or a logit on peace
years; monthly counts from the last twelve months or from smoothing; spending from a random walk
with the panel's drift.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, nbinom, norm, poisson

from foedus.score.events import logit_coefficients, logit_probability

Floats = NDArray[np.float64]
Z90 = float(norm.ppf(0.95))


@dataclass(frozen=True)
class Probability:
    """Event probabilities with 90 % intervals, one a case; each array has shape (case,)."""

    mean: Floats
    lo90: Floats
    hi90: Floats


def base_rate(trials: Floats, events: Floats, cases: int) -> Probability:
    """Forecast the pooled rate for every case.

    Args:
        trials: Training trials by pair.
        events: Training events by pair.
        cases: Number of cases to forecast.

    Interval: equal-tailed Jeffreys interval of a binomial rate (Brown, Cai and DasGupta 2001,
    Statistical Science 16(2): 101-133, section 3.1.3). It treats pair-years as independent.
    """
    n, k = float(trials.sum()), float(events.sum())
    low, high = beta.ppf([0.05, 0.95], k + 0.5, n - k + 0.5)
    full = np.ones(cases)
    return Probability(full * k / n, full * low, full * high)


@dataclass(frozen=True)
class BetaPrior:
    """Beta distribution of rates over pairs."""

    a: float
    b: float


def fit_beta_prior(trials: Floats, events: Floats) -> BetaPrior:
    """Fit the spread of rates over pairs by moments of the beta-binomial.

    Source: Kleinman, J. C. 1973. JASA 68(341): 46-54, with weights equal to the trials. Where the
    pairs vary no more than chance, the prior is as strong as the whole training set.
    """
    n = trials.sum()
    rate = events.sum() / n
    weight = trials / n
    shares = events / trials
    between = float(np.sum(weight * (shares - rate) ** 2))
    within = rate * (1 - rate)
    keep = float(np.sum(weight * (1 - weight)))
    chance = within * float(np.sum(weight * (1 - weight) / trials))
    spread = (between - chance) / (within * (keep - float(np.sum(weight * (1 - weight) / trials))))
    spread = min(max(spread, 1 / (n + 1)), 0.999)
    strength = 1 / spread - 1
    return BetaPrior(rate * strength, (1 - rate) * strength)


def own_history(prior: BetaPrior, trials: Floats, events: Floats) -> Probability:
    """Forecast a pair's own rate, drawn toward the pool as far as its history is short.

    Args:
        prior: Rates over pairs, fitted on training data.
        trials: Past trials of each case's pair; 0 for a pair without history.
        events: Past events of each case's pair.
    """
    a, b = prior.a + events, prior.b + trials - events
    low, high = beta.ppf(0.05, a, b), beta.ppf(0.95, a, b)
    return Probability(a / (a + b), np.asarray(low), np.asarray(high))


@dataclass(frozen=True)
class Logit:
    """A fitted logit.

    Args:
        mean: Column means used to centre the terms, shape (term,).
        scale: Column scales, shape (term,).
        coefficients: Intercept first, shape (1 + term,).
        covariance: Clustered by pair, shape (1 + term, 1 + term).
    """

    mean: Floats
    scale: Floats
    coefficients: Floats
    covariance: Floats


def fit_logit(terms: Floats, outcome: Floats, pair: NDArray[np.int64]) -> Logit:
    """Fit a logit by maximum likelihood, errors clustered by pair.

    Args:
        terms: Shape (case, term); complete cases only.
        outcome: 0 or 1, shape (case,).
        pair: Cluster of each case, shape (case,).

    Source: Liang, K.-Y. and S. L. Zeger. 1986. Longitudinal data analysis using generalized linear
    models. Biometrika 73(1): 13-22, with the usual correction for few clusters. It takes a tenth
    of the time of the general regression in statsmodels, which it is tested against.
    """
    mean, scale = terms.mean(axis=0), terms.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    own = (terms - mean) / scale
    coefficients = logit_coefficients(own, outcome)
    chance = logit_probability(coefficients, own)
    design = np.column_stack([np.ones(len(own)), own])
    bread = np.linalg.inv(design.T @ (design * (chance * (1 - chance))[:, None]))
    _, cluster = np.unique(pair, return_inverse=True)
    pulls = (design * (outcome - chance)[:, None]).T
    sums = np.stack([np.bincount(cluster, weights=pull) for pull in pulls])
    (columns, groups), cases = sums.shape, len(own)
    few = groups / (groups - 1) * (cases - 1) / (cases - columns)
    return Logit(mean, scale, coefficients, few * bread @ sums @ sums.T @ bread)


def logit_forecast(model: Logit, terms: Floats) -> Probability:
    """Forecast with a fitted logit; the interval is of the probability, by the delta method."""
    design = np.column_stack([np.ones(len(terms)), (terms - model.mean) / model.scale])
    line = design @ model.coefficients
    error = np.sqrt(np.einsum("ij,jk,ik->i", design, model.covariance, design))

    def probability(value: Floats) -> Floats:
        return 1 / (1 + np.exp(-value))

    return Probability(
        probability(line), probability(line - Z90 * error), probability(line + Z90 * error)
    )


def peace_year_terms(peace_years: Floats) -> Floats:
    """Give peace years with their square and cube, shape (case, 3).

    Source: Carter, D. B. and C. S. Signorino. 2010. Political Analysis 18(3): 271-292.
    """
    t = peace_years / 10
    return np.column_stack([t, t**2, t**3])


def last_year_draws(history: Floats) -> Floats:
    """Forecast each coming month by the last twelve months' own values, each equally likely.

    Args:
        history: Monthly values, oldest first; missing months are nan and left out.

    Returns:
        The values, at most twelve.
    """
    recent = history[-12:]
    return recent[~np.isnan(recent)]


def smoothing_draws(history: Floats, weight: float = 0.3, draws: int = 199) -> Floats:
    """Forecast a count by exponential smoothing, spread as a negative binomial.

    The level is the smoothed mean, the dispersion is fitted by moments to the one-month errors;
    where these vary no more than chance the spread is Poisson. Draws are evenly spaced quantiles.

    Args:
        history: Monthly counts, oldest first; missing months keep the level as it was.
        weight: Weight of the newest month, fixed beforehand.
        draws: Number of quantiles.
    """
    seen = history[~np.isnan(history)]
    level = float(seen[0])
    levels = []
    for value in seen:
        levels.append(level)
        level += weight * (value - level)
    past = np.maximum(np.asarray(levels[1:]), 0.1)
    errors = seen[1:] - past
    extra = float(np.sum(errors**2 - past) / np.sum(past**2)) if len(past) else 0.0
    mean = max(level, 0.1)
    points = (np.arange(draws) + 0.5) / draws
    if extra <= 1e-6:
        return np.asarray(poisson.ppf(points, mean), dtype=np.float64)
    size = 1 / extra
    return np.asarray(nbinom.ppf(points, size, size / (size + mean)), dtype=np.float64)


def random_walk_draws(
    last: float, steps: int, growth: Floats, *, drift: bool, draws: int = 199
) -> Floats:
    """Forecast a positive series by a random walk of its logarithm.

    Args:
        last: Last observed value.
        steps: Years ahead.
        growth: Past yearly log changes of the whole panel, to the origin.
        drift: Add the panel's mean growth; without it the forecast is no change.
        draws: Number of quantiles.

    Spread: the panel's standard deviation of log changes, growing with the root of the horizon.
    """
    points = norm.ppf((np.arange(draws) + 0.5) / draws)
    mean = float(growth.mean()) * steps if drift else 0.0
    return np.exp(np.log(last) + mean + points * float(growth.std(ddof=1)) * np.sqrt(steps))


def even_draws(sample: Floats, draws: int) -> Floats:
    """Give evenly spaced quantiles of a sample, shape (draw,)."""
    return np.quantile(sample, (np.arange(draws) + 0.5) / draws)


@dataclass(frozen=True)
class Changes:
    """A fitted regression of the change over some years on terms at their start.

    Args:
        coefficients: One a term, shape (term,).
        errors: Past errors, shape (row,).
    """

    coefficients: Floats
    errors: Floats


def fit_changes(terms: Floats, change: Floats) -> Changes:
    """Fit the change over some years by least squares; the past errors are its spread.

    Args:
        terms: With a column of ones, shape (row, term).
        change: Change of the logarithm, shape (row,).
    """
    found = np.asarray(np.linalg.lstsq(terms, change, rcond=None)[0], dtype=np.float64)
    return Changes(found, change - terms @ found)


def changes_draws(model: Changes, terms: Floats, draws: int) -> Floats:
    """Forecast changes by the regression and its past errors, shape (case, draw)."""
    return (terms @ model.coefficients)[:, None] + even_draws(model.errors, draws)[None, :]
