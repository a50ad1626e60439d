"""What a fresh process loads: the doors stay light."""

import subprocess
import sys

import pytest

RECORD = ["list", "show", "cite", "sql", "coverage", "build", "add", "verify"]
HEAVY = ["jax", "numpyro", "arviz", "altair", "statsmodels", "sklearn"]


def loaded_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
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


def test_help_prints_an_example_for_every_command():
    import re

    from typer.testing import CliRunner

    from foedus.cli.main import app

    runner = CliRunner()
    commands = [["brief"], ["panel"], ["measure"], ["fit"], ["forecast"], ["score"]]
    commands += [["record", c] for c in RECORD]
    for command in commands:
        text = runner.invoke(app, [*command, "--help"]).output
        assert re.search(r"Example", text), command
