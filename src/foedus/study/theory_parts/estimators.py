"""Regressions for the theory tests: linear, counts, and counts within units, clustered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, minimize_scalar
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

    @property
    def pair(self) -> Ints:
        """Number the pairs, in whichever order their states stand."""
        assert self.two is not None
        low, high = np.minimum(self.one, self.two), np.maximum(self.one, self.two)
        return low * (int(high.max()) + 1) + high

    def members(self) -> list[Ints]:
        """Give the rows of each unit; a row of a pair is with either of its states."""
        sides = [self.one] if self.two is None else [self.one, self.two]
        units = np.concatenate(sides)
        rows = np.tile(np.arange(len(self.one)), len(sides))
        order = np.argsort(units, kind="stable")
        starts = np.flatnonzero(np.diff(units[order])) + 1
        return np.split(rows[order], starts)

    def keep(self, rows: NDArray[np.bool_]) -> "Clusters":
        """Keep some rows."""
        return Clusters(self.one[rows], None if self.two is None else self.two[rows])


def covariance(terms: Floats, weight: Floats, scores: Floats, clusters: Clusters) -> Floats:
    """Give the covariance of coefficients by leaving out each unit in turn, shape (term, term).

    One Newton step takes the place of a refit; in a linear regression the two are the same. Where
    rows are pairs, leaving out a state leaves out all its pairs, and what pairs alone contribute is
    subtracted once, since each was left out with either of its states.

    Args:
        terms: Terms of each row, shape (row, term).
        weight: Weight of each row in the information, shape (row,).
        scores: Score of each row, shape (row, term).
        clusters: Which rows are correlated.

    Source:
        Aronow, P. M., C. Samii and V. A. Assenova. 2015. Cluster-robust variance estimation for
        dyadic data. Political Analysis 23(4): 564-577; with the jackknife in place of the plain sum
        over units, as in MacKinnon, J. G., M. O. Nielsen and M. D. Webb. 2023. Cluster-robust
        inference: a guide to empirical practice. Journal of Econometrics 232(2): 272-299.
    """
    information = (terms * weight[:, None]).T @ terms
    found = np.zeros_like(information)
    for rows in clusters.members():
        part = (terms[rows] * weight[rows, None]).T @ terms[rows]
        move = _inverse(information - part) @ scores[rows].sum(axis=0)
        found += np.outer(move, move)
    found *= (clusters.count - 1) / clusters.count
    if clusters.two is None:
        return found
    index = np.unique(clusters.pair, return_inverse=True)[1]
    by_pair = np.zeros((int(index.max()) + 1, scores.shape[1]))
    np.add.at(by_pair, index, scores)
    inverse = _inverse(information)
    return found - inverse @ (by_pair.T @ by_pair) @ inverse


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
    coefficient = _inverse(terms.T @ terms) @ (terms.T @ outcome)
    gap = outcome - terms @ coefficient
    found = covariance(terms, np.ones(len(gap)), terms * gap[:, None], clusters)
    return Fit(coefficient, found, clusters.count, len(outcome), float(gap.std()))


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
    found = covariance(terms, rate * weight, scores, clusters)
    return Fit(coefficient, found, clusters.count, len(outcome), spread)


def _inverse(matrix: Floats) -> Floats:
    """Invert a symmetric matrix; terms that do not vary get zero."""
    return np.linalg.pinv(matrix, hermitian=True).astype(np.float64)


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
    found = covariance(terms, weight, scores, clusters)
    return Fit(coefficient, found, clusters.count, len(outcome), spread)


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
        solved = np.linalg.lstsq(terms * root[:, None], outcome * root, rcond=None)[0]
        best = solved.astype(np.float64)
        if np.abs(best - coefficient).max() <= 1e-7:
            return best, spread
        coefficient = (coefficient + best) / 2
        rate = expected(terms, coefficient)
    raise _unsettled("a count regression")


def _dispersion(outcome: Floats, rate: Floats) -> float:
    """Find the most likely dispersion given the rates."""
    found = cast(
        OptimizeResult,
        minimize_scalar(
            lambda log_spread: -_count_likelihood(outcome, rate, np.exp(log_spread)),
            bounds=(-7.0, 4.0),
            method="bounded",
            options={"xatol": 1e-10},
        ),
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
        step = _inverse(information) @ gradient
        coefficient, now, gain = _climb(value, coefficient, now, step)
        if gain <= _TOLERANCE * (1 + abs(now)):
            return coefficient
    raise _unsettled("a count regression")


def _climb(
    value: Callable[[Floats], float], coefficient: Floats, now: float, step: Floats
) -> tuple[Floats, float, float]:
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
    total, size = np.bincount(unit, weights=outcome), np.bincount(unit)
    rows = (total[unit] > 0) & (size[unit] > 1)
    terms, outcome, clusters = terms[rows], outcome[rows], clusters.keep(rows)
    index = np.unique(unit[rows], return_inverse=True)[1].astype(np.int64)
    coefficient = np.zeros(terms.shape[1])
    now = _shared_likelihood(terms, outcome, index, coefficient)
    for _ in range(_STEPS):
        centred, weight, scores = _shared_scores(terms, outcome, index, coefficient)
        information = (centred * weight[:, None]).T @ centred
        coefficient, now, gain = _climb(
            lambda there: _shared_likelihood(terms, outcome, index, there),
            coefficient,
            now,
            _inverse(information) @ scores.sum(axis=0),
        )
        if gain <= _TOLERANCE * (1 + abs(now)):
            break
    else:
        raise _unsettled("a count regression within units")
    centred, weight, scores = _shared_scores(terms, outcome, index, coefficient)
    found = covariance(centred, weight, scores, clusters)
    return Fit(coefficient, found, clusters.count, len(outcome))


def _shares(terms: Floats, unit: Ints, coefficient: Floats) -> Floats:
    """Give each row's expected share of its unit's total."""
    score = terms @ coefficient
    top = np.full(int(unit.max()) + 1, -np.inf)
    np.maximum.at(top, unit, score)
    weight = np.exp(score - top[unit])
    return weight / np.bincount(unit, weights=weight)[unit]


def _shared_likelihood(terms: Floats, outcome: Floats, unit: Ints, coefficient: Floats) -> float:
    return float(outcome @ np.log(np.maximum(_shares(terms, unit, coefficient), 1e-300)))


def _shared_scores(
    terms: Floats, outcome: Floats, unit: Ints, coefficient: Floats
) -> tuple[Floats, Floats, Floats]:
    """Give each row's terms less their expected mean in the unit, its weight and its score."""
    total = np.bincount(unit, weights=outcome)
    shares = _shares(terms, unit, coefficient)
    means = np.zeros((len(total), terms.shape[1]))
    np.add.at(means, unit, terms * shares[:, None])
    centred = terms - means[unit]
    wanted = shares * total[unit]
    return centred, wanted, centred * (outcome - wanted)[:, None]


def year_terms(years: Ints) -> Floats:
    """Give one column a year but the first."""
    return (years[:, None] == np.unique(years)[None, 1:]).astype(np.float64)
