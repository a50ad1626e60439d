import sys

import numpy as np
import pytest

from foedus.score.boosting import boosted_probability
from foedus.world.errors import BadInputError


def cases(seed: int = 4, count: int = 4000):
    rng = np.random.default_rng(seed)
    terms = rng.normal(size=(count, 5))
    both = (terms[:, 0] > 0) & (terms[:, 1] > 0)
    return terms, (rng.random(count) < np.where(both, 0.6, 0.05)).astype(np.float64)


def test_it_finds_two_terms_that_matter_only_together():
    terms, y = cases()
    ahead = np.array([[2.0, 2.0, 0, 0, 0], [2.0, -2.0, 0, 0, 0], [-2.0, 2.0, 0, 0, 0]])
    p = boosted_probability(terms, y, ahead, seed=1)
    assert p == pytest.approx([0.6, 0.05, 0.05], abs=0.12)


def test_the_seed_decides_and_a_gap_is_read_as_a_gap():
    """Missing exactly where the event is certain, a term says so by being missing."""
    terms, _ = cases()
    y = (terms[:, 2] > 1.5).astype(np.float64)
    terms[:, 2] = np.where(y > 0, np.nan, 0.0)
    ahead = np.array([[0, 0, np.nan, 0, 0], [0, 0, 0.0, 0, 0]], dtype=np.float64)
    one, two = (boosted_probability(terms, y, ahead, seed=7) for _ in range(2))
    assert np.array_equal(one, two)
    assert one[0] > 0.9
    assert one[1] < 0.05


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    terms, y = cases(count=50)
    with pytest.raises(BadInputError, match=r"foedus\[score\]"):
        boosted_probability(terms, y, terms, seed=1)
