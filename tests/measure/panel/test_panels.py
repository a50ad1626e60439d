"""Panels: identity, coverage, information rules, and right answers where others went wrong."""

import datetime as dt
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from foedus.cli.main import main
from foedus.measure.panel.frames import build_frame
from foedus.measure.panel.peace_years import peace_spells
from foedus.record.coverage import cells
from foedus.record.schema import State
from foedus.record.store import BUNDLE, Record
from foedus.study.build_panel import metadata, panel, request, write_panel
from foedus.world.countries import country
from foedus.world.errors import FoedusError, HindsightError

RECORD = Record(BUNDLE, BUNDLE / "no-local-record")
CODES = [2, 200, 220, 255, 260, 265, 365, 678, 679, 700, 710, 713, 731, 732, 740, 816, 817, 990]
some_codes = st.lists(st.sampled_from(CODES), min_size=2, max_size=6, unique=True)
quickly = settings(max_examples=12, deadline=None)


def build(unit: str, **request: object) -> pl.DataFrame:
    found = panel(unit, record=RECORD, **request)  # pyright: ignore[reportArgumentType]
    assert isinstance(found, pl.LazyFrame)
    return found.collect()


@quickly
@given(some_codes, st.randoms(use_true_random=False))
def test_the_order_countries_are_named_in_changes_nothing(codes, random):
    other = list(codes)
    random.shuffle(other)
    asked = {"first": 1985, "last": 1992, "add": ["atop", "nmc", "contiguity", "disputes"]}
    one = build("directed-dyad-year", countries=codes, **asked)
    assert one.equals(build("directed-dyad-year", countries=other, **asked))
    keys = one.select("ccode1", "ccode2", "year")
    assert keys.equals(keys.sort("ccode1", "ccode2", "year"))
    assert not keys.is_duplicated().any()


@quickly
@given(some_codes, st.integers(1816, 2010), st.integers(0, 12))
def test_no_row_stands_for_a_state_out_of_the_system(codes, first, more):
    rows = build("state-year", first=first, last=first + more, countries=codes)
    expected = [
        (code, year)
        for code in sorted(codes)
        for year in range(first, first + more + 1)
        if country(code).exists_in(year)
    ]
    assert rows.select("ccode", "year").rows() == expected


@quickly
@given(st.integers(1816, 2022))
def test_missing_stays_missing(year):
    ours = build("state-year", first=year, last=year, add=["nmc"])
    source = RECORD.read("nmc").filter(pl.col("year") == year)
    joined = ours.join(source, on=["ccode", "year"], how="left", suffix="_source")
    for name in ("milex", "milper", "upop", "cinc"):
        assert joined[name].equals(joined[f"{name}_source"], check_names=False)


@quickly
@given(st.integers(1900, 2015), st.integers(1, 10))
def test_an_earlier_date_never_adds_information(year, earlier):
    asked = {"first": 1885, "last": year - earlier, "countries": [2, 740, 710, 365]}
    asked |= {"add": ["nmc", "atop", "disputes", "trade"], "rule": "dated"}
    early = build("directed-dyad-year", as_of=dt.date(year - earlier, 12, 31), **asked)
    late = build("directed-dyad-year", as_of=dt.date(year, 12, 31), **asked)
    both = early.join(late, on=["ccode1", "ccode2", "year"], how="left", suffix="_late")
    assert both.height == early.height
    for name in ("cinc1", "atop_defense", "gmlmidonset", "flow1"):
        known = both.filter(pl.col(name).is_not_null())
        assert known[name].equals(known[f"{name}_late"], check_names=False)


def test_alliances_after_their_last_year_are_unknown_not_absent():
    rows = build(
        "directed-dyad-year",
        first=2018,
        last=2019,
        countries=["USA", "JPN"],
        add=["atop"],
        states=True,
    )
    assert rows["atop_defense"].to_list() == [1, None, 0, None]
    assert rows["atop_defense_state"].to_list() == [State.OBSERVED, State.OUTSIDE] * 2


def test_one_sided_pledge_keeps_its_direction_and_counts_once_undirected():
    asked = {"first": 1951, "last": 2018, "countries": ["USA", "JPN"], "add": ["atop"]}
    rows = build("directed-dyad-year", **asked).filter(pl.col("year") >= 1952)
    by_side = rows.group_by("ccode1").agg(pl.col("atop_defense").mean()).sort("ccode1")
    assert by_side.rows() == [(2, 1.0), (740, 0.0)]
    once = build("dyad-year", **asked).filter(pl.col("year") >= 1952)
    assert once.select("ccode1", "ccode2").unique().rows() == [(2, 740)]
    assert (once["atop_defense"] == 1).all()


def test_contiguity_and_majors_after_2016_are_carried_and_say_so():
    rows = build(
        "dyad-year",
        first=2016,
        last=2020,
        countries=["CHN", "PRK"],
        add=["contiguity", "majors"],
        states=True,
    )
    assert rows["conttype"].to_list() == [1] * 5
    assert rows["cowmaj1"].to_list() == [1] * 5
    assert rows["cowmaj2"].to_list() == [0] * 5
    expected = [State.OBSERVED, *[State.CARRIED] * 4]
    assert rows["conttype_state"].to_list() == expected
    assert rows["cowmaj1_state"].to_list() == expected


