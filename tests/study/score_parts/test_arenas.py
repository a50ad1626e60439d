"""Task 6: what an origin knows, what each forecaster gives, and what the file holds."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from foedus.record.store import BUNDLE, Record
from foedus.study.score_parts import arenas


def test_an_origin_knows_no_month_later_than_its_publication_lag(record):
    origin = 2024 * 12 + 5
    for item in arenas.known_series(record, origin):
        assert item.months[-1] <= origin - (12 if item.name == "scs_incidents" else 1)


def test_months_before_the_break_are_a_series_of_their_own(record):
    known = {item.name: item for item in arenas.known_series(record, 2025 * 12)}
    aircraft = known["pla_aircraft"]
    assert aircraft.months[0] == 2022 * 12 + 7
    assert [part.months[-1] for part in aircraft.earlier] == [2022 * 12 + 6]


def test_a_series_is_forecast_only_with_a_year_behind_it(record):
    names = {item.name for item in arenas.known_series(record, 2023 * 12 + 5)}
    assert "pla_aircraft" not in names
    assert "nk_launch_days" in names


@pytest.fixture(scope="module")
def steady() -> arenas.Known:
    rng = np.random.default_rng(3)
    months = np.arange(2018 * 12, 2024 * 12)
    counts = rng.poisson(6.0, len(months)).astype(float)
    return arenas.Known("nk_launch_days", months, counts, (), "nk_launch_days 0")


def test_all_forecasters_agree_about_a_steady_series(steady):
    origin = int(steady.months[-1]) + 1
    fitted = arenas._fit([steady], 1)
    ours = arenas.law_draws([steady], fitted, origin, 12, 1)["nk_launch_days"]
    assert ours.shape[0] == 13
    found = arenas.forecast(steady, 4, ours[3])
    for name, draws in found.items():
        assert draws.mean() == pytest.approx(6.0, abs=1.3), name
    assert ours[12].std() > ours[0].std()


def test_the_same_seed_gives_the_same_bits(steady):
    fitted = arenas._fit([steady], 1)
    origin = int(steady.months[-1])
    one, two = (
        arenas.law_draws([steady], fitted, origin, 6, 1)["nk_launch_days"] for _ in range(2)
    )
    assert np.array_equal(one, two)


def test_no_target_lies_past_a_break_of_terms(record):
    truth = arenas.outcomes(record)
    border = 2022 * 12 + 7
    assert ("pla_aircraft 0", border - 1) in truth
    assert ("pla_aircraft 0", border) not in truth
    assert ("pla_aircraft 1", border) in truth


def test_choice_ends_before_the_test_begins():
    item = arenas.ArenaForecasts("pla_aircraft", 0, 12, 1.0, {})
    border = arenas.SPLIT_ORIGIN["pla_aircraft"]
    found = [replace(item, origin=origin) for origin in range(border - 20, border + 5)]
    choice = arenas._part(found, "pla_aircraft", "choice")
    test = arenas._part(found, "pla_aircraft", "test")
    assert max(p.origin + p.horizon for p in choice) == border
    assert min(p.origin for p in test) == border


def test_launches_after_the_origin_change_no_bit_of_a_forecast(record, tmp_path):
    origin = 2024 * 12 + 5
    launches = record.read("nk_missile_tests")
    late = pl.col("date") > pl.date(2024, 6, 1)
    shifted = pl.when(late).then(pl.date(2025, 3, 3)).otherwise(pl.col("date"))
    launches.with_columns(date=shifted).write_parquet(tmp_path / "nk_missile_tests.parquet")
    entry = {"sha256": "made up", "rows": launches.height, "bytes": 0}
    (tmp_path / "manifest.json").write_text(json.dumps({"nk_missile_tests": entry}))
    other = Record(BUNDLE, tmp_path)
    found = [
        arenas.arena_forecasts(given, origin, origin, horizons=(1,)) for given in (record, other)
    ]
    for one, two in zip(*found, strict=True):
        for name in one.draws:
            assert np.array_equal(one.draws[name], two.draws[name]), name
    truths = [next(p.truth for p in part if p.series == "nk_launch_days") for part in found]
    assert truths[1] == 0


def test_the_prediction_file_names_series_origin_and_month(record):
    origin = 2025 * 12 + 8
    found = arenas.arena_forecasts(record, origin, origin, horizons=(1, 3))
    frame = arenas.prediction_file(found, dict.fromkeys(arenas.SPLIT_ORIGIN, arenas.OURS))
    assert frame.columns[:3] == ["series", "origin", "month"]
    assert frame.height == 3 * 2
    assert (frame["month"] > frame["origin"]).all()
    assert np.isfinite(frame.drop("series", "origin", "month").to_numpy()).all()
