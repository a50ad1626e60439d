"""Simple rules that answer a question with draws, the naive one as baseline, the best one chosen.

Monthly windows: the last twelve windows, all past windows, exponential smoothing. Yearly values: a
random walk with and without drift. A rule is chosen by its mean CRPS, or log loss for an event, on
past origins at the same distance; with too few of them the baseline is issued.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from foedus.record.store import AsOf, Record
from foedus.score import proper, rivals
from foedus.score.rivals import Floats
from foedus.study.ledger_parts.lines import LEVELS, Criterion, Form, Numbers, Past, Score, Statistic
from foedus.study.ledger_parts.questions import Question, threshold, windowed
from foedus.study.ledger_parts.series import PUBLISHED, Observed, Subject
from foedus.world.cases import Case

START_MONTHS = 12
START_CHANGES = 10
PANEL_YEARS = 20
MIN_ORIGINS = 12
MAX_ORIGINS = 120
PATHS = 999
DIGITS = 6

Rule = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Forecast:
    """An answer to a question.

    Args:
        method: Name of the method.
        draws: Equally likely values of the question's statistic, in its unit, shape (draw,).
    """

    method: str
    draws: Floats


@dataclass(frozen=True)
class Simple:
    """What the simple rules say.

    Args:
        best: Forecast of the rule with the best past.
        baseline: Forecast of the naive rule.
        past: Scores of both on past origins.
    """

    best: Forecast
    baseline: Forecast
    past: Past


def simple_rules(
    record: Record, case: Case, as_of: AsOf, seed: int
) -> Callable[[Question], Simple]:
    """Give a forecaster by the simple rules, which reads nothing later than the date.

    Args:
        record: The record.
        case: Case whose countries' yearly changes are pooled, where a series pools them.
        as_of: Date and rule.
        seed: Seed of the draws that join months to a window.
    """
    return lambda question: _simple(record, case, as_of, seed, question)


def in_numbers(forecast: Forecast, criterion: Criterion) -> Numbers:
    """Turn draws into a probability or five quantiles.

    A probability is the share of draws that make the event true, half a draw added on either side
    so that nothing is ever called impossible or certain.
    """
    if criterion.threshold is None:
        found = np.quantile(forecast.draws, np.asarray(LEVELS) / 100)
        low, first, middle, third, high = (_short(value) for value in found)
        return Numbers(
            method=forecast.method, probability=None, quantiles=(low, first, middle, third, high)
        )
    chance = _share(forecast.draws, criterion)
    return Numbers(method=forecast.method, probability=round(chance, DIGITS), quantiles=None)


def score(numbers: Numbers, value: float, outcome: bool | None) -> Score:
    """Score a forecast in its line's own numbers.

    The CRPS is taken from the five quantiles: twice their mean quantile loss, which equals the
    weighted interval score of the median with the 50 and 90 % intervals.

    Source: Bracher, Ray, Gneiting and Reich. 2021. PLoS Computational Biology 17(2): e1008618.
    """
    if numbers.probability is not None:
        assert outcome is not None
        chance, happened = np.asarray([numbers.probability]), np.asarray([float(outcome)])
        return Score(
            brier=_short(proper.brier(chance, happened)[0]),
            log_loss=_short(proper.log_loss(chance, happened)[0]),
        )
    assert numbers.quantiles is not None
    low, high = numbers.quantiles[0], numbers.quantiles[-1]
    return Score(
        crps=_short(quantile_score(np.asarray(numbers.quantiles), value)),
        inside_90=low <= value <= high,
    )


def quantile_score(quantiles: Floats, value: float) -> float:
    """Give twice the mean quantile loss of the five quantiles, in the value's unit; 0 is best."""
    levels = np.asarray(LEVELS) / 100
    gap = value - quantiles
    return float(2 * np.mean(np.maximum(levels * gap, (levels - 1) * gap)))


def _simple(record: Record, case: Case, as_of: AsOf, seed: int, question: Question) -> Simple:
    kept = PUBLISHED[question.criterion.series]
    observed = kept.read(record, question.subject, as_of)
    if observed.monthly:
        return _by_month(observed, question, seed)
    pool = [observed]
    if kept.pooled:
        subjects = [Subject("", None, (ccode,)) for ccode in sorted(case.countries)]
        pool = [kept.read(record, subject, as_of) for subject in subjects]
    return _by_year(observed, pool, question, logarithm=kept.logarithm)


def _by_month(observed: Observed, question: Question, seed: int) -> Simple:
    """Answer a question on a monthly series."""
    rule = question.criterion
    first, last = observed.step(rule.first), observed.step(rule.last)
    months = last - first + 1
    known = observed.last
    assert known is not None
    values = observed.values[: known - observed.first + 1]
    lead = first - known

    def rules(origin: int) -> dict[str, Rule]:
        key = [seed, int(question.id, 16), origin]
        run = partial(windowed, months=months, statistic=rule.statistic)
        return {
            "last twelve months": lambda past: rivals.last_year_draws(run(past)),
            "all past months": lambda past: _seen(run(past)),
            "smoothing": lambda past: _joined(
                rivals.smoothing_draws(np.round(past)), months, rule.statistic, key
            ),
        }

    baseline = "all past months" if question.form is Form.EVENT else "last twelve months"
    names = sorted(rules(0), key=lambda name: name != baseline)
    losses: dict[str, list[float]] = {name: [] for name in names}
    origins = range(START_MONTHS, len(values) - lead - months + 2)
    for origin in origins[-MAX_ORIGINS:]:
        past = values[:origin]
        truth = windowed(
            values[origin + lead - 1 : origin + lead - 1 + months], months, rule.statistic
        )
        draws = {name: make(past) for name, make in rules(origin).items()}
        if np.isnan(truth[0]) or np.count_nonzero(~np.isnan(past[-12:])) < 6:
            continue
        if any(len(found) == 0 for found in draws.values()):
            continue
        then = rule.model_copy(update={"threshold": threshold(question.template, past)})
        for name in names:
            losses[name].append(_loss(draws[name], then, float(truth[0])))
    return _chosen(
        names,
        losses,
        {name: make(values) for name, make in rules(len(values)).items()},
        "log loss" if question.form is Form.EVENT else "CRPS",
    )


