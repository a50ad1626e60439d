"""Task 5: events between states in the next month."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from foedus.compute.keys import named_generator
from foedus.estimate.laplace import LawDraws
from foedus.estimate.law_posterior import fit_law
from foedus.model.laws import incidents as law
from foedus.record.store import Record
from foedus.score import proper
from foedus.score.count_rivals import count_forecasts
from foedus.score.scorecard import BOOTSTRAP_SEED, Score, Scorecard, Split, differences
from foedus.study.law_cases.disputes import everything
from foedus.study.law_cases.incidents import MonthlySeries, incident_cases, series_memory
from foedus.study.score_parts.events_panel import (
    CLASSES,
    FILE,
    FIRST,
    NAMED,
    PAIRS,
    PARTIAL,
    EventPanel,
    Floats,
    event_panel,
    law_series,
)
from foedus.study.score_parts.incidents_paths import LAW, Standing, next_probability, paths
from foedus.world.countries import country

Progress = Callable[[str], None]
SPANS: dict[Split, tuple[int, int]] = {
    "choice": (12 * 2012 + 6 - FIRST, 12 * 2013 + 5 - FIRST),
    "test": (12 * 2013 + 6 - FIRST, 12 * 2015 + 11 - FIRST),
}
TABLES = ("icews_monthly", "icews_coverage")
ANSWER = "action and reaction"
OURS, POOL = "law of incidents", "law, pooled half and half with action and reaction"
REFIT_MONTHS = 6
DRAWS, RIVAL_DRAWS, EXPORTED = 400, 400, 200
BLOCK_MONTHS = 3
NOTES = (
    f"counts of distinct facts as {FILE} has them; a month without a row of the pair counts none",
    "fitted on the months that are whole and not sampled, November 2011 to the origin",
    "the law is refitted every six months; what a series remembers moves every month",
    "the twelve pairs are ours: the three named in the file, two partial, seven pooled alone",
)


@dataclass(frozen=True)
class EventForecasts:
    """Forecasts of one month and class.

    Args:
        month: Number of the month in the panel.
        cls: `conflict` or `verbal cooperation`.
        truth: Facts, shape (series,).
        probability: By forecaster, probability of what came.
        draws: By forecaster, shape (series, draw).
        threshold: The level a tenth of each series' past months lies above.
    """

    month: int
    cls: str
    truth: Floats
    probability: Mapping[str, Floats]
    draws: Mapping[str, Floats]
    threshold: Floats


def event_forecasts(
    panel: EventPanel,
    first: int,
    last: int,
    *,
    seed: int = BOOTSTRAP_SEED,
    progress: Progress = lambda _: None,
) -> list[EventForecasts]:
    """Forecast every month from the one before it.

    Args:
        panel: Counts.
        first: First target month, by number in the panel.
        last: Last one.
        seed: Seed.
        progress: Called before each fit.
    """
    found = []
    fit: LawDraws | None = None
    for month in range(first, last + 1):
        past = panel.until(month)
        series = law_series(past, sampled=False, effort=False)
        if fit is None or (month - first) % REFIT_MONTHS == 0:
            progress(f"events: {_label(month)}")
            fit = fit_law(LAW, incident_cases(series), seed=seed, draws=DRAWS)
        standing = next_standing(series)
        truth = np.concatenate([panel.counts[name][:, month] for name in CLASSES])
        probability = next_probability(fit, standing, truth)
        draws = paths(fit, standing, named_generator(seed, "events", month), repeat=2)[0]
        for k, name in enumerate(CLASSES):
            own = slice(k * len(panel.source), (k + 1) * len(panel.source))
            found.append(_with_rivals(past, month, name, truth[own], probability[own], draws[own]))
    return found


def next_standing(series: list[MonthlySeries]) -> Standing:
    """Say where the series that go on stand at their last month."""
    names = {item.name: k for k, item in enumerate(series)}
    memory = [series_memory(item.counts) for item in series]
    going = [k for k, item in enumerate(series) if item.last]
    other = [names[series[k].answered_by] for k in going]
    return Standing(
        unit=np.array(going, dtype=np.int64),
        kind=np.array([float(law.KINDS.index(series[k].kind)) for k in going]),
        recent=np.array([memory[k].end_recent for k in going]),
        slow=np.array([memory[k].end_slow for k in going]),
        answer=np.array([memory[k].end_recent for k in other]),
        effort=np.zeros(len(going)),
        reporting=np.zeros((len(going), 1)),
    )


def _with_rivals(
    past: EventPanel, month: int, name: str, truth: Floats, probability: Floats, draws: Floats
) -> EventForecasts:
    counts = past.counts[name][:, past.first_whole :]
    rivals = count_forecasts(counts, answer=past.answer)
    chances = {rival: given.probability(truth) for rival, given in rivals.items()}
    sets = {rival: given.draws(RIVAL_DRAWS) for rival, given in rivals.items()}
    chances[POOL] = (probability + chances[ANSWER]) / 2
    sets[POOL] = np.hstack([_even(draws, RIVAL_DRAWS), sets[ANSWER]])
    return EventForecasts(
        month=month,
        cls=name,
        truth=truth,
        probability=chances | {OURS: probability},
        draws=sets | {OURS: draws},
        threshold=np.quantile(counts, 0.9, axis=1),
    )


def _even(draws: Floats, count: int) -> Floats:
    points = (np.arange(count) + 0.5) / count
    return np.quantile(draws, points, axis=1).T


def _rows(pairs: tuple[tuple[int, int], ...]) -> list[int]:
    return [2 * PAIRS.index(pair) + side for pair in pairs for side in (0, 1)]


def _populations() -> dict[str, list[int]]:
    def words(pair: tuple[int, int]) -> str:
        return " and ".join(country(code).name for code in pair)

    return {
        "24 directed series of twelve pairs": _rows(PAIRS),
        "6 directed series of the three pairs named in the file": _rows(NAMED),
        **{words(pair): _rows((pair,)) for pair in NAMED},
        **{f"{words(pair)} (partial in the file)": _rows((pair,)) for pair in PARTIAL},
    }


def scorecards(
    record: Record, split: Split, *, progress: Progress = lambda _: None
) -> list[Scorecard]:
    """Score next month's conflict and verbal cooperation: all series, the named ones, each pair.

    One forecaster is chosen for the task: that with the lowest log loss over both classes and all
    series on the choice months.
    """
    panel = event_panel(record, everything())
    found = {"choice": event_forecasts(panel, *SPANS["choice"], progress=progress)}
    best = chosen(found["choice"])
    if split == "test":
        found["test"] = event_forecasts(panel, *SPANS["test"], progress=progress)
    return [
        replace(_card(found[split], name, words, rows, split), chosen=best)
        for name in CLASSES
        for words, rows in _populations().items()
    ]


def chosen(found: list[EventForecasts]) -> str:
    """Name the forecaster with the lowest mean log loss."""
    loss = {
        name: float(
            np.mean([proper.count_log_loss(item.probability[name]).mean() for item in found])
        )
        for name in found[0].draws
    }
    return min(loss, key=lambda name: loss[name])


def _card(
    found: list[EventForecasts], cls: str, words: str, rows: list[int], split: Split
) -> Scorecard:
    parts = [item for item in found if item.cls == cls]
    month = np.concatenate([np.full(len(rows), item.month, dtype=np.int64) for item in parts])
    block = (month - parts[0].month) // BLOCK_MONTHS
    truth = np.concatenate([item.truth[rows] for item in parts])
    threshold = np.concatenate([item.threshold[rows] for item in parts])
    losses, measures = {}, {}
    for name in parts[0].draws:
        draws = np.concatenate([item.draws[name][rows] for item in parts])
        probability = np.concatenate([item.probability[name][rows] for item in parts])
        losses[name] = proper.count_log_loss(probability)
        inside = proper.covered(draws, truth)
        low, high = proper.block_binomial(inside, block)
        luck = named_generator(BOOTSTRAP_SEED, "places", name, cls).uniform(size=len(truth))
        place = proper.probability_integral(draws, truth, luck)
        measures[name] = {
            "log loss": float(losses[name].mean()),
            "crps": float(proper.crps(draws, truth).mean()),
            "crps above the past's upper tenth": float(
                proper.upper_crps(draws, truth, threshold).mean()
            ),
            "mean forecast": float(draws.mean()),
            "mean outcome": float(truth.mean()),
            "coverage": float(inside.mean()),
            "coverage, lo90": low,
            "coverage, hi90": high,
            "reliability slope": proper.reliability_slope(place),
            "mean place": float(place.mean()),
        }
    return Scorecard(
        task="events",
        question=f"facts of {cls} in the next month, {words}",
        split=split,
        first=_label(SPANS[split][0]),
        last=_label(SPANS[split][1]),
        rule="dated",
        promised=len(truth),
        events=None,
        lead="log loss",
        clusters="three months",
        chosen="",
        scores=tuple(
            Score(name, len(truth), measures[name], differences(losses, name, block))
            for name in losses
        ),
        notes=NOTES,
    )


def _label(month: int) -> str:
    return f"{(FIRST + month) // 12}-{(FIRST + month) % 12 + 1:02d}"


def export(record: Record, *, progress: Progress = lambda _: None) -> pl.DataFrame:
    """Give the prediction file of the test months by the forecaster the choice months chose.

    Returns:
        `cls, source, target, month, s1..s200`: even quantiles; `month` is its first day.
    """
    panel = event_panel(record, everything())
    best = chosen(event_forecasts(panel, *SPANS["choice"], progress=progress))
    found = event_forecasts(panel, *SPANS["test"], progress=progress)
    return prediction_file(panel, found, best)


def prediction_file(
    panel: EventPanel, found: list[EventForecasts], forecaster: str
) -> pl.DataFrame:
    """Lay out one forecaster's draws in the documented form."""
    frames = []
    for item in found:
        draws = _even(item.draws[forecaster], EXPORTED)
        frames.append(
            pl.DataFrame(
                {
                    "cls": [item.cls] * len(draws),
                    "source": panel.source.astype(np.int16),
                    "target": panel.target.astype(np.int16),
                    "month": [_label(item.month) + "-01"] * len(draws),
                    **{f"s{k + 1}": draws[:, k] for k in range(EXPORTED)},
                }
            )
        )
    whole = pl.concat(frames).with_columns(pl.col("month").str.to_date())
    return whole.sort("cls", "month", "source", "target")
