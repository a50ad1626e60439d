"""Capitals with their dates and coordinates."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.spells import open_after


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read spells of capitals; an end on the table's last day is no end."""
    frame = raw.parquet("record/cow_capitals.parquet").with_columns(
        pl.col("stdate").str.to_date().alias("start"),
        open_after("enddate", "2024-12-31").alias("end"),
    )
    return {"cow_capitals": frame}
