"""Militarised interstate disputes: disputes, participants, incidents, and disputing dyads."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.spells import blank, first_day, last_day

_DAYS = ("stday", "endday")
_END = ("end", "endday")


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the four tables of MID 5 and the dyadic table made from them."""
    dispute = _dated(raw.parquet("record/mid5_dispute.parquet")).with_columns(
        blank(["outcome", "settle", "fatality", "fatalpre"], -9)
    )
    going_on = dispute.filter(pl.col("ongo2014") == 1).select("dispnum", last="end")
    coded = ["revtype1", "revtype2", "fatality", "fatalpre"]
    participant = _dated(raw.parquet("record/mid5_participant.parquet")).with_columns(
        blank(coded, -9)
    )
    incident = _dated(raw.parquet("record/mid5_incident.parquet")).with_columns(
        blank(["duration", "tbi", "fatality", "fatalpre"], -9)
    )
    side = _dated(raw.parquet("record/mid5_incident_participant.parquet")).with_columns(
        blank(coded, -9)
    )
    return {
        "mid5_dispute": _open(dispute, going_on),
        "mid5_participant": _open(participant, going_on),
        "mid5_incident": incident,
        "mid5_incident_participant": side,
        "dyadic_mid": _dyads(raw.parquet("record/dyadic_mid.parquet")),
    }


def _open(frame: pl.DataFrame, going_on: pl.DataFrame) -> pl.DataFrame:
    ended = pl.col("last").is_null() | (pl.col("end") < pl.col("last"))
    joined = frame.join(going_on, on="dispnum", how="left")
    return joined.with_columns(pl.when(ended).then(pl.col(day)).alias(day) for day in _END)


def _dated(frame: pl.DataFrame) -> pl.DataFrame:
    dates = (
        first_day("styear", "stmon", "stday").alias("start"),
        last_day("endyear", "endmon", "endday").alias("end"),
    )
    return frame.with_columns(dates).with_columns(blank([*_DAYS, "stmon", "endmon"], -9))


def _dyads(frame: pl.DataFrame) -> pl.DataFrame:
    names = {"disno": "dispnum", "statea": "ccode1", "stateb": "ccode2"}
    sides = [c for c in frame.columns if c.startswith(("fatlev", "revstat"))]
    return (
        frame.with_columns(
            ((pl.col("dyindex") - pl.col("disno")) * 1000).round().cast(pl.Int16).alias("episode"),
            first_day("strtyr", "strtmnth", "strtday").alias("dyad_start"),
            last_day("endyear", "endmnth", "endday").alias("dyad_end"),
            pl.when(pl.col("sideab").is_in([0, 1])).then(pl.col("sideab")).alias("sideab"),
            pl.when(pl.col("recip").is_in([0, 1])).then(pl.col("recip")).alias("recip"),
        )
        .with_columns(
            *blank(sides, -9),
        )
        .with_columns(blank(["revstata", "revstatb"], 6))
        .rename(names)
    )
