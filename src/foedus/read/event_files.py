"""Read files of coded events that others publish, of any size, into one table of events.

A file is read in one pass by DuckDB, in two threads and bounded memory, and becomes one Parquet
file, whole or not at all. Lines that do not fit the format are set aside with their numbers. A
file that was read before is known by its size and checksum and is not read again.
"""

import gzip
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foedus.read.formats import FORMATS, Format
from foedus.record.store import Record
from foedus.world.countries import countries
from foedus.world.errors import BadInputError, CannotWriteError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

MEMORY = "400MB"
THREADS = 2
BLOCK = 1 << 22
LONGEST_LINE = 1 << 21
LARGEST_UNPACKED = 20 * 2**30
COLUMNS = (
    "file", "event_id", "date", "source", "target", "source_country", "target_country", "event",
    "cameo", "quad", "goldstein", "latitude", "longitude", "mentions",
)  # fmt: skip


@dataclass(frozen=True)
class EventFile:
    """What came of one file.

    Args:
        file: File read.
        format: Its format.
        output: Parquet file of its events.
        events: Events in it.
        set_aside: Lines that did not fit the format.
        undated: Rows left out because they have no day.
        without_countries: Events in which neither side's country is known.
        rejects: CSV of the lines set aside, with number, column, reason and text; none if none.
        known: Whether it had been read before.
    """

    file: Path
    format: str
    output: Path
    events: int
    set_aside: int
    undated: int
    without_countries: int
    rejects: Path | None
    known: bool


def read_event_files(
    files: Iterable[Path],
    folder: Path,
    record: Record,
    *,
    format_name: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[EventFile]:
    """Read files one after another; those read before are kept, so that a cut run goes on.

    Args:
        files: Files: plain, `.gz`, or `.zip` with one member.
        folder: Where the Parquet files go.
        record: Record with the code lists.
        format_name: Format of all; found from the first line by default.
        progress: Called with the name of each file.

    Raises:
        BadInputError: A file cannot be read, or its format cannot be told.
        UnknownNameError: No such format.
        CannotWriteError: The folder cannot be written, or the disk is full.
    """
    chosen = _named(format_name) if format_name is not None else None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot(folder, error) from error
    found = []
    for file in files:
        progress(file.name)
        found.append(_read(file, folder, record, chosen))
    return found


def _named(name: str) -> Format:
    for one in FORMATS:
        if one.name == name:
            return one
    raise UnknownNameError(
        f"no event format is called {name!r}",
        expected=", ".join(one.name for one in FORMATS),
        where="--format",
        hint="leave it out to have it found from the first line",
    )


def _read(file: Path, folder: Path, record: Record, chosen: Format | None) -> EventFile:
    if not file.is_file():
        raise BadInputError(
            f"{file} is not a file",
            expected="a file of events",
            where="the files to read",
            hint="name files, not folders; a shell pattern such as *.csv works",
        )
    output = folder / f"{file.name.split('.')[0]}-{file.stat().st_size}-{_checksum(file)}.parquet"
    with _unpacked(file, folder) as plain:
        form = chosen or sniff(plain, file)
        rejects = output.with_suffix(".rejects.csv")
        known = output.is_file()
        undated = 0 if known else _convert(plain, file, form, output, rejects, record)
    events, without = _counted(output)
    aside = _lines(rejects)
    return EventFile(
        file, form.name, output, events, aside, undated, without, rejects if aside else None, known
    )


def sniff(plain: Path, file: Path) -> Format:
    """Find the format of a file from its first line.

    Raises:
        BadInputError: None fits.
    """
    line = _first_line(plain, file)
    for form in FORMATS:
        fields = [name.strip('"') for name in line.split(form.delimiter)]
        if form.header and set(form.columns) <= set(fields):
            return form
        if not form.header and len(fields) == len(form.columns) and fields[0].isdecimal():
            return form
    raise BadInputError(
        f"the format of {file.name} cannot be told from its first line ({line[:60]!r})",
        expected="; ".join(
            f"{form.name}: {'a header' if form.header else f'{len(form.columns)} fields'}"
            for form in FORMATS
        ),
        where=str(file),
        hint="name it with --format if only the first line is broken",
    )


def _first_line(plain: Path, file: Path) -> str:
    try:
        with gzip.open(plain) if plain.suffix == ".gz" else plain.open("rb") as stream:
            line = stream.readline(LONGEST_LINE)
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(file, str(error)) from error
    return line.decode("utf-8", "replace").strip("\r\n\ufeff")


def _checksum(file: Path) -> str:
    found = 0
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            found = zlib.crc32(block, found)
    return f"{found:08x}"


@contextmanager
def _unpacked(file: Path, folder: Path) -> "Iterator[Path]":
    """Give a file DuckDB can read: the one member of an archive is unpacked and removed again."""
    if file.suffix.lower() != ".zip":
        yield file
        return
    plain = folder / f".{file.stem}.unpacked"
    try:
        with zipfile.ZipFile(file) as archive:
            members = [item for item in archive.infolist() if not item.is_dir()]
            if len(members) != 1 or members[0].file_size > LARGEST_UNPACKED:
                raise BadInputError(
                    f"{file.name} holds {len(members)} files, "
                    f"{sum(item.file_size for item in members):,} bytes unpacked",
                    expected=f"one file of at most {LARGEST_UNPACKED:,} bytes",
                    where=str(file),
                    hint="unpack it and name the files",
                )
            with archive.open(members[0]) as packed, plain.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked, BLOCK)
        yield plain
    except zipfile.BadZipFile as error:
        raise _unreadable(file, str(error)) from error
    finally:
        plain.unlink(missing_ok=True)


