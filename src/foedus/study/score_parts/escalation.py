"""Task two: the highest hostility a dispute reaches, given that it begins."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.estimate.laplace import Cases, Fit, Outer
from foedus.estimate.law_priors import law_priors
from foedus.model.laws.escalation import LEVELS, Escalation
from foedus.record.store import Record
from foedus.score import ordered
from foedus.score.scorecard import Score, Scorecard, Split, differences
from foedus.study.law_cases import ladder
from foedus.study.law_cases.disputes import (
    READ,
    PairMonths,
    Population,
    everything,
    held,
    pair_months,
)
from foedus.study.score_parts.choices import stored_choice
from foedus.study.score_parts.pair_years import FILL_RULE, fill
from foedus.study.score_parts.rolling import Refit, refits, require_unseen

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[str], None]
TASK = "escalation"
TABLES = (*READ, "gml_mid_dyad")
CHOICE_YEARS = (1990, 1999)
TEST_YEARS = (2000, 2010)
MOVING_YEARS = 10
MARGIN = 0.002
RECENT_YEARS = 20
RIVAL_SCALE = 3.0
LAW = "law of escalation"
MOVING = "moving ten-year climatology"
ORDINAL = "ordinal with history, democracy and issue"
RECENT_ORDINAL = "ordinal with history, democracy and issue, last twenty years"
STACKS = {
    "law and moving climatology, mean": MOVING,
    "law and ordinal of twenty years, mean": RECENT_ORDINAL,
}
QUESTION = "GML: highest hostility (threat, display, use of force, war) of a dispute that begins"


@dataclass(frozen=True)
class Ladder:
    """Disputes, the pairs that began them, and what was known of each pair.

    Args:
        panel: The pairs.
        onsets: Onsets between originators, with the level the whole dispute reached.
        settled: Last year of each dispute, by its number.
        issues: Territory, policy, regime at stake, by dispute.
        disputes: `dispnum, year, level` of every dispute.
    """

    panel: PairMonths
    onsets: list[ladder.Onset]
    settled: Mapping[int, int]
    issues: Mapping[int, tuple[float, float, float]]
    disputes: pl.DataFrame

    def known(self, origin: int) -> list[ladder.Onset]:
        """Give the onsets to a year, with the level blank where the dispute went on past it."""
        return [
            item if self.settled[item.dispute] <= origin else replace(item, level=0)
            for item in self.onsets
            if item.year <= origin
        ]


@lru_cache(maxsize=2)
def read_ladder(record: Record, population: Population = "all") -> Ladder:
    """Lay out the disputes of GML with the pairs that were in them from the first day.

    Of all pairs only those that ever began a dispute are kept; relevant pairs are kept whole.
    """
    panel = pair_months(record, everything(), population=population, source="gml")
    found = ladder.onsets(record, everything(), panel, "gml")
    asked = panel.member.copy()
    before = np.array([item.year for item in found]) - int(panel.years[0]) - 1
    asked[np.array([item.pair for item in found]), before] = True
    filled = {name: fill(values, asked)[0] for name, values in panel.terms.items()}
    kept = np.arange(len(panel.pairs))
    if population == "all":
        kept = np.unique([item.pair for item in found])
    found = [replace(item, pair=int(np.searchsorted(kept, item.pair))) for item in found]
    panel = replace(
        panel,
        pairs=panel.pairs[kept],
        member=panel.member[kept],
        terms={name: values[kept] for name, values in filled.items()},
        onsets=panel.onsets[kept],
        months_since=panel.months_since[kept],
    )
    frame = record.read(
        "gml_mid_dyad",
        columns=["dispnum", "year", "hostlev", "revtype11", "revtype12", "revtype21", "revtype22"],
    )
    kinds = pl.concat_list("revtype11", "revtype12", "revtype21", "revtype22")
    whole = (
        frame.group_by("dispnum")
        .agg(
            pl.col("year").min().cast(pl.Int64),
            pl.col("year").max().cast(pl.Int64).alias("last"),
            pl.col("hostlev").max().cast(pl.Int64).alias("level"),
            *(kinds.list.contains(k).any().cast(pl.Float64).alias(f"issue{k}") for k in (1, 2, 3)),
        )
        .sort("dispnum")
    )
    rows = whole.select("dispnum", "last", "issue1", "issue2", "issue3").iter_rows()
    settled, issues = {}, {}
    for number, last, *issue in rows:
        settled[number], issues[number] = last, tuple(issue)
    return Ladder(panel, found, settled, issues, whole.select("dispnum", "year", "level"))


def level_probability(refit: Refit, inputs: Floats, pairs: Ints, year: int) -> Floats:
    """Give the probability of each level for pairs in which a dispute begins, shape (pair, level).

    Args:
        refit: Draws from the years before.
        inputs: The law's inputs at the end of the year before, shape (pair, term).
        pairs: Number of each pair.
        year: Year of the onset.
    """
    level = refit.level_ahead(year)[:, None] + refit.unit_level[:, pairs]
    terms = {term.name: inputs[:, k] for k, term in enumerate(refit.law.terms)}
    parts = [np.exp(refit.log_prob(k, terms, level)).mean(axis=0) for k in range(len(LEVELS))]
    return np.stack(parts, axis=1)


def force_given_onset(
    record: Record, first: int, last: int, progress: Progress
) -> Iterator[tuple[int, Floats]]:
    """Give each year's probability of use of force given an onset, for every relevant pair."""
    rows = read_ladder(record, "relevant")
    law = Escalation()
    found = refits(
        law,
        lambda origin: ladder.escalation_cases(rows.panel, rows.known(origin)),
        range(first, last + 1),
        progress=progress,
    )
    for year, refit in found:
        at = year - 1 - int(rows.panel.years[0])
        pairs = np.flatnonzero(rows.panel.member[:, at])
        inputs = ladder.escalation_inputs(rows.panel, rows.known(year - 1))
        yield (
            year,
            level_probability(refit, held(law, inputs[pairs, at]), pairs, year)[:, 2:].sum(1),
        )


