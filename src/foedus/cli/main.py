"""The `foedus` command: its subcommands, its one shape of error, its exit codes."""

import json
import sys

import typer

import foedus
from foedus.cli import (
    brief,
    case,
    check,
    compare,
    fit,
    forecast,
    ledger,
    measure,
    panel,
    read,
    record,
    score,
)
from foedus.world.errors import FoedusError

app = typer.Typer(
    name="foedus",
    help="An open workbench for alliances under threat.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    epilog="Exit codes: 0 done, 2 the input was at fault, 1 the program was, 130 interrupted.",
)
app.command("brief", epilog="Example: `foedus brief japan-us --output briefs/japan-us`")(
    brief.brief
)
app.command("panel")(panel.panel)
app.command("measure", epilog="Example: `foedus measure closeness --pair JPN,USA --from 1990`")(
    measure.measure
)
app.command("fit", epilog="Example: `foedus fit disputes escalation --output fits.md`")(fit.fit)
app.command("forecast", epilog="Example: `foedus forecast japan-us --origin 2026-10 --horizon 60`")(
    forecast.forecast
)
app.command(
    "compare",
    epilog="Example: `foedus compare japan-us --courses april-2024-upgrade,restraint-first`",
)(compare.compare)
app.command("read", epilog="Example: `foedus read 20240410.export.CSV.zip --output events`")(
    read.read
)
app.command("check", epilog="Example: `foedus check essay.txt --output report`")(check.check)
app.add_typer(case.app, name="case")
app.add_typer(record.app, name="record")
app.add_typer(ledger.app, name="ledger")
app.add_typer(score.app, name="score")


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"foedus {foedus.__version__}")
        raise typer.Exit


@app.callback()
def _foedus(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Hold the options that belong to no subcommand."""


def main() -> None:
    """Run the command line; errors made on purpose print their four parts and exit with 2."""
    try:
        app()
    except FoedusError as error:
        if "--json" in sys.argv:
            typer.echo(json.dumps(error.as_dict(), ensure_ascii=False))
        else:
            typer.echo(f"{type(error).__name__.removesuffix('Error')}: {error.given}", err=True)
            typer.echo(f"  expected: {error.expected}", err=True)
            typer.echo(f"  where:    {error.where}", err=True)
            typer.echo(f"  try:      {error.hint}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("Interrupted; nothing half-written was left behind.", err=True)
        sys.exit(130)
