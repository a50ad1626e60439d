"""The locked DuckDB connection: the record's tables and nothing else.

Queries see one view a table and, as `tidy_<table>`, its long form (who, when, what, value, unit,
source, version, state). Files, the network, extensions and settings are out of reach; a query is
one SELECT, and has a memory and a time limit.
"""

import threading
from collections.abc import Container, Iterator
from contextlib import contextmanager

import duckdb
import polars as pl
import pyarrow.dataset as ds
from pyarrow import ArrowInvalid

from foedus.record.schema import Column, Table
from foedus.record.store import Record
from foedus.world.errors import BadInputError, DamagedRecordError

MEMORY_LIMIT = "1GB"
TIME_LIMIT_S = 60.0
_READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
_NUMERIC = {"int8", "int16", "int32", "int64", "float32", "float64", "bool"}


@contextmanager
def locked(record: Record, *, without: Container[str] = ()) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection that can read the record's tables and do nothing else.

    Args:
        record: The record.
        without: Tables to leave out, as when their files are known to be damaged.

    Raises:
        DamagedRecordError: A table's file cannot be opened.
    """
    with duckdb.connect(":memory:") as connection:
        for setting in (
            f"SET memory_limit='{MEMORY_LIMIT}'",
            "SET max_temp_directory_size='0B'",
            "SET python_enable_replacements=false",
            "SET autoinstall_known_extensions=false",
            "SET autoload_known_extensions=false",
        ):
            connection.execute(setting)
        for name in record.names():
            if name in without:
                continue
            connection.register(name, _opened(record, name))
            view = tidy_select(record.spec(name))
            if view:
                connection.execute(f"CREATE VIEW tidy_{name} AS {view}")
        connection.execute("SET enable_external_access=false")
        connection.execute("SET lock_configuration=true")
        yield connection


def _opened(record: Record, name: str) -> ds.Dataset:
    path = record.path(name)
    try:
        return ds.dataset(path, format="parquet")
    except (OSError, ArrowInvalid) as error:
        raise DamagedRecordError(
            f"{path.name} cannot be read",
            expected="a whole Parquet file with the digest in manifest.json",
            where=str(path),
            hint="foedus record verify, then build or install again",
        ) from error


def query(record: Record, text: str, *, time_limit_s: float = TIME_LIMIT_S) -> pl.DataFrame:
    """Run one SELECT on the record.

    Args:
        record: The record.
        text: One SELECT statement in DuckDB's dialect.
        time_limit_s: Seconds after which the query is stopped.

    Raises:
        BadInputError: The text is not one SELECT, names something that is not there, reaches
            outside the record, or ran past its limits.
    """
    with locked(record) as connection:
        try:
            statements = connection.extract_statements(text)
        except duckdb.Error as error:
            raise _refused(str(error), "the query cannot be read") from error
        if len(statements) != 1 or statements[0].type not in _READING:
            raise _refused("", "the query is not one SELECT")
        timer = threading.Timer(time_limit_s, connection.interrupt)
        timer.start()
        try:
            answer = connection.sql(statements[0]).to_arrow_table()
            frame = pl.from_arrow(answer)
            assert isinstance(frame, pl.DataFrame)
            return frame
        except duckdb.InterruptException as error:
            raise _refused("", f"the query ran past {time_limit_s:.0f} s") from error
        except (duckdb.Error, RuntimeError) as error:
            raise _refused(str(error), "the query was refused") from error
        finally:
            timer.cancel()


def _refused(detail: str, given: str) -> BadInputError:
    lines = detail.strip().splitlines()
    return BadInputError(
        f"{given}: {lines[0]}" if lines else given,
        expected="one SELECT over the record's tables (names: foedus record list)",
        where="foedus record sql",
        hint='foedus record sql "select * from nmc where ccode = 740 and year >= 2015"',
    )


def tidy_select(spec: Table) -> str:
    """Write the SELECT that gives a table's numeric cells in long form; empty if it has none."""
    who = [name for name in spec.columns if name in spec.key]
    values = [
        (name, column)
        for name, column in spec.columns.items()
        if name not in spec.key and column.type in _NUMERIC
    ]
    keys = ", ".join(f'"{name}"' for name in who)
    parts = [
        f"SELECT {keys}, '{name}' AS what, CAST(\"{name}\" AS DOUBLE) AS value, "
        f"{_quoted(column.unit)} AS unit, '{spec.name}' AS source, "
        f"{_quoted(spec.version)} AS version, {_state(spec, name, column)} AS state "
        f'FROM "{spec.name}"'
        for name, column in values
    ]
    return " UNION ALL ".join(parts)


def _state(spec: Table, name: str, column: Column) -> str:
    branches = [f"WHEN \"{name}\" IS NULL THEN 'unreported'"]
    if column.estimated is True:
        branches.append("WHEN true THEN 'estimated'")
    elif column.estimated:
        branches.append(f"WHEN \"{column.estimated}\" THEN 'estimated'")
    if column.carried_after is not None and spec.when == "year":
        branches.append(f"WHEN \"year\" > {column.carried_after} THEN 'carried'")
    return f"CASE {' '.join(branches)} ELSE 'observed' END"


def _quoted(text: str | None) -> str:
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"
