"""The forecast of the flagship case on the bundled record."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from foedus.cli.main import app
from foedus.estimate.law_posterior import read_law
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.score.scorecard import read_scorecards
from foedus.study.ensemble_dataset import UNITS, load, save
from foedus.study.forecast import Forecast, forecast, share_assumed
from foedus.study.forecast_table import METHOD, ensemble_rows, forecast_table
from foedus.study.law_cases.link import read_link
from foedus.study.ledger_parts.by_ensemble import by_ensemble
from foedus.study.ledger_parts.questions import ask
from foedus.study.outlook import STACK, STACKED, scored_beside
from foedus.study.outlook_parts.arena_choice import OWN_RULE
from foedus.study.start import parameters, start
from foedus.world.cases import load_case
from foedus.world.errors import (
    BadInputError,
    CannotWriteError,
    DamagedRecordError,
    HindsightError,
)

ORIGIN = dt.date(2026, 10, 31)
DRAWS, HORIZON = 256, 24


@pytest.fixture(scope="module")
def found(record: Record) -> Forecast:
    return forecast("japan-us", origin=ORIGIN, horizon_months=HORIZON, draws=DRAWS, record=record)


def test_every_variable_says_its_unit_law_and_evidence(found: Forecast):
    assert set(found.dataset.data_vars) == set(UNITS)
    for part in found.dataset.data_vars.values():
        assert part.attrs["unit"]
        assert part.attrs["law"]
        assert part.attrs["evidence"].startswith("estimated")
    assert found.dataset.sizes["draw"] == DRAWS
    assert found.dataset["course"].values.tolist() == ["baseline"]
    assert found.dataset["horizon"].values.tolist() == [3, 12, 24]


def test_chances_are_chances_and_grow_with_the_horizon(found: Forecast):
    risk = found.dataset["p_dispute"].isel(course=0)
    force = found.dataset["p_force"].isel(course=0)
    known = risk.values[..., found.start.relevant]
    assert ((known >= 0) & (known <= 1)).all()
    assert (np.diff(risk.mean("draw").values[:, found.start.relevant], axis=0) >= 0).all()
    assert (force.mean("draw") <= risk.mean("draw") + 1e-6).values[:, found.start.relevant].all()
    levels = found.dataset["p_level"].isel(course=0).sum("level").values
    np.testing.assert_allclose(levels[:, found.start.relevant], 1, rtol=1e-4)


def test_pairs_that_are_not_relevant_are_blank_and_not_zero(found: Forecast):
    risk = found.dataset["p_dispute"].isel(course=0, horizon=0).values
    assert np.isnan(risk[:, ~found.start.relevant]).all()
    assert np.isfinite(risk[:, found.start.relevant]).all()
    assert (
        found.dataset["n_dispute"].isel(course=0, horizon=0).values[:, ~found.start.relevant].size
    )
    counts = found.dataset["n_dispute"].isel(course=0, horizon=0).values
    assert np.isnan(counts[:, ~found.start.relevant]).all()


def test_what_is_not_in_the_record_is_blank(found: Forecast):
    votes = found.dataset["ideal_point"].isel(course=0)
    assert np.isnan(votes.sel(country="TWN").values).all()
    assert np.isfinite(votes.sel(country="JPN").values).all()


def test_the_start_is_what_was_observed_until_it_ends(record: Record, found: Forecast):
    observed = found.start.observed("spending", "JPN")
    table = record.read("sipri_milex", columns=["ccode", "year", "constant_2023_musd"])
    real = table.filter((pl.col("ccode") == 740) & (pl.col("year") == 2024))
    assert observed[2024] == pytest.approx(real["constant_2023_musd"][0], rel=1e-6)
    year = int(found.start.setting.first_year)
    seen = found.start.setting.observed["spending"][2024 - year][found.start.codes.index(740)]
    assert np.exp(seen) == pytest.approx(observed[2024], rel=1e-5)


def test_older_records_start_wider(found: Forecast):
    ages = found.ages.filter(pl.col("variable") == "spending").drop_nulls("value")
    spread = ages.with_columns(ratio=pl.col("hi90") / pl.col("lo90"))
    old = spread.filter(pl.col("unit") == "VNM")["ratio"][0]
    new = spread.filter(pl.col("unit") == "JPN")["ratio"][0]
    assert old > 1.5 * new
    disputes = found.ages.filter(pl.col("variable") == "disputes")
    assert disputes["last"][0] == dt.date(2014, 12, 31)
    assert disputes["age_months"][0] == 142


def test_a_past_origin_is_refused_with_later_parameters(record: Record):
    with pytest.raises(HindsightError, match="foedus fit"):
        forecast("japan-us", origin=dt.date(2012, 12, 31), draws=64, record=record)


@pytest.mark.parametrize(("draws", "horizon"), [(0, 12), (10, 0), (10, 100_000)])
def test_absurd_sizes_are_refused(record: Record, draws: int, horizon: int):
    with pytest.raises(BadInputError, match="cannot be run"):
        forecast("japan-us", draws=draws, horizon_months=horizon, record=record)


def test_the_link_acts_through_the_arenas_alone(record: Record, found: Forecast):
    cut = forecast(
        "japan-us",
        origin=ORIGIN,
        horizon_months=HORIZON,
        draws=DRAWS,
        link="cut",
        record=record,
    )
    np.testing.assert_array_equal(cut.dataset["incidents"], found.dataset["incidents"])
    one, two = (
        x.dataset["p_dispute"].isel(course=0, horizon=0).sel(pair="CHN-TWN").values
        for x in (cut, found)
    )
    assert (one != two).any()
    assert cut.share_assumed == 0
    assert 0 < found.share_assumed < 1
    assert "cut" in " ".join(cut.notes)


def test_the_share_assumed_is_that_of_a_known_spread(found: Forecast):
    sizes = np.linspace(0, 1, 256)
    rng = np.random.default_rng(3)
    data = found.dataset[["p_dispute"]].copy(deep=True)
    noise = rng.normal(0, sizes.std(), 256)
    values = np.exp(-4 + sizes + noise)[:, None, None, None]
    data["p_dispute"] = (
        data["p_dispute"].dims,
        np.broadcast_to(values, data["p_dispute"].shape).copy(),
    )
    assert share_assumed(data, sizes) == pytest.approx(0.5, abs=0.08)


def test_the_stored_link_says_what_it_rests_on():
    link = read_link()
    assert link.lo90 < link.estimate < link.hi90
    assert link.rows > 10_000
    assert link.onsets > 0


@pytest.mark.parametrize("ending", [".nc", ".zarr"])
def test_an_ensemble_comes_back_as_it_was_saved(found: Forecast, tmp_path: Path, ending: str):
    path = save(found.dataset, tmp_path / f"ensemble{ending}")
    with load(path) as again:
        for name in found.dataset.data_vars:
            np.testing.assert_array_equal(again[name], found.dataset[name], err_msg=str(name))
        assert json.loads(again.attrs["manifest"])["case"] == "japan-us"
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_a_place_that_cannot_be_written_leaves_nothing(found: Forecast, tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("here")
    with pytest.raises(CannotWriteError):
        save(found.dataset, blocked / "ensemble.nc")
    with pytest.raises(BadInputError, match=r"\.txt"):
        save(found.dataset, tmp_path / "ensemble.txt")
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


def test_a_damaged_ensemble_is_refused(tmp_path: Path):
    bad = tmp_path / "ensemble.nc"
    bad.write_bytes(b"not an ensemble")
    with pytest.raises(DamagedRecordError, match="not an ensemble"):
        load(bad)


@pytest.fixture(scope="module")
def table(record: Record, found: Forecast) -> pl.DataFrame:
    return forecast_table(found, "japan-us", record=record)


def test_each_answer_is_that_of_the_method_chosen_on_past_origins(table: pl.DataFrame):
    dispute = table.filter(pl.col("question") == "any dispute")
    assert dispute["method"].unique().to_list() == ["ensemble"]
    assert (dispute["value"] == dispute["ensemble_value"]).all()
    force = table.filter(pl.col("question") == "use of force")
    assert force["method"].unique().to_list() == [STACK]
    inside = force.filter(pl.col("baseline") == STACKED)
    assert inside.height > 0
    middle = (inside["ensemble_value"] + inside["baseline_value"]) / 2
    np.testing.assert_allclose(inside["value"], middle)
    spending = table.filter(pl.col("series") == "sipri_milex")
    assert spending.height == 3
    assert spending["method"].unique().to_list() == ["ensemble"]
    assert (spending["value"] == spending["ensemble_value"]).all()
    arenas = table.filter(pl.col("question") == "events in a month")
    assert arenas.filter(pl.col("method").str.starts_with("law, pooled")).height > 0
    assert set(arenas["baseline"].drop_nulls()) == {OWN_RULE}


def test_what_was_not_known_at_a_date_chooses_and_scores_nothing(found: Forecast):
    cards = {(card.question, card.split): card for card in read_scorecards("ensemble")[0]}

    def method_at(year: int) -> list[str]:
        rows = [
            row | {"method": name, "chosen": name == "base rate", "record_end": dt.date(year, 1, 1)}
            for row in ensemble_rows(found, load_case("japan-us"))
            if row["question"] == "any dispute"
            for name in ("base rate", METHOD)
        ]
        kept = [scored_beside(row, cards) for row in rows]
        for row in kept:
            scored = year >= 2014 and row["horizon_months"] >= 12
            assert ("score" in row) == scored
        return sorted({row["method"] for row in kept if row["chosen"]})

    assert method_at(1998) == ["base rate"]
    assert method_at(2005) == [METHOD]
    assert method_at(2014) == [METHOD]


def test_every_probability_stands_beside_a_simple_rule(table: pl.DataFrame):
    risks = table.filter(pl.col("unit") == "probability")
    assert risks.height > 50
    assert risks["baseline_value"].null_count() == 0
    assert (risks["lo90"] <= risks["value"] + 1e-9).all()
    assert (risks["value"] <= risks["hi90"] + 1e-9).all()


def test_units_the_fit_does_not_know_get_a_level_from_the_spread(record: Record):
    begun = start(record, load_case("china-north-korea"), ORIGIN, Rule.KNOWN)
    posterior = read_law("arming-sipri")
    names = set(posterior.unit_level)
    whole = parameters({"arming-sipri": posterior}, begun, link=np.zeros(4), seed=1)
    level = whole.laws["arming"].unit_level
    for code, row in zip(begun.codes, level, strict=True):
        if str(code) in names:
            np.testing.assert_allclose(row, posterior.unit_level[str(code)], rtol=1e-6)


def test_the_command_prints_json_and_the_table_of_ages(found: Forecast):
    run = CliRunner()
    common = ["forecast", "japan-us", "--origin", "2026-10", "--draws", "64", "--horizon", "24"]
    done = run.invoke(app, [*common, "--json"])
    assert done.exit_code == 0, done.output
    whole = json.loads(done.stdout[done.stdout.index("{") :])
    assert whole["fingerprint"]["draws"] == 64
    assert {row["question"] for row in whole["outcomes"]} >= {"any dispute", "use of force"}
    done = run.invoke(app, [*common, "--start"])
    assert done.exit_code == 0, done.output
    assert "2014-12-31" in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--link", "loose"], "view of the link"),
        (["--output", "x.txt"], "ends in .txt"),
        (["--on", "moon"], "no place 'moon'"),
        (["--origin", "someday"], "not a date"),
        (["--rule", "hearsay"], "no information rule"),
    ],
)
def test_bad_options_are_named(options: list[str], said: str):
    done = CliRunner().invoke(app, ["forecast", "japan-us", "--draws", "8", *options])
    assert done.exit_code != 0
    assert said in str(done.exception)


def test_the_ensemble_answers_the_ledgers_questions_in_their_own_unit(
    record: Record, found: Forecast
):
    questions, _ = ask(record, load_case("japan-us"), AsOf(dt.date(2026, 11, 20), Rule.KNOWN))
    answers = {q.text: by_ensemble(found)(q) for q in questions}
    given = {text: answer for text, answer in answers.items() if answer is not None}
    assert len(given) > 10
    spending = next(a for t, a in given.items() if "SIPRI" in t and "Japan" in str(t))
    assert 50 < np.median(spending.draws) < 250
    month = next(a for t, a in given.items() if t.startswith("How many aircraft"))
    assert 100 < np.median(month.draws) < 2000
    assert all(a.draws.shape == (DRAWS,) for a in given.values())
