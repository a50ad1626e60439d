import numpy as np
import polars as pl
import pytest

from foedus.study.law_cases.disputes import PairMonths
from foedus.study.score_parts import onset_rivals
from foedus.study.score_parts.onset_rivals import (
    BOOSTED,
    BOTH,
    HISTORY,
    LOGITS,
    RICH,
    RIVALRY,
    filled_and_marked,
    rival_forecasts,
    thinned,
    with_gaps,
)
from foedus.study.score_parts.pair_years import PairYears, Question

QUESTION = Question("gml", "all", "onset")
MEMORY = "years with an onset in the last five"


def made(seed: int = 3, pairs: int = 120, years: int = 12) -> PairYears:
    """Draw pair-years whose onsets follow one term of the richest rivals."""
    rng = np.random.default_rng(seed)
    shape = (pairs, years)
    names = {*RICH, *BOOSTED, *HISTORY, *(t for terms in LOGITS.values() for t in terms)}
    terms = {name: rng.normal(size=shape) for name in sorted(names)}
    for name in ("land border", "near by sea", "both major powers", "one major power", "rivalry"):
        terms[name] = (rng.random(shape) < 0.2).astype(np.float64)
    terms[MEMORY] = rng.integers(0, 4, size=shape).astype(np.float64)
    outcome = np.zeros(shape)
    chance = 1 / (1 + np.exp(2 - 1.5 * terms["disputes with the other's allies"]))
    outcome[:, 1:] = rng.random((pairs, years - 1)) < chance[:, :-1]
    whole = np.ones(shape, dtype=bool)
    panel = PairMonths(
        pairs=np.column_stack([np.full(pairs, 2), 20 + np.arange(pairs)]),
        years=np.arange(1990, 1990 + years),
        member=whole,
        terms={},
        onsets=np.zeros((pairs, 12 * years), dtype=np.int8),
        months_since=np.zeros((pairs, 12 * years), dtype=np.float32),
        found=pl.DataFrame(),
        codes=np.arange(pairs),
        major=np.zeros(shape, dtype=bool),
    )
    gaps = {"lower trade dependence": rng.random(shape) < 0.3}
    settled = np.zeros(shape, dtype=np.int64)
    return PairYears(panel, outcome, settled, terms, gaps, ~whole, whole)


def test_a_gap_is_marked_for_the_logit_and_stays_a_gap_for_boosting():
    rows = made()
    pair, t = np.arange(120), np.full(120, 4)
    given = ("distance", "lower trade dependence")
    gap = rows.gaps["lower trade dependence"][:, 4]
    marked = filled_and_marked(rows, given, pair, t)
    assert marked.shape == (120, 3)
    assert np.isfinite(marked).all()
    assert np.array_equal(marked[:, 2], gap)
    left = with_gaps(rows, given, pair, t)
    assert np.array_equal(np.isnan(left[:, 1]), gap)
    assert np.array_equal(left[~gap], marked[~gap, :2])


def test_few_of_the_many_quiet_rows_stand_for_all_of_them():
    rows = made(pairs=2000)
    for name in ("near by sea", "both major powers", "one major power"):
        rows.terms[name][:] = 0.0
    pair, t = (part.ravel() for part in np.indices((2000, 10)))
    y = rows.outcome[pair, t + 1]
    chosen, weight = thinned(rows, pair, t, y, 2000)
    assert weight is not None
    assert len(chosen) < 0.6 * len(pair)
    assert weight.sum() == pytest.approx(len(pair), rel=0.05)
    assert y[chosen].sum() == y.sum()
    assert set(weight[y[chosen] > 0]) == {1.0}
    again, _ = thinned(rows, pair, t, y, 2000)
    assert np.array_equal(chosen, again)
    assert onset_rivals.before_thinning(np.array([0.5]))[0] == pytest.approx(1 / 11)
    near = made()
    near.terms["land border"][:] = 1.0
    chosen, weight = thinned(near, pair[:100], t[:100], y[:100], 2000)
    assert weight is None
    assert len(chosen) == 100


def test_rivals_are_fixed_by_their_seed_and_blind_to_the_target_year():
    rows, other = made(), made()
    other.outcome[:, other.at(1999) :] = 1 - other.outcome[:, other.at(1999) :]
    found = rival_forecasts(rows, QUESTION, 1999, {})
    again = rival_forecasts(other, QUESTION, 1999, {})
    assert list(found) == list(again)
    for name, p in found.items():
        assert np.array_equal(p, again[name]), name
        assert p.shape == (120,)
        assert ((p > 0) & (p < 1)).all()


def test_the_mean_is_that_of_the_two_richest_and_finds_what_the_simple_logits_cannot_see():
    rows = made()
    found = rival_forecasts(rows, QUESTION, 2001, {})
    y = rows.outcome[:, rows.at(2001)]
    assert found[BOTH.format("")] == pytest.approx(
        (found["rich logit"] + found["gradient boosting"]) / 2
    )
    rich, plain = (
        -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        for p in (found["rich logit"], found["logit with peace years and history"])
    )
    assert rich < plain


def test_only_rivals_that_name_it_read_the_rivalry_coded_with_hindsight(monkeypatch):
    rows = made()
    one = rival_forecasts(rows, QUESTION, 1999, {})
    rows.terms["rivalry"][:] = 1 - rows.terms["rivalry"]
    rows.terms["rivalry"][::3] = 0.0
    two = rival_forecasts(rows, QUESTION, 1999, {})
    changed = {name for name, p in one.items() if not np.array_equal(p, two[name])}
    assert changed
    assert all("rivalry" in name for name in changed)
    assert RIVALRY.strip() in BOTH.format(RIVALRY)
    assert "rivalry" not in (*onset_rivals.RICH, *onset_rivals.BOOSTED)
