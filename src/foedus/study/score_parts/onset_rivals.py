"""Rivals of the law of disputes, refitted on the years before each target year.

From a base rate to logits, boosted trees and the mean of the two richest. What each may read, and
every setting, was chosen on outcome years 1990 to 1999.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from foedus.compute.keys import named_generator
from foedus.score.boosting import boosted_probability
from foedus.score.events import RIDGE, logit_coefficients, logit_probability
from foedus.study.score_parts.pair_years import PairYears, Question
from foedus.study.score_parts.rolling import SEED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
GEOGRAPHY = ("land border", "near by sea", "distance", "both major powers", "one major power")
REGIME = ("imbalance", "lower democracy", "higher democracy", "defence pact")
COMMERCE = ("lower trade dependence", "shared organisations")
PEACE = ("peace years", "peace years squared", "peace years cubed")
HISTORY = ("slow history", "fast history")
LOGITS = {
    "logit, Oneal-Russett terms": (*GEOGRAPHY, *REGIME, *COMMERCE),
    "logit with peace years": (*GEOGRAPHY, *REGIME, *PEACE),
    "logit with peace years and history": (*GEOGRAPHY, *REGIME, *PEACE, *HISTORY),
    "logit with peace years, history and rivalry": (
        *(*GEOGRAPHY, *REGIME, *PEACE, *HISTORY),
        "rivalry",
    ),
}
OWN_ONSETS = ("last year's onsets", "recent onsets", "old onsets")
OTHERS = (
    "others' disputes",
    "recent disputes of the calmer state",
    "recent disputes of the busier state",
    "long disputes of the calmer state",
    "long disputes of the busier state",
    "disputes with the other's allies",
)
STATES = (
    "larger capability",
    "smaller capability",
    "product of the richer",
    "product of the poorer",
    "age of the younger state",
    "young neighbours",
    "inner conflict of the calmer",
    "inner conflict of the other",
)
CRISES = ("past crises", "in a crisis")
RICH = (
    *(*GEOGRAPHY, *REGIME, *PEACE, *HISTORY, *OWN_ONSETS, *OTHERS, *STATES, *CRISES),
    "lower trade dependence",
    "similarity of alliances",
    "shortest distance",
)
BOOSTED = (
    *(term for term in RICH if term not in PEACE[1:]),
    "higher trade dependence",
    "shared organisations",
    "distance of votes",
    "any alliance",
    "in a dispute",
    "new leaders",
)
MARKED = ("lower trade dependence", "shortest distance")
RICH_RIDGE = 1.0
LOGIT, BOOSTING = "rich logit", "gradient boosting"
BOTH = "rich logit and boosting{}, mean"
RIVALRY = " with rivalry"
SPARED_SHARE = 10


def rival_forecasts(
    rows: PairYears, question: Question, year: int, starts: dict[str, Floats]
) -> dict[str, Floats]:
    """Forecast a year with every rival, fitted on the years before it.

    Args:
        rows: Pair-years.
        question: The question.
        year: Target year.
        starts: Coefficients of the year before by logit, to start from; replaced by this year's.
    """
    at = rows.at(year)
    known = rows.known(year - 1, question.target)[:, 1:at]
    pair, t = np.nonzero(rows.complete[:, : at - 1] & known)
    y = rows.outcome[pair, t + 1]
    now = np.flatnonzero(rows.panel.member[:, at - 1])
    ahead = np.full(len(now), at - 1)
    found = {"base rate": np.full(len(now), y.mean())}
    memory = rows.terms["years with an onset in the last five"]
    cell, cells = memory[pair, t].astype(np.int64), memory[now, ahead].astype(np.int64)
    rate = (np.bincount(cell, y, 4) + 0.5) / (np.bincount(cell, minlength=4) + 1.0)
    found["five-year persistence"] = rate[cells]
    chosen, weight = thinned(rows, pair, t, y, year)
    train = (pair[chosen], t[chosen], y[chosen], weight)
    for name, terms in LOGITS.items():
        found[name] = _logit(name, rows, terms, train, (now, ahead), starts, RIDGE)
    for more, hindsight in (("", ()), (RIVALRY, ("rivalry",))):
        rich = _logit(
            LOGIT + more, rows, (*RICH, *hindsight), train, (now, ahead), starts, RICH_RIDGE
        )
        boosted = boosted_probability(
            with_gaps(rows, (*BOOSTED, *hindsight), train[0], train[1]),
            train[2],
            with_gaps(rows, (*BOOSTED, *hindsight), now, ahead),
            seed=int(named_generator(SEED, "boosting", year).integers(2**31)),
        )
        boosted = np.where(spared(rows, now, ahead), before_thinning(boosted), boosted)
        found |= {LOGIT + more: rich, BOOSTING + more: boosted}
        found[BOTH.format(more)] = (rich + boosted) / 2
    return found


def _logit(
    name: str,
    rows: PairYears,
    terms: Iterable[str],
    train: tuple[Ints, Ints, Floats, Floats | None],
    ahead: tuple[Ints, Ints],
    starts: dict[str, Floats],
    ridge: float,
) -> Floats:
    pair, t, y, weight = train
    x = filled_and_marked(rows, terms, pair, t)
    starts[name] = logit_coefficients(x, y, starts.get(name), ridge=ridge, weight=weight)
    return logit_probability(starts[name], filled_and_marked(rows, terms, *ahead))


def filled_and_marked(rows: PairYears, terms: Iterable[str], pair: Ints, t: Ints) -> Floats:
    """Give terms filled by the rule, with a mark for each of those that are often missing.

    Args:
        rows: Pair-years.
        terms: Names of the terms.
        pair: Pair of each case, shape (case,).
        t: Column of its year, shape (case,).
    """
    columns = [rows.terms[name][pair, t] for name in terms]
    for name in terms:
        if name in MARKED and name in rows.gaps:
            columns.append(rows.gaps[name][pair, t].astype(np.float64))
    return np.column_stack(columns)


def with_gaps(rows: PairYears, terms: Iterable[str], pair: Ints, t: Ints) -> Floats:
    """Give terms as the record has them, nan where missing; arguments as above."""
    columns = []
    for name in terms:
        values = rows.terms[name][pair, t]
        gaps = rows.gaps.get(name)
        columns.append(values if gaps is None else np.where(gaps[pair, t], np.nan, values))
    return np.column_stack(columns)


def spared(rows: PairYears, pair: Ints, t: Ints) -> Flags:
    """Mark pair-years of states neither near each other nor major powers, shape (row,)."""
    near = ("land border", "near by sea", "both major powers", "one major power")
    return np.all([rows.terms[name][pair, t] == 0 for name in near], axis=0)


def thinned(
    rows: PairYears, pair: Ints, t: Ints, outcome: Floats, year: int
) -> tuple[Ints, Floats | None]:
    """Choose the rows logits and boosting learn from, and the weight of each.

    All with an onset and all of politically relevant pairs; of the many others one in ten, each
    counted ten times. Where all are relevant, all of them with one weight.

    Args:
        rows: Pair-years.
        pair: Pair of each row, shape (row,).
        t: Column of its year, shape (row,).
        outcome: Whether an onset followed, shape (row,).
        year: Target year, which names the draw.

    Source: King, G. and L. Zeng. 2001. Logistic regression in rare events data. Political Analysis
    9(2): 137-163, section 4 (weighting).
    """
    many = spared(rows, pair, t) & (outcome == 0)
    if not many.any():
        return np.arange(len(pair)), None
    rng = named_generator(SEED, "thinned", year)
    kept = ~many | (rng.random(len(pair)) < 1 / SPARED_SHARE)
    return np.flatnonzero(kept), np.where(many, float(SPARED_SHARE), 1.0)[kept]


def before_thinning(probability: Floats) -> Floats:
    """Give the probability where nine in ten quiet rows had not been left out, unweighted.

    Source: King and Zeng 2001, equation 7 (prior correction), with the sampled shares of events and
    of quiet rows known.
    """
    return probability / (probability + SPARED_SHARE * (1 - probability))
