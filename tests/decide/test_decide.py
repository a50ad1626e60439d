"""Decisions: shares against a closed form, tipping against the line, nobody beaten by luck."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.decide.differences import difference, verdict
from foedus.decide.frontier import beaten_by
from foedus.decide.rests_on import Basis, Size, probability_lower, tipping
from foedus.decide.robustness import robustness

CLASSES = ("identified", "published", "assumed")
N = 20_000


def luck(number: int) -> np.ndarray:
    return np.random.default_rng(number).normal(size=N)


def test_shares_are_those_of_a_linear_model():
    a, b, chance = luck(1), luck(2), luck(3)
    apart = 1 + 2 * a + 1 * b + 2 * chance
    found = Basis([Size("a", "assumed", a), Size("b", "published", b)], CLASSES).explain(apart)
    assert found.shares["assumed"] == pytest.approx(4 / 9, abs=0.02)
    assert found.shares["published"] == pytest.approx(1 / 9, abs=0.02)
    assert found.shares["chance"] == pytest.approx(4 / 9, abs=0.02)
    assert found.shares["identified"] == 0.0
    assert sum(found.shares.values()) == pytest.approx(1.0)


def test_shares_of_correlated_sizes_still_add_up():
    a = luck(1)
    b = 0.8 * a + 0.6 * luck(2)
    found = Basis([Size("a", "assumed", a), Size("b", "published", b)], CLASSES).explain(a + b)
    assert found.shares["assumed"] == pytest.approx(found.shares["published"], abs=0.02)
    assert sum(found.shares.values()) == pytest.approx(1.0)


def test_nothing_explains_nothing():
    found = Basis([Size("a", "assumed", luck(1))], CLASSES).explain(np.zeros(N))
    assert set(found.shares.values()) == {0.0}
    found = Basis([], CLASSES).explain(luck(3))
    assert found.shares["chance"] == 1.0


def test_the_tipping_value_is_where_the_line_crosses_zero():
    a = np.random.default_rng(1).uniform(-1, 1, N)
    first, *rest = tipping(0.5 * a - 0.2 + 0.05 * luck(2), [Size("a", "assumed", a)])
    assert not rest
    assert first.value == pytest.approx(0.4, abs=0.01)
    (never,) = tipping(0.1 * a - 0.2, [Size("a", "assumed", a)])
    assert never.value is None


def test_a_size_that_does_not_matter_has_no_tipping_value():
    sizes = [Size(str(k), "assumed", luck(k)) for k in range(10, 60)]
    assert tipping(luck(1), sizes) == []


def test_a_verdict_needs_nine_of_ten():
    apart = difference(luck(1) - 0.5, luck(1))
    assert verdict(0.95, apart) == "lower"
    assert verdict(0.05, apart) == "higher"
    assert verdict(0.7, apart) == "cannot tell"
    nothing = difference(luck(1), luck(1))
    assert verdict(0.5, nothing) == "no difference"
    assert nothing.monte_carlo_error == 0.0


def test_the_monte_carlo_error_is_that_of_the_mean():
    apart = difference(luck(1) + 0.1 * luck(2), luck(1))
    assert apart.monte_carlo_error == pytest.approx(0.1 / np.sqrt(N), rel=0.05)


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=30))
def test_the_chance_of_lower_and_of_higher_add_up(values: list[float]):
    expected = np.array(values)
    assert probability_lower(expected) + probability_lower(-expected) == pytest.approx(1.0)


def test_a_course_is_beaten_only_where_it_is_surely_worse_on_both():
    good, bad, unsure = -1 + 0.1 * luck(1), 0.1 * luck(2), -0.5 + 3 * luck(3)
    both = {"good": good, "bad": bad, "unsure": unsure}
    assert beaten_by(both, both) == {"good": [], "bad": ["good"], "unsure": []}
    other = {"good": bad, "bad": good, "unsure": unsure}
    assert beaten_by(both, other) == {"good": [], "bad": [], "unsure": []}


def test_regret_is_zero_for_the_best_and_ties_are_shared():
    still, low = np.zeros(4), np.array([-1.0, -1.0, 1.0, 0.0])
    answers = {"stay": {"no answer": 0.2, "probing": 0.4}, "go": {"no answer": 0.3, "probing": 0.1}}
    stay, go = robustness(answers, {"stay": still, "go": low})
    assert (stay.worst, stay.against) == (0.4, "probing")
    assert (go.worst, go.against) == (0.3, "no answer")
    assert stay.mean_regret == pytest.approx(0.5)
    assert go.mean_regret == pytest.approx(0.25)
    assert stay.best_in == pytest.approx(0.375)
    assert stay.best_in + go.best_in == pytest.approx(1.0)


def test_a_difference_in_a_few_draws_only_is_too_small_to_tell():
    luck = np.random.default_rng(4)
    base = luck.uniform(size=1000)
    touched = base + np.where(np.arange(1000) < 20, 0.5, 0.0)
    few = difference(touched, base)
    assert not few.resolved
    assert verdict(0.0, few) == "too small to tell"
    every = difference(base + 0.1 + luck.normal(0, 0.1, 1000), base)
    assert every.resolved
    assert difference(base, base).none
    assert difference(base, base).resolved