def _convert(
    plain: Path, file: Path, form: Format, output: Path, rejects: Path, record: Record
) -> int:
    """Write one file's events, and the lines set aside; give how many had no day."""
    import duckdb

    partial = output.with_suffix(".partial")
    try:
        with duckdb.connect() as base:
            base.execute(f"SET threads = {THREADS}")
            base.execute(f"SET memory_limit = '{MEMORY}'")
            base.execute("SET preserve_insertion_order = false")
            base.execute("SET enable_progress_bar = false")
            # Without these two the file may become the side of a join that is held in memory.
            base.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
            base.execute(f"SET temp_directory = {_text(output.parent / '.spill')}")
            _lookups(base, form, record)
            found = base.execute(_query(plain, file, form, partial)).fetchone()
            assert found is not None
            events = int(found[0])
            dated = base.execute(
                f"SELECT count(*) FROM read_parquet({_text(partial)}) WHERE date IS NOT NULL"
            ).fetchone()
            assert dated is not None
            undated = events - int(dated[0])
            if undated:
                _drop_undated(base, partial)
            _write_rejects(base, rejects)
        partial.replace(output)
    except duckdb.Error as error:
        text = str(error).splitlines()[0]
        if isinstance(error, duckdb.IOException) and "space" in text.lower():
            raise _cannot(output.parent, error) from error
        raise _unreadable(file, text) from error
    except OSError as error:
        raise _cannot(output.parent, error) from error
    finally:
        partial.unlink(missing_ok=True)
        shutil.rmtree(output.parent / ".spill", ignore_errors=True)
    return undated


def _lookups(base: "duckdb.DuckDBPyConnection", form: Format, record: Record) -> None:
    """Make the tables that codes are looked up in."""
    base.execute(
        "CREATE TABLE country AS SELECT unnest(?::VARCHAR[]) AS code, unnest(?::DATE[]) AS first, "
        "unnest(?::DATE[]) AS last, unnest(?::SMALLINT[]) AS ccode",
        _by_column(_codes(form, record)),
    )
    base.execute(
        "CREATE TABLE act AS SELECT unnest(?::VARCHAR[]) AS cameo, unnest(?::VARCHAR[]) AS event, "
        "unnest(?::TINYINT[]) AS quad, unnest(?::FLOAT[]) AS goldstein",
        _by_column(_acts(record)),
    )


