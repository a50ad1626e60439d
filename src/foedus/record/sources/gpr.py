"""Geopolitical risk as counted in newspapers: a check on tension, never an indicator of it."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import current_numbers

_INDEXES = ("GPR", "GPRT", "GPRA", "GPRH", "GPRHT", "GPRHA")


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep the six indices of the world and the share of articles by country."""
    world = raw.parquet("events/gpr_monthly_global.parquet").select(
        "month", *(pl.col(name).alias(name.lower()) for name in _INDEXES)
    )
    living = current_numbers()
    state = raw.parquet("events/gpr_monthly_country.parquet").with_columns(
        ccode=pl.col("iso3")
        .cast(pl.String)
        .replace_strict(living, default=None, return_dtype=pl.Int16),
        historical=pl.col("series").cast(pl.String).str.starts_with("GPRHC"),
    )
    daily = raw.parquet("events/gpr_daily.parquet").rename(str.lower)
    return {
        "gpr_daily": daily.with_columns(pl.col("date").cast(pl.Date)),
        "gpr_monthly_global": world,
        "gpr_monthly_country": state.drop_nulls(["ccode", "share_pct"]),
    }
