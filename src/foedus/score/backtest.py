"""Rolling-origin backtests: forecast as if standing at each past origin, then score.

A forecast for a target uses features and outcomes no later than its origin, so the age of the
record at the origin is part of the task.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foedus.score import proper, rivals
from foedus.score.rivals import Floats, Probability

Ints = NDArray[np.int64]
DRAWN_AT_ONCE = 100_000


@dataclass(frozen=True)
class EventPanel:
    """Pair-years with what a rival may use and what happened.

    Args:
        pair: Pair number, shape (case,).
        year: Year of the features, shape (case,).
        terms: Features at the end of the year, shape (case, term); no missing.
        history: Fading memories of the pair's onsets at the end of the year, shape (case, memory).
        onset_pair: Pair number of every onset, whether or not the pair was a case that year.
        onset_month: Month of every onset, counted as 12 x year + month - 1.
        last_year: Last year whose onsets are covered.
    """

    pair: Ints
    year: Ints
    terms: Floats
    history: Floats
    onset_pair: Ints
    onset_month: Ints
    last_year: int


@dataclass(frozen=True)
class Target:
    """What is forecast: any onset in a window of months some years after the features.

    Args:
        lead: Years from the features to the year the window begins in; 1 is next year.
        months: Length of the window, which begins in January.
    """

    lead: int
    months: int

    @property
    def last_lead(self) -> int:
        """Years from the features to the last year of the window."""
        return self.lead + (self.months - 1) // 12


def outcomes(panel: EventPanel, target: Target) -> Floats:
    """Say for each case whether its window saw an onset; nan where it is not wholly covered."""
    pairs = int(max(panel.pair.max(), panel.onset_pair.max(initial=0))) + 1
    first = int(panel.year.min()) * 12
    span = (panel.last_year + 1) * 12 - first
    counts = np.zeros((pairs, span + 1))
    inside = (panel.onset_month >= first) & (panel.onset_month < first + span)
    np.add.at(counts, (panel.onset_pair[inside], panel.onset_month[inside] - first + 1), 1)
    so_far = counts.cumsum(axis=1)
    begin = (panel.year + target.lead) * 12 - first
    covered = panel.year + target.last_lead <= panel.last_year
    begin, end = np.minimum(begin, span), np.minimum(begin + target.months, span)
    any_onset = so_far[panel.pair, end] - so_far[panel.pair, begin] > 0
    return np.where(covered, any_onset.astype(np.float64), np.nan)


def forecast_events(
    panel: EventPanel, outcome: Floats, target: Target, origin: int, cases: NDArray[np.bool_]
) -> dict[str, Probability]:
    """Forecast the chosen cases with every rival, from what was known at the end of `origin`.

    Training cases are those whose whole window had ended by the origin.
    """
    train = (panel.year + target.last_lead <= origin) & ~np.isnan(outcome)
    y = outcome[train]
    trials, events = _by_pair(panel.pair[train], y, int(panel.pair.max()) + 1)
    seen = trials > 0
    prior = rivals.fit_beta_prior(trials[seen], events[seen])
    pairs = panel.pair[cases]

    def logit(terms: Floats) -> Probability:
        model = rivals.fit_logit(terms[train], y, panel.pair[train])
        return rivals.logit_forecast(model, terms[cases])

    return {
        "base rate": rivals.base_rate(trials, events, int(cases.sum())),
        "own history": rivals.own_history(prior, trials[pairs], events[pairs]),
        "peace-years logit": logit(panel.terms),
        "history logit": logit(np.column_stack([panel.terms, panel.history])),
    }


def _by_pair(pair: Ints, outcome: Floats, size: int) -> tuple[Floats, Floats]:
    trials = np.bincount(pair, minlength=size).astype(np.float64)
    events = np.bincount(pair, weights=outcome, minlength=size).astype(np.float64)
    return trials, events


@dataclass(frozen=True)
class EventScores:
    """Scores of one rival over all targets of a backtest.

    Args:
        rival: Name of the rival.
        cases: Cases scored.
        events: Events among them.
        brier: Mean Brier score.
        log_loss: Mean log loss, nats.
        auc: Area under the ROC curve.
        average_precision: Average precision.
        expected: Sum of the probabilities, to hold against `events`.
        difference: Mean log loss less that of the base rate; below zero is better.
        difference_lo90: Lower end of its 90 % interval, bootstrap over pairs.
        difference_hi90: Upper end.
    """

    rival: str
    cases: int
    events: int
    brier: float
    log_loss: float
    auc: float
    average_precision: float
    expected: float
    difference: float
    difference_lo90: float
    difference_hi90: float


def backtest_events(
    panel: EventPanel, target: Target, first: int, last: int, *, seed: int
) -> list[EventScores]:
    """Score every rival on windows that begin in `first`..`last`, standing `lead` years before."""
    outcome = outcomes(panel, target)
    forecasts: dict[str, list[Floats]] = {}
    happened, clusters = [], []
    for start in range(first, last + 1):
        origin = start - target.lead
        cases = (panel.year == origin) & ~np.isnan(outcome)
        for name, forecast in forecast_events(panel, outcome, target, origin, cases).items():
            forecasts.setdefault(name, []).append(forecast.mean)
        happened.append(outcome[cases])
        clusters.append(panel.pair[cases])
    y, cluster = np.concatenate(happened), np.concatenate(clusters)
    losses = {name: proper.log_loss(np.concatenate(parts), y) for name, parts in forecasts.items()}
    scores = []
    for name, parts in forecasts.items():
        p = np.concatenate(parts)
        gap = losses[name] - losses["base rate"]
        low, high = cluster_interval(gap, cluster, seed=seed)
        scores.append(
            EventScores(
                rival=name,
                cases=len(y),
                events=int(y.sum()),
                brier=float(proper.brier(p, y).mean()),
                log_loss=float(losses[name].mean()),
                auc=proper.area_under_curve(p, y),
                average_precision=proper.average_precision(p, y),
                expected=float(p.sum()),
                difference=float(gap.mean()),
                difference_lo90=low,
                difference_hi90=high,
            )
        )
    return scores


def cluster_interval(
    values: Floats, cluster: Ints, *, seed: int, replicates: int = 1000
) -> tuple[float, float]:
    """Give the 90 % bootstrap interval of a mean, drawing whole clusters with replacement."""
    return cluster_intervals([values], cluster, seed=seed, replicates=replicates)[0]


def cluster_intervals(
    values: Sequence[Floats], cluster: Ints, *, seed: int, replicates: int = 1000
) -> list[tuple[float, float]]:
    """Give the 90 % bootstrap interval of several means over the same draws of whole clusters.

    Args:
        values: Each of shape (case,), on the same cases.
        cluster: Cluster of each case.
        seed: Seed of the bootstrap.
        replicates: Draws of the clusters.
    """
    _, index = np.unique(cluster, return_inverse=True)
    sums = [np.bincount(index, weights=part) for part in values]
    sizes = np.bincount(index).astype(np.float64)
    rng = np.random.default_rng(seed)
    means = np.empty((len(sums), replicates))
    together = max(1, DRAWN_AT_ONCE // len(sizes))
    for first in range(0, replicates, together):
        some = slice(first, min(first + together, replicates))
        chosen = rng.integers(0, len(sizes), size=(some.stop - first, len(sizes)))
        cases = sizes[chosen].sum(axis=1)
        for row, total in enumerate(sums):
            means[row, some] = total[chosen].sum(axis=1) / cases
    found = np.quantile(means, [0.05, 0.95], axis=1)
    return [(float(low), float(high)) for low, high in found.T]


@dataclass(frozen=True)
class SeriesScores:
    """Scores of one rival on one series and horizon.

    Args:
        rival: Name of the rival.
        origins: Origins scored.
        promised: Origins the span holds; the rest had a missing month.
        crps: Mean CRPS, in the series' unit.
        coverage: Share of outcomes inside the 90 % interval.
        coverage_lo90: Lower end of the coverage's interval, block bootstrap of twelve origins.
        coverage_hi90: Upper end.
    """

    rival: str
    origins: int
    promised: int
    crps: float
    coverage: float
    coverage_lo90: float
    coverage_hi90: float


def backtest_series(
    values: Floats,
    horizon: int,
    methods: dict[str, Callable[[Floats], Floats]],
    *,
    start: int,
    block: int,
    seed: int,
) -> list[SeriesScores]:
    """Score every rival from each origin on, `horizon` steps ahead.

    Args:
        values: The series, oldest first; missing steps are nan.
        horizon: Steps ahead.
        methods: Rival name to a function from the history to draws.
        start: Number of steps known at the first origin.
        block: Length of the blocks that are drawn together for the coverage's interval.
        seed: Seed of the bootstrap.
    """
    origins = range(start, len(values) - horizon + 1)
    usable = [
        origin
        for origin in origins
        if not np.isnan(values[origin + horizon - 1])
        and np.count_nonzero(~np.isnan(values[max(0, origin - 12) : origin])) >= 6
    ]
    scores = []
    for name, method in methods.items():
        losses, inside = [], []
        for origin in usable:
            draws = method(values[:origin])[None, :]
            truth = values[origin + horizon - 1 : origin + horizon]
            losses.append(proper.crps(draws, truth)[0])
            inside.append(proper.covered(draws, truth)[0])
        if not losses:
            continue
        blocks = np.arange(len(inside)) // block
        low, high = cluster_interval(np.asarray(inside), blocks.astype(np.int64), seed=seed)
        scores.append(
            SeriesScores(
                rival=name,
                origins=len(usable),
                promised=len(origins),
                crps=float(np.mean(losses)),
                coverage=float(np.mean(inside)),
                coverage_lo90=low,
                coverage_hi90=high,
            )
        )
    return scores
