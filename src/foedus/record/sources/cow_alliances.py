"""Formal alliances of the Correlates of War Project; for local use, never shipped."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the four kinds of alliance by pair and year."""
    return {"cow_alliance_dyad": raw.parquet("record/cow_alliance_dyad.parquet")}
