"""Military expenditure by state and year, with the producer's own marks of uncertainty."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import in_year

_MEASURES = ("constant_2023_musd", "current_musd", "share_gdp", "per_capita_usd", "share_govt")
_WITHOUT_FORCES = ("Costa Rica", "Haiti", "Iceland", "Panama")
_LAST_SOVIET_YEAR = 1990


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep what is published; a zero of a state that had forces is a blank cell, not spending."""
    frame = raw.parquet("record/sipri_milex.parquet")
    before = (pl.col("country") == "Russia") & (pl.col("year") <= _LAST_SOVIET_YEAR)
    frame = frame.filter(pl.col("ccode").is_not_null() & ~before)
    real = pl.col("country").is_in(_WITHOUT_FORCES)
    frame = frame.with_columns(
        pl.when(real | (pl.col(name) > 0)).then(pl.col(name)).alias(name) for name in _MEASURES
    )
    frame = frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in _MEASURES))
    marks = [
        pl.when(pl.col(name).is_not_null())
        .then(pl.col(f"{name}_flag").is_in(["estimate", "uncertain"]))
        .alias(f"{name}_estimated")
        for name in _MEASURES
    ]
    frame = frame.with_columns(*marks, in_year("ccode", pl.col("year")))
    return {"sipri_milex": frame}
