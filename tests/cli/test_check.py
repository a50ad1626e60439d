import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from foedus.cli.main import app

pytest.importorskip("onnxruntime")
TEXT = (
    "Japan and the United States share democratic values. China is building up and modernising "
    "its armed forces. Tokyo must do more.\n"
)


def test_check_says_what_the_record_makes_of_a_text(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("essay.txt").write_text(TEXT)
    done = CliRunner().invoke(app, ["check", "essay.txt"])
    assert done.exit_code == 0, done.output
    assert "supported" in done.output
    assert "different questions" in done.output
    assert Path("checks/essay/report.html").is_file()


def test_check_prints_json_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "essay.txt"
    file.write_text(TEXT)
    done = CliRunner().invoke(app, ["check", str(file), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert {claim["kind"] for claim in told["claims"]} >= {"normative"}
    assert told["tested"] >= 1


def test_check_reads_standard_input(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["check", "-", "--json"], input=TEXT)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["text"] == "standard input"


def test_check_lists_its_propositions() -> None:
    done = CliRunner().invoke(app, ["check", "--list", "--json"])
    assert done.exit_code == 0
    assert len(json.loads(done.stdout)) >= 40
