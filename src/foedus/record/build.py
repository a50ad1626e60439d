"""Build the record: run each source, hold its tables to their schema, write them whole."""

import hashlib
import importlib
import json
import os
import re
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path

import polars as pl

from foedus.record.raw import Raw
from foedus.record.schema import Ship, Table
from foedus.record.sources import SOURCES, tables
from foedus.world.cases import case_ccodes
from foedus.world.errors import (
    BadTableError,
    CannotWriteError,
    DamagedRecordError,
    UnknownNameError,
)

_TYPES = {
    "int8": pl.Int8,
    "int16": pl.Int16,
    "int32": pl.Int32,
    "int64": pl.Int64,
    "float32": pl.Float32,
    "float64": pl.Float64,
    "str": pl.String,
    "bool": pl.Boolean,
    "date": pl.Date,
}
MANIFEST = "manifest.json"


def build_record(
    raw_folder: Path,
    output: Path,
    *,
    bundle: bool,
    names: Iterable[str] = SOURCES,
    renew_digests: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Build tables from raw files, source by source; what was finished before is kept.

    Args:
        raw_folder: Folder of raw tables.
        output: Folder to write Parquet files and `manifest.json` to.
        bundle: Build only what may ship inside the package, cut as each table's terms say.
        names: Sources to build.
        renew_digests: Accept changed raw files and write their digests into the TOML files.
        progress: Called with each source's name before it is built.

    Returns:
        Names of the tables written.

    Raises:
        FoedusError: A raw file is absent or changed, a table breaks its schema, or the output
            cannot be written.
    """
    unknown = sorted(set(names) - set(SOURCES))
    if unknown:
        raise UnknownNameError(
            f"no source is called {', '.join(unknown)}",
            expected=", ".join(SOURCES),
            where="the sources to build",
            hint="foedus record list",
        )
    written: list[str] = []
    for source in names:
        progress(source)
        specs = [spec for name, spec in tables().items() if _source_tables(source, name)]
        if not any(spec.raw for spec in specs):
            continue  # Filled by the user alone: a build must not empty it.
        digests = {} if renew_digests else {f.path: f.sha256 for s in specs for f in s.raw}
        raw = Raw(raw_folder, digests)
        frames = importlib.import_module(f"foedus.record.sources.{source}").build(raw)
        if set(frames) != {spec.name for spec in specs}:
            raise AssertionError(f"{source}.py and {source}.toml name different tables")
        if renew_digests:
            _write_digests(source, raw.read)
        for spec in specs:
            frame = conform(frames[spec.name], spec)
            if bundle:
                frame = shipped_rows(frame, spec)
                if frame is None:
                    continue
            write_table(frame, spec.name, output)
            written.append(spec.name)
    return written


def _source_tables(source: str, table: str) -> bool:
    from foedus.record.sources import source_of

    return source_of(table) == source


def conform(frame: pl.DataFrame, spec: Table, *, where: str = "build") -> pl.DataFrame:
    """Cast a table to its schema, check its key, and sort it by key.

    Raises:
        BadTableError: A column is absent, a value does not fit its type, a key is missing or
            repeated.
    """
    missing = [name for name in spec.columns if name not in frame.columns]
    if missing:
        raise BadTableError(
            f"{spec.name} lacks the columns {', '.join(missing)}",
            expected=", ".join(spec.columns),
            where=f"{where}, table {spec.name}",
            hint="add the columns or map them by name",
        )
    casts = []
    for name, column in spec.columns.items():
        value = pl.col(name)
        if frame.schema[name].is_float() and column.type in ("float32", "float64"):
            value = value.fill_nan(None)
        casts.append(value.cast(_TYPES[column.type], strict=True))
    try:
        frame = frame.select(casts)
    except pl.exceptions.PolarsError as error:
        raise BadTableError(
            f"{spec.name} has a value that does not fit: {str(error).splitlines()[0]}",
            expected="values of the types in the table's schema",
            where=f"{where}, table {spec.name}",
            hint=f"foedus record show {spec.name}",
        ) from error
    key = list(spec.key)
    for name in key:
        if frame[name].null_count():
            raise BadTableError(
                f"{frame[name].null_count()} rows of {spec.name} have no {name}",
                expected="a value in every key column",
                where=f"{where}, table {spec.name}",
                hint="drop or complete these rows in the source module, and say so in `changes`",
            )
    repeated = frame.select(key).is_duplicated().sum()
    if repeated:
        raise BadTableError(
            f"{repeated} rows of {spec.name} repeat a key",
            expected=f"rows unique on {', '.join(key)}",
            where=f"{where}, table {spec.name}",
            hint="widen the key or merge the rows in the source module, and say so in `changes`",
        )
    return frame.sort(key)


def shipped_rows(frame: pl.DataFrame, spec: Table) -> pl.DataFrame | None:
    """Cut a table to what may travel inside the package; None where nothing may."""
    if spec.ship is Ship.NONE:
        return None
    if spec.ship is Ship.ALL:
        return frame
    countries = case_ccodes()
    codes = [name for name in ("ccode", "ccode1", "ccode2") if name in frame.columns]
    if not codes:
        raise AssertionError(f"{spec.name} ships case countries but names no country column")
    return frame.filter(pl.all_horizontal(pl.col(name).is_in(countries) for name in codes))


def write_table(frame: pl.DataFrame, name: str, folder: Path) -> None:
    """Write one table and its manifest entry, each whole or not at all."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{name}.parquet"
        partial = target.with_suffix(".partial")
        try:
            frame.write_parquet(partial, compression="zstd", compression_level=15, statistics=True)
            digest = hashlib.sha256(partial.read_bytes()).hexdigest()
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        manifest = read_manifest(folder)
        manifest[name] = {"sha256": digest, "rows": frame.height, "bytes": target.stat().st_size}
        partial = (folder / MANIFEST).with_suffix(".partial")
        text = json.dumps(dict(sorted(manifest.items())), indent=1) + "\n"
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, folder / MANIFEST)
    except OSError as error:
        raise CannotWriteError(
            f"cannot write {name}.parquet ({error.strerror or error})",
            expected="a folder with space and write permission",
            where=str(folder),
            hint="free space or name another folder, then rerun: finished tables are kept",
        ) from error


def read_manifest(folder: Path) -> dict[str, dict[str, int | str]]:
    """Give digests, rows and bytes by table; empty where the folder holds no record yet."""
    path = folder / MANIFEST
    try:
        return json.loads(path.read_text("utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise DamagedRecordError(
            f"{MANIFEST} cannot be read ({error})",
            expected="the list of tables that a build or an addition writes",
            where=str(path),
            hint="remove the folder and build or add again; the bundle needs no such folder",
        ) from error


def _write_digests(source: str, read: dict[str, str]) -> None:
    path = Path(str(resources.files("foedus.record.sources").joinpath(f"{source}.toml")))
    text = path.read_text("utf-8")
    for name, digest in read.items():
        pattern = rf'(path = "{re.escape(name)}", sha256 = )"[^"]*"'
        text = re.sub(pattern, rf'\1"{digest}"', text)
    path.write_text(text, encoding="utf-8")
