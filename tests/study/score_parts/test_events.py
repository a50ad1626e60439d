"""Task 5: what the month before knows, what the law gives, and how it is written."""

from dataclasses import replace

import numpy as np
import pytest

from foedus.estimate.laplace import LawDraws
from foedus.estimate.law_posterior import fit_law
from foedus.study.law_cases.disputes import everything
from foedus.study.law_cases.incidents import incident_cases
from foedus.study.score_parts import events
from foedus.study.score_parts.events_panel import (
    MONTHS,
    PAIRS,
    EventPanel,
    event_panel,
    law_series,
)
from foedus.study.score_parts.incidents_paths import LAW, Standing, next_probability, paths


def world(seed: int = 6) -> EventPanel:
    """Made-up counts of the twelve pairs, twenty whole months from the first on."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(2.0, 1.0, (24, 1))
    return EventPanel(
        source=np.array([p for a, b in PAIRS for p in (a, b)], dtype=np.int64),
        target=np.array([p for a, b in PAIRS for p in (b, a)], dtype=np.int64),
        counts={
            "conflict": rng.poisson(rates, (24, 30)).astype(float),
            "verbal cooperation": rng.poisson(4 * rates, (24, 30)).astype(float),
        },
        facts=np.full(30, 1000.0),
        whole=np.ones(30, dtype=bool),
    )


@pytest.fixture(scope="module")
def fitted() -> tuple[EventPanel, LawDraws, Standing]:
    panel = world().until(25)
    series = law_series(panel, sampled=False, effort=False)
    fit = fit_law(LAW, incident_cases(series), seed=2, draws=200)
    return panel, fit, events.next_standing(series)


@pytest.fixture(scope="module")
def forecasts() -> list[events.EventForecasts]:
    return events.event_forecasts(world(), 25, 26)


def test_draws_and_density_of_the_next_month_agree(fitted):
    _, fit, standing = fitted
    draws = paths(fit, standing, np.random.default_rng(1), repeat=20)[0]
    for count in (0.0, 2.0):
        chance = next_probability(fit, standing, np.full(48, count))
        assert (draws == count).mean(axis=1) == pytest.approx(chance, abs=0.025)


def test_later_months_change_no_bit_of_a_forecast(forecasts):
    one = world()
    rng = np.random.default_rng(0)
    late = {name: part.copy() for name, part in one.counts.items()}
    for part in late.values():
        part[:, 26:] = rng.poisson(50, part[:, 26:].shape)
    two = replace(one, counts=late, facts=np.where(np.arange(30) < 26, one.facts, 9e4))
    first = [item for item in forecasts if item.month == 25]
    for a, b in zip(first, events.event_forecasts(two, 25, 25), strict=True):
        for name in a.draws:
            assert np.array_equal(a.draws[name], b.draws[name])
            assert np.array_equal(a.probability[name], b.probability[name])


def test_pooled_probability_is_the_mean_of_its_parts(forecasts):
    for item in forecasts:
        half = (item.probability[events.OURS] + item.probability[events.ANSWER]) / 2
        assert item.probability[events.POOL] == pytest.approx(half)


def test_the_prediction_file_holds_every_series_and_month(forecasts):
    frame = events.prediction_file(world(), forecasts, events.OURS)
    assert frame.height == 2 * 2 * 24 == frame.unique(["cls", "source", "target", "month"]).height
    assert frame.columns[:4] == ["cls", "source", "target", "month"]
    assert np.isfinite(frame.drop("cls", "source", "target", "month").to_numpy()).all()


def test_the_panel_counts_facts_of_the_file_and_marks_the_sampled_months(record):
    panel = event_panel(record, everything())
    assert panel.counts["conflict"].shape == (24, MONTHS)
    assert np.isfinite(panel.facts).all()
    assert panel.first_whole == 12 * 6 + 10
    named = [k for k, (a, b) in enumerate(zip(panel.source, panel.target, strict=True))]
    assert len(named) == 24
    back = panel.answer
    assert np.array_equal(panel.source[back], panel.target)


def test_the_test_span_is_thirty_months_of_24_series(record):
    first, last = events.SPANS["test"]
    assert last - first + 1 == 30
    assert last == MONTHS - 1
    assert events.SPANS["choice"][1] == first - 1
