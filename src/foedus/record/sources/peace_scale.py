"""Peace scale: from rivalry to security community, by pair and period."""

import polars as pl

from foedus.record.raw import Raw
from foedus.world.countries import countries


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read periods; unknown days become the edge of the month or year, an end at the end blank."""
    codes = list(countries())
    low, high = pl.min_horizontal("ccode1", "ccode2"), pl.max_horizontal("ccode1", "ccode2")
    frame = raw.parquet("record/peace_scale.parquet").with_columns(
        low.alias("ccode1"), high.alias("ccode2")
    )
    known = pl.col("ccode1").is_in(codes) & pl.col("ccode2").is_in(codes)
    level = pl.col("peace_level")
    return {
        "peace_scale": frame.filter(known).with_columns(
            pl.coalesce(_day("start"), _month("start"), _year("start")).alias("start"),
            pl.when(~pl.col("end").str.ends_with("9999"))
            .then(pl.coalesce(_day("end"), _month("end").dt.month_end()))
            .alias("end"),
            pl.when(level >= 0).then(level).alias("peace_level"),
            level.lt(0).alias("transition"),
        )
    }


def _day(column: str) -> pl.Expr:
    return pl.col(column).str.to_date("%Y%m%d", strict=False)


def _month(column: str) -> pl.Expr:
    return (pl.col(column).str.slice(0, 6) + "01").str.to_date("%Y%m%d", strict=False)


def _year(column: str) -> pl.Expr:
    return (pl.col(column).str.slice(0, 4) + "0101").str.to_date("%Y%m%d", strict=False)
