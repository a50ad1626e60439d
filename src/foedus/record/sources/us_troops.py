"""United States military personnel abroad: reports by host, other places, and a yearly series."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import (
    GERMANY,
    SOUTH_VIETNAM,
    VIETNAM,
    WEST,
    existing,
    in_year,
)

_FIRST_TERRITORY = 1000
_PUERTO_RICO = 6
_SERBIA = {340: 345}
_LAST_SOUTH_YEAR = 1975
_LAST_WEST_YEAR = 1990
_SPACE_FORCE = 2020
_WHOLE_REPORT = 10
_ANNUAL_REPORT = 3
_IRAQ_AND_KUWAIT = (645, 690)
_PRINTED_ELSEWHERE = r"(?i)see .*(table|section|detail)|not available"
_NOT_ONE_HOST = (
    r"(?i)ryukyu|canal zone|trieste|^jerusalem$|french somaliland|^aden$|indo-china"
    r"|^total |east europe"
)
_COUNTS = (
    "troops_ad",
    "army_ad",
    "navy_ad",
    "marine_corps_ad",
    "air_force_ad",
    "coast_guard_ad",
    "space_force_ad",
    "total_ashore",
    "total_afloat",
    "total_selected_reserve",
    "total_civilian",
)


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Split the reports into hosts and other places, and read the older yearly series."""
    reports = _reports(raw.parquet("record/us_troops.parquet"))
    other = (
        (pl.col("ccode") >= _FIRST_TERRITORY)
        | (pl.col("ccode") == _PUERTO_RICO)
        | pl.col("location").str.contains(_NOT_ONE_HOST)
    )
    hosts = _one_row_a_host(reports.filter(~other))
    places = reports.filter(other).with_columns(pl.col("location").str.to_titlecase())
    return {
        "us_troops": hosts,
        "us_troops_elsewhere": places.unique(["location", "month"], maintain_order=True),
        "us_troops_annual": _yearly(raw.parquet("record/us_troops_annual.parquet"), hosts),
    }


def _reports(frame: pl.DataFrame) -> pl.DataFrame:
    day = pl.lit("1 ") + pl.col("month") + pl.lit(" ") + pl.col("year").cast(pl.String)
    young = pl.col("year") < _SPACE_FORCE
    frame = frame.unique(maintain_order=True)
    frame = frame.filter(pl.len().over("source") >= _WHOLE_REPORT).with_columns(
        pl.col("location").str.replace(r"(\s+[a-g]/)+\s*$", "").str.strip_chars(" *"),
        pl.when(young).then(None).otherwise(pl.col("space_force_ad")).alias("space_force_ad"),
        (pl.col("quarter") == _ANNUAL_REPORT).alias("september"),
        _host(),
        day.str.to_date("%d %B %Y").alias("month"),
    )
    at_war = (
        pl.col("ccode").is_in(_IRAQ_AND_KUWAIT)
        & pl.col("year").is_between(2003, 2007)
        & (pl.col("troops_ad") == 0)
    )
    return frame.filter(~pl.col("location").str.contains(_PRINTED_ELSEWHERE) & ~at_war)


def _host() -> pl.Expr:
    number = pl.col("ccode").replace(_SERBIA)
    return (
        pl.when((number == SOUTH_VIETNAM) & (pl.col("year") > _LAST_SOUTH_YEAR))
        .then(pl.lit(VIETNAM, pl.Int16))
        .when((number == WEST) & (pl.col("year") > _LAST_WEST_YEAR))
        .then(pl.lit(GERMANY, pl.Int16))
        .otherwise(number)
        .alias("ccode")
    )


def _one_row_a_host(frame: pl.DataFrame) -> pl.DataFrame:
    sums = (
        pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)
        for name in _COUNTS
    )
    return frame.group_by("ccode", "month", maintain_order=True).agg(
        pl.col("location", "september").first(), *sums
    )


def _yearly(frame: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    listed = reports.select("ccode", year=pl.col("month").dt.year().cast(pl.Int16)).unique()
    frame = frame.filter(pl.col("ccode") < _FIRST_TERRITORY)
    doubled = (pl.col("ccode").is_in([GERMANY, 679]) & (pl.col("year") == _LAST_WEST_YEAR)) & (
        pl.col("troops") == 0
    )
    frame = frame.filter(~doubled).with_columns(in_year("ccode", pl.col("year")))
    none_said = frame.filter(pl.col("troops") == 0).join(listed, on=["ccode", "year"], how="anti")
    kept = frame.join(none_said, on=["ccode", "year"], how="anti")
    return existing(kept, "ccode", "year")
