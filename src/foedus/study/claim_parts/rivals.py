"""Series of what rivals do: sorties, vessels, launches, incidents in cyberspace, warheads."""

import datetime as dt
from collections.abc import Callable

import polars as pl

from foedus.study.claim_parts.case import Case, Points, counts, in_years, logged, yearly

CHINA, NORTH_KOREA = 710, 731


def pla(column: str, first: dt.date, last: dt.date) -> Callable[[Case], Points]:
    """Give the log of what is reported a day, within one set of reporting terms."""

    def points(case: Case) -> Points:
        if case.rival != CHINA:
            return {}
        frame = case.read("pla_taiwan_monthly").filter(pl.col("month").is_between(first, last))
        reported = "aircraft_days" if column == "aircraft" else "vessel_days"
        days = reported if first >= ALL_REPORTED else "days_in_month"
        frame = frame.drop_nulls(column).filter(pl.col(days) > 0)
        values = frame.select("month", pl.col(column) / pl.col(days)).iter_rows()
        return logged({_time(month): value for month, value in values}, add=0.1)

    return points


ZONE_FROM, ZONE_TO = dt.date(2020, 9, 1), dt.date(2022, 7, 1)
ALL_REPORTED, OPEN = dt.date(2022, 8, 1), dt.date(2999, 1, 1)
"""Daily reports from September 2020; from August 2022 all aircraft, not those in the zone alone."""


def _time(month: dt.date) -> float:
    return month.year + (month.month - 0.5) / 12


def senkaku(zone: str) -> Callable[[Case], Points]:
    """Give the log of one plus ship-days of China's government, of the whole years on record."""

    def points(case: Case) -> Points:
        if case.rival != CHINA:
            return {}
        start, end = pl.col("start"), pl.col("end")
        whole = (start.dt.ordinal_day() == 1) & (end.dt.month() == 12) & (end.dt.day() == 31)
        frame = case.read("senkaku_vessels").filter(
            whole
            & (start.dt.year() == end.dt.year())
            & (pl.col("zone") == zone)
            & (pl.col("measure") == "ships_cumulative")
        )
        return logged(yearly(frame.with_columns(year=start.dt.year()), "value"), add=1)

    return points


def scrambles(case: Case) -> Points:
    """Give the log of Japan's scrambles against Chinese aircraft, by fiscal year from April."""
    if case.rival != CHINA:
        return {}
    frame = case.read("quoted_official_series").filter(
        (pl.col("series") == "asdf_scrambles_china") & ~pl.col("period").str.contains("Q")
    )
    return logged(yearly(frame.with_columns(year=pl.col("start").dt.year() + 0.75), "value"))


LEAST_REPORTS = 10


def scs(among: str) -> Callable[[Case], Points]:
    """Give China's part in the reports of a year: their number grows with reporting itself."""

    def points(case: Case) -> Points:
        if case.rival != CHINA:
            return {}
        frame = case.read("scs_incidents_scsdi", "year", "parties").drop_nulls()
        if among == "two":
            frame = frame.filter(pl.col("parties").str.contains("/"))
        china = pl.col("parties").str.split("/").list.contains("CN")
        by_year = frame.group_by("year").agg(pl.len(), share=china.mean()).sort("year")
        return yearly(by_year.filter(pl.col("len") >= LEAST_REPORTS), "share")

    return points


def launches(days: bool) -> Callable[[Case], Points]:
    """Count North Korea's launches, or the days with one."""

    def points(case: Case) -> Points:
        frame = case.read("nk_missile_tests", "date")
        return counts(case.years("nk_missile_tests"), in_years(frame.unique() if days else frame))

    return points


def cyber(case: Case) -> Points:
    """Count EuRepoC's incidents to 2021, before its collection widened."""
    frame = case.read("eurepoc_dyads_2024", "id", "ccode1", "ccode2", "date")
    found = frame.filter((pl.col("ccode1") == case.foe) & pl.col("ccode2").is_in(case.pair))
    years = case.years("eurepoc_dyads_2024")
    return counts(
        range(years.start, min(years.stop, WIDENED)), in_years(found.unique(["id", "date"]))
    )


WIDENED, RIVALS_TO = 2022, 2020


def cyber_rivals(case: Case) -> Points:
    """Count DCID's incidents to 2020, between pairs of rivals it holds."""
    frame = case.read("cyber_incidents", "ccode1", "ccode2", "initiator", "start")
    one, two = pl.col("ccode1"), pl.col("ccode2")
    held = frame.filter(
        ((one == case.foe) & two.is_in(case.pair)) | ((two == case.foe) & one.is_in(case.pair))
    )
    if held.is_empty():
        return {}
    years = case.years("cyber_incidents")
    begun = held.filter(pl.col("initiator") == case.foe)
    return counts(range(years.start, min(years.stop, RIVALS_TO + 1)), in_years(begun, "start"))


def warheads(case: Case) -> Points:
    """Give the log of the rival's stockpile, from the year the source counts any."""
    frame = case.read("nuclear_warheads", "ccode", "year", "warheads_stockpile")
    return logged(yearly(frame.filter(pl.col("ccode") == case.foe), "warheads_stockpile"))


FIRST_TEST = 2006


def possessors(tested: bool) -> Callable[[Case], Points]:
    """Count states with warheads; North Korea by the source's estimate or from its first test."""

    def points(case: Case) -> Points:
        frame = case.read("nuclear_warheads", "ccode", "year", "warheads_stockpile")
        held = pl.col("warheads_stockpile") > 0
        if tested:
            held |= (pl.col("ccode") == NORTH_KOREA) & (pl.col("year") >= FIRST_TEST)
        return yearly(frame.group_by("year").agg(states=held.sum()).sort("year"), "states")

    return points
