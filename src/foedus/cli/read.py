"""`foedus read`: event files of others into one table of events."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from foedus.cli.output import progress, show_frame


def read(
    files: Annotated[
        list[Path], typer.Argument(help="Files: plain, .gz, or .zip with one member.")
    ],
    output: Annotated[Path, typer.Option(help="Folder for the Parquet files, one a file.")] = Path(
        "events"
    ),
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="gdelt1, gdelt1-old, gdelt2, icews, polecat, acled or ucdp; found from the first "
            "line by default.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a file.")] = False,
) -> None:
    """Read files of coded events: GDELT, ICEWS, POLECAT, ACLED, UCDP.

    Lines that do not fit the format are set aside with their numbers and counted. A file that was
    read before is not read again, so a run that was cut goes on.
    """
    import polars as pl

    from foedus.study.read_events import read_events

    with progress("read", len(files)) as step:
        found = read_events(files, output, format_name=form, progress=step)
    if as_json:
        for one in found:
            typer.echo(json.dumps(asdict(one), default=str, ensure_ascii=False))
        return
    rows = [
        {
            "file": one.file.name,
            "format": one.format,
            "events": one.events,
            "set aside": one.set_aside,
            "without a day": one.undated,
            "no country known": one.without_countries,
            "": "read before" if one.known else "",
        }
        for one in found
    ]
    show_frame(pl.DataFrame(rows), rows=100)
    for one in found:
        if one.rejects is not None:
            typer.echo(f"lines set aside: {one.rejects}")
    typer.echo(f"events in {output}")
