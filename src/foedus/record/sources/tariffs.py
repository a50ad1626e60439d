"""Effective tariffs of the United States in 2025, by partner and on average."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import resolve

_UNITED_STATES = 2
_NOT_STATES = ("European Union", "Hong Kong")
_SPELLINGS = {"Korea, South": 732}


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Split the steps by partner from the daily average over all imports."""
    frame = raw.parquet("events/us_effective_tariff_2025.parquet").with_columns(
        pl.col("date").str.to_date(),
        pl.col("country_name")
        .str.to_titlecase()
        .str.replace_all(" And ", " and ")
        .alias("partner"),
    )
    steps = frame.filter(pl.col("series") == "country_step")
    steps = resolve(steps, "partner", "ccode2", known=_SPELLINGS, aside=_NOT_STATES)
    daily = frame.filter(pl.col("series") == "all_countries_daily")
    number = pl.lit(_UNITED_STATES, pl.Int16)
    return {
        "us_effective_tariff_2025": steps.with_columns(number.alias("ccode1")),
        "us_average_tariff_2025": daily.with_columns(number.alias("ccode")),
    }
