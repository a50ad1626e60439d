"""Military platforms by class, state and year; built locally only."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the counts as published; blanks of the source stay missing."""
    return {"rdmc_units": raw.parquet("record/rdmc_units.parquet")}
