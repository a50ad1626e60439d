"""Regressions for the theory tests: linear, counts, and counts within units, clustered."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from scipy.stats import t as student

from foedus.world.errors import BadInputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_RATE = 0.01
_STEPS = 100
_RENEWALS = 1000
_TOLERANCE = 1e-9
_LARGEST_LOG_RATE = 30.0


@dataclass(frozen=True)
class Clusters:
    """Which rows may be correlated.

    Args:
        one: Unit of each row: a state, a pair, or the first state of a pair.
        two: Second state of each row's pair; rows that share any state are then correlated.
    """

    one: Ints
    two: Ints | None = None

    @property
    def count(self) -> int:
        """Count the units, or the states where rows are pairs."""
        every = self.one if self.two is None else np.concatenate([self.one, self.two])
        return len(np.unique(every))

    def keep(self, rows: NDArray[np.bool_]) -> "Clusters":
        """Keep some rows."""
        return Clusters(self.one[rows], None if self.two is None else self.two[rows])

    def middle(self, scores: Floats) -> Floats:
        """Sum the cross products of the scores over all correlated rows, shape (term, term).

        Source: Aronow, P. M., C. Samii and V. A. Assenova. 2015. Cluster-robust variance
        estimation for dyadic data. Political Analysis 23(4): 564-577, for rows that are pairs.
        """
        if self.two is None:
            found = _summed(scores, self.one)
            return found.T @ found * (self.count / (self.count - 1))
        size = int(max(self.one.max(), self.two.max())) + 1
        low, high = np.minimum(self.one, self.two), np.maximum(self.one, self.two)
        by_state = np.zeros((size, scores.shape[1]))
        np.add.at(by_state, self.one, scores)
        np.add.at(by_state, self.two, scores)
        by_pair = _summed(scores, low * size + high)
        both = by_state.T @ by_state - by_pair.T @ by_pair
        return both * (self.count / (self.count - 1))


def _summed(scores: Floats, unit: Ints) -> Floats:
    _, index = np.unique(unit, return_inverse=True)
    found = np.zeros((int(index.max()) + 1, scores.shape[1]))
    np.add.at(found, index, scores)
    return found


@dataclass(frozen=True)
class Fit:
    """Coefficients with clustered covariance.

    Args:
        coefficient: One a term.
        covariance: Clustered, shape (term, term).
        clusters: Units the covariance rests on.
        rows: Rows that carry information.
        spread: Negative-binomial dispersion of counts, residual standard deviation otherwise.
    """

    coefficient: Floats
    covariance: Floats
    clusters: int
    rows: int
    spread: float = 0.0

    def error(self, term: int = 0) -> float:
        """Give the clustered standard error of a term; nan where it cannot be estimated."""
        variance = float(self.covariance[term, term])
        return variance**0.5 if variance > 0 else float("nan")

    def interval(self, term: int = 0) -> tuple[float, float]:
        """Give the 90 % interval of a term, by Student's t on clusters less one."""
        half = critical_value(self.clusters) * self.error(term)
        middle = float(self.coefficient[term])
        return middle - half, middle + half


def critical_value(clusters: int) -> float:
    """Give how many standard errors a 90 % interval reaches to either side."""
    return float(student.ppf(0.95, clusters - 1))


def fit_linear(terms: Floats, outcome: Floats, clusters: Clusters) -> Fit:
    """Least squares with clustered errors.

    Args:
        terms: Shape (row, term); the caller adds a constant.
        outcome: Shape (row,).
        clusters: Which rows are correlated.
    """
    inverse = np.linalg.pinv(terms.T @ terms)
    coefficient = inverse @ (terms.T @ outcome)
    gap = outcome - terms @ coefficient
    covariance = inverse @ clusters.middle(terms * gap[:, None]) @ inverse
    return Fit(coefficient, covariance, clusters.count, len(outcome), float(gap.std()))


def fit_counts(
    terms: Floats, outcome: Floats, clusters: Clusters, *, overdispersed: bool = False
) -> Fit:
    """Poisson or negative-binomial regression with a log link and clustered errors.

    The covariance takes the dispersion as given.

    Args:
        terms: Shape (row, term); the caller adds a constant.
        outcome: Counts, shape (row,).
        clusters: Which rows are correlated.
        overdispersed: Estimate a dispersion (variance = rate + dispersion x rate squared).

    Source: Cameron, A. C. and P. K. Trivedi. 2013. Regression Analysis of Count Data, 2nd ed.,
    section 3.3.
    """
    coefficient, spread = fit_rates(terms, outcome, overdispersed=overdispersed)
    rate = rates(terms, coefficient)
    weight = 1 / (1 + spread * rate)
    scores = terms * ((outcome - rate) * weight)[:, None]
    inverse = np.linalg.pinv((terms * (rate * weight)[:, None]).T @ terms)
    covariance = inverse @ clusters.middle(scores) @ inverse
    return Fit(coefficient, covariance, clusters.count, len(outcome), spread)