def _by_column(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _codes(form: Format, record: Record) -> "Iterator[tuple[str, Any, Any, int]]":
    """List every code of a country with the days on which it means that country, and no other."""
    import datetime as dt

    if form.codes == "gw":
        pairs = record.read("gw_cow_panel").drop_nulls()
        for gw, year, ccode in pairs.select("gwcode", "year", "ccode").iter_rows():
            yield str(gw), dt.date(year, 1, 1), dt.date(year, 12, 31), int(ccode)
        newest = int(pairs["year"].max())  # type: ignore[arg-type]
        last = pairs.filter(pairs["year"] == newest)
        for gw, ccode in last.select("gwcode", "ccode").iter_rows():
            yield str(gw), dt.date(newest + 1, 1, 1), dt.date(9999, 12, 31), int(ccode)
        return
    seen: dict[tuple[str, Any], int] = {}
    for ccode, item in countries().items():
        names = (item.iso3,) if form.codes == "iso3" else (item.name, *item.aliases)
        for name in names:
            for first, last in item.spells:
                key = (name.casefold(), first)
                if name and key not in seen:
                    seen[key] = ccode
                    yield name.casefold(), first, last or dt.date(9999, 12, 31), ccode


@cache
def _acts(record: Record) -> list[tuple[str, str | None, int | None, float | None]]:
    """Give PLOVER event, quad class and Goldstein value of every CAMEO code."""
    kinds = {"verbal cooperation": 1, "material cooperation": 2, "verbal conflict": 3,
             "material conflict": 4}  # fmt: skip
    plover = record.read("cameo_to_plover_2021")
    events: dict[str, str] = {}
    for code, event in plover.select("cameo_code", "plover_event").iter_rows():
        events.setdefault(code, event)
    codes = record.read("cameo_codes", columns=["code", "goldstein", "kind"])
    return [
        (code, _by_prefix(events, code), kinds.get(kind), goldstein)
        for code, goldstein, kind in codes.iter_rows()
    ]


def _by_prefix(events: dict[str, str], code: str) -> str | None:
    """Give the event of a code, or of the nearest code above it."""
    return next((events[code[:n]] for n in range(len(code), 1, -1) if code[:n] in events), None)


def _query(plain: Path, file: Path, form: Format, partial: Path) -> str:
    given = {
        "event_id": form.event_id,
        "date": form.date,
        "source": form.source,
        "target": form.target,
        "source_code": f"lower({form.source_code})",
        "target_code": f"lower({form.target_code})",
        "event": f"CAST({form.event or 'NULL'} AS VARCHAR)",
        "cameo": f"CAST({form.cameo or 'NULL'} AS VARCHAR)",
        "quad": f"CAST({form.quad or 'NULL'} AS TINYINT)",
        "goldstein": f"CAST({form.goldstein or 'NULL'} AS FLOAT)",
        "latitude": form.latitude,
        "longitude": form.longitude,
        "mentions": f"CAST({form.mentions} AS INTEGER)",
    }
    named = ", ".join(f"{expression} AS {name}" for name, expression in given.items())
    looked_up = {
        "file": _text(file.name),
        "source_country": "one.ccode",
        "target_country": "two.ccode",
        **{name: f"coalesce(given.{name}, act.{name})" for name in ("event", "quad", "goldstein")},
    }
    columns = ", ".join(f"{looked_up.get(name, f'given.{name}')} AS {name}" for name in COLUMNS)
    return f"""
        COPY (
            SELECT {columns}
            FROM (SELECT {named} FROM {_scan(plain, file, form)}) AS given
            LEFT JOIN country AS one ON given.source_code = one.code
                 AND given.date BETWEEN one.first AND one.last
            LEFT JOIN country AS two ON given.target_code = two.code
                 AND given.date BETWEEN two.first AND two.last
            LEFT JOIN act ON act.cameo = given.cameo
        ) TO {_text(partial)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"""


def _scan(plain: Path, file: Path, form: Format) -> str:
    """Give the call that reads a file; lines that do not fit are kept apart by it."""
    names = list(form.columns)
    if form.header:
        names = [name.strip('"') for name in _first_line(plain, file).split(form.delimiter)]
    columns = ", ".join(f"{_text(name)}: '{form.types.get(name, 'VARCHAR')}'" for name in names)
    return (
        f"read_csv({_text(plain)}, delim = {_text(form.delimiter)}, quote = {_text(form.quote)}, "
        f"escape = {_text(form.quote)}, dateformat = {_text(form.date_format)}, nullstr = '', "
        f"header = {str(form.header).lower()}, auto_detect = false, store_rejects = true, "
        f"max_line_size = {LONGEST_LINE}, columns = {{{columns}}})"
    )


def _text(value: object) -> str:
    """Write a value as a text of SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def _drop_undated(base: "duckdb.DuckDBPyConnection", partial: Path) -> None:
    dated = partial.with_suffix(".dated")
    base.execute(
        f"COPY (SELECT * FROM read_parquet({_text(partial)}) WHERE date IS NOT NULL) "
        f"TO {_text(dated)} (FORMAT parquet, COMPRESSION zstd)"
    )
    dated.replace(partial)


def _write_rejects(base: "duckdb.DuckDBPyConnection", rejects: Path) -> None:
    """Write one row a line that was set aside: number, first column at fault, reason, text."""
    base.execute(
        "COPY (SELECT line, arg_min(column_name, column_idx) AS column, "
        "arg_min(error_message, column_idx) AS reason, left(any_value(csv_line), 500) AS text "
        f"FROM reject_errors GROUP BY line ORDER BY line) TO {_text(rejects)} "
        "(FORMAT csv, HEADER true)"
    )


def _lines(rejects: Path) -> int:
    import polars as pl

    if not rejects.is_file():
        return 0
    found = pl.read_csv(rejects, columns=["line"]).height
    if not found:
        rejects.unlink()
    return found


def _counted(output: Path) -> tuple[int, int]:
    import polars as pl

    neither = pl.col("source_country").is_null() & pl.col("target_country").is_null()
    found = pl.scan_parquet(output).select(pl.len(), neither=neither.sum()).collect()
    return int(found["len"][0]), int(found["neither"][0])


def _unreadable(file: Path, why: str) -> BadInputError:
    return BadInputError(
        f"{file.name} cannot be read ({why[:200]})",
        expected="a whole file of a known event format",
        where=str(file),
        hint="fetch it again; `foedus read --help` lists the formats",
    )


def _cannot(folder: Path, error: Exception) -> CannotWriteError:
    return CannotWriteError(
        f"{folder} cannot be written ({error})",
        expected="a folder with write permission and free space",
        where="--output",
        hint="name another folder",
    )
