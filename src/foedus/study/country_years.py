"""The record as grids of country by year: what dispute cases and laws are built from."""

import datetime as dt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.world.countries import countries

EARTH_RADIUS_KM = 6371.0


def year_slice(start: dt.date, end: dt.date | None, years: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the years a spell touches; an open end runs to the last year."""
    return (years >= start.year) & (years <= (end.year if end else years[-1]))


def members(index: dict[int, int], years: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the years in which each country was in the state system, shape (country, year)."""
    grid = np.zeros((len(index), len(years)), dtype=bool)
    for ccode, row in index.items():
        for start, end in countries()[ccode].spells:
            grid[row] |= year_slice(start, end, years)
    return grid


def spells(
    frame: pl.DataFrame, index: dict[int, int], years: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Mark the years in which each country has a spell in `frame`, shape (country, year)."""
    grid = np.zeros((len(index), len(years)), dtype=bool)
    for ccode, start, end in frame.select("ccode", "start", "end").iter_rows():
        grid[index[ccode]] |= year_slice(start, end, years)
    return grid


def contiguity_grid(
    frame: pl.DataFrame, index: dict[int, int], years: NDArray[np.int64]
) -> NDArray[np.int8]:
    """Give each pair's nearest contiguity type in a year, 0 for none, both orders filled."""
    grid = np.zeros((len(index), len(index), len(years)), dtype=np.int8)
    wanted = frame.select("ccode1", "ccode2", "conttype", "start", "end")
    for one, two, kind, start, end in wanted.iter_rows():
        during = year_slice(start, end, years)
        for a, b in ((index[one], index[two]), (index[two], index[one])):
            old = grid[a, b, during]
            grid[a, b, during] = np.where((old == 0) | (old > kind), kind, old) if kind else old
    return grid


def yearly(
    frame: pl.DataFrame, index: dict[int, int], years: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Lay out the last column of a `ccode, year` table, nan where it has no value."""
    value = frame.columns[-1]
    grid = np.full((len(index), len(years)), np.nan)
    inside = frame.filter(pl.col("year").is_between(int(years[0]), int(years[-1])))
    rows = [index[ccode] for ccode in inside["ccode"]]
    grid[rows, inside["year"].to_numpy() - years[0]] = inside[value].to_numpy()
    return grid


def distance_km(frame: pl.DataFrame, index: dict[int, int], years: NDArray[np.int64]):
    """Give a function from two countries and a year, by number, to the km between capitals."""
    places = np.full((2, len(index), len(years)), np.nan)
    for ccode, start, end, lat, lng in (
        frame.select("ccode", "start", "end", "lat", "lng").sort("start").iter_rows()
    ):
        during = year_slice(start, end, years)
        places[:, index[ccode], during] = np.radians([[lat], [lng]])

    def between(
        i: NDArray[np.int64], j: NDArray[np.int64], t: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        (lat1, lng1), (lat2, lng2) = places[:, i, t], places[:, j, t]
        half = np.sin((lat2 - lat1) / 2) ** 2
        half += np.cos(lat1) * np.cos(lat2) * np.sin((lng2 - lng1) / 2) ** 2
        return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half))

    return between
