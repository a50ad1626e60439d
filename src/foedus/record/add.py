"""A user's own copy of a table: read with a mapping of names and units, checked row by row.

A mapping is data, never an expression:

    table = "sipri_milex"
    [columns]
    ccode = "Country"                                      # ours = theirs
    milex = { from = "Spending", unit = "billion USD" }    # scaled to the table's unit
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from foedus.record.build import conform, write_table
from foedus.record.schema import Column, Table
from foedus.world.countries import countries, find_country
from foedus.world.errors import BadInputError, BadTableError, FoedusError

MAX_BYTES = 2_000_000_000
SHOWN_ROWS = 20
_PREFIXES = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
_INTEGERS = {
    "int8": pl.Int8,
    "int16": pl.Int16,
    "int32": pl.Int32,
    "int64": pl.Int64,
}
_FORMULA = r"^[=+@\t\r]|^-[^0-9.]"


@dataclass(frozen=True)
class Mapping:
    """Which of the user's columns fills which of ours, and in what unit.

    Args:
        table: Table of the record that the file is a copy of.
        sources: The user's column name by ours.
        units: Unit of the user's column by ours, where stated.
    """

    table: str
    sources: dict[str, str]
    units: dict[str, str]


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        BadInputError: The file is absent or not a mapping.
    """
    try:
        given: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        sources, units = {}, {}
        for ours, theirs in given["columns"].items():
            if isinstance(theirs, str):
                sources[ours] = theirs
            else:
                unknown = set(theirs) - {"from", "unit"}
                if unknown:
                    raise ValueError(f"column {ours} has the unknown field {', '.join(unknown)}")
                sources[ours] = str(theirs["from"])
                if "unit" in theirs:
                    units[ours] = str(theirs["unit"])
        return Mapping(str(given["table"]), sources, units)
    except (OSError, UnicodeDecodeError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise BadInputError(
            f"the mapping cannot be used: {error}",
            expected='table = "NAME" and [columns] with ours = "theirs" or { from, unit }',
            where=str(path),
            hint="foedus record show TABLE lists our columns and their units",
        ) from error


def read_copy(path: Path, spec: Table, mapping: Mapping | None = None) -> pl.DataFrame:
    """Read a CSV or Parquet copy of a table and check every row.

    Args:
        path: The user's file.
        spec: Table it is a copy of.
        mapping: Names and units; by default the file's names are ours.

    Returns:
        The table, conforming to its schema.

    Raises:
        BadTableError: Rows or columns are wrong; the first twenty faults are listed with rows.
        BadInputError: The file cannot be read at all.
    """
    frame = _read_text(path)
    sources = mapping.sources if mapping else {name: name for name in spec.columns}
    _check_columns(frame, spec, sources, path)
    faults: list[str] = []
    columns: dict[str, pl.Series] = {}
    for name, column in spec.columns.items():
        if name not in sources:
            columns[name] = pl.Series(name, [None] * frame.height)
            continue
        text = frame[sources[name]].str.strip_chars()
        text = text.set(text.is_in(["", "NA", "."]).fill_null(False), None)
        factor = _factor(spec, name, mapping.units.get(name) if mapping else None, path)
        columns[name] = _read_column(text, name, column, factor, faults)
    table = pl.DataFrame(columns)
    _check_keys(table, spec, faults)
    if faults:
        more = f" (and {len(faults) - SHOWN_ROWS} more)" if len(faults) > SHOWN_ROWS else ""
        raise BadTableError(
            f"{len(faults)} faults in {path.name}: " + "; ".join(faults[:SHOWN_ROWS]) + more,
            expected=f"rows that fit the table {spec.name}; line 1 is the header",
            where=str(path),
            hint=f"correct these lines; foedus record show {spec.name} gives types and ranges",
        )
    return conform(table, spec, where=str(path))


def add_copy(path: Path, spec: Table, folder: Path, mapping: Mapping | None = None) -> int:
    """Check a user's copy and put it in the user's record, replacing the bundled table there.

    Returns:
        Number of rows.
    """
    frame = read_copy(path, spec, mapping)
    write_table(frame, spec.name, folder)
    return frame.height


def _read_text(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise BadInputError(
            f"there is no file {path}",
            expected="a CSV or Parquet file",
            where="foedus record add",
            hint="check the path",
        )
    if path.stat().st_size > MAX_BYTES:
        raise BadInputError(
            f"{path.name} has {path.stat().st_size:,} bytes",
            expected=f"at most {MAX_BYTES:,} bytes",
            where=str(path),
            hint="cut the file to the years and countries needed",
        )
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path).cast(pl.String)
        with path.open(encoding="utf-8-sig", errors="strict") as handle:
            for _ in handle:
                pass
        return pl.read_csv(path, infer_schema=False, encoding="utf8")
    except UnicodeDecodeError as error:
        raise BadInputError(
            f"{path.name} is not UTF-8 text (byte {error.start})",
            expected="a CSV file in UTF-8",
            where=str(path),
            hint="save the file as UTF-8, for example with iconv -f latin1 -t utf8",
        ) from error
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BadInputError(
            f"{path.name} cannot be read: {str(error).splitlines()[0]}",
            expected="a CSV file with one header line and equally many fields in each line",
            where=str(path),
            hint="open the file and look for broken lines, or a wrong separator",
        ) from error


def _check_columns(frame: pl.DataFrame, spec: Table, sources: dict[str, str], path: Path) -> None:
    unknown = [name for name in sources if name not in spec.columns]
    absent = [theirs for theirs in sources.values() if theirs not in frame.columns]
    unmapped = [name for name in spec.key if name not in sources]
    if unknown or absent or unmapped:
        parts = []
        if unknown:
            parts.append(f"{spec.name} has no column {', '.join(unknown)}")
        if absent:
            parts.append(f"the file has no column {', '.join(absent)}")
        if unmapped:
            parts.append(f"the key columns {', '.join(unmapped)} are not given")
        raise BadTableError(
            "; ".join(parts),
            expected=f"columns {', '.join(spec.columns)}",
            where=f"{path}, whose columns are {', '.join(frame.columns[:40])}",
            hint="write a mapping file and pass it with --mapping",
        )


def _factor(spec: Table, name: str, unit: str | None, path: Path) -> float:
    ours = spec.columns[name].unit
    if unit is None or unit == ours:
        return 1.0
    (scale_theirs, base_theirs), (scale_ours, base_ours) = _scaled(unit), _scaled(ours or "")
    if base_theirs != base_ours:
        raise BadInputError(
            f"{name} is given in {unit!r}",
            expected=f"{ours!r}, or the same with another of thousand, million, billion",
            where=f"mapping for {path}",
            hint="convert the column first; a mapping only scales",
        )
    return scale_theirs / scale_ours


def _scaled(unit: str) -> tuple[float, str]:
    first, _, rest = unit.partition(" ")
    return (_PREFIXES[first], rest) if first in _PREFIXES else (1.0, unit)


def _read_column(
    text: pl.Series, name: str, column: Column, factor: float, faults: list[str]
) -> pl.Series:
    if name in ("ccode", "ccode1", "ccode2"):
        return _read_countries(text, name, faults)
    if column.type == "str":
        hostile = text.str.contains(_FORMULA).fill_null(False)
        _note(text, hostile, f"{name} begins like a spreadsheet formula", faults)
        return text
    if column.type == "bool":
        values = text.str.to_lowercase().replace_strict(
            {"1": True, "0": False, "true": True, "false": False},
            default=None,
            return_dtype=pl.Boolean,
        )
    elif column.type == "date":
        values = text.str.to_date("%Y-%m-%d", strict=False)
    else:
        values = text.cast(pl.Float64, strict=False) * factor
    _note(text, values.is_null() & text.is_not_null(), f"{name} is not {column.type}", faults)
    if values.dtype == pl.Float64:
        _note(text, values.is_infinite().fill_null(False), f"{name} is infinite", faults)
        if column.minimum is not None:
            low = (values < column.minimum).fill_null(False)
            _note(text, low, f"{name} is below {column.minimum:g}", faults)
        if column.maximum is not None:
            high = (values > column.maximum).fill_null(False)
            _note(text, high, f"{name} is above {column.maximum:g}", faults)
        if column.type in _INTEGERS:
            whole = (values == values.round()) | values.is_null()
            _note(text, ~whole.fill_null(True), f"{name} is not a whole number", faults)
            return values.cast(_INTEGERS[column.type], strict=False)
    return values


def _read_countries(text: pl.Series, name: str, faults: list[str]) -> pl.Series:
    known: dict[str, int | None] = {}
    for value in text.drop_nulls().unique():
        try:
            known[value] = find_country(value).ccode
        except FoedusError:
            known[value] = None
    values = text.replace_strict(known, default=None, return_dtype=pl.Int16)
    unresolved = values.is_null() & text.is_not_null()
    _note(text, unresolved, f"{name} is no country ({len(countries())} are known)", faults)
    return values


def _check_keys(table: pl.DataFrame, spec: Table, faults: list[str]) -> None:
    key = list(spec.key)
    for name in key:
        _note(table[name], table[name].is_null(), f"{name} is missing", faults)
    repeated = ~table.select(pl.struct(key).is_first_distinct()).to_series()
    _note(table[key[0]], repeated, f"the key {', '.join(key)} is repeated", faults)


def _note(text: pl.Series, wrong: pl.Series, fault: str, faults: list[str]) -> None:
    for row in wrong.arg_true():
        faults.append(f"line {row + 2}: {fault} ({str(text[row])[:40]!r})")
