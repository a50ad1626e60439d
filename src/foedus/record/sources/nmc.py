"""National Material Capabilities: six components and their composite share, by state and year."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the components as published; values the source left blank stay missing."""
    return {"nmc": raw.parquet("record/nmc7.parquet")}
