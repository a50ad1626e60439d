"""Cooperation and conflict between pairs in the news, as one score by day and by month."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import current_numbers


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Give pairs their numbers, lower first; a state with itself and territories are left out."""
    month = _pairs(raw.parquet("events/gdelt_dyad_month_score_2018_2024.parquet"))
    month = month.with_columns(
        pl.col("month").str.to_date("%Y-%m"),
        pl.col("month").str.to_date("%Y-%m").dt.month_end().dt.day().alias("days_in_month"),
    )
    return {
        "gdelt_dyad_month_score_2018_2024": month,
        "gdelt_dyad_day_score_2018_2024": _pairs(
            raw.parquet("events/gdelt_dyad_day_score_2018_2024.parquet")
        ),
    }


def _pairs(frame: pl.DataFrame) -> pl.DataFrame:
    ends = [
        pl.col(name).replace_strict(current_numbers(), default=None, return_dtype=pl.Int16)
        for name in ("iso3_a", "iso3_b")
    ]
    return (
        frame.with_columns(ccode1=pl.min_horizontal(ends), ccode2=pl.max_horizontal(ends))
        .filter(pl.all_horizontal(end.is_not_null() for end in ends))
        .filter(pl.col("ccode1") != pl.col("ccode2"))
    )
