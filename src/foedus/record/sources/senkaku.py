"""Chinese government vessels around the Senkaku/Diaoyu Islands, by period."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep the figures with the first and last day they cover."""
    frame = raw.parquet("events/senkaku_vessels.parquet").with_columns(
        pl.col("period_start").cast(pl.String).str.to_date().alias("start"),
        pl.col("period_end").cast(pl.String).str.to_date().alias("end"),
    )
    return {"senkaku_vessels": frame}
