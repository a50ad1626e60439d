import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import beta

from foedus.score import backtest, rivals


def test_base_rate_has_the_jeffreys_interval():
    forecast = rivals.base_rate(np.array([60.0, 40.0]), np.array([3.0, 1.0]), 2)
    assert forecast.mean.tolist() == [0.04, 0.04]
    assert forecast.lo90[0] == pytest.approx(beta.ppf(0.05, 4.5, 96.5))


def test_beta_prior_is_recovered_from_simulated_pairs():
    rng = np.random.default_rng(7)
    trials = rng.integers(20, 60, size=6000).astype(float)
    rates = rng.beta(0.4, 9.6, size=6000)
    events = rng.binomial(trials.astype(int), rates).astype(float)
    prior = rivals.fit_beta_prior(trials, events)
    assert prior.a == pytest.approx(0.4, rel=0.1)
    assert prior.b == pytest.approx(9.6, rel=0.1)


def test_own_history_is_the_conjugate_posterior():
    forecast = rivals.own_history(
        rivals.BetaPrior(1.0, 9.0), np.array([0.0, 10.0]), np.array([0.0, 5.0])
    )
    assert forecast.mean == pytest.approx([0.1, 0.3])
    assert forecast.lo90[1] == pytest.approx(beta.ppf(0.05, 6, 14))


def test_logit_recovers_its_coefficients_and_covers_the_truth():
    """With 200 fits and a true coverage of .90 the bounds fail by chance in 0.2 % of seeds."""
    rng = np.random.default_rng(3)
    point = np.array([[0.5, 1.0]])
    truth = 1 / (1 + np.exp(-(-1 + point @ np.array([0.8, -0.5]))))
    inside, slopes = 0, []
    for _ in range(200):
        terms = rng.normal(size=(800, 2))
        line = -1 + terms @ np.array([0.8, -0.5])
        outcome = (rng.random(800) < 1 / (1 + np.exp(-line))).astype(float)
        model = rivals.fit_logit(terms, outcome, np.arange(800))
        forecast = rivals.logit_forecast(model, point)
        inside += bool(forecast.lo90[0] <= truth[0] <= forecast.hi90[0])
        slopes.append(model.coefficients[1] / model.scale[0])
    assert np.mean(slopes) == pytest.approx(0.8, abs=0.03)
    assert 167 <= inside <= 193


def test_the_logit_and_its_clustered_errors_agree_with_statsmodels():
    rng = np.random.default_rng(8)
    pair = np.repeat(np.arange(120), 15)
    terms = rng.normal(size=(1800, 3)) * [1, 10, 0.1] + [0, 5, 2]
    line = terms @ [0.5, -0.05, 3.0] - 7 + rng.normal(size=120)[pair]
    outcome = (rng.random(1800) < 1 / (1 + np.exp(-line))).astype(float)
    ours = rivals.fit_logit(terms, outcome, pair)
    design = sm.add_constant((terms - ours.mean) / ours.scale)
    theirs = sm.GLM(outcome, design, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": pair}
    )
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=1e-4)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-3, atol=1e-7)


def test_smoothing_of_a_poisson_series_has_poisson_spread():
    rng = np.random.default_rng(11)
    draws = rivals.smoothing_draws(rng.poisson(9.0, size=600).astype(float))
    assert draws.mean() == pytest.approx(9.0, abs=3)
    assert 0.7 < draws.var() / draws.mean() < 2.0


def test_missing_months_are_left_out_not_counted_as_zero():
    history = np.array([5.0] * 11 + [np.nan])
    assert rivals.last_year_draws(history).tolist() == [5.0] * 11
    assert rivals.smoothing_draws(history).mean() == pytest.approx(5.0, abs=0.5)


def test_random_walk_spreads_with_the_root_of_the_horizon():
    growth = np.array([0.02, 0.06, 0.04, 0.0, 0.08])
    one = np.log(rivals.random_walk_draws(100.0, 1, growth, drift=True))
    four = np.log(rivals.random_walk_draws(100.0, 4, growth, drift=True))
    assert one.mean() - np.log(100) == pytest.approx(0.04)
    assert four.std() == pytest.approx(2 * one.std())


def panel(seed: int = 5) -> backtest.EventPanel:
    rng = np.random.default_rng(seed)
    pair, year = (a.ravel() for a in np.meshgrid(np.arange(80), np.arange(1950, 2001)))
    rate = rng.beta(0.5, 5, size=80)[pair]
    onset = rng.random(len(pair)) < rate
    terms, history = rng.normal(size=(len(pair), 2)), rng.normal(size=(len(pair), 1))
    return backtest.EventPanel(pair, year, terms, history, pair[onset], 12 * year[onset] + 5, 2000)


def test_windows_past_the_record_have_no_outcome():
    p = panel()
    outcome = backtest.outcomes(p, backtest.Target(lead=3, months=24))
    assert np.isnan(outcome[p.year > 1996]).all()
    assert not np.isnan(outcome[p.year <= 1996]).any()


def test_a_window_of_three_months_counts_its_months_only():
    pair, year = np.array([0, 0, 1]), np.array([1990, 1991, 1990])
    p = backtest.EventPanel(
        pair,
        year,
        np.zeros((3, 1)),
        np.zeros((3, 1)),
        np.array([0, 1]),
        np.array([12 * 1991 + 2, 12 * 1991 + 3]),
        1999,
    )
    quarter = backtest.outcomes(p, backtest.Target(lead=1, months=3))
    whole = backtest.outcomes(p, backtest.Target(lead=1, months=12))
    assert quarter.tolist() == [1, 0, 0]
    assert whole.tolist() == [1, 0, 1]


def test_a_forecast_never_uses_what_came_after_its_origin():
    p, target = panel(), backtest.Target(lead=2, months=12)
    keep = p.onset_month < 12 * 1981
    blind = backtest.EventPanel(
        p.pair, p.year, p.terms, p.history, p.onset_pair[keep], p.onset_month[keep], p.last_year
    )
    cases = p.year == 1980
    full = backtest.forecast_events(p, backtest.outcomes(p, target), target, 1980, cases)
    cut = backtest.forecast_events(blind, backtest.outcomes(blind, target), target, 1980, cases)
    for name, forecast in full.items():
        assert np.array_equal(forecast.mean, cut[name].mean), name


def test_own_history_beats_the_base_rate_where_pairs_differ():
    scores = {
        s.rival: s
        for s in backtest.backtest_events(
            panel(), backtest.Target(lead=1, months=12), 1985, 2000, seed=1
        )
    }
    assert scores["own history"].difference_hi90 < 0
    assert scores["base rate"].difference == 0
    assert scores["base rate"].cases == 80 * 16


def test_series_backtest_states_what_it_could_not_score():
    values = np.arange(60.0)
    values[50] = np.nan
    (score,) = backtest.backtest_series(
        values, 1, {"own year": rivals.last_year_draws}, start=24, block=6, seed=1
    )
    assert score.promised == 36
    assert score.origins == 35
