"""Cyber incidents between rival states."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read incidents with their dates; the pair is unordered and the initiator is named."""
    frame = raw.parquet("record/cyber_incidents.parquet").rename(
        {"3rdpartyinitiator": "third_party_initiator"}
    )
    flags = (
        "information_operation",
        "objective_achievement",
        "concession",
        "third_party_initiator",
        "supply_ch",
        "ransomware",
    )
    frame = frame.with_columns(
        pl.min_horizontal("ccode1", "ccode2").alias("ccode1"),
        pl.max_horizontal("ccode1", "ccode2").alias("ccode2"),
        pl.col("interactionstartdate").str.to_date().alias("start"),
        pl.col("interactionenddate").str.to_date().alias("end"),
        *(pl.col(name).cast(pl.Boolean) for name in flags),
    )
    in_order = pl.col("end") >= pl.col("start")
    frame = frame.with_columns(pl.when(in_order).then(pl.col("end")).alias("end"))
    return {"cyber_incidents": frame}
