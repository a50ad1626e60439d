"""Pages that are made from the program are current, and the README's tour runs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_generated_pages_are_current():
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
