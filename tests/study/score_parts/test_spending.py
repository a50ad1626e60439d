"""Task 3: what an origin knows, what the forecasters give, and how they are scored."""

from dataclasses import replace

import numpy as np
import pytest

from foedus.estimate.law_posterior import fit_law
from foedus.model.laws import arming
from foedus.score.scorecard import read_scorecards
from foedus.study.law_cases.disputes import everything
from foedus.study.law_cases.spending import CountryYears, arming_cases, country_years
from foedus.study.score_parts import spending
from foedus.study.score_parts.spending_law import DRAWS, YearlyFit, fit_at, law_paths
from foedus.study.score_parts.spending_panel import cases_at, rival_terms, spending_panel
from foedus.study.score_parts.spending_rivals import DRIFT, ECONOMY, WALK, rival_draws
from foedus.world.errors import OutsideCoverageError, UnknownNameError


def world(seed: int = 4, countries: int = 40) -> CountryYears:
    """States whose spending grows by two per cent and leans to last year's growth of output."""
    rng = np.random.default_rng(seed)
    years = np.arange(1950, 1996)
    richer = rng.normal(0.03, 0.03, (countries, len(years)))
    growth = np.zeros_like(richer)
    for t in range(1, len(years)):
        growth[:, t] = 0.02 + 0.5 * (richer[:, t - 1] - 0.03) + rng.normal(0, 0.05, countries)
    spending_level = 8 + growth.cumsum(axis=1)
    spending_level[0, :20] = np.nan
    output = richer.cumsum(axis=1) + 10
    output[1] = np.nan
    return CountryYears(
        codes=np.arange(1, countries + 1),
        years=years,
        spending=spending_level,
        output=output,
        disputes=np.zeros_like(richer),
    )


def after_changed(source: CountryYears, origin: int) -> CountryYears:
    """The same world with everything after the origin made up anew."""
    rng = np.random.default_rng(99)
    late = source.years > origin
    noise = rng.normal(0, 3, (len(source.codes), int(late.sum())))
    parts = {}
    for name in ("spending", "output", "disputes"):
        grid = getattr(source, name).copy()
        grid[:, late] = np.abs(noise) if name == "disputes" else noise
        parts[name] = grid
    return replace(source, **parts)


@pytest.fixture(scope="module")
def fits() -> tuple[YearlyFit, YearlyFit]:
    return fit_at(world(), 1990, seed=5)


def test_what_comes_after_the_origin_changes_no_bit_of_a_forecast():
    source = world()
    other = after_changed(source, 1985)
    found = []
    for given in (source, other):
        panel = spending_panel(given)
        paths = law_paths(panel, 1985, fit_at(given, 1985, seed=3), seed=3)
        rows = np.arange(2, 30)
        rivals = rival_draws(panel, 1985, 3, rows, window=10)
        found.append([*paths.values(), *rivals.values()])
    for one, two in zip(*found, strict=True):
        assert np.array_equal(one, two, equal_nan=True)


def test_a_planted_leak_is_seen_by_the_same_comparison(fits):
    leaky = arming_cases(after_changed(world(), 1985)).until(1990)
    late = fit_law(arming.Arming(), leaky, seed=5, draws=DRAWS)
    assert not np.array_equal(fits[0].draws.coefficients, late.coefficients)


def test_the_law_finds_the_economy_and_narrows_the_forecast(fits):
    source = world()
    panel = spending_panel(source)
    economy = [term.name for term in arming.Arming().terms].index("economy")
    assert fits[0].draws.coefficients[:, economy].mean() == pytest.approx(0.5, abs=0.15)
    paths = law_paths(panel, 1990, fits, seed=5)
    rows = cases_at(panel, 1990, 1)
    rivals = rival_draws(panel, 1990, 1, rows, window=100)
    assert paths[1][rows].std(axis=1).mean() < rivals[WALK].std(axis=1).mean()
    assert np.median(paths[5][rows] - panel.source.spending[rows, 40, None]) == pytest.approx(
        0.1, abs=0.05
    )


