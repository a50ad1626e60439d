import numpy as np
import pytest

from foedus.score import ordered, proper


def test_ranked_probability_of_two_levels_is_the_brier_score():
    p = np.array([0.8, 0.3])
    both = np.column_stack([1 - p, p])
    level = np.array([1, 0])
    expected = proper.brier(p, level.astype(np.float64))
    assert ordered.ranked_probability(both, level) == pytest.approx(expected)


def test_a_near_miss_costs_less_than_a_far_one():
    p = np.array([[0.0, 0.0, 1.0, 0.0]] * 3)
    near, exact, far = ordered.ranked_probability(p, np.array([3, 2, 0]))
    assert exact == 0
    assert near == pytest.approx(1 / 3)
    assert far == pytest.approx(2 / 3)


def test_log_loss_takes_the_level_that_came():
    p = np.array([[0.1, 0.2, 0.3, 0.4]])
    assert ordered.log_loss(p, np.array([2]))[0] == pytest.approx(-np.log(0.3))
