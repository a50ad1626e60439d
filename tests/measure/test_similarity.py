"""Similarity of portfolios against its definitions written out pair by pair, and closed forms."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foedus.measure.similarity import alliance_similarity, similarity
from foedus.record.store import Record
from foedus.world.errors import OutsideCoverageError


def _by_hand(a: np.ndarray, b: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """S and kappa of two portfolios, term by term."""
    s = 1 - 2 * sum(w * abs(x - y) / 3 for x, y, w in zip(a, b, weights, strict=True))
    observed = np.mean([(x - y) ** 2 for x, y in zip(a, b, strict=True)])
    expected = np.mean([(x - y) ** 2 for x in a for y in b])
    return float(s), float(1 - observed / expected) if expected else float("nan")


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 9), st.integers(0, 10_000))
def test_matrix_products_equal_the_definitions(size: int, seed: int):
    random = np.random.default_rng(seed)
    levels = random.integers(0, 4, (size, size)).astype(np.int8)
    weights = random.uniform(0.1, 1, size)
    found = similarity(levels, weights)
    for i in range(size):
        for j in range(size):
            a, b = levels[i].astype(float), levels[j].astype(float)
            s, kappa = _by_hand(a, b, np.full(size, 1 / size))
            weighted, _ = _by_hand(a, b, weights / weights.sum())
            assert found.s[i, j] == pytest.approx(s, abs=1e-5)
            assert found.s_weighted[i, j] == pytest.approx(weighted, abs=1e-5)
            if not np.isnan(kappa):
                assert found.kappa[i, j] == pytest.approx(kappa, abs=1e-9)


def test_equal_portfolios_score_one_and_opposite_ones_minus_one():
    found = similarity(np.array([[3, 0, 3, 0], [3, 0, 3, 0], [0, 3, 0, 3]], dtype=np.int8))
    for scores in (found.s, found.kappa, found.pi):
        assert scores[0, 1] == pytest.approx(1)
        assert scores[0, 2] == pytest.approx(-1)


def test_states_without_any_variation_have_no_chance_corrected_score():
    found = similarity(np.zeros((2, 3), dtype=np.int8))
    assert np.isnan(found.kappa[0, 1])
    assert found.s[0, 1] == pytest.approx(1)


def test_alliance_scores_cover_each_pair_once_and_stop_with_the_source(record: Record):
    found = alliance_similarity(record, first=1950, last=1960)
    keys = found.select("ccode1", "ccode2", "year")
    assert not keys.is_duplicated().any()
    assert (found["ccode1"] < found["ccode2"]).all()
    for name in ("s", "s_weighted", "kappa", "pi"):
        assert found[name].is_between(-1.0001, 1.0001).all()
    nato = found.filter((pl.col("ccode1") == 200) & (pl.col("ccode2") == 220))
    apart = found.filter((pl.col("ccode1") == 2) & (pl.col("ccode2") == 365))
    assert (
        nato.filter(pl.col("year") == 1960)["s"][0] > apart.filter(pl.col("year") == 1960)["s"][0]
    )
    with pytest.raises(OutsideCoverageError):
        alliance_similarity(record, first=2015, last=2019)
