"""`foedus compare` and `foedus case`: one JSON shape, clear refusals."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from foedus.cli.main import app
from foedus.policy.courses import course_names
from foedus.policy.instruments import instrument_names
from foedus.world.cases import case_names
from foedus.world.errors import BadInputError

run = CliRunner()
KEYS = {
    "outcome", "unit", "horizon", "course", "mean", "lo90", "hi90", "difference",
    "difference_lo90", "difference_hi90", "baseline", "share_identified", "share_published",
    "share_assumed",
}  # fmt: skip


def test_the_json_holds_what_is_documented(tmp_path: Path):
    table = tmp_path / "table.csv"
    found = run.invoke(
        app,
        ["compare", "japan-us", "--courses", "drift", "--draws", "64", "--horizon", "12",
         "--json", "--output", str(table)],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    whole = json.loads(found.stdout)
    assert {"fingerprint", "case", "origin", "courses", "outcomes"} <= set(whole)
    assert whole["courses"] == ["baseline", "drift"]
    assert all(set(row) >= KEYS for row in whole["outcomes"])
    assert table.read_text().startswith("outcome,")


def test_sentences_come_before_the_tables():
    found = run.invoke(
        app, ["compare", "japan-us", "--courses", "drift", "--draws", "64", "--horizon", "12"]
    )
    assert found.exit_code == 0, found.output
    assert "it cannot be told" in found.stdout or "than under the baseline" in found.stdout
    assert "frontier" in found.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--horizon", "soon"], "does not list months"),
        (["--horizon", "0"], "does not list months"),
        (["--depth", "deep"], "'deep' is not a choice"),
        (["--link", "maybe"], "'maybe' is not a choice"),
        (["--draws", "0"], "number of draws of 0"),
        (["--horizon", "900"], "horizon of 900"),
    ],
)
def test_bad_options_are_refused(options: list[str], said: str):
    found = run.invoke(app, ["compare", "japan-us", "--courses", "drift", *options])
    assert isinstance(found.exception, BadInputError)
    assert said in str(found.exception)


def test_cases_courses_and_instruments_are_listed():
    listed = json.loads(run.invoke(app, ["case", "list", "--json"]).stdout)
    assert [row["case"] for row in listed] == list(case_names())
    courses = json.loads(run.invoke(app, ["case", "courses", "japan-us", "--json"]).stdout)
    assert [row["name"] for row in courses] == list(course_names("japan-us"))
    found = json.loads(run.invoke(app, ["case", "instruments", "--json"]).stdout)
    assert [row["name"] for row in found] == list(instrument_names())


def test_an_instrument_is_shown_with_what_it_rests_on():
    found = run.invoke(app, ["case", "instruments", "exercise-tempo"])
    assert "exercises a year" in found.stdout
    assert "assumed" in found.stdout


def test_a_file_is_checked(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text('title = "x"\nstudy = "either"\nrelative_to = "now"\nsummary = "none"\n')
    found = run.invoke(app, ["case", "check", str(path)])
    assert found.exit_code == 0
    assert "a course" in found.stdout
    path.write_text('title = 3\nstudy = "either"\nrelative_to = "now"\nsummary = "none"\n')
    found = run.invoke(app, ["case", "check", str(path)])
    assert isinstance(found.exception, BadInputError)
    assert "line 1" in found.exception.where
    found = run.invoke(app, ["case", "check", str(tmp_path / "none.toml")])
    assert isinstance(found.exception, BadInputError)


def test_the_schema_is_json():
    assert json.loads(run.invoke(app, ["case", "schema"]).stdout)["properties"]["step"]
