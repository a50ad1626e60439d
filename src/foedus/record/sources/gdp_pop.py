"""Estimates of GDP and population since 1816, with their uncertainty."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the tables as published; blanks stay missing."""
    return {"gdp_pop_cow": raw.parquet("record/gdp_pop_cow.parquet")}
