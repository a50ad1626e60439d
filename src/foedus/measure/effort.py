"""Effort in a pact: what governments put in, indicator by indicator, each with its own coverage.

A profile, not an index: the indicators are levers a government can pull, they end in different
years, and no weight between them is known.
"""

import datetime as dt

import polars as pl

from foedus.record.schema import State
from foedus.record.store import AsOf, Record

USA = 2
INDICATORS = (
    "defence obligations",
    "joint exercises",
    "US personnel",
    "arms delivered",
    "leader visits",
)


def effort(record: Record, one: int, two: int, as_of: AsOf | None = None) -> pl.DataFrame:
    """Give the effort profile of a pair by indicator and year.

    `defence obligations`: how many of the two owe the other defence (ATOP, 1815-2018).
    `joint exercises`: multinational exercises in which both took part (MME, 1980-2010).
    `US personnel`: active-duty personnel in the other state in September (1957 on; only where
    one of the two is the United States).
    `arms delivered`: volume of major arms delivered between the two, both ways (SIPRI trend
    indicator values, 1995-2024).
    `leader visits`: visits of US presidents and secretaries of state to the other, and of its
    leaders to the United States (1945-2023; only where one of the two is the United States).

    Exercises are coded from news: their counts, and their zeros, are lower bounds.

    Returns:
        `indicator, year, value, lo90, hi90, unit, state`. A year inside an indicator's coverage
        without a row is zero only where the table says that an absent row means none, and only
        for states whose rows are here: the bundled arms register holds case countries alone.
    """
    frames = [
        _obligations(record, one, two, as_of),
        _exercises(record, one, two, as_of),
        _arms(record, one, two, as_of),
    ]
    if USA in (one, two):
        host = two if one == USA else one
        frames += [_personnel(record, host, as_of), _visits(record, host, as_of)]
    order = {name: i for i, name in enumerate(INDICATORS)}
    joined = pl.concat(frames)
    return joined.sort(pl.col("indicator").replace_strict(order), "year")


def _yearly(
    counted: pl.DataFrame, indicator: str, unit: str, first: int, last: int, *, none_is_zero: bool
) -> pl.DataFrame:
    """Lay counts on the years of the table; a blank that cannot be zero says why."""
    years = pl.DataFrame({"year": pl.int_range(first, last + 1, dtype=pl.Int32, eager=True)})
    joined = years.join(
        counted.select(pl.col("year").cast(pl.Int32), pl.col("value").cast(pl.Float64)),
        on="year",
        how="left",
    )
    value = pl.col("value").fill_null(0.0) if none_is_zero else pl.col("value")
    return joined.select(
        indicator=pl.lit(indicator),
        year="year",
        value=value,
        lo90=pl.lit(None, dtype=pl.Float64),
        hi90=pl.lit(None, dtype=pl.Float64),
        unit=pl.lit(unit),
        state=pl.when(value.is_null())
        .then(pl.lit(str(State.UNREPORTED)))
        .otherwise(pl.lit(str(State.OBSERVED))),
    )


def _last_year(frame: pl.DataFrame) -> int:
    last = frame["year"].max()
    return last if isinstance(last, int) else 0


def _obligations(record: Record, one: int, two: int, as_of: AsOf | None) -> pl.DataFrame:
    table = record.read("atop_dyad", as_of=as_of)
    pair = table.filter(
        pl.col("ccode1").is_in([one, two])
        & pl.col("ccode2").is_in([one, two])
        & (pl.col("atop_defense") == 1)
    )
    counted = pair.group_by("year").agg(value=pl.len())
    unit = "states that owe the other defence"
    return _yearly(counted, "defence obligations", unit, 1945, _last_year(table), none_is_zero=True)


def _exercises(record: Record, one: int, two: int, as_of: AsOf | None) -> pl.DataFrame:
    table = record.read("exercises_mme_long", as_of=as_of)
    both = table.filter(pl.col("ccode") == one).join(
        table.filter(pl.col("ccode") == two), on="exercise", how="semi"
    )
    counted = both.group_by("year").agg(value=pl.col("exercise").n_unique())
    return _yearly(
        counted, "joint exercises", "exercises begun", 1980, _last_year(table), none_is_zero=True
    )


def _arms(record: Record, one: int, two: int, as_of: AsOf | None) -> pl.DataFrame:
    table = record.read("sipri_arms_register", as_of=as_of)
    pair = table.filter(pl.col("ccode1").is_in([one, two]) & pl.col("ccode2").is_in([one, two]))
    counted = pair.group_by("year").agg(value=pl.col("tiv_delivery_values").sum())
    unit = "million SIPRI trend-indicator values"
    listed = {*table["ccode1"].unique(), *table["ccode2"].unique()}
    here = {one, two} <= listed
    frame = _yearly(counted, "arms delivered", unit, 1995, _last_year(table), none_is_zero=here)
    if here:
        return frame
    return frame.with_columns(state=pl.lit(str(State.OUTSIDE)))


def _personnel(record: Record, host: int, as_of: AsOf | None) -> pl.DataFrame:
    table = record.read("us_troops", as_of=as_of).filter(pl.col("september"))
    counted = (
        table.filter(pl.col("ccode") == host)
        .group_by(year=pl.col("month").dt.year())
        .agg(value=pl.col("troops_ad").sum())
    )
    last = _last_year(table.select(year=pl.col("month").dt.year()))
    return _yearly(
        counted, "US personnel", "active-duty persons in September", 1957, last, none_is_zero=False
    )


def _visits(record: Record, host: int, as_of: AsOf | None) -> pl.DataFrame:
    out = record.read("us_leader_travels", columns=["ccode", "date", "name"], as_of=as_of)
    back = record.read("us_incoming_visits", columns=["ccode", "date"], as_of=as_of)
    outward = out.filter(pl.col("ccode") == host).unique(["date", "name"])
    inward = back.filter(pl.col("ccode") == host)
    years = pl.concat([outward["date"].dt.year(), inward["date"].dt.year()])
    counted = pl.DataFrame({"year": years}).group_by("year").agg(value=pl.len())
    last = min(_end(out), _end(back))
    return _yearly(counted, "leader visits", "visits, both ways", 1945, last, none_is_zero=True)


def _end(visits: pl.DataFrame) -> int:
    """Give the last whole year of a list of visits."""
    last = visits["date"].max()
    if not isinstance(last, dt.date):
        return 0
    return last.year if last.month == 12 else last.year - 1
