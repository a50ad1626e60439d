"""`foedus record`."""

import typer

app = typer.Typer(no_args_is_help=True, help="The record: tables, sources, coverage.")


@app.command("list")
def list_tables() -> None:
    """List the tables."""
