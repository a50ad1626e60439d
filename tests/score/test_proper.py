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
