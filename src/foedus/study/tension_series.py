"""The record turned into the monthly series of each arena, with their segments.

Only series located in an arena count in it. A month outside a series' own coverage is missing; a
month inside it without a report is zero only where the table says that an absent row means none.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.world.arenas import arena_names, load_arena
from foedus.world.months import add_months, month_end

LEAST_MONTHS = 24


@dataclass(frozen=True)
class Series:
    """One monthly series. Arena files say where it counts and when its reporting terms change.

    Args:
        name: Name in arena files and in every output.
        title: What it counts, for pages.
        table: Table of the record it is counted from.
        unit: What a month's value counts.
        first: First month of steady reporting, as YYYY-MM.
        count: Rows of the table to one value a month; columns `month`, `count`.
    """

    name: str
    title: str
    table: str
    unit: str
    first: str
    count: Callable[[pl.DataFrame], pl.DataFrame]


def _column(name: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    def count(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select("month", count=pl.col(name).cast(pl.Float64)).drop_nulls()

    return count


def _days(frame: pl.DataFrame) -> pl.DataFrame:
    month = pl.col("date").dt.truncate("1mo")
    return frame.group_by(month=month).agg(count=pl.col("date").n_unique().cast(pl.Float64))


SERIES: tuple[Series, ...] = (
    Series(
        "pla_aircraft",
        "PLA aircraft reported",
        "pla_taiwan_monthly",
        "aircraft reported in the month",
        "2020-09",
        _column("aircraft"),
    ),
    Series(
        "pla_vessels",
        "PLA Navy vessels reported",
        "pla_taiwan_monthly",
        "vessel sightings reported in the month",
        "2022-08",
        _column("vessels"),
    ),
    Series(
        "scs_incidents",
        "Incident reports",
        "scs_incidents_monthly",
        "incident reports in the month",
        "2012-01",
        _column("reports"),
    ),
    Series(
        "nk_launch_days",
        "Days with a missile launch",
        "nk_missile_tests",
        "days with a launch in the month",
        "2006-01",
        _days,
    ),
)


CHECK = {"taiwan-strait": 713, "south-china-sea": 840, "korea": 732}
"""Country whose share of newspaper articles on geopolitical risk an arena is checked against."""


def arenas() -> tuple[str, ...]:
    """Name the arenas that have a monthly series located in them."""
    return tuple(name for name in arena_names() if load_arena(name).series)


def collected(
    record: Record, as_of: AsOf | None = None
) -> dict[str, list[tuple[Series, pl.DataFrame]]]:
    """Give the series of every arena by month, those of at least `LEAST_MONTHS` months."""
    known = {series.name: series for series in SERIES}
    found: dict[str, list[tuple[Series, pl.DataFrame]]] = {}
    for arena in arenas():
        frames = [
            (known[name], monthly(record, known[name], arena, as_of))
            for name in load_arena(arena).series
        ]
        found[arena] = [pair for pair in frames if pair[1].height >= LEAST_MONTHS]
    return found


def rows(found: dict[str, list[tuple[Series, pl.DataFrame]]]) -> pl.DataFrame:
    """Put all collected series into one table, for its digest."""
    return pl.concat(
        frame.with_columns(pl.lit(arena).alias("arena"), pl.lit(series.name).alias("series"))
        for arena, frames in found.items()
        for series, frame in frames
    )


def monthly(record: Record, series: Series, arena: str, as_of: AsOf | None = None) -> pl.DataFrame:
    """Count one series by month, from its first month to the last whole month covered.

    Each break in the arena's reporting terms that lies after the first month starts a segment.

    Returns:
        `month, count, segment`, one row a month. A month without a row in the table counts zero
        where the table says that an absent row means none, and is null otherwise.
    """
    spec = record.spec(series.table)
    first = dt.date.fromisoformat(f"{series.first}-01")
    last = spec.last_date or month_end(spec.last, 12)
    if as_of is not None:
        lag = spec.lag_months if as_of.rule is Rule.KNOWN else 0
        last = min(last, add_months(as_of.day, -lag))
    counted = series.count(record.read(series.table, as_of=as_of)).with_columns(
        pl.col("month").cast(pl.Date)
    )
    months = pl.DataFrame({"month": _whole_months(first, last)}, schema={"month": pl.Date})
    given = [dt.date.fromisoformat(f"{item.month}-01") for item in load_arena(arena).breaks]
    breaks = [month for month in given if month > first]
    segment = pl.lit(0, dtype=pl.Int64)
    for start in breaks:
        segment = segment + (pl.col("month") >= start).cast(pl.Int64)
    joined = months.join(counted, on="month", how="left", maintain_order="left")
    empty = 0.0 if spec.absent == "none" else None
    count = pl.col("count").fill_null(empty) if empty is not None else pl.col("count")
    return joined.select("month", count, segment.alias("segment"))


def newspaper_risk(record: Record, arena: str, as_of: AsOf | None = None) -> pl.DataFrame:
    """Give the monthly geopolitical risk of the arena's country: `month, share_pct`."""
    return (
        record.read("gpr_monthly_country", as_of=as_of)
        .filter((pl.col("ccode") == CHECK[arena]) & ~pl.col("historical"))
        .select("month", "share_pct")
        .sort("month")
    )


def _whole_months(first: dt.date, last: dt.date) -> list[dt.date]:
    found = []
    month = first
    while month_end(month.year, month.month) <= last:
        found.append(month)
        month = add_months(month, 1)
    return found
