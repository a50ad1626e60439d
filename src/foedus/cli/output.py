"""How commands print tables, show progress and write files."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table as RichTable

from foedus.world.errors import BadInputError, CannotWriteError

if TYPE_CHECKING:
    import polars as pl

QUIET_SECONDS = 2.0
ENDINGS = (".csv", ".parquet")


def show_frame(frame: "pl.DataFrame", *, rows: int = 20) -> None:
    """Print the first rows of a table, missing cells as a blank dash, numbers to the right."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    table = RichTable(box=None, pad_edge=False, header_style="bold")
    for name, dtype in frame.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.head(rows).iter_rows():
        table.add_row(*(_cell(value) for value in row))
    console.print(table)
    if frame.height > rows:
        typer.echo(f"({frame.height - rows} more rows)")


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value).replace("[", "\\[")


@contextmanager
def progress(what: str, steps: int) -> Iterator[Callable[[str], None]]:
    """Count steps on standard error, from two seconds on; of an unknown number if zero."""
    began = time.monotonic()
    done = 0

    def step(name: str) -> None:
        nonlocal done
        done += 1
        if time.monotonic() - began > QUIET_SECONDS:
            typer.echo(f"{what} {f'{done}/{steps}' if steps else done} {name}", err=True)

    yield step


@contextmanager
def share_progress(what: str) -> Iterator[Callable[[float], None]]:
    """Report on standard error what share is done, from two seconds on, at most once a second."""
    last = time.monotonic() + QUIET_SECONDS - 1.0

    def step(share: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > 1.0:
            last = now
            typer.echo(f"{what} {share:.0%}", err=True)

    yield step


def check_target(path: Path) -> None:
    """Refuse a file that could not be written as a table, before what it is to hold is computed.

    Raises:
        BadInputError: Its name has another ending.
        CannotWriteError: Its folder does not exist, or is no place to write.
    """
    if path.suffix not in ENDINGS:
        raise BadInputError(
            f"{path.name} ends in {path.suffix or 'nothing'}",
            expected=" or ".join(ENDINGS),
            where="--output",
            hint="name the file with one of these endings",
        )
    if not path.parent.is_dir() or path.is_dir() or not os.access(path.parent, os.W_OK):
        raise CannotWriteError(
            f"cannot write {path}",
            expected="a folder that exists, with space and write permission",
            where="--output",
            hint="name another place, or make the folder first",
        )


def write_frame(frame: "pl.DataFrame", path: Path) -> None:
    """Write a table as CSV or Parquet, whole or not at all."""
    check_target(path)
    write = frame.write_parquet if path.suffix == ".parquet" else frame.write_csv
    partial = path.with_name(path.name + ".partial")
    try:
        write(partial)
        partial.replace(path)
    except OSError as error:
        raise CannotWriteError(
            f"cannot write {path} ({error.strerror or error})",
            expected="a folder that exists, with space and write permission",
            where="--output",
            hint="name another place, or make the folder first",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
