"""Agreements on defence cooperation between two states, from signature to estimated end."""

import polars as pl

from foedus.record.raw import Raw

_SPECIAL = (-77, -88, -99, -66, -58, -57, -56, -55, -44)
_STILL_IN_FORCE = 2010


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the agreements; codes for `unknown` are missing, an end at the table's end is open."""
    frame = raw.parquet("record/dca_agreements.parquet")
    frame = frame.rename({name: name.lower() for name in frame.columns})
    coded = ("span", "durationactual", "terminated")
    frame = frame.with_columns(
        *(pl.when(~pl.col(name).is_in(_SPECIAL)).then(pl.col(name)).alias(name) for name in coded),
        pl.min_horizontal("ccode1", "ccode2").alias("ccode1"),
        pl.max_horizontal("ccode1", "ccode2").alias("ccode2"),
        pl.col("signyear").alias("year"),
        pl.date("signyear", "signmonth", "signday").alias("signed"),
        pl.date("eifyear", "eifmonth", "eifday").alias("in_force"),
        pl.when(pl.col("endyearestimate") < _STILL_IN_FORCE)
        .then(pl.col("endyearestimate"))
        .alias("end_year"),
    )
    return {"dca_agreements": frame.filter(pl.col("ccode1") < pl.col("ccode2"))}
