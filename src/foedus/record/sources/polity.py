"""Polity5: authority patterns of states by year."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import existing

_CODES = (-66, -77, -88)
_PARTS = ("democ", "autoc", "polity", "xrreg", "xrcomp", "xropen", "xconst", "parreg", "parcomp")


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Move the codes for broken years out of the scores, and keep one row a state and year.

    Where the source has two rows for the year in which one state gave way to another, the one
    that goes on in the next year is kept.
    """
    frame = raw.parquet("record/polity5.parquet").drop_nulls("cown").rename({"cown": "ccode"})
    next_year = frame.select("polity_annual_ccode", year=pl.col("year") - 1).unique()
    doubled = pl.struct("ccode", "year").is_duplicated()
    goes_on = frame.filter(doubled).join(next_year, on=["polity_annual_ccode", "year"], how="semi")
    frame = pl.concat([frame.filter(~doubled), goes_on])
    special = pl.when(pl.col("polity").is_in(_CODES)).then(pl.col("polity"))
    frame = frame.with_columns(
        special.alias("broken"),
        (pl.col("polity").is_in(_CODES) & pl.col("polity2").is_not_null()).alias("filled"),
    ).with_columns(pl.when(~pl.col(name).is_in(_CODES)).then(pl.col(name)) for name in _PARTS)
    return {"polity5": existing(frame, "ccode", "year")}
