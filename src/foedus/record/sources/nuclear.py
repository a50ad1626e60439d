"""Nuclear warheads by state: the long series of stockpiles and newer figures as quoted."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import resolve


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read both series, which count different things and must not be joined unseen."""
    stockpile = raw.parquet("record/nuclear_warheads.parquet")
    quoted = raw.parquet("record/nuclear_warheads_sipri_quoted.parquet").with_columns(
        pl.date("year", 1, 1).alias("date"),
        pl.col("source_page").str.extract(r"Yearbook (\d{4})").cast(pl.Int16).alias("edition"),
    )
    return {
        "nuclear_warheads": resolve(stockpile, "iso3", "ccode"),
        "nuclear_warheads_sipri_quoted": resolve(quoted, "iso3", "ccode"),
    }
