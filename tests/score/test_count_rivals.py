import numpy as np
import pytest

from foedus.score import count_rivals as rivals


def autoregression(months: int, series: int, seed: int) -> np.ndarray:
    """Counts whose mean is half a unit plus half of last month's count."""
    rng = np.random.default_rng(seed)
    counts = np.ones((series, months))
    for t in range(1, months):
        counts[:, t] = rng.poisson(0.5 + 0.5 * counts[:, t - 1])
    return counts


def test_probabilities_and_quantiles_describe_one_distribution():
    given = rivals.CountForecast(np.array([0.3, 6.0]), np.array([2.0, 0.7]))
    draws = given.draws(4000)
    for k in range(2):
        for count in (0.0, 3.0):
            share = (draws[k] == count).mean()
            assert share == pytest.approx(given.probability(np.full(2, count))[k], abs=1e-3)


def test_running_mean_leaves_out_missing_months_and_looks_back_alone():
    found = rivals.running_mean(np.array([[2.0, np.nan, 4.0]]))
    assert found[0].tolist() == [0.5, 1.25, 1.25, pytest.approx(6.5 / 3)]


def test_decayed_mean_keeps_its_level_over_a_missing_month():
    found = rivals.decayed_mean(np.array([[2.0, np.nan, 6.0]]), 0.5)
    assert found[0].tolist() == [0.0, 2.0, 2.0, 4.0]


def test_rivals_that_look_at_last_month_beat_climatology_where_it_matters():
    counts = autoregression(160, 12, seed=2)
    found = rivals.count_forecasts(counts[:, :-1])
    last = counts[:, -2]
    high, low = last >= np.quantile(last, 0.8), last == 0
    for name in ("self-exciting", "GARCH of counts"):
        assert found[name].mean[high].mean() > found[name].mean[low].mean() + 0.5
    spread = np.ptp(found["climatology"].mean)
    assert spread < np.ptp(found["self-exciting"].mean)


def test_an_answer_is_found_where_there_is_one():
    rng = np.random.default_rng(5)
    counts = np.ones((20, 120))
    other = np.arange(20) ^ 1
    for t in range(1, 120):
        counts[:, t] = rng.poisson(0.3 + 0.6 * counts[other, t - 1])
    found = rivals.count_forecasts(counts, answer=other)["action and reaction"]
    received = counts[other, -1]
    assert np.corrcoef(found.mean, received)[0, 1] > 0.6


def test_a_season_that_recurs_is_forecast():
    rng = np.random.default_rng(7)
    calendar = np.arange(240) % 12
    counts = rng.poisson(np.where(calendar < 2, 20.0, 4.0)).astype(float)
    january = rivals.seasonal_forecast(counts, calendar, 3, steps=1)
    july = rivals.seasonal_forecast(counts, calendar, 3, steps=7)
    assert january.mean[0] > 2.5 * july.mean[0]


def test_months_further_ahead_are_learnt_from_errors_as_far_ahead():
    rng = np.random.default_rng(8)
    walk = np.exp(np.cumsum(rng.normal(0, 0.15, 200)) + 3)
    counts = rng.poisson(walk).astype(float)[None, :]
    terms = rivals.self_exciting_terms(counts)
    near = rivals.linear_forecast(counts, terms, 3, steps=1)
    far = rivals.linear_forecast(counts, terms, 3, steps=12)
    assert far.size[0] < near.size[0]


def test_each_series_has_a_size_near_its_own():
    rng = np.random.default_rng(9)
    means = np.full((8, 200), 10.0)
    steady = rng.poisson(10.0, (4, 200)).astype(float)
    bursts = rng.negative_binomial(1.0, 1 / 11, (4, 200)).astype(float)
    sizes = rivals.fit_sizes(np.concatenate([steady, bursts]), means)
    assert sizes[:4].min() > 15
    assert sizes[4:] == pytest.approx(np.ones(4), abs=0.35)
