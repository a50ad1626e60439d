"""The command and the study: every measure runs, wrong questions are refused with the reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from foedus.cli.main import app
from foedus.measure.catalogue import MEASURES
from foedus.record.schema import State
from foedus.record.store import Record
from foedus.study.measure_concept import all_measures, measure, read_as_of
from foedus.world.errors import (
    AmbiguousCountryError,
    BadInputError,
    CannotWriteError,
    OutsideCoverageError,
    UnknownCountryError,
    UnknownNameError,
)

SUBJECTS: dict[str, dict[str, Any]] = {
    "country": {"countries": ["JPN"]},
    "pair": {"countries": ["JPN", "CHN"]},
    "directed pair": {"countries": ["JPN", "CHN"]},
    "coalitions": {"countries": ["JPN", "USA"], "against": ["CHN"]},
}


@pytest.mark.parametrize("name", list(MEASURES))
def test_every_measure_keeps_the_common_form(record: Record, name: str):
    found = MEASURES[name]
    frame = measure(name, record=record, **SUBJECTS[found.subject]).frame
    assert {"year", "value", "lo90", "hi90", "unit", "state"} <= set(frame.columns)
    assert set(frame["state"]) <= {str(state) for state in State}
    blank = frame.filter(frame["value"].is_null())
    assert not set(blank["state"]) & {"observed", "carried", "estimated"}
    full = frame.filter(frame["value"].is_not_null())
    assert full.height > 10
    assert set(full["state"]) <= {"observed", "carried", "estimated"}
    assert full["value"].is_finite().all()


@pytest.mark.parametrize("name", list(MEASURES))
def test_every_measure_states_what_a_reader_needs(record: Record, name: str):
    found = MEASURES[name]
    texts = (found.title, found.unit, found.formula, found.source, found.valid_for)
    assert all(texts)
    assert found.uncertainty
    assert found.reference
    for table in found.tables:
        assert record.spec(table).first <= found.last


def test_years_outside_coverage_are_blank_and_say_so(record: Record):
    frame = measure("cinc", countries=["JPN"], first=2020, last=2025, record=record).frame
    assert frame["year"].to_list() == list(range(2020, 2026))
    assert frame["value"].null_count() == 3
    assert frame["state"].to_list()[3:] == ["outside coverage"] * 3


def test_a_date_cuts_what_may_be_used(record: Record):
    as_of = read_as_of("2010-12-31", "dated")
    frame = measure("cinc", countries=["JPN"], first=2000, as_of=as_of, record=record).frame
    assert frame["year"].max() == 2010


@pytest.mark.parametrize(
    ("question", "error", "says"),
    [
        ({"name": "strength", "countries": ["JPN"]}, UnknownNameError, "cinc"),
        ({"name": "cinc", "countries": ["Korea"]}, AmbiguousCountryError, "732"),
        ({"name": "cinc", "countries": ["Japn"]}, UnknownCountryError, "Japan"),
        ({"name": "cinc", "countries": ["JPN", "USA"]}, BadInputError, "--country"),
        ({"name": "relevance", "countries": ["JPN"]}, BadInputError, "--pair"),
        ({"name": "relevance", "countries": ["JPN", "Japan"]}, BadInputError, "two different"),
        ({"name": "balance", "countries": ["JPN"]}, BadInputError, "--against"),
        ({"name": "tension", "countries": ["JPN"]}, BadInputError, "--arena"),
        ({"name": "cinc", "countries": ["JPN"], "first": 2024}, OutsideCoverageError, "1816-2022"),
        ({"name": "cinc", "countries": ["JPN"], "last": 1700}, OutsideCoverageError, "1816-2022"),
        (
            {"name": "cinc", "countries": ["JPN"], "first": 2010, "last": 2000},
            BadInputError,
            "2010",
        ),
        ({"name": "cinc", "countries": ["JPN"], "last": 99_999}, BadInputError, "four digits"),
        ({"name": "burden", "countries": ["FRA"]}, OutsideCoverageError, "sipri_milex"),
    ],
)
def test_wrong_questions_are_refused_with_the_reason(
    record: Record, question: dict, error: type[Exception], says: str
):
    with pytest.raises(error, match=says):
        measure(record=record, **question)


def test_the_command_prints_a_table_a_chart_and_the_source():
    done = CliRunner().invoke(app, ["measure", "burden", "--country", "JPN", "--from", "2015"])
    assert done.exit_code == 0
    for part in ("Japan", "2024", "█", "SIPRI"):
        assert part in done.output


def test_the_command_lists_every_measure():
    done = CliRunner().invoke(app, ["measure", "--list", "--json"])
    assert [row["measure"] for row in json.loads(done.output)] == list(all_measures())


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("kept")
    question = ["measure", "burden", "--country", "JPN", "--output", str(tmp_path / "file")]
    done = CliRunner().invoke(app, question)
    assert isinstance(done.exception, CannotWriteError)
    assert (tmp_path / "file").read_text() == "kept"


def test_a_missing_member_is_named_in_the_table_and_the_file(tmp_path: Path, record: Record):
    frame = measure(
        "balance", countries=["USA"], against=["CHN", "PRK"], first=2020, record=record
    ).frame
    output = frame.filter(frame["domain"] == "economic output")
    assert set(output["missing"]) == {"North Korea"}
    frame.write_csv(tmp_path / "balance.csv")


def test_the_command_writes_figure_and_data(tmp_path: Path):
    question = ["measure", "dependence", "--pair", "JPN,CHN", "--json", "--output", str(tmp_path)]
    done = CliRunner().invoke(app, question)
    assert done.exit_code == 0
    rows = json.loads(done.output)["rows"]
    data = (tmp_path / "dependence.csv").read_text("utf-8").splitlines()
    assert len(data) == len(rows) + 1
    assert (tmp_path / "dependence.svg").read_text("utf-8").startswith("<svg")
    assert (tmp_path / "dependence.png").read_bytes().startswith(b"\x89PNG")
