"""Yearly levels from past origins: coupled, each law alone, given what came, and a random walk."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.compute.keys import named_generator
from foedus.score import proper
from foedus.score.scorecard import Score, Scorecard, Split, differences
from foedus.study.forecast import Forecast
from foedus.study.score_parts.ensemble_past import (
    ALONE,
    COUPLED,
    DRAWS,
    GIVEN_OTHERS,
    ORIGINS,
    SEED,
    WORLDWIDE,
    Past,
)
from foedus.study.start import Start
from foedus.world.countries import country

Floats = NDArray[np.float64]
Truth = Mapping[tuple[str, int], float]
LEVELS = (
    "spending",
    "output",
    "ideal_point",
    "trade",
    "capability",
    "similarity",
    "support",
)
LOGGED = ("spending", "output", "trade", "capability")
UNIT_DIM = {"trade": "pair", "similarity": "pair", "support": "dyad"}
RECORDED = {"ideal_point": "ideal"}
CONDITIONAL = ("spending", "trade")
"""Levels whose law reads output or onsets."""
COMPARED = (ALONE, WORLDWIDE)
"""What is scored for comparison; the program does not answer with it, so it is never chosen."""
WALK = "random walk of past changes"
AHEAD = (1, 3, 5)
LEAST_CASES = 20
WINDOW_YEARS = 20
NO_FORECAST = "given what came of the others: no forecast"


def observed_levels(begun: Start) -> dict[str, dict[tuple[str, int], float]]:
    """Give what was observed of each yearly quantity, by unit and year.

    Spending, output, trade and capability are logs, favourable opinion is log odds.

    Args:
        begun: The case in today's vintage.
    """
    units = {
        "country": [country(code).iso3 for code in begun.codes],
        "pair": [f"{country(a).iso3}-{country(b).iso3}" for a, b in begun.pairs],
        "dyad": [f"{country(a).iso3}-{country(b).iso3}" for a, b in begun.dyads],
    }
    found: dict[str, dict[tuple[str, int], float]] = {}
    for name in LEVELS:
        level = begun.levels[RECORDED.get(name, name)]
        years = range(level.first, level.first + level.values.shape[1])
        found[name] = {
            (unit, year): float(value)
            for unit, row in zip(units[UNIT_DIM.get(name, "country")], level.values, strict=True)
            for year, value in zip(years, row, strict=True)
            if np.isfinite(value)
        }
    return found


def past_changes(truth: Mapping[tuple[str, int], float], origin: int) -> Floats:
    """Give the yearly changes of all units in the twenty years to the origin."""
    changes = [
        value - truth[unit, year - 1]
        for (unit, year), value in sorted(truth.items())
        if origin - WINDOW_YEARS < year <= origin and (unit, year - 1) in truth
    ]
    return np.array(changes)


def scored_scale(name: str, values: Floats) -> Floats:
    """Put values of the dataset on the scale they are scored on, that of `observed_levels`."""
    if name in LOGGED:
        return np.log(values)
    return np.log(values / (100 - values)) if name == "support" else values


def last_seen(one: Forecast, name: str) -> dict[str, int]:
    """Give the last recorded year of each unit of a level, as the dataset names units."""
    rows = one.start.last.filter(pl.col("variable") == RECORDED.get(name, name)).drop_nulls()
    return {unit.replace(" of ", "-"): day.year for _, unit, day in rows.iter_rows()}


@dataclass(frozen=True)
class Cases:
    """Forecasts of one level some years ahead, with what came.

    Args:
        draws: By forecaster, each of shape (case, draw).
        truth: What came, shape (case,).
        groups: Number of each case's unit.
        promised: Cases of which the record holds what came.
    """

    draws: Mapping[str, Floats]
    truth: Floats
    groups: NDArray[np.int64]
    promised: int


def level_cards(
    split: Split,
    found: Mapping[int, Past],
    truth: Mapping[str, Truth],
    notes: tuple[str, ...],
) -> list[Scorecard]:
    """Score every level that has enough cases, one, three and five years after the origins."""
    cards = []
    for name in LEVELS:
        for ahead in AHEAD:
            labels = (COUPLED, ALONE, *([WORLDWIDE] if name == "spending" else []))
            cases = level_cases(name, ahead, labels, found, truth[name])
            if len(cases.truth) < LEAST_CASES:
                continue
            question = f"{name.replace('_', ' ')} of the year {ahead} after the origin"
            cards.append(_card(question, name, ahead, split, cases, notes))
            if name in CONDITIONAL:
                cases = level_cases(name, ahead, (COUPLED, GIVEN_OTHERS), found, truth[name])
                card = _card(f"{question}, {NO_FORECAST}", name, ahead, split, cases, notes)
                cards.append(card)
    return cards


def level_cases(
    name: str, ahead: int, labels: tuple[str, ...], found: Mapping[int, Past], truth: Truth
) -> Cases:
    """Lay out the forecasts of one level, for every unit whose last record an origin knew.

    Args:
        name: The level.
        ahead: Years after the origin.
        labels: Runs that forecast it; a random walk of past changes stands beside them.
        found: Runs by year of the origin.
        truth: What came, by unit and year.
    """
    parts: dict[str, list[Floats]] = {label: [] for label in (WALK, *labels)}
    target, cluster = [], []
    promised = 0
    dim = UNIT_DIM.get(name, "country")
    numbers: dict[str, int] = {}
    rng = named_generator(SEED, "random walk", name, ahead)
    for origin, one in found.items():
        data = {label: one[label].dataset[name].isel(course=0) for label in labels}
        ends = last_seen(one[COUPLED], name)
        year = origin + ahead
        if year not in data[COUPLED]["year"].values:
            continue
        for unit in data[COUPLED][dim].values.tolist():
            seen = ends.get(unit)
            if seen is None or (unit, year) not in truth or (unit, seen) not in truth:
                continue
            promised += 1
            values = {
                label: part.sel({dim: unit, "year": year}).values.astype(np.float64)
                for label, part in data.items()
            }
            changes = past_changes(truth, seen)
            if not np.isfinite(values[COUPLED]).all() or not len(changes):
                continue
            walk = rng.choice(changes, size=(DRAWS, year - seen)).sum(axis=1)
            parts[WALK].append(truth[unit, seen] + walk)
            for label, part in values.items():
                parts[label].append(scored_scale(name, part))
            target.append(truth[unit, year])
            cluster.append(numbers.setdefault(unit, len(numbers)))
    draws = {label: np.array(values) for label, values in parts.items()}
    return Cases(draws, np.array(target), np.array(cluster, dtype=np.int64), promised)


def _card(
    question: str, name: str, ahead: int, split: Split, cases: Cases, notes: tuple[str, ...]
) -> Scorecard:
    losses = {label: proper.crps(draws, cases.truth) for label, draws in cases.draws.items()}
    scores = tuple(
        Score(
            forecaster=label,
            cases=len(cases.truth),
            measures={
                "crps": float(losses[label].mean()),
                **coverage(proper.covered(draws, cases.truth), cases.groups),
            },
            against=differences(losses, label, cases.groups),
        )
        for label, draws in cases.draws.items()
    )
    return Scorecard(
        task="ensemble",
        question=question,
        split=split,
        first=str(ORIGINS[split][0] + ahead),
        last=str(ORIGINS[split][-1] + ahead),
        rule="known",
        promised=cases.promised,
        events=None,
        lead="crps",
        clusters=UNIT_DIM.get(name, "country"),
        chosen=_chosen(question, split, scores),
        scores=scores,
        notes=notes,
    )


def _chosen(question: str, split: Split, scores: tuple[Score, ...]) -> str:
    if question.endswith(NO_FORECAST):
        return GIVEN_OTHERS
    return best(scores, "crps") if split == "choice" else ""


def best(scores: tuple[Score, ...], lead: str) -> str:
    """Name the best of what the program can answer with."""
    able = [score for score in scores if score.forecaster not in COMPARED]
    return min(able, key=lambda score: score.measures[lead]).forecaster


def coverage(inside: Floats, groups: NDArray[np.int64]) -> dict[str, float]:
    """Give the share of outcomes in the 90 % interval, with its own block-binomial interval."""
    low, high = proper.block_binomial(inside, groups)
    return {
        "coverage": float(inside.mean()),
        "coverage, lo90": low,
        "coverage, hi90": high,
    }