def _by_year(
    observed: Observed, pool: list[Observed], question: Question, *, logarithm: bool
) -> Simple:
    """Answer a question on a yearly series, with changes and scores from all series of the pool."""
    index = question.criterion.statistic is Statistic.INDEX
    if logarithm:
        pool = [_positive(item) for item in pool]
    known = observed.last
    assert known is not None
    steps = observed.step(question.criterion.first) - known
    names = ["no change", "random walk with drift"]
    losses: dict[str, list[float]] = {name: [] for name in names}
    starts = [item.first for item in pool if len(item.values)]
    for origin in range(min(starts), known - steps + 1):
        changes = _changes(pool, origin, logarithm=logarithm)
        if len(changes) < START_CHANGES:
            continue
        for item in pool:
            now, then = _at(item, origin), _at(item, origin + steps)
            if np.isnan(now) or np.isnan(then):
                continue
            for name in names:
                draws = _walk(now, steps, changes, drift=name != names[0], logarithm=logarithm)
                truth = np.asarray([then])
                if logarithm:
                    draws, truth = np.log(draws), np.log(truth)
                losses[name].append(float(proper.crps(draws[None, :], truth)[0]))
    changes = _changes(pool, known, logarithm=logarithm)
    last = 100.0 if index else _at(observed, known)
    found = {
        name: _walk(last, steps, changes, drift=name != names[0], logarithm=logarithm)
        for name in names
    }
    return _chosen(names, losses, found, "CRPS of the logarithm" if logarithm else "CRPS")


def _chosen(
    names: list[str], losses: dict[str, list[float]], draws: dict[str, Floats], name_of_score: str
) -> Simple:
    """Choose the rule with the lowest mean loss; the baseline, named first, wins ties."""
    baseline = names[0]
    origins = len(losses[baseline])
    means = {name: float(np.mean(losses[name])) for name in names} if origins else {}
    best = min(names, key=means.__getitem__) if origins >= MIN_ORIGINS else baseline
    past = Past(
        score=name_of_score,
        origins=origins,
        forecast=_short(means[best]) if origins else None,
        baseline=_short(means[baseline]) if origins else None,
    )
    return Simple(Forecast(best, draws[best]), Forecast(baseline, draws[baseline]), past)


def _joined(draws: Floats, months: int, statistic: Statistic, key: list[int]) -> Floats:
    """Join draws of single months to draws of a window, months drawn apart from each other."""
    if months == 1:
        return draws
    paths = np.random.default_rng(key).choice(draws, size=(PATHS, months))
    return paths.max(axis=1) if statistic is Statistic.LARGEST else paths.sum(axis=1)


def _loss(draws: Floats, criterion: Criterion, truth: float) -> float:
    if criterion.threshold is None:
        return float(proper.crps(draws[None, :], np.asarray([truth]))[0])
    chance = np.asarray([_share(draws, criterion)])
    happened = np.asarray([float(criterion.happened(truth))])
    return float(proper.log_loss(chance, happened)[0])


def _share(draws: Floats, criterion: Criterion) -> float:
    count = sum(criterion.happened(float(draw)) for draw in draws)
    return (count + 0.5) / (len(draws) + 1)


def _changes(pool: list[Observed], origin: int, *, logarithm: bool) -> Floats:
    """Collect the yearly changes of the twenty years to the origin; none across a gap."""
    parts = []
    for item in pool:
        known = item.values[
            max(origin - PANEL_YEARS - item.first, 0) : max(origin - item.first + 1, 0)
        ]
        parts.append(_seen(np.diff(np.log(known) if logarithm else known)))
    return np.concatenate(parts)


def _walk(last: float, steps: int, changes: Floats, *, drift: bool, logarithm: bool) -> Floats:
    """Draw a random walk; on the plain scale through its exponential, folded at zero."""
    if logarithm:
        return rivals.random_walk_draws(last, steps, changes, drift=drift)
    return np.abs(np.log(rivals.random_walk_draws(np.exp(last), steps, changes, drift=drift)))


def _at(item: Observed, year: int) -> float:
    inside = 0 <= year - item.first < len(item.values)
    return float(item.values[year - item.first]) if inside else float("nan")


def _positive(item: Observed) -> Observed:
    """Leave out values without a logarithm."""
    return replace(item, values=np.where(item.values > 0, item.values, np.nan))


def _seen(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _short(value: float) -> float:
    """Cut a number to six significant digits, the same on every platform."""
    return float(f"{float(value):.{DIGITS}g}")