def rates(terms: Floats, coefficient: Floats) -> Floats:
    """Give the expected count of each row."""
    return np.exp(np.minimum(terms @ coefficient, _LARGEST_LOG_RATE))


def fit_rates(
    terms: Floats, outcome: Floats, *, overdispersed: bool = False
) -> tuple[Floats, float]:
    """Fit the coefficients of a count regression and its dispersion, without errors."""
    coefficient = np.zeros(terms.shape[1])
    coefficient[_constant(terms)] = np.log(max(float(outcome.mean()), 1e-9))
    coefficient = _newton(terms, outcome, coefficient, 0.0)
    spread = 0.0
    if not overdispersed:
        return coefficient, spread
    for _ in range(_STEPS):
        rate = rates(terms, coefficient)
        before, spread = spread, _dispersion(outcome, rate)
        coefficient = _newton(terms, outcome, coefficient, spread)
        if abs(spread - before) <= 1e-7 * (1 + spread):
            return coefficient, spread
    raise _unsettled("the dispersion")


def fit_linear_rates(terms: Floats, outcome: Floats, clusters: Clusters) -> Fit:
    """Count regression in which terms add to the rate, with clustered errors.

    Quasi-likelihood: least squares weighted by one over the negative-binomial variance, both
    renewed in turn. The covariance takes the dispersion as given.

    Args:
        terms: Shape (row, term), with an intercept among them.
        outcome: Counts, shape (row,).
        clusters: Which rows are correlated.

    Source: McCullagh, P. and J. A. Nelder. 1989. Generalized Linear Models, 2nd ed., chapter 9.
    """
    coefficient, spread = linear_rates(terms, outcome)
    rate = expected(terms, coefficient)
    weight = 1 / (rate + spread * rate**2)
    scores = terms * ((outcome - terms @ coefficient) * weight)[:, None]
    inverse = np.linalg.pinv((terms * weight[:, None]).T @ terms, hermitian=True)
    covariance = inverse @ clusters.middle(scores) @ inverse
    return Fit(coefficient, covariance, clusters.count, len(outcome), spread)


def expected(terms: Floats, coefficient: Floats) -> Floats:
    """Give the rate of each row where terms add to it, no lower than `LEAST_RATE`."""
    return np.maximum(terms @ coefficient, LEAST_RATE)


def linear_rates(terms: Floats, outcome: Floats) -> tuple[Floats, float]:
    """Fit the coefficients and dispersion of `fit_linear_rates`, without errors."""
    rate = np.full(len(outcome), max(float(outcome.mean()), LEAST_RATE))
    coefficient, spread = np.zeros(terms.shape[1]), 0.0
    for _ in range(_RENEWALS):
        spread = _dispersion(outcome, rate)
        root = 1 / np.sqrt(rate + spread * rate**2)
        best = np.linalg.lstsq(terms * root[:, None], outcome * root, rcond=None)[0]
        if np.abs(best - coefficient).max() <= 1e-7:
            return best, spread
        coefficient = (coefficient + best) / 2
        rate = expected(terms, coefficient)
    raise _unsettled("a count regression")