def climatology(rows: Ladder, origin: int, years: int | None = None) -> Floats:
    """Give the shares of the levels among disputes over by a year, each level with half a case."""
    frame = rows.disputes.filter(pl.col("year") <= origin)
    if years is not None:
        frame = frame.filter(pl.col("year") > origin - years)
    over = [rows.settled[number] <= origin for number in frame["dispnum"]]
    levels = frame["level"].to_numpy()[np.array(over)] - LEVELS[0]
    count = np.bincount(np.maximum(levels, 0), minlength=len(LEVELS)) + 0.5
    return count / count.sum()


def ordinal_forecast(
    rows: Ladder, origin: int, items: list[ladder.Onset], years: int | None = None
) -> Floats:
    """Forecast with an ordered logit on history, democracy and issue, fitted to `origin`."""
    known = [item for item in rows.known(origin) if item.level]
    if years is not None:
        known = [item for item in known if item.year > origin - years]
    memory = ladder.force_memory(rows.panel, rows.known(origin))
    first = int(rows.panel.years[0])

    def design(chosen: list[ladder.Onset]) -> Floats:
        pair = np.array([item.pair for item in chosen])
        at = np.array([item.year for item in chosen]) - first - 1
        return np.column_stack(
            [
                np.ones(len(pair)),
                rows.panel.terms["slow history"][pair, at],
                memory[pair, at],
                rows.panel.terms["lower democracy"][pair, at],
                np.array([rows.issues[item.dispute] for item in chosen]),
            ]
        )

    x = design(known)
    whole = np.isfinite(x).all(axis=1)
    value = np.array([item.level - LEVELS[0] for item in known], dtype=np.float64)[whole]
    law, given = Escalation(), law_priors(Escalation()).outer
    levels = np.array([name in law.shapes for name in given.names])
    outer = Outer(given.names, given.share, given.mean, given.scale, ~levels)
    cases = Cases(
        value=value,
        terms=x[whole],
        offset=np.zeros(len(value)),
        unit=np.zeros(len(value), dtype=np.int64),
        units=("all",),
        year=np.zeros(len(value), dtype=np.int64),
        years=(),
        extra={},
    )
    require_unseen(origin, items[0].year, ORDINAL)
    zeros = np.zeros(x.shape[1])
    fit = Fit(law, cases, zeros, np.full(x.shape[1], RIVAL_SCALE), outer)
    z = fit.climb()
    found = fit.inner(z)
    with jax.enable_x64(True):
        shape = {name: jnp.asarray(outer.natural(z)[name]) for name in law.shapes}
        line = jnp.asarray(design(items) @ found.dense)
        parts = [
            np.exp(law.log_prob(jnp.full_like(line, k), line, shape)) for k in range(len(LEVELS))
        ]
    return np.stack(parts, axis=1)


@dataclass(frozen=True)
class Forecasts:
    """Every forecaster's probabilities of the levels of the same disputes.

    Args:
        dispute: Number, shape (case,).
        year: Year it began, shape (case,).
        level: Level less two, shape (case,).
        unmatched: Disputes without a pair from the first day: the moving climatology stands in.
        probability: By forecaster, each of shape (case, level).
    """

    dispute: Ints
    year: Ints
    level: Ints
    unmatched: int
    probability: Mapping[str, Floats]


