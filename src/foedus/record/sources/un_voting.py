"""Votes in the General Assembly: ideal points, roll calls, and votes for whoever has them."""

import polars as pl

from foedus.record.raw import Raw

_DISSOLVED = {
    "Czechoslovakia": 315,
    "Federal Republic of Germany": 260,
    "German Democratic Republic": 265,
    "Yemen Arab Republic": 678,
    "Yemen People's Republic": 680,
    "Yugoslavia": 345,
    "Zanzibar": 511,
}
_VOTES = {"yes": 1, "abstain": 2, "no": 3}


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep ideal points with their intervals; votes become numbers, absences stay absent."""
    points = raw.parquet("record/un_ideal_points.parquet")
    calls = raw.parquet("record/un_roll_calls.parquet").with_columns(
        pl.col("date").str.to_date(), pl.col("importantvote").cast(pl.Int8, strict=False)
    )
    codes = raw.parquet("record/un_votes.parquet").with_columns(
        pl.col("country_code", "country", "vote").cast(pl.String)
    )
    return {"un_ideal_points": points, "un_roll_calls": calls, "un_votes": _votes(raw, codes)}


def _votes(raw: Raw, codes: pl.DataFrame) -> pl.DataFrame:
    table = raw.parquet("record/country_codes.parquet").filter(
        pl.col("iso2c").is_not_null() & pl.col("cown").is_not_null()
    )
    numbers = dict(table.select("iso2c", "cown").iter_rows())
    living = pl.col("country_code").replace_strict(numbers, default=None, return_dtype=pl.Int16)
    past = pl.col("country").replace_strict(_DISSOLVED, default=None, return_dtype=pl.Int16)
    frame = codes.with_columns(
        pl.coalesce(past, living).alias("ccode"),
        pl.col("vote").replace_strict(_VOTES, return_dtype=pl.Int8),
    )
    return frame.drop_nulls("ccode").unique(["rcid", "ccode"], keep="none")
