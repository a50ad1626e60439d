"""Country-years of military spending, output and capability: rows of arming, growth, technology."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.estimate.laplace import Cases
from foedus.model.law import AbstractLaw, Inputs
from foedus.model.laws import arming, drifting
from foedus.model.order import LAWS
from foedus.record.store import AsOf, Record
from foedus.study.country_years import members, yearly
from foedus.study.law_cases.disputes import Source, dispute_onsets
from foedus.world.countries import countries
from foedus.world.errors import OutsideCoverageError

Floats = NDArray[np.float64]
FIRST_YEAR = 1950
USA = 2
BASE_YEAR = 2010
READ = ("nmc", "gdp_pop_cow", "wb_gdp_pop", "cow_states", "dyadic_mid")
Series = Literal["nmc", "sipri", "nmc nominal"]


@dataclass(frozen=True)
class CountryYears:
    """Levels by country and year, and the memories the laws look back on; nan where missing.

    Args:
        codes: COW numbers, shape (country,).
        years: Consecutive years.
        spending: Log of real military spending, shape (country, year).
        output: Log of real output.
        disputes: Onsets with any state, half-life two years, as of 31 December.
    """

    codes: NDArray[np.int64]
    years: NDArray[np.int64]
    spending: Floats
    output: Floats
    disputes: Floats


def country_years(record: Record, as_of: AsOf, *, series: Series = "nmc") -> CountryYears:
    """Lay out spending, output and dispute memory.

    Args:
        record: The record.
        as_of: What may be used.
        series: `nmc` in dollars of 2010 (deflated by prices in the United States), `nmc nominal`
            as the table has it, or `sipri` in constant dollars.
    """
    codes = np.array(sorted(countries()))
    index = {int(code): i for i, code in enumerate(codes)}
    last = int(record.spec("sipri_milex" if series == "sipri" else "nmc").last)
    years = np.arange(FIRST_YEAR, last + 1)
    output = yearly(
        record.read("gdp_pop_cow", columns=["ccode", "year", "pwtrgdp"], as_of=as_of), index, years
    )
    if series == "sipri":
        wanted = ["ccode", "year", "constant_2023_musd"]
        level = yearly(record.read("sipri_milex", columns=wanted, as_of=as_of), index, years)
    else:
        wanted = ["ccode", "year", "milex"]
        level = yearly(record.read("nmc", columns=wanted, as_of=as_of), index, years)
        if series == "nmc":
            level = level / us_prices(record, as_of, years)[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        spending = np.log(np.where(level > 0, level, np.nan))
        economy = np.log(np.where(output > 0, output, np.nan))
    member = members(index, years)
    return CountryYears(
        codes=codes.astype(np.int64),
        years=years.astype(np.int64),
        spending=np.where(member, spending, np.nan),
        output=np.where(member, economy, np.nan),
        disputes=dispute_memory(record, as_of, "cow", index, years),
    )


def us_prices(record: Record, as_of: AsOf, years: NDArray[np.int64]) -> Floats:
    """Give prices in the United States, 2010 = 1: nominal over real output; nan outside.

    Where 2010 is not known yet, the last year known stands for it.
    """
    nominal = record.read("wb_gdp_pop", columns=["ccode", "year", "gdp_current_usd"], as_of=as_of)
    real = record.read("gdp_pop_cow", columns=["ccode", "year", "pwtrgdp"], as_of=as_of)
    both = (
        nominal.join(real, on=["ccode", "year"])
        .filter(pl.col("ccode") == USA)
        .select("year", price=pl.col("gdp_current_usd") / pl.col("pwtrgdp"))
    )
    known = both.drop_nulls().filter(pl.col("year") <= BASE_YEAR).sort("year")
    scale = float(known["price"][-1]) if known.height else float("nan")
    found = np.full(len(years), np.nan)
    for year, price in both.iter_rows():
        if years[0] <= year <= years[-1] and price is not None:
            found[year - years[0]] = price / scale
    return found


def dispute_memory(
    record: Record, as_of: AsOf, source: Source, index: dict[int, int], years: NDArray[np.int64]
) -> Floats:
    """Give each state's memory of dispute onsets at the end of each year, nan past the record."""
    from foedus.model.laws.disputes import FAST_HALF_LIFE_MONTHS, decay

    found, last = dispute_onsets(record, as_of, source, "onset")
    keep = decay(FAST_HALF_LIFE_MONTHS)
    first = int(years[0]) - 12
    months = 12 * (last + 1 - first)
    counts = np.zeros((len(index), months))
    for one, two, month in found.select("ccode1", "ccode2", "month").iter_rows():
        at = month - 12 * first
        if at >= 0:
            counts[index[one], at] += 1
            counts[index[two], at] += 1
    memory = np.zeros(len(index))
    grid = np.full((len(index), len(years)), np.nan)
    for month in range(months):
        memory = memory * keep + counts[:, month]
        year = first + month // 12
        if month % 12 == 11 and years[0] <= year <= years[-1]:
            grid[:, year - years[0]] = memory
    return grid


