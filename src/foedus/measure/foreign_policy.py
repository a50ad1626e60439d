"""Similarity of the foreign policies of one pair, as a measure."""

import polars as pl

from foedus.measure.capability import as_measure
from foedus.measure.similarity import SCORES, alliance_similarity
from foedus.record.store import AsOf, Record
from foedus.world.countries import country


def pair_similarity(record: Record, one: int, two: int, as_of: AsOf | None = None) -> pl.DataFrame:
    """Give the similarity of a pair's alliance portfolios by score and year.

    Returns:
        `indicator, year, value, lo90, hi90, unit, state`, one row a score and year: `s`,
        `s_weighted`, `kappa`, `pi`.
    """
    low, high = sorted((one, two))
    first = max(1816, *(country(code).spells[0][0].year for code in (one, two)))
    pair = alliance_similarity(record, first=first, as_of=as_of).filter(
        (pl.col("ccode1") == low) & (pl.col("ccode2") == high)
    )
    return pl.concat(
        as_measure(pair.drop("ccode1", "ccode2").with_columns(ccode=pl.lit(low)), name, "-1 to 1")
        .drop("ccode")
        .insert_column(0, pl.lit(name).alias("indicator"))
        for name in SCORES
    )
