import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from foedus.score import events, proper


def sample(seed: int, cases: int, slope: float = 1.0):
    rng = np.random.default_rng(seed)
    line = rng.normal(-1.0, 1.5, size=cases)
    truth = 1 / (1 + np.exp(-line))
    outcome = (rng.random(cases) < truth).astype(np.float64)
    return 1 / (1 + np.exp(-line / slope)), outcome


def test_reliability_slope_is_recovered():
    probability, outcome = sample(1, 40000)
    assert events.reliability_slope(probability, outcome) == pytest.approx(1.0, abs=0.05)
    tight, outcome = sample(2, 40000, slope=0.5)
    assert events.reliability_slope(tight, outcome) == pytest.approx(0.5, abs=0.03)


def test_one_forecast_for_all_has_no_slope_and_its_own_calibration_error():
    outcome = np.array([1.0, 0.0, 0.0, 0.0])
    measures = events.event_measures(np.full(4, 0.35), outcome)
    assert "reliability slope" not in measures
    assert measures["calibration error"] == pytest.approx(0.10)


def test_calibration_error_is_small_for_a_reliable_forecast_and_grows_with_a_bias():
    probability, outcome = sample(3, 40000)
    assert events.calibration_error(probability, outcome) < 0.01
    assert events.calibration_error(probability * 0.5, outcome) > 0.1


def test_threshold_brier_is_the_brier_score_at_zero_and_the_mean_cost_of_acting_above():
    probability, outcome = np.array([0.02, 0.3, 0.7, 0.9]), np.array([0.0, 1.0, 0.0, 1.0])
    whole = events.threshold_brier(probability, outcome, 0.0)
    assert whole == pytest.approx(proper.brier(probability, outcome))
    grid = (np.arange(200000) + 0.5) / 200000
    kept = grid[grid > 0.4]
    for p, y in zip(probability, outcome, strict=True):
        cost = np.where(p > kept, kept * (y == 0), (1 - kept) * (y == 1))
        found = events.threshold_brier(np.array([p]), np.array([y]), 0.4)[0]
        assert found == pytest.approx(2 * cost.sum() / len(grid), abs=1e-4)


def test_logit_agrees_with_scikit_learn_from_any_start():
    rng = np.random.default_rng(4)
    terms = rng.normal(size=(3000, 3)) * [1.0, 10.0, 0.1] + [0.0, 50.0, 0.0]
    line = -3 + terms @ np.array([0.8, 0.05, -4.0])
    outcome = (rng.random(3000) < 1 / (1 + np.exp(-line))).astype(np.float64)
    found = events.logit_coefficients(terms, outcome)
    scaled = (terms - terms.mean(axis=0)) / terms.std(axis=0)
    theirs = LogisticRegression(C=1e8, tol=1e-10, max_iter=5000).fit(scaled, outcome)
    expected = theirs.predict_proba(scaled)[:, 1]
    assert events.logit_probability(found, terms) == pytest.approx(expected, abs=1e-4)
    again = events.logit_coefficients(terms, outcome, found * 1.5)
    assert again == pytest.approx(found, rel=1e-3)


def test_a_logit_with_weights_and_a_ridge_agrees_with_scikit_learn():
    rng = np.random.default_rng(5)
    terms = rng.normal(size=(2000, 3)) * [1.0, 10.0, 0.1]
    outcome = (rng.random(2000) < 0.2 + 0.2 * (terms[:, 0] > 0)).astype(np.float64)
    weight = rng.integers(1, 5, size=2000).astype(np.float64)
    copies = np.repeat(np.arange(2000), weight.astype(int))
    found = events.logit_coefficients(terms, outcome, weight=weight)
    expected = events.logit_coefficients(terms[copies], outcome[copies])
    assert events.logit_probability(found, terms) == pytest.approx(
        events.logit_probability(expected, terms), abs=1e-5
    )
    scaled = (terms - terms.mean(axis=0)) / terms.std(axis=0)
    theirs = LogisticRegression(C=1 / 200, tol=1e-10, max_iter=5000).fit(scaled, outcome)
    drawn = events.logit_coefficients(terms, outcome, ridge=200.0)
    plain = events.logit_coefficients(terms, outcome)
    assert drawn[1:] == pytest.approx(theirs.coef_[0] / terms.std(axis=0), rel=0.05)
    assert abs(drawn[1]) < abs(plain[1])