def test_output_that_came_replaces_the_law_of_growth(fits):
    source = world()
    panel = spending_panel(source)
    boom = np.full((len(source.codes), 5), 0.3)
    given = law_paths(panel, 1990, fits, seed=5, economy=boom)
    plain = law_paths(panel, 1990, fits, seed=5)
    assert np.array_equal(given[1][2:], plain[1][2:])
    assert (given[3][2:] - plain[3][2:]).mean() > 0.1


def test_missing_terms_are_the_median_of_the_year_and_counted():
    source = world()
    panel = spending_panel(source)
    growth = np.diff(source.output, axis=1)[:, 30]
    assert panel.economy[1, 31] == pytest.approx(np.nanmedian(growth))
    assert panel.filled[1, 31]
    assert not panel.filled[5, 31]
    assert np.isfinite(rival_terms(panel, economy=True)[:, 1:]).all()


def test_rivals_differ_by_what_their_names_say():
    source = world()
    panel = spending_panel(source)
    rows = np.arange(2, 40)
    found = rival_draws(panel, 1990, 5, rows, window=100)
    last = panel.source.spending[rows, 40]
    assert (found[WALK].mean(axis=1) - last) == pytest.approx(np.zeros(38), abs=1e-2)
    assert (found[DRIFT].mean(axis=1) - last) == pytest.approx(np.full(38, 0.1), abs=0.03)
    assert np.std(found[ECONOMY].mean(axis=1) - last) > 0.005


def test_the_prediction_file_holds_every_case_once_in_the_documented_form(monkeypatch, fits):
    """The form alone is looked at, so every origin borrows the fit of one."""
    monkeypatch.setattr(spending, "HORIZONS", (1, 2))
    monkeypatch.setattr(spending, "fit_at", lambda *_, **__: fits)
    source = world()
    found = spending.spending_forecasts(source, 1994, 1994, window=20)
    frame = spending.prediction_file(found, spending.LAW)
    panel = spending_panel(source)
    promised = sum(len(cases_at(panel, year - h, h)) for year in (1994,) for h in spending.HORIZONS)
    assert frame.height == promised == frame.unique(["ccode", "year", "h"]).height
    assert frame.columns == ["ccode", "year", "h", *(f"s{k}" for k in range(1, 201))]
    assert np.isfinite(frame.drop("ccode", "year", "h").to_numpy()).all()
    assert set(frame["year"]) == {1994}


def test_sipri_is_refused_where_only_the_bundled_part_is_here(record):
    assert record.cut_to_case_countries("sipri_milex")
    with pytest.raises(OutsideCoverageError, match=r"for \d+ states alone"):
        spending.export(record, series="sipri")
    with pytest.raises(UnknownNameError, match="nmc, sipri"):
        spending.export(record, series="imf")


def test_the_file_is_by_the_stored_choice_where_the_whole_of_sipri_is_missing(record, monkeypatch):
    monkeypatch.setattr(spending, "country_years", lambda *_, **__: world())
    monkeypatch.setattr(spending, "spending_forecasts", lambda *_, **__: [])
    monkeypatch.setattr(spending, "prediction_file", lambda found, best: best)
    cards, _ = read_scorecards("spending")
    (stored,) = {c.chosen for c in cards if c.split == "choice" and c.chosen != spending.GIVEN}
    assert str(spending.export(record)) == stored


@pytest.mark.slow
def test_on_the_bundled_states_the_choice_is_made_on_the_choice_years(record):
    source = country_years(record, everything(), series="sipri")
    found = spending.spending_forecasts(source, 1992, 1994, window=10)
    crps = {}
    for name in (spending.LAW, DRIFT):
        parts = [item.draws[name] - item.truth[:, None] for item in found if item.horizon == 1]
        crps[name] = np.mean([np.abs(part).mean() for part in parts])
    assert crps[spending.LAW] < 1.1 * crps[DRIFT]
