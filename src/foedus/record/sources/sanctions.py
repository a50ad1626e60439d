"""Cases of economic sanctions; for local use, never shipped."""

import polars as pl

from foedus.record.raw import Raw

_LAST_YEAR = 2022
_KINDS = ("trade", "arms", "military", "financial", "travel", "other")


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the cases; an end in the last year observed is no end."""
    frame = raw.parquet("events/gsdb_v3_sanctions.parquet")
    end = pl.col("end").cast(pl.Int16)
    flags = (*_KINDS, "target_mult", "sender_mult")
    frame = frame.with_columns(
        pl.col("begin").cast(pl.Int16).alias("start"),
        pl.when(end < _LAST_YEAR).then(end).alias("end"),
        *(pl.col(name) == "1" for name in flags),
    )
    return {"gsdb_v3_sanctions": frame}
