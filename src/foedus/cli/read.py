"""`foedus read`: texts and event files of others into tables of events."""

import json
import sys
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from foedus.cli.output import progress, show_frame
from foedus.read.endings import ENDINGS

if TYPE_CHECKING:
    from foedus.read.event_files import EventFile
    from foedus.study.read_texts import TextEvents

SHOWN = ("date", "source", "target", "event", "reports", "confidence", "sentence")
MOST_SHOWN = 40


def read(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Texts (.txt, .md, .html, .pdf, .eml, .jsonl, RSS or Atom), folders of them, or - "
            "for standard input; or event files: plain, .gz, or .zip with one member."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(help="Folder for the events; `events` by default for event files."),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Of event files: gdelt1, gdelt1-old, gdelt2, icews, polecat, acled or ucdp; found "
            "from the first line by default.",
        ),
    ] = None,
    bodies: Annotated[
        bool, typer.Option(help="Keep events with a body of states, such as the EU, on one side.")
    ] = False,
    place: Annotated[
        str, typer.Option("--on", help="Where to run: here, processes, ray, or ray://ADDRESS.")
    ] = "here",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object an event (texts) or a file.")
    ] = False,
) -> None:
    """Read texts into coded events, or the event files of GDELT, ICEWS, POLECAT, ACLED, UCDP.

    Texts are coded here, by a network that ships with the package (extra `text`): who did what to
    whom, when and where, with the sentence. Other languages than English are refused. Event files
    are checked line by line; lines that do not fit are set aside with their numbers. A run that was
    cut goes on if --output is given again.
    """
    if form is None and all(_is_text(file) for file in files):
        _texts(files, output, bodies, place, as_json)
    else:
        _event_files(files, output or Path("events"), form, as_json)


def _is_text(file: Path) -> bool:
    return str(file) == "-" or file.is_dir() or file.suffix.lower() in ENDINGS


def _texts(files: list[Path], output: Path | None, bodies: bool, place: str, as_json: bool) -> None:
    from foedus.study.read_texts import read_texts

    with TemporaryDirectory() as scratch, progress("read", 0) as step:
        found = read_texts(
            files,
            output or scratch,
            stdin=sys.stdin.buffer,
            bodies=bodies,
            place=place,
            progress=step,
        )
        if as_json:
            for row in found.rows():
                typer.echo(json.dumps(row, default=str, ensure_ascii=False))
        else:
            _show_events(found)
    _say(found, output, err=as_json)


def _show_events(found: "TextEvents") -> None:
    import polars as pl

    first = pl.DataFrame(list(islice(found.rows(), MOST_SHOWN)), infer_schema_length=None)
    if not first.is_empty():
        named = first.with_columns(
            source=pl.coalesce("source_country", "source_body"),
            target=pl.coalesce("target_country", "target_body"),
        )
        show_frame(named.select(SHOWN), rows=MOST_SHOWN)
    if found.events > MOST_SHOWN:
        typer.echo(f"({found.events - MOST_SHOWN} more rows)")


def _say(found: "TextEvents", output: Path | None, *, err: bool) -> None:
    typer.echo(
        f"{found.events} events in {found.sentences} sentences that name an actor, of "
        f"{found.documents} documents",
        err=err,
    )
    for code, count in sorted(found.refused.items()):
        typer.echo(f"left out, not in English ({code}): {count} documents", err=err)
    if found.bodies:
        typer.echo(
            f"left out, a body of states on one side: {found.bodies} events (--bodies keeps them)",
            err=err,
        )
    for name, why in found.set_aside[:20]:
        typer.echo(f"set aside: {name}: {why}", err=err)
    if len(found.set_aside) > 20:
        typer.echo(f"set aside: {len(found.set_aside) - 20} more", err=err)
    if output is not None:
        typer.echo(f"events in {output / 'events.parquet'}", err=err)
        typer.echo(
            f"for the law of incidents: foedus record add {output / 'monthly.csv'} "
            "--as own_texts_monthly",
            err=err,
        )


def _event_files(files: list[Path], output: Path, form: str | None, as_json: bool) -> None:
    from foedus.study.read_events import read_events

    with progress("read", len(files)) as step:
        found = read_events(files, output, format_name=form, progress=step)
    if as_json:
        for one in found:
            typer.echo(json.dumps(asdict(one), default=str, ensure_ascii=False))
        return
    _show_files(found)
    typer.echo(f"events in {output}")


def _show_files(found: "list[EventFile]") -> None:
    import polars as pl

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
