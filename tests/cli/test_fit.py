import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from foedus.cli import main as door
from foedus.cli.main import app
from foedus.estimate.law_posterior import read_law
from foedus.estimate.posterior import SHIPPED, folder_of

runner = CliRunner()


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "own"
    monkeypatch.setenv("FOEDUS_POSTERIORS", str(folder))
    return folder


def test_what_ships_is_kept_and_nothing_is_written(own: Path):
    result = runner.invoke(app, ["fit", "support", "--json"])
    assert result.exit_code == 0, result.output
    (entry,) = json.loads(result.stdout)
    assert entry["kept"]
    assert entry["folder"] == str(SHIPPED / "support")
    assert not own.exists()


def test_a_fit_goes_to_the_users_folder_and_is_read_from_there(own: Path, tmp_path: Path):
    report = tmp_path / "report.md"
    before = (SHIPPED / "support" / "manifest.json").read_bytes()
    result = runner.invoke(app, ["fit", "support", "--seed", "7", "--output", str(report)])
    assert result.exit_code == 0, result.output
    assert "1 fitted, 0 kept" in result.stdout
    assert folder_of("support") == own
    assert read_law("support").manifest["seed"] == 7
    assert (SHIPPED / "support" / "manifest.json").read_bytes() == before
    assert "| support | 1,162 |" in report.read_text("utf-8")
    again = runner.invoke(app, ["fit", "support", "--seed", "7"])
    assert "0 fitted, 1 kept" in again.stdout
    assert sorted(path.name for path in (own / "support").iterdir()) == [
        "draws.parquet",
        "manifest.json",
        "summary.parquet",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "expected: incidents, disputes"),
        (["support", "--as-of", "yesterday"], "--as-of"),
        (["support", "--as-of", "2020-01-01", "--rule", "guessed"], "dated or known"),
        (["support", "--output", "no/such/folder/report.md"], "--output"),
    ],
)
def test_a_mistake_is_said_plainly_and_exits_with_two(
    arguments: list[str],
    said: str,
    own: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr(sys, "argv", ["foedus", "fit", *arguments])
    with pytest.raises(SystemExit) as stop:
        door.main()
    assert stop.value.code == 2
    assert said in capsys.readouterr().err
    assert not own.exists()


def test_help_gives_an_example():
    text = runner.invoke(app, ["fit", "--help"]).output
    assert "Example" in text
    assert "--bundle" in text
