"""Disputes run by the law, read back as rows and fitted, give the law its parameters back."""

import jax
import numpy as np
import polars as pl

from foedus.estimate.law_posterior import prepared
from foedus.model.laws.ladder import Ladder, moving, situation
from foedus.simulate.ladder import Rungs, climb, length
from foedus.study.law_cases.disputes import PairMonths
from foedus.study.law_cases.within_dispute import (
    QUIET_MONTHS,
    Episodes,
    LadderRows,
    ladder_cases,
    pasts,
)

PAIRS, REPEATED, MONTHS = 60, 40, 60
TRUTH = {
    "constant": -1.8,
    "first month": 1.5,
    "incident last month": 0.4,
    "force last month": 0.6,
    "force so far": -0.2,
    "quiet months": -0.6,
    "age": -0.5,
    "months with an incident": 0.9,
    "land border": 0.5,
    "distance": -0.3,
    "both major powers": 0.0,
    "force in the past": 0.7,
}
SHAPES = {"below": 0.2, "above": 1.6, "above after force": 0.5}


def run() -> LadderRows:
    rng = np.random.default_rng(7)
    law = Ladder()
    standing = {
        "constant": np.ones(PAIRS),
        "land border": (rng.uniform(size=PAIRS) < 0.4) * 1.0,
        "distance": rng.normal(1.0, 0.8, PAIRS),
        "both major powers": (rng.uniform(size=PAIRS) < 0.2) * 1.0,
        "force in the past": rng.uniform(size=PAIRS),
    }
    rungs = Rungs(
        {name: np.full(REPEATED, value) for name, value in TRUTH.items()},
        {name: np.full(REPEATED, value) for name, value in SHAPES.items()},
    )
    none = np.zeros((PAIRS, REPEATED))
    drawn = climb(law, rungs, standing, none, seed=11, months=MONTHS)
    level = drawn.reshape(MONTHS, -1).T.astype(np.int64)
    pair = np.repeat(np.arange(PAIRS), REPEATED)
    first = np.full(len(pair), 12 * 1995)
    last = first + length(drawn).reshape(-1) - 1
    episodes = Episodes(
        dispute=np.arange(len(pair)),
        codes=np.zeros((len(pair), 2), dtype=np.int64),
        first=first,
        last=last,
        months=np.minimum(last + QUIET_MONTHS, first + MONTHS - 1) - first + 1,
        level=level,
        again=np.zeros(len(pair), dtype=bool),
        last_month=12 * 2014 + 11,
        left_out={},
    )
    past = pasts(episodes)
    with jax.enable_x64(True):
        moves = {name: np.asarray(part) for name, part in moving(past).items()}
        where = {name: np.asarray(part) for name, part in situation(past).items()}
    panel = PairMonths(
        pairs=np.column_stack([np.full(PAIRS, 2), 20 + np.arange(PAIRS)]),
        years=np.arange(1990, 2015),
        member=np.ones((PAIRS, 25), dtype=bool),
        terms={},
        onsets=np.zeros((PAIRS, 300), dtype=np.int8),
        months_since=np.zeros((PAIRS, 300), dtype=np.float32),
        found=pl.DataFrame(),
        codes=np.arange(3),
        major=np.zeros((3, 25), dtype=bool),
    )
    own = {name: part[pair] for name, part in standing.items()}
    return LadderRows(panel, episodes, pair, own, moves, where, {})


def test_parameters_of_disputes_that_were_run_are_found_again():
    law = Ladder()
    cases = ladder_cases(run())
    fit = prepared(law, cases)
    outer = fit.climb()
    found = fit.inner(outer)
    inverse = np.linalg.inv(found.chol)
    spread = np.sqrt((inverse**2).sum(axis=0))
    truth = np.array([TRUTH[term.name] for term in law.terms])
    # Twelve coefficients within four standard errors: by chance once in a thousand runs.
    assert (np.abs(found.dense - truth) < 4 * spread).all()
    natural = fit.outer.natural(outer)
    for name, value in SHAPES.items():
        assert abs(natural[name] - value) < 0.12 * max(value, 0.5), name
    assert (spread < 0.35).all()