def test_hindsight_is_refused_under_known_and_listed_under_dated():
    asked = {"first": 1990, "last": 2000, "add": ["rivalry"], "as_of": "2015-12-31"}
    with pytest.raises(HindsightError):
        build("dyad-year", rule="known", **asked)
    rows = build("dyad-year", rule="dated", **asked)
    assert (rows["ongoingrivalry"] == 1).any()
    listed = metadata(request("dyad-year", rule="dated", **asked), RECORD)
    assert "tssr_id" in listed["tables"]["rivalry_tss"]["hindsight"]


def test_states_that_met_on_no_common_day_are_no_pair():
    rows = build("dyad-year", first=1990, last=1990, countries=[255, 260, 265])
    assert rows.select("ccode1", "ccode2").rows() == [(260, 265)]


def test_peace_years_use_the_history_before_the_panel():
    asked = {"countries": ["USA", "JPN"], "add": ["peace_years"]}
    late = build("directed-dyad-year", first=1990, last=2000, **asked)
    full = build("directed-dyad-year", last=2000, **asked).filter(pl.col("year") >= 1990)
    assert late.equals(full)
    assert late.filter(pl.col("year") == 2000)["gmlmidspell"].to_list() == [48, 48]
    relevant = build("directed-dyad-year", first=1990, last=2000, relevant=True, **asked)
    assert relevant.equals(late)


def test_peace_years_by_hand():
    frame = build_frame(RECORD, "dyad-year", first=1951, last=1956, countries=[2, 20])
    event = np.array([False, False, True, True, False, False])
    assert peace_spells(frame, event).tolist() == [0, 1, 2, 0, 0, 1]


def test_months_take_no_yearly_values():
    rows = build("dyad-month", first=2000, last=2000, countries=[380, 390], add=["contiguity"])
    assert rows["conttype"].to_list() == [2] * 6 + [1] * 6
    with pytest.raises(FoedusError, match="not spread over months"):
        build("dyad-month", first=2000, last=2000, add=["nmc"])


def test_gleditsch_ward_rows_look_values_up_by_cow_number():
    rows = build("state-year", first=2000, last=2000, system="gw", add=["nmc"])
    germany = rows.filter(pl.col("gwcode") == 260)
    assert germany["ccode"].to_list() == [255]
    assert germany["cinc"].is_not_null().all()


def test_a_cell_says_what_stands_behind_it():
    found = cells(RECORD, "nmc", "cinc", countries=[740, 713], first=1948, last=2024)
    states = {(c, y): s for c, y, _, s in found.iter_rows()}
    assert states[740, 1990] == State.OBSERVED
    assert states[713, 1948] == State.NOT_APPLICABLE
    assert states[740, 2024] == State.OUTSIDE


def test_pandas_and_xarray_hold_the_same_values():
    asked = {"first": 1990, "last": 1991, "countries": ["USA", "JPN"], "add": ["nmc"]}
    polars = build("state-year", **asked)
    pandas = panel("state-year", format="pandas", record=RECORD, **asked)
    labelled = panel("state-year", format="xarray", record=RECORD, **asked)
    assert isinstance(pandas, pd.DataFrame)
    assert isinstance(labelled, xr.Dataset)
    assert pandas["cinc"].tolist() == polars["cinc"].to_list()
    assert labelled["cinc"].sel(ccode=740, year=1990).item() == pandas["cinc"][2]


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".dta"])
def test_files_read_back(tmp_path: Path, ending: str):
    asked = request("directed-dyad-year", first=2017, last=2019, add=["atop"], countries=[2, 740])
    rows = build("directed-dyad-year", first=2017, last=2019, add=["atop"], countries=[2, 740])
    path = tmp_path / f"panel{ending}"
    write_panel(rows, metadata(asked, RECORD), path)
    readers = {".parquet": pd.read_parquet, ".csv": pd.read_csv, ".dta": pd.read_stata}
    back = readers[ending](path)
    assert back["atop_defense"].isna().tolist() == rows["atop_defense"].is_null().to_list()
    assert back["ccode2"].tolist() == rows["ccode2"].to_list()
    assert not list(tmp_path.glob("*.partial"))
    if ending == ".parquet":
        kept = json.loads(pl.read_parquet_metadata(path)["foedus"])
        assert kept["tables"]["atop_dyad"]["covers"] == [1815, 2018]


@pytest.mark.parametrize(
    "arguments",
    [
        ["dyad-decade"],
        ["state-year", "--add", "nonsense"],
        ["state-year", "--add", "atop"],
        ["state-year", "--from", "1700"],
        ["state-year", "--to", "3000"],
        ["state-year", "--from", "2000", "--to", "1990"],
        ["state-year", "--countries", "Korea"],
        ["state-year", "--countries", "Atlantis"],
        ["state-year", "--relevant"],
        ["state-year", "--system", "un"],
        ["state-year", "--as-of", "2000", "--rule", "guess"],
        ["state-year", "--output", "panel.xlsx"],
        ["state-year", "--output", "no-such-folder/panel.csv"],
    ],
)
def test_bad_requests_say_four_things(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["foedus", "panel", *arguments])
    with pytest.raises(SystemExit) as done:
        main()
    shown = capsys.readouterr().err
    assert done.value.code == 2, shown
    for part in ("expected:", "where:", "try:"):
        assert part in shown
    assert not list(tmp_path.iterdir())
