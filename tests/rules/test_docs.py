"""Pages that are made from the program are current, and the README's tour runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_generated_pages_are_current():
    """`make check` asks the same."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_page_in_the_navigation_exists():
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages = [line.split(": ")[1] for line in text.splitlines() if line.endswith(".md")]
    assert len(pages) > 8
    assert [page for page in pages if not (ROOT / "docs" / page).is_file()] == []


def tour() -> list[str]:
    text = (ROOT / "README.md").read_text("utf-8").split("## Five minutes")[1].split("\n## ")[0]
    return [line[2:] for line in text.splitlines() if line.startswith("$ ")]


def test_the_tour_of_the_readme_runs(tmp_path: Path):
    commands = tour()
    assert len(commands) >= 8
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for command in commands:
        done = subprocess.run(
            command,
            shell=True,
            env={**os.environ, "PATH": path},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        mistaken = "Korea" in command or "atop_dyads" in command
        assert done.returncode == (2 if mistaken else 0), f"{command}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
