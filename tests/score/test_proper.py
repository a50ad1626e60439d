import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from foedus.score import proper


@given(
    hnp.arrays(np.float64, 40, elements=st.sampled_from([0.01, 0.1, 0.2, 0.5, 0.9])),
    hnp.arrays(np.float64, 40, elements=st.sampled_from([0.0, 1.0])),
)
def test_ranking_and_log_scores_agree_with_scikit_learn(probability, outcome):
    if 0 < outcome.sum() < len(outcome):
        auc = proper.area_under_curve(probability, outcome)
        precision = proper.average_precision(probability, outcome)
        mean = proper.log_loss(probability, outcome).mean()
        assert auc == pytest.approx(roc_auc_score(outcome, probability))
        assert precision == pytest.approx(average_precision_score(outcome, probability))
        assert mean == pytest.approx(log_loss(outcome, probability))


def test_ranking_scores_are_undefined_without_events():
    nothing = np.zeros(5)
    assert np.isnan(proper.area_under_curve(np.full(5, 0.1), nothing))
    assert np.isnan(proper.average_precision(np.full(5, 0.1), nothing))


def test_brier_is_the_squared_distance():
    assert proper.brier(np.array([0.8, 0.3]), np.array([1.0, 0.0])) == pytest.approx([0.04, 0.09])


def test_crps_of_a_point_forecast_is_the_absolute_error():
    assert proper.crps(np.array([[3.0, 3.0]]), np.array([5.0])) == pytest.approx([2.0])


def test_crps_of_normal_quantiles_nears_the_closed_form():
    from scipy.stats import norm

    draws = norm.ppf((np.arange(4000) + 0.5) / 4000)[None, :]
    y = 0.7
    exact = y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / np.sqrt(np.pi)
    assert proper.crps(draws, np.array([y]))[0] == pytest.approx(exact, abs=1e-3)


def test_coverage_counts_both_ends():
    draws = np.arange(101.0)[None, :].repeat(3, axis=0)
    assert proper.covered(draws, np.array([5.0, 50.0, 96.0])).tolist() == [1, 1, 0]


def test_ranked_probability_of_two_levels_is_the_brier_score():
    p = np.array([0.2, 0.7])
    found = proper.ranked_probability(np.column_stack([1 - p, p]), np.array([1.0, 0.0]))
    assert found == pytest.approx(proper.brier(p, np.array([1.0, 0.0])))


def test_ranked_probability_counts_the_distance_between_levels():
    sure = np.array([[1.0, 0.0, 0.0, 0.0]]).repeat(4, axis=0)
    assert proper.ranked_probability(sure, np.arange(4.0)).tolist() == [0, 1, 2, 3]


def test_upper_crps_ignores_what_happens_below_the_threshold():
    draws = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
    found = proper.upper_crps(draws, np.array([0.0, 9.0]), np.array([4.0, 4.0]))
    assert found == pytest.approx([0.0, 5.0])


def test_places_of_outcomes_are_even_where_the_forecast_is_right():
    rng = np.random.default_rng(3)
    rates = rng.uniform(0.2, 20, 4000)
    draws = rng.poisson(rates[:, None], (4000, 300)).astype(float)
    outcome = rng.poisson(rates).astype(float)
    place = proper.probability_integral(draws, outcome, rng.uniform(size=4000))
    assert place.mean() == pytest.approx(0.5, abs=0.02)
    assert proper.reliability_slope(place) == pytest.approx(1.0, abs=0.03)
    narrow = proper.probability_integral(draws.mean(axis=1, keepdims=True), outcome, place)
    assert proper.reliability_slope(narrow) != pytest.approx(1.0, abs=0.03)


def test_blocks_that_move_together_widen_the_interval_of_a_coverage():
    inside = np.tile([1.0, 1, 1, 1, 0, 1, 1, 1, 1, 1], 20)
    alone = proper.block_binomial(inside, np.arange(200))
    together = proper.block_binomial(np.sort(inside), np.arange(200) // 10)
    assert alone[0] < 0.9 < alone[1]
    assert together[1] - together[0] > 1.5 * (alone[1] - alone[0])
    assert all(np.isfinite(proper.block_binomial(np.ones(12), np.arange(12) // 3)))
