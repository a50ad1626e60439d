import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from foedus.cli.main import app

runner = CliRunner()
COMMANDS = ("issue", "resolve", "report")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Issue a ledger as of mid-2024 through the door."""
    target = tmp_path_factory.mktemp("cli") / "ledger"
    arguments = ["ledger", "issue", "japan-us", "--as-of", "2024-06", "--folder", str(target)]
    done = runner.invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "24 issued, 0 already issued" in done.output
    assert "Left out:" in done.output
    assert "Announced exercises" in done.output
    return target


def test_a_second_issue_says_so_and_prints_json(folder: Path):
    arguments = ["ledger", "issue", "japan-us", "--as-of", "2024-06", "--folder", str(folder)]
    data = json.loads(runner.invoke(app, [*arguments, "--json"]).output)
    assert data["issued"] == []
    assert len(data["already_issued"]) == 24
    assert {item["what"] for item in data["left_out"]} >= {"Announced exercises"}
    assert "0 issued, 24 already issued" in runner.invoke(app, arguments).output


def test_resolve_then_report(folder: Path):
    text = runner.invoke(app, ["ledger", "resolve", "--folder", str(folder)]).output
    assert "20 resolved, 4 void, 0 open" in text
    assert "- void" in text
    again = json.loads(
        runner.invoke(app, ["ledger", "resolve", "--folder", str(folder), "--json"]).output
    )
    assert again["resolved"] == again["void"] == again["open"] == []
    text = runner.invoke(app, ["ledger", "report", "--folder", str(folder)]).output
    assert "24 issued, 0 open (0 overdue), 20 resolved, 4 void" in text
    assert "24 of them written after their date of issue" in text
    data = json.loads(
        runner.invoke(app, ["ledger", "report", "--folder", str(folder), "--json"]).output
    )
    assert data["counts"]["resolved"] == 20
    assert re.fullmatch(r"[0-9a-f]{64}", data["head"])
    assert all(row["resolved"] for row in (*data["overall"], *data["by_series"]))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example(command: str):
    assert "Example" in runner.invoke(app, ["ledger", command, "--help"]).output


@pytest.mark.parametrize(
    "arguments",
    [
        ["ledger", "issue", "japan-uk"],
        ["ledger", "issue", "japan-us", "--as-of", "soon"],
        ["ledger", "issue", "japan-us", "--as-of", "2999"],
        ["ledger", "resolve", "--folder", "no-such-folder"],
        ["ledger", "report", "--folder", "no-such-folder"],
    ],
)
def test_mistakes_get_the_four_parts_and_exit_code_two(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys, tmp_path: Path
):
    from foedus.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["foedus", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main.main()
    assert stopped.value.code == 2
    printed = capsys.readouterr().err
    for part in ("expected:", "where:", "try:"):
        assert part in printed
    assert list(tmp_path.iterdir()) == []


def test_the_door_loads_nothing_heavy():
    script = (
        "import sys, foedus.cli.ledger\n"
        "print(*[m for m in ('jax', 'polars', 'numpy', 'pydantic') if m in sys.modules])"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
    assert time.monotonic() - began < 10
