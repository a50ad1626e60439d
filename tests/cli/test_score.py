import json
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from foedus.cli.main import app
from foedus.score import scorecard
from foedus.score.scorecard import Difference, Score, Scorecard
from foedus.study import score_laws

runner = CliRunner()
MINE = ("disputes", "escalation", "pacts")


@pytest.mark.parametrize("arguments", [["--help"], ["tasks", "--help"], ["export", "--help"]])
def test_every_help_has_an_example(arguments: list[str]):
    assert "Example" in runner.invoke(app, ["score", *arguments]).output


@pytest.mark.parametrize(
    "arguments",
    [
        ["wars"],
        ["disputes", "--split", "half"],
        ["disputes", "--store"],
        ["export", "wars", "--output", "x.csv"],
        ["export", "disputes", "--output", "x.csv", "--series", "nmc"],
        ["export", "disputes", "--output", "x.csv", "--target", "war"],
        ["export", "disputes"],
        ["export", "disputes", "--output", "x.txt"],
        ["export", "disputes", "--output", "absent/x.csv"],
        ["export", "spending", "--output", "x.csv", "--series", "imf"],
        ["export", "ensemble", "--output", "x.csv"],
        ["disputes", "--target", "war"],
        ["spending", "--target", "fatal"],
        ["--nothing"],
    ],
)
def test_a_mistake_exits_with_two_and_no_trace(arguments: list[str], tmp_path: Path):
    done = subprocess.run(
        [str(Path(sys.executable).parent / "foedus"), "score", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorecard, "scorecard_path", lambda task: tmp_path / f"{task}.json")
    card = Scorecard(
        task="pacts",
        question="a pact next year",
        split="test",
        first="2000",
        last="2014",
        rule="dated",
        promised=1200,
        events=12,
        lead="log loss",
        clusters="year",
        chosen="law",
        scores=(
            Score("base rate", 1190, {"log loss": 0.2, "auc": 0.5}),
            Score("law", 1190, {"log loss": 0.1}, {"base rate": Difference(-0.1, -0.2, -0.05)}),
        ),
        notes=("reported only",),
    )
    given = {"record": "another", "tables": ["nmc"]}
    scorecard.store_scorecards("pacts", [card], given)


def test_a_table_says_split_rule_cases_looks_and_choice(stored: None):
    text = runner.invoke(app, ["score", "pacts"]).output
    assert "Split test 2000 to 2014; rule dated; 1,190 of 1,200 cases scored, 12 events" in text
    assert "12 events; test set looked at once" in text
    assert "law *" in text
    assert "-0.10000 [-0.20000, -0.05000]" in text
    assert "another record" in text
    assert "- reported only" in text
    assert (
        "No such question is stored"
        in runner.invoke(app, ["score", "pacts", "--split", "choice"]).output
    )
    assert "a pact" not in runner.invoke(app, ["score", "pacts", "--split", "choice"]).output


def test_one_question_of_disputes_is_printed_alone():
    asked = ["score", "disputes", "--target", "onset", "--source", "gml"]
    text = runner.invoke(app, [*asked, "--population", "relevant"]).output
    lines = [line for line in text.splitlines() if ": any onset next year" in line]
    assert [line.split(":")[0] for line in lines] == [
        "GML, politically relevant pairs",
        "GML, politically relevant pairs quiet for ten years",
    ]
    assert "ICB" not in text


def test_json_holds_the_cards_and_their_fingerprint(stored: None):
    data = json.loads(runner.invoke(app, ["score", "pacts", "--json"]).output)
    assert data["pacts"]["test_evaluations"] == 1
    assert data["pacts"]["cards"][0]["scores"][1]["against"]["base rate"]["hi90"] == -0.05


def test_an_export_is_written_with_its_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked = {}

    def export(task: str, *, progress: object, options: dict[str, str]) -> pl.DataFrame:
        asked.update(options, task=task)
        return pl.DataFrame({"ccode1": [2], "ccode2": [20], "year": [2000], "p": [0.5]})

    monkeypatch.setattr(score_laws, "export", export)
    target = tmp_path / "p.csv"
    arguments = ["score", "export", "disputes", "--output", str(target), "--population", "all"]
    assert "1 forecasts of disputes" in runner.invoke(app, arguments).output
    assert asked == {"task": "disputes", "population": "all"}
    assert target.read_text("utf-8").splitlines() == ["ccode1,ccode2,year,p", "2,20,2000,0.5"]
    data = json.loads(runner.invoke(app, [*arguments, "--json"]).output)
    assert data["rows"] == 1


def test_stored_scores_print_fast_and_without_a_numerical_engine():
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom foedus.cli.main import app\n"
        f"r = CliRunner().invoke(app, ['score', *{MINE!r}])\n"
        "assert r.exit_code == 0, r.output\n"
        "print(*[m for m in ('jax', 'scipy', 'statsmodels') if m in sys.modules])"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
    assert time.monotonic() - began < 10
