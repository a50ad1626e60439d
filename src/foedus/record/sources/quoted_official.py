"""Official yearly figures quoted from pages: scrambles, patrol days, arms notified."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Join the two collections; where both give a figure the second, which settles it, is kept."""
    first = raw.parquet("events/quoted_official_series.parquet").with_columns(part=pl.lit(1))
    second = raw.parquet("events/quoted_official_series_2.parquet").with_columns(part=pl.lit(2))
    frame = pl.concat([first, second], how="vertical_relaxed").sort("part")
    frame = frame.unique(["series", "period"], keep="last").with_columns(
        year=pl.col("period").str.extract_all(r"\d{4}").list.last().cast(pl.Int16)
    )
    return {"quoted_official_series": frame}
