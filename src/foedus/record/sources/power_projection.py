"""Shares of great powers in the capability to project power far from home."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import in_year
from foedus.world.countries import country


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep years in which the power was a member of the state system."""
    frame = raw.parquet("record/power_projection.parquet")
    frame = frame.with_columns(in_year("ccode", pl.col("year")))
    alive = pl.Series(
        [country(number).exists_in(year) for number, year in frame["ccode", "year"].iter_rows()],
        dtype=pl.Boolean,
    )
    return {"power_projection": frame.filter(alive)}