def _dispersion(outcome: Floats, rate: Floats) -> float:
    """Find the most likely dispersion given the rates."""
    found = minimize_scalar(
        lambda log_spread: -_count_likelihood(outcome, rate, np.exp(log_spread)),
        bounds=(-7.0, 4.0),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return float(np.exp(found.x))


def _constant(terms: Floats) -> int:
    """Find the constant among the terms."""
    return int(np.flatnonzero((terms == 1).all(axis=0))[0])


def _count_likelihood(outcome: Floats, rate: Floats, spread: float) -> float:
    return float(count_log_probability(outcome, rate, spread).sum())


def count_log_probability(outcome: Floats, rate: Floats, spread: float) -> Floats:
    """Log probability of counts; Poisson where the dispersion is zero."""
    if spread == 0.0:
        return outcome * np.log(rate) - rate - gammaln(outcome + 1)
    size = 1 / spread
    return (
        gammaln(outcome + size)
        - gammaln(size)
        - gammaln(outcome + 1)
        - size * np.log1p(spread * rate)
        + outcome * (np.log(spread * rate) - np.log1p(spread * rate))
    )


def _newton(terms: Floats, outcome: Floats, start: Floats, spread: float) -> Floats:
    """Maximise the count likelihood by Fisher scoring with step halving."""

    def value(coefficient: Floats) -> float:
        return _count_likelihood(outcome, rates(terms, coefficient), spread)

    coefficient, now = start, value(start)
    for _ in range(_STEPS):
        rate = rates(terms, coefficient)
        weight = 1 / (1 + spread * rate)
        gradient = terms.T @ ((outcome - rate) * weight)
        information = (terms * (rate * weight)[:, None]).T @ terms
        step = np.linalg.pinv(information, hermitian=True) @ gradient
        coefficient, now, gain = _climb(value, coefficient, now, step)
        if gain <= _TOLERANCE * (1 + abs(now)):
            return coefficient
    raise _unsettled("a count regression")


def _climb(value, coefficient: Floats, now: float, step: Floats) -> tuple[Floats, float, float]:
    """Take the step, halved until the likelihood does not fall."""
    for _ in range(30):
        there = value(coefficient + step)
        if there >= now:
            return coefficient + step, there, there - now
        step = step / 2
    return coefficient, now, 0.0


def _unsettled(what: str) -> BadInputError:
    return BadInputError(
        f"{what} did not settle in {_STEPS} steps",
        expected="data in which the terms do not separate the outcome",
        where="a theory test",
        hint="look at the terms: one of them may be constant or infinite",
    )


def fit_counts_within(terms: Floats, outcome: Floats, unit: Ints, clusters: Clusters) -> Fit:
    """Poisson regression with an intercept for each unit, by the conditional likelihood.

    Given a unit's total, its counts are shared out over its rows as a multinomial, so the
    intercepts fall out. Units without any count, or with one row, carry no information.

    Args:
        terms: Shape (row, term), no constant; terms constant within units are not identified.
        outcome: Counts, shape (row,).
        unit: Unit of each row.
        clusters: Which rows are correlated.

    Source: Wooldridge, J. M. 1999. Distribution-free estimation of some nonlinear panel data
    models. Journal of Econometrics 90(1): 77-97.
    """
    total = np.bincount(unit, weights=outcome, minlength=int(unit.max()) + 1)
    size = np.bincount(unit, minlength=int(unit.max()) + 1)
    rows = (total[unit] > 0) & (size[unit] > 1)
    terms, outcome, clusters = terms[rows], outcome[rows], clusters.keep(rows)
    _, unit = np.unique(unit[rows], return_inverse=True)
    unit = unit.astype(np.int64)
    total = np.bincount(unit, weights=outcome)

    def shares(coefficient: Floats) -> Floats:
        score = terms @ coefficient
        top = np.full(len(total), -np.inf)
        np.maximum.at(top, unit, score)
        weight = np.exp(score - top[unit])
        return weight / np.bincount(unit, weights=weight)[unit]

    def value(coefficient: Floats) -> float:
        return float(outcome @ np.log(np.maximum(shares(coefficient), 1e-300)))

    coefficient = np.zeros(terms.shape[1])
    now = value(coefficient)
    for _ in range(_STEPS):
        expected = shares(coefficient) * total[unit]
        centred = terms - _unit_means(terms, expected, total, unit)
        inverse = np.linalg.pinv((centred * expected[:, None]).T @ centred, hermitian=True)
        step = inverse @ (terms.T @ (outcome - expected))
        coefficient, now, gain = _climb(value, coefficient, now, step)
        if gain <= _TOLERANCE * (1 + abs(now)):
            break
    else:
        raise _unsettled("a count regression within units")
    expected = shares(coefficient) * total[unit]
    centred = terms - _unit_means(terms, expected, total, unit)
    inverse = np.linalg.pinv((centred * expected[:, None]).T @ centred, hermitian=True)
    middle = clusters.middle(centred * (outcome - expected)[:, None])
    return Fit(coefficient, inverse @ middle @ inverse, clusters.count, int(rows.sum()))


def _unit_means(terms: Floats, expected: Floats, total: Floats, unit: Ints) -> Floats:
    """Average the terms of each unit with the expected counts as weights, row by row."""
    sums = np.zeros((len(total), terms.shape[1]))
    np.add.at(sums, unit, terms * expected[:, None])
    return (sums / total[:, None])[unit]


def year_terms(years: Ints) -> Floats:
    """Give one column a year but the first."""
    return (years[:, None] == np.unique(years)[None, 1:]).astype(np.float64)
