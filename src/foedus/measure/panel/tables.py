"""Index tables: values by state or pair and year, gathered into the rows of a frame."""

import numpy as np
import polars as pl
import pyarrow as pa

from foedus.measure.panel.frames import Frame

_PLAIN = {
    pl.Int8: pa.int8(),
    pl.Int16: pa.int16(),
    pl.Int32: pa.int32(),
    pl.Int64: pa.int64(),
    pl.Float32: pa.float32(),
    pl.Float64: pa.float64(),
}


def take(values: pl.Series, index: np.ndarray) -> pl.Series:
    """Gather values by row number, as `Series.gather` but quicker for plain numbers."""
    kind = _PLAIN.get(type(values.dtype))
    if kind is None:
        return values.gather(pl.Series(index.astype(np.uint32)))
    if not values.null_count():
        return pl.Series(values.name, values.to_numpy().take(index))
    data = values.fill_null(0).to_numpy().take(index)
    valid = values.is_not_null().to_numpy().take(index)
    if valid.all():
        return pl.Series(values.name, data)
    bits = pa.py_buffer(np.packbits(valid, bitorder="little"))
    array = pa.Array.from_buffers(kind, len(data), [bits, pa.py_buffer(data)])
    found = pl.from_arrow(array)
    assert isinstance(found, pl.Series)
    return found.alias(values.name)


def state_values(frame: Frame, table: pl.DataFrame, side: int = 1) -> pl.DataFrame:
    """Gather the columns of a state-year table into a frame's rows, missing where it has no row.

    Args:
        frame: The rows.
        table: `ccode, year` and the columns wanted, unique on the two.
        side: 1 for the first (or only) state, 2 for the second.
    """
    index = frame.one if side == 1 else frame.two
    assert index is not None
    span, size = len(frame.starts), len(frame.axis.codes) + 1
    dense = np.full(size * span, -1, dtype=np.int64)
    slot = frame.axis.slot[table["ccode"].to_numpy()].astype(np.int64)
    at = table["year"].to_numpy().astype(np.int64) - frame.origin
    use = (at >= 0) & (at < span) & (slot < size - 1)
    dense[slot[use] * span + at[use]] = np.flatnonzero(use)
    pointers = pl.Series(dense)
    pointers = pointers.set(pointers < 0, None).cast(pl.UInt32)
    wanted = [name for name in table.columns if name not in ("ccode", "year")]
    grid = table.select(pl.col(wanted).gather(pointers))
    rows = (index * np.int32(span) + frame.period).astype(np.intp)
    return pl.DataFrame([take(column, rows) for column in grid.get_columns()])


def pair_values(
    frame: Frame,
    table: pl.DataFrame,
    *,
    absent: dict[str, int | None],
    covered: np.ndarray,
    ordered: bool = True,
) -> pl.DataFrame:
    """Gather the columns of a pair-year table into a frame's rows.

    Args:
        frame: The rows.
        table: `ccode1, ccode2, year` and the columns wanted, unique on the three.
        absent: What a pair-year without a row means, by column, inside coverage.
        covered: Which periods of the frame the table covers; absent rows elsewhere are missing.
        ordered: False if the table holds each pair once, lower number first.
    """
    assert frame.two is not None
    size, span = len(frame.axis.codes) + 1, len(frame.starts)
    one = frame.axis.slot[table["ccode1"].to_numpy()].astype(np.int64)
    two = frame.axis.slot[table["ccode2"].to_numpy()].astype(np.int64)
    year = table["year"].to_numpy().astype(np.int64) - frame.origin
    use = (year >= 0) & (year < span) & (one < size - 1) & (two < size - 1)
    pointers = np.zeros(size * size * span, dtype=np.int32)
    flat = (one * size + two) * span + year
    numbers = np.flatnonzero(use).astype(np.int32) + 2
    pointers[flat[use]] = numbers
    if not ordered:
        pointers[((two * size + one) * span + year)[use]] = numbers
    row = pointers.take(frame.pair)
    if not covered.all():
        row[(row == 0) & ~covered[frame.period]] = 1
    if frame.gw:
        row[(frame.one == size - 1) | (frame.two == size - 1)] = 1
    wanted = [name for name in table.columns if name not in ("ccode1", "ccode2", "year")]
    head = pl.DataFrame(
        {name: [absent.get(name), None] for name in wanted},
        schema={name: table.schema[name] for name in wanted},
    )
    values = pl.concat([head, table.select(wanted)])
    row = row.astype(np.intp)
    return pl.DataFrame([take(column, row) for column in values.rechunk().get_columns()])


def spell_periods(frame: Frame, spells: pl.DataFrame) -> pl.DataFrame:
    """Turn spells into one row a period of the frame, an open end lasting to the frame's end.

    Args:
        frame: Rows whose periods are meant.
        spells: `start`, `end` as dates or years, end blank while open.

    Returns:
        The other columns with `year`, the number of the period.
    """

    def number(name: str) -> pl.Expr:
        if spells.schema[name] != pl.Date:
            return pl.col(name).cast(pl.Int32)
        years = pl.col(name).dt.year()
        return years * 12 + pl.col(name).dt.month() - 1 if frame.monthly else years

    low, high = frame.origin, frame.origin + len(frame.starts) - 1
    start = number("start").clip(lower_bound=low)
    end = number("end").fill_null(high).clip(upper_bound=high)
    return (
        spells.with_columns(start.alias("_start"), end.alias("_end"))
        .filter(pl.col("_start") <= pl.col("_end"))
        .with_columns(year=pl.int_ranges("_start", pl.col("_end") + 1, dtype=pl.Int32))
        .drop("start", "end", "_start", "_end")
        .explode("year")
    )