@lru_cache(maxsize=4)
def forecasts(
    record: Record, first: int, last: int, progress: Progress = lambda _: None
) -> Forecasts:
    """Forecast every dispute that begins in `first`..`last` from the years before it.

    A dispute's forecast is the mean over the pairs that were in it from the first day.
    """
    rows = read_ladder(record)
    parts: dict[str, list[Floats]] = {}
    dispute, year_of, level = [], [], []
    unmatched = 0
    law = Escalation()
    found = refits(
        law,
        lambda origin: ladder.escalation_cases(rows.panel, rows.known(origin)),
        range(first, last + 1),
        progress=progress,
    )
    for year, refit in found:
        origin = year - 1
        now = rows.disputes.filter(pl.col("year") == year)
        items = [item for item in rows.onsets if item.year == year]
        inputs = ladder.escalation_inputs(rows.panel, rows.known(origin))
        pairs = np.array([item.pair for item in items])
        at = origin - int(rows.panel.years[0])
        ours = level_probability(refit, held(law, inputs[pairs, at]), pairs, year)
        always, moving = climatology(rows, origin), climatology(rows, origin, MOVING_YEARS)
        by_pair = {
            ORDINAL: ordinal_forecast(rows, origin, items),
            RECENT_ORDINAL: ordinal_forecast(rows, origin, items, RECENT_YEARS),
            LAW: ours,
        }
        numbers = np.array([item.dispute for item in items])
        p: dict[str, list[Floats]] = {"climatology": [], MOVING: []}
        for number in now["dispnum"]:
            p["climatology"].append(always)
            p[MOVING].append(moving)
            mine = numbers == number
            unmatched += not mine.any()
            for name, values in by_pair.items():
                p.setdefault(name, []).append(values[mine].mean(axis=0) if mine.any() else moving)
        for name, other in STACKS.items():
            p[name] = [(a + b) / 2 for a, b in zip(p[LAW], p[other], strict=True)]
        for name, values in p.items():
            parts.setdefault(name, []).append(np.stack(values))
        dispute.append(now["dispnum"].to_numpy())
        year_of.append(now["year"].to_numpy())
        level.append(np.maximum(now["level"].to_numpy() - LEVELS[0], 0))
    return Forecasts(
        dispute=np.concatenate(dispute).astype(np.int64),
        year=np.concatenate(year_of).astype(np.int64),
        level=np.concatenate(level).astype(np.int64),
        unmatched=unmatched,
        probability={name: np.concatenate(p) for name, p in parts.items()},
    )


def scorecards(
    record: Record, split: Split, *, progress: Progress = lambda _: None
) -> list[Scorecard]:
    """Score every forecaster of the highest hostility on one split."""
    first, last = CHOICE_YEARS if split == "choice" else TEST_YEARS
    found = forecasts(record, first, last, progress)
    losses = _losses(found)
    chosen = chosen_forecaster(record, progress=progress)
    scores = []
    for name, p in found.probability.items():
        measures = {
            "rps": float(losses[name].mean()),
            "log loss": float(ordered.log_loss(p, found.level).mean()),
            "expected force": float(p[:, 2:].sum()),
            "force": float((found.level >= 2).sum()),
        }
        against = (
            differences(losses, name, found.dispute)
            if name.startswith("law") or name == chosen
            else {}
        )
        scores.append(Score(name, len(found.level), measures, against))
    return [
        Scorecard(
            task=TASK,
            question=QUESTION,
            split=split,
            first=str(first),
            last=str(last),
            rule="dated",
            promised=len(found.level),
            events=None,
            lead="rps",
            clusters="dispute",
            chosen=chosen,
            scores=tuple(scores),
            notes=(
                "A dispute's forecast is the mean over the pairs that were in it from the first "
                f"day; {found.unmatched} disputes without such a pair take the {MOVING}.",
                "Every forecaster is refitted each year on disputes that were over by the end of "
                "the year before.",
                "Coded with hindsight: the issue, in the ordinal rivals alone.",
                f"Features missing at the end of the year before: {FILL_RULE}.",
                f"Chosen by the lowest RPS on {CHOICE_YEARS[0]}-{CHOICE_YEARS[1]}.",
                _bar(chosen, losses, found),
            ),
        )
    ]


def _bar(chosen: str, losses: Mapping[str, Floats], found: Forecasts) -> str:
    """Say whether the bar was reached: the moving climatology."""
    if chosen == MOVING:
        return f"The {MOVING}, which sets the bar, was itself chosen."
    gap = differences(losses, chosen, found.dispute)[MOVING]
    better = "The interval excludes zero." if gap.hi90 < 0 else "The interval holds zero."
    level = "reached" if gap.hi90 <= MARGIN else "not reached"
    return f"Bar (RPS at most {MARGIN} above the {MOVING}, upper end of 90 %): {level}. {better}"


def _losses(found: Forecasts) -> dict[str, Floats]:
    return {n: ordered.ranked_probability(p, found.level) for n, p in found.probability.items()}


def chosen_forecaster(record: Record, *, progress: Progress = lambda _: None) -> str:
    """Name the forecaster with the lowest RPS on the choice years."""
    losses = _losses(forecasts(record, *CHOICE_YEARS, progress))
    return min(losses, key=lambda name: losses[name].mean())


def export(record: Record, *, progress: Progress = lambda _: None) -> pl.DataFrame:
    """Give the chosen forecaster's probabilities on the test years: `dispnum, p2, p3, p4, p5`."""
    chosen = stored_choice(record, TASK, TABLES, QUESTION)
    chosen = chosen or chosen_forecaster(record, progress=progress)
    found = forecasts(record, *TEST_YEARS, progress)
    p = found.probability[chosen]
    columns = {f"p{level}": p[:, k] for k, level in enumerate(LEVELS)}
    return pl.DataFrame(
        {"dispnum": found.dispute, **columns}, schema_overrides={"dispnum": pl.Int16}
    )
