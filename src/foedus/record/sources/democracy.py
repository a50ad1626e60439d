"""Democracy by state and year, from V-Dem, Polity and the extended unified scores."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the tables as published; blanks stay missing."""
    return {"democracy_cow": raw.parquet("record/democracy_cow.parquet")}
