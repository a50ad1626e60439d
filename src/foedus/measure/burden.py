"""What states spend on defence: of their output, and of a pact's total."""

import polars as pl

from foedus.measure.capability import as_measure
from foedus.record.store import AsOf, Record


def burden(record: Record, ccode: int, as_of: AsOf | None = None) -> pl.DataFrame:
    """Give military spending as a share of GDP by year, as SIPRI states it.

    Returns:
        `ccode, year, value, lo90, hi90, unit, state`, share 0 to 1; SIPRI's own estimates are
        marked as estimated.
    """
    frame = record.read("sipri_milex", as_of=as_of).filter(pl.col("ccode") == ccode)
    return as_measure(frame, "share_gdp", "share of GDP", pl.col("share_gdp_estimated"))


def pact_share(record: Record, one: int, two: int, as_of: AsOf | None = None) -> pl.DataFrame:
    """Give state one's part of what both members of a pact spend, by year, in constant dollars.

    Returns:
        `year, value, lo90, hi90, unit, state`; only years with both values.
    """
    frame = (
        record.read("sipri_milex", as_of=as_of)
        .select("ccode", "year", "constant_2023_musd", "constant_2023_musd_estimated")
        .drop_nulls("constant_2023_musd")
    )
    both = frame.filter(pl.col("ccode") == one).join(
        frame.filter(pl.col("ccode") == two), on="year", suffix="_other"
    )
    both = both.with_columns(
        share=pl.col("constant_2023_musd")
        / (pl.col("constant_2023_musd") + pl.col("constant_2023_musd_other"))
    )
    marks = ("constant_2023_musd_estimated", "constant_2023_musd_estimated_other")
    estimated = pl.any_horizontal(pl.col(name).fill_null(False) for name in marks)
    return as_measure(both.drop("ccode"), "share", "share of the pact's spending", estimated)
