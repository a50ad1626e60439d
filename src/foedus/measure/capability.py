"""National capability: the six components, their shares, and the composite index."""

import polars as pl

from foedus.record.schema import State
from foedus.record.store import AsOf, Record

COMPONENTS = ("milex", "milper", "irst", "pec", "tpop", "upop")


def shares(components: pl.DataFrame) -> pl.DataFrame:
    """Give each state's share of the system total of each component, by year.

    Args:
        components: `ccode, year` and the six components; missing stays missing and is left out
            of the total.

    Returns:
        `ccode, year` and one share a component, 0 to 1.
    """
    return components.select(
        "ccode",
        "year",
        *((pl.col(name) / pl.col(name).sum().over("year")).alias(name) for name in COMPONENTS),
    )


def composite(components: pl.DataFrame) -> pl.DataFrame:
    """Recompute the Composite Index of National Capability: the mean of the six shares.

    A state-year with a missing component has no index, where the publisher fills the gap.

    Returns:
        `ccode, year, value`.

    Source:
        Singer, J. D. 1987. International Interactions 14: 115-132.
    """
    parts = shares(components)
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in COMPONENTS)
    mean = pl.sum_horizontal(COMPONENTS) / len(COMPONENTS)
    return parts.select("ccode", "year", value=pl.when(whole).then(mean))


def cinc(record: Record, ccode: int, as_of: AsOf | None = None) -> pl.DataFrame:
    """Give a state's published index by year.

    Returns:
        `ccode, year, value, lo90, hi90, unit, state`; the index has no published interval.
    """
    frame = record.read("nmc", columns=["ccode", "year", "cinc"], as_of=as_of)
    return as_measure(frame.filter(pl.col("ccode") == ccode), "cinc", "share of system")


def component_shares(record: Record, ccode: int, as_of: AsOf | None = None) -> pl.DataFrame:
    """Give a state's share of the world's total of each component, by year.

    Returns:
        `indicator, year, value, lo90, hi90, unit, state`; a missing component is blank.
    """
    parts = shares(record.read("nmc", as_of=as_of)).filter(pl.col("ccode") == ccode)
    return pl.concat(
        as_measure(parts, name, "share of system")
        .drop("ccode")
        .insert_column(0, pl.lit(name).alias("indicator"))
        for name in COMPONENTS
    )


def as_measure(
    frame: pl.DataFrame, column: str, unit: str, estimated: pl.Expr | None = None
) -> pl.DataFrame:
    """Give a column the common form of a measure: value, interval, unit, state."""
    mark = pl.lit(False) if estimated is None else estimated.fill_null(False)
    present = (
        pl.when(mark).then(pl.lit(str(State.ESTIMATED))).otherwise(pl.lit(str(State.OBSERVED)))
    )
    who = ("ccode1", "ccode2") if "ccode1" in frame.columns else ("ccode",)
    identity = [n for n in (*who, "year", "month") if n in frame.columns]
    return frame.select(
        *identity,
        value=pl.col(column).cast(pl.Float64),
        lo90=pl.lit(None, dtype=pl.Float64),
        hi90=pl.lit(None, dtype=pl.Float64),
        unit=pl.lit(unit),
        state=pl.when(pl.col(column).is_null())
        .then(pl.lit(str(State.UNREPORTED)))
        .otherwise(present),
    ).sort(identity)