def arming_memory(spending: Floats) -> tuple[Floats, Floats, Floats]:
    """Run growth, mean growth and variance of growth along the years, shape (country, year).

    A country's memory starts anew after a gap: with the usual spread and no mean growth.
    """
    growth = np.full(spending.shape, np.nan)
    growth[:, 1:] = np.diff(spending, axis=1)
    mean, variance = np.zeros(spending.shape), np.full(spending.shape, arming.USUAL_SPREAD**2)
    for t in range(1, spending.shape[1]):
        known = np.isfinite(growth[:, t])
        new = arming.remember(mean[:, t - 1], variance[:, t - 1], np.where(known, growth[:, t], 0))
        mean[:, t] = np.where(known, np.asarray(new[0]), 0.0)
        variance[:, t] = np.where(known, np.asarray(new[1]), arming.USUAL_SPREAD**2)
    return growth, mean, variance


def arming_cases(panel: CountryYears) -> Cases:
    """Give the rows of the law of arming: one a country-year whose change is known."""
    growth, mean, variance = arming_memory(panel.spending)
    economy = np.full(panel.output.shape, np.nan)
    economy[:, 1:] = np.diff(panel.output, axis=1)
    inputs = arming.inputs(growth, mean, economy, panel.disputes)
    spread = np.asarray(arming.volatility(variance))
    return lagged_cases(
        LAWS["arming"], panel.codes, panel.years, growth, inputs, {"volatility": spread}
    )


def growth_cases(panel: CountryYears) -> Cases:
    """Give the rows of the law of growth."""
    change, slow = drift_memory(panel.output, of_change=True)
    inputs = {"constant": np.ones_like(change), "last change": change, "mean growth": slow}
    return lagged_cases(
        LAWS["growth"], panel.codes, panel.years, change, inputs, spread_of(change, "growth")
    )


def carried_cases(
    name: str, units: NDArray[np.int64], years: NDArray[np.int64], level: Floats
) -> Cases:
    """Give the rows of a carried law: the changes alone."""
    change = np.full(level.shape, np.nan)
    change[:, 1:] = np.diff(level, axis=1)
    return lagged_cases(LAWS[name], units, years, change, {"constant": np.ones_like(change)}, {})


def capability(record: Record, as_of: AsOf) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Give the log of each state's CINC since 1950: codes, years, shape (country, year)."""
    codes = np.array(sorted(countries()))
    index = {int(code): i for i, code in enumerate(codes)}
    years = np.arange(FIRST_YEAR, record.spec("nmc").last + 1)
    cinc = yearly(record.read("nmc", columns=["ccode", "year", "cinc"], as_of=as_of), index, years)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (
            codes.astype(np.int64),
            years.astype(np.int64),
            np.log(np.where(cinc > 0, cinc, np.nan)),
        )


def drift_memory(level: Floats, *, of_change: bool = False) -> tuple[Floats, Floats]:
    """Run the last change and the slow mean of the level, or of the change, along the years.

    The memory starts anew after a gap, at the first value.
    """
    change = np.full(level.shape, np.nan)
    change[:, 1:] = np.diff(level, axis=1)
    watched = change if of_change else level
    slow = np.full(level.shape, np.nan)
    for t in range(level.shape[1]):
        before = slow[:, t - 1] if t else np.full(level.shape[0], np.nan)
        start = np.where(np.isfinite(before), before, watched[:, t])
        slow[:, t] = np.asarray(drifting.slow_mean(start, watched[:, t]))
    return change, slow


def volatility_memory(change: Floats, law: str) -> Floats:
    """Run the past volatility of a drifting law along the years; a gap starts it anew."""
    usual, most = drifting.USUAL_CHANGE[law], drifting.LARGEST_CHANGE[law]
    variance = np.full(change.shape, usual**2)
    for t in range(1, change.shape[1]):
        known = np.isfinite(change[:, t])
        new = drifting.remember_variance(variance[:, t - 1], np.where(known, change[:, t], 0), most)
        variance[:, t] = np.where(known, np.asarray(new), usual**2)
    return variance


def spread_of(change: Floats, law: str) -> dict[str, Floats]:
    """Give what the spread of a drifting law follows."""
    variance = volatility_memory(change, law)
    return {"volatility": np.asarray(drifting.volatility(variance, drifting.USUAL_CHANGE[law]))}


def lagged_cases(
    law: AbstractLaw,
    units: NDArray[np.int64] | list[str],
    years: NDArray[np.int64],
    value: Floats,
    inputs: Inputs,
    extra: dict[str, Floats],
) -> Cases:
    """Give one row a unit and year: the value of the year, the inputs of the year before.

    Rows with a missing value or input are left out.
    """
    grid = np.stack([np.asarray(inputs[term.name], dtype=np.float64) for term in law.terms], -1)
    low = np.array([term.low for term in law.terms])
    high = np.array([term.high for term in law.terms])
    usable = np.isfinite(value[:, 1:]) & np.isfinite(grid[:, :-1]).all(axis=-1)
    unit, at = np.nonzero(usable)
    if not len(at):
        raise OutsideCoverageError(
            f"the record holds no row of the law of {law.name} at this date",
            expected="two years in a row of some unit, with all inputs",
            where=f"the rows of {law.name}",
            hint="choose a later date",
        )
    first = int(years[at.min() + 1])
    last = int(years[at.max() + 1])
    return Cases(
        value=value[unit, at + 1].astype(np.float64),
        terms=np.clip(grid[unit, at], low, high),
        offset=np.zeros(len(unit)),
        unit=unit.astype(np.int64),
        units=tuple(str(u) for u in units),
        year=(years[at + 1] - first).astype(np.int64),
        years=tuple(range(first, last + 1)),
        extra={name: np.asarray(part, dtype=np.float64)[unit, at] for name, part in extra.items()},
    )
