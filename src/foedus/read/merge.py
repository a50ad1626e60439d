"""Reports of one happening merged into one event, whatever the number of reports.

Two rows are the same happening if day, source, target and root agree and their sentences share
most of their words. Without a day rows are merged only if the sentences are the same. Rows are
sorted on disk by DuckDB, so that reports that may be the same lie side by side, and merged in one
pass over them; only a portion is ever in memory.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from foedus.read.language import words_of
from foedus.world.errors import CannotWriteError

if TYPE_CHECKING:
    import duckdb
    import pyarrow.parquet as pq

HASHES = 24
ALIKE = 0.4
KEY = ("date", "source_country", "target_country", "source_body", "target_body", "event")
PORTION = 10_000
MEMORY = "300MB"
THREADS = 2
ROW_GROUP = 20_000
QUAD_COLUMNS = {1: "verbcoop", 2: "matlcoop", 3: "verbconf", 4: "matlconf"}
_WORD = re.compile(r"[^\W_]{3,}")
_MULTIPLIERS = (np.random.default_rng(20240412).integers(1, 2**31, HASHES) * 2 + 1).astype("u8")


def signature(sentence: str) -> bytes:
    """Give least hashes of a sentence's words; the share that agree estimates the words shared.

    Source:
        Broder, A. (1997). On the resemblance and containment of documents.
    """
    words = {w.lower()[:6] for w in _WORD.findall(sentence)} - words_of("common")
    hashed = np.array([zlib.crc32(w.encode()) for w in words] or [0], dtype="u8")
    least = ((hashed[:, None] * _MULTIPLIERS) % np.uint64(2**61 - 1)).min(0)
    return least.astype("<u4").tobytes()


def merge_files(parts: Sequence[Path], output: Path, *, bodies: bool) -> tuple[int, int]:
    """Merge the reports in Parquet files; of each happening the surest stays, reports counted.

    Events are written by day, those of a day in the order they were read, those without a day
    last. More than 10,000 reports of one day, pair and root are merged in portions of so many.

    Args:
        parts: Files of events with columns `signature`, `block` and `row`, the place in the order.
        output: Parquet file of the merged events.
        bodies: Whether to keep events in which one side is a body of states.

    Returns:
        Events written, and rows left out because one side is a body.

    Raises:
        CannotWriteError: The folder of the output cannot be written, or the disk is full.
    """
    import pyarrow.parquet as pq

    with _scratch(output) as (base, scratch):
        where = "" if bodies else "WHERE source_country IS NOT NULL AND target_country IS NOT NULL"
        key = ", ".join(f"{name} NULLS LAST" for name in KEY)
        files = f"read_parquet([{', '.join(_text(part) for part in parts)}])"
        alike, merged = scratch / "alike.parquet", scratch / "merged.parquet"
        _sort(
            base,
            f"SELECT * FROM {files} {where}",
            f"{key}, CASE WHEN date IS NULL THEN sentence END, confidence DESC, block, row",
            alike,
        )
        total = base.execute(f"SELECT count(*) FROM {files}").fetchone()
        assert total is not None
        with pq.ParquetFile(alike) as rows, pq.ParquetWriter(merged, rows.schema_arrow) as writer:
            left = total[0] - rows.metadata.num_rows
            events = 0
            for portion in _portions(rows):
                happenings = merge(portion)
                events += happenings.height
                writer.write_table(happenings.to_arrow().cast(rows.schema_arrow))
        alike.unlink()
        _sort(
            base,
            f"SELECT * EXCLUDE (signature, block, row) FROM read_parquet({_text(merged)})",
            "date NULLS LAST, block, row",
            scratch / "events.parquet",
        )
        (scratch / "events.parquet").replace(output)
    return events, left


def _sort(base: "duckdb.DuckDBPyConnection", query: str, order: str, output: Path) -> None:
    base.execute(
        f"COPY ({query} ORDER BY {order}) TO {_text(output)} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
    )


def _portions(rows: "pq.ParquetFile") -> Iterator[pl.DataFrame]:
    """Give sorted rows in portions that end where a group of possible reports ends."""
    held: pl.DataFrame | None = None
    for batch in rows.iter_batches(PORTION):
        fresh = pl.DataFrame(batch)
        held = fresh if held is None else pl.concat([held, fresh])
        groups = _groups(held)
        ended = int((groups != groups[-1]).sum())
        if held.height - ended > PORTION:
            ended = held.height
        if ended:
            yield held.head(ended)
            held = held.slice(ended)
    if held is not None and held.height:
        yield held


def _groups(rows: pl.DataFrame) -> np.ndarray:
    """Number the groups of rows that may be reports of one happening, in the order they lie."""
    undated = pl.when(pl.col("date").is_null()).then("sentence")
    return rows.select(pl.struct(*KEY, undated.alias("said")).rle_id()).to_series().to_numpy()


def merge(rows: pl.DataFrame) -> pl.DataFrame:
    """Merge rows that lie side by side by what must agree, the surest first."""
    groups = _groups(rows)
    marks = np.frombuffer(b"".join(rows["signature"]), "<u4").reshape(-1, HASHES)
    heads, marked = np.empty(len(groups), int), np.empty_like(marks)
    reports = np.zeros(len(groups), int)
    found, first = 0, 0
    for row, given in enumerate(rows["reports"]):
        if row and groups[row] != groups[row - 1]:
            first = found
        agree = np.count_nonzero(marked[first:found] == marks[row], axis=1)
        alike = agree >= ALIKE * HASHES
        same = heads[first + int(alike.argmax())] if alike.any() else row
        if same == row:
            heads[found], marked[found] = row, marks[row]
            found += 1
        reports[same] += given
    kept = heads[:found]
    return rows[kept].with_columns(reports=pl.Series(reports[kept]))


def count_monthly(events: Path, output: Path) -> None:
    """Count events by directed pair of states, month and quad class, as the record keeps them.

    Events without a day, inside a state, or with a side the state list does not hold are left out.

    Raises:
        CannotWriteError: The folder of the output cannot be written, or the disk is full.
    """
    counts = ", ".join(
        f"count(*) FILTER (quad = {quad}) AS {name}" for quad, name in QUAD_COLUMNS.items()
    )
    with _scratch(output) as (base, scratch):
        # Goldstein values are summed as decimals, so that the order cannot change the mean.
        base.execute(
            "COPY (SELECT source_ccode AS ccode1, target_ccode AS ccode2, "
            f"CAST(date_trunc('month', date) AS DATE) AS month, {counts}, "
            "CAST(sum(CAST(goldstein AS DECIMAL(9, 2))) AS DOUBLE) / count(*) AS goldstein "
            f"FROM read_parquet({_text(events)}) "
            "WHERE date IS NOT NULL AND source_ccode <> target_ccode "
            f"GROUP BY ALL ORDER BY ccode1, ccode2, month) TO {_text(scratch / 'monthly.csv')} "
            "(FORMAT csv, HEADER true)"
        )
        (scratch / "monthly.csv").replace(output)


@contextmanager
def _scratch(output: Path) -> "Iterator[tuple[duckdb.DuckDBPyConnection, Path]]":
    """Give DuckDB in bounded memory, and a folder beside the output that is removed again."""
    import duckdb

    try:
        with (
            TemporaryDirectory(dir=output.parent, prefix=".merge-") as folder,
            duckdb.connect() as base,
        ):
            base.execute(f"SET threads = {THREADS}")
            base.execute(f"SET memory_limit = '{MEMORY}'")
            base.execute("SET enable_progress_bar = false")
            base.execute(f"SET temp_directory = {_text(Path(folder) / 'spill')}")
            yield base, Path(folder)
    except (OSError, duckdb.IOException) as error:
        raise CannotWriteError(
            f"{output.parent} cannot be written ({str(error).splitlines()[0]})",
            expected="a folder with write permission and free space",
            where="--output",
            hint="name another folder",
        ) from error


def _text(value: object) -> str:
    """Write a value as a text of SQL."""
    return "'" + str(value).replace("'", "''") + "'"
