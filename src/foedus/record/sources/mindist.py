"""Shortest distance between the territories of two states, by year."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the distances, to the precision of a map."""
    return {"cow_mindist": raw.parquet("record/cow_mindist.parquet")}
