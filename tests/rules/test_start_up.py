"""What a fresh process loads: the doors stay light."""

import subprocess
import sys
from collections.abc import Sequence

import pytest

RECORD = ["list", "show", "cite", "sql", "coverage", "build", "add", "verify"]
COMMANDS = [
    ["brief"],
    ["panel"],
    ["measure"],
    ["fit"],
    ["forecast"],
    ["score"],
    ["score", "export"],
]
COMMANDS += [["ledger", c] for c in ("issue", "resolve", "report")]
COMMANDS += [["record", c] for c in RECORD]
DOORS = {
    "brief": "foedus.study.write_brief.brief",
    "check": "foedus.study.check_text.check_text",
    "compare": "foedus.study.compare_courses.compare",
    "fit": "foedus.study.fit_laws.fit_laws",
    "forecast": "foedus.study.forecast.forecast",
    "measure": "foedus.study.measure_concept.measure",
    "open_record": "foedus.record.store.open_record",
    "panel": "foedus.study.build_panel.panel",
    "score": "foedus.study.score_laws.stored",
}
HEAVY = ["jax", "numpyro", "arviz", "altair", "statsmodels", "sklearn"]
TABLES = ["numpy", "scipy", "pandas", "polars", "pyarrow", "duckdb", "xarray", "spacy", "jinja2",
          "onnxruntime", "tokenizers", "ray"]  # fmt: skip


def loaded_after(code: str, watched: Sequence[str] = HEAVY) -> set[str]:
    script = f"import sys\n{code}\nprint(*[m for m in {list(watched)!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.splitlines()[-1].split()) if done.stdout.strip() else set()


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded_after("import foedus")


def test_the_command_line_loads_nothing_heavy():
    assert not loaded_after("import foedus.cli.main")


@pytest.mark.parametrize("command", ["list", "sql"])
def test_record_commands_load_no_numerical_engine(command: str):
    argument = "['select 1']" if command == "sql" else "[]"
    code = (
        "from typer.testing import CliRunner\nfrom foedus.cli.main import app\n"
        f"r = CliRunner().invoke(app, ['record', '{command}', *{argument}])\n"
        "assert r.exit_code == 0"
    )
    assert not loaded_after(code)


@pytest.mark.parametrize(
    "command", ["brief", "check", "compare", "forecast", "score", "fit", "ledger", "read", "case"]
)
def test_help_loads_no_library_but_those_that_print_it(command: str):
    code = (
        "from typer.testing import CliRunner\nfrom foedus.cli.main import app\n"
        f"r = CliRunner().invoke(app, ['{command}', '--help'])\nassert r.exit_code == 0"
    )
    assert not loaded_after(code, [*HEAVY, *TABLES])


def test_the_python_door_is_the_same_studies():
    names = ", ".join(f"{name!r}: {place!r}" for name, place in DOORS.items())
    script = f"""
import importlib
import foedus
for name, place in {{{names}}}.items():
    module, attribute = place.rsplit(".", 1)
    found = getattr(importlib.import_module(module), attribute)
    assert getattr(foedus, name) is found, name
    assert getattr(foedus, name) is found, f"{{name}} the second time"
assert foedus.ledger.issue is importlib.import_module("foedus.study.ledger").issue
assert set({list(DOORS)!r}) | {{"__version__", "ledger"}} == set(foedus.__all__)
import foedus.score.proper
import foedus.measure.balance
assert callable(foedus.score) and callable(foedus.measure)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_python_door_names_what_it_does_not_have():
    import foedus

    with pytest.raises(AttributeError, match="has no attribute 'war'"):
        _ = foedus.war


def test_help_prints_an_example_for_every_command():
    import re

    from typer.testing import CliRunner

    from foedus.cli.main import app

    runner = CliRunner()
    for command in COMMANDS:
        text = runner.invoke(app, [*command, "--help"]).output
        assert re.search(r"Example", text), command
