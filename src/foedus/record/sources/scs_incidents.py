"""Incidents in the South China Sea as reported in the news."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Number the rows, keep the parties as given, and count reports by month."""
    frame = raw.parquet("events/scs_incidents_scsdi.parquet").with_row_index("row", offset=1)
    frame = frame.with_columns(
        pl.col(name).cast(pl.String).str.strip_chars().cast(pl.Int16, strict=False)
        for name in ("year", "month", "day")
    )
    frame = frame.with_columns(
        pl.col(name).cast(pl.String).cast(pl.Float32, strict=False).round(1)
        for name in ("latitude", "longitude", "level")
    )
    placed = pl.col("latitude").is_between(-90, 90) & pl.col("longitude").is_between(-180, 180)
    frame = frame.with_columns(
        pl.when(placed).then(pl.col(name)).alias(name) for name in ("latitude", "longitude")
    )
    dated = pl.date("year", "month", pl.col("day").fill_null(1))
    frame = frame.with_columns(date=pl.when(pl.col("month").is_not_null()).then(dated))
    chinese = pl.col("parties").str.contains("CN")
    counts = (
        frame.drop_nulls("month")
        .group_by(month=pl.date("year", "month", 1))
        .agg(reports=pl.len(), with_china=chinese.sum())
    )
    return {"scs_incidents_scsdi": frame.drop("month", "day"), "scs_incidents_monthly": counts}
