"""Ideal points, trade, opinion, similarity and pacts: rows of the laws of what ties states."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.estimate.laplace import Cases
from foedus.measure.similarity import alliance_similarity
from foedus.model.laws import drifting
from foedus.model.order import LAWS
from foedus.record.coverage import covered_years
from foedus.record.store import AsOf, Record
from foedus.study.country_years import yearly
from foedus.study.law_cases.disputes import PairMonths
from foedus.study.law_cases.spending import (
    carried_cases,
    drift_memory,
    lagged_cases,
    spread_of,
)
from foedus.world.cases import case_ccodes
from foedus.world.countries import countries

Floats = NDArray[np.float64]
LEAST_TRADE_MUSD = 1.0
LEAST_SHARE = 0.02
FIRST_TRADE_YEAR = 1960


def affinity_cases(record: Record, as_of: AsOf) -> Cases:
    """Give the rows of affinity: yearly changes of ideal points of all UN members."""
    codes, years, level = ideal_points(record, as_of)
    change, slow = drift_memory(level)
    inputs = drifting.look_back(level, change, slow)
    return lagged_cases(
        LAWS["affinity"], codes, years, change, inputs, spread_of(change, "affinity")
    )


def ideal_points(
    record: Record, as_of: AsOf
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Give ideal points on foreign-policy votes: codes, years, shape (country, year)."""
    frame = record.read("un_ideal_points", columns=["ccode", "year", "idealpointfp"], as_of=as_of)
    codes = np.array(sorted(countries()))
    index = {int(code): i for i, code in enumerate(codes)}
    spec = record.spec("un_ideal_points")
    years = np.arange(spec.first, spec.last + 1)
    level = yearly(frame, index, years)
    return codes.astype(np.int64), years.astype(np.int64), level


def trade_levels(
    record: Record, as_of: AsOf
) -> tuple[list[tuple[int, int]], NDArray[np.int64], Floats]:
    """Give the log of trade of each pair, both ways, in million current dollars, since 1960.

    Pairs with a flow missing or below a million dollars in a year are missing in that year.
    """
    frame = (
        record.read(
            "cow_trade_dyad", columns=["ccode1", "ccode2", "year", "flow1", "flow2"], as_of=as_of
        )
        .filter(
            (pl.col("year") >= FIRST_TRADE_YEAR)
            & pl.col("flow1").is_not_null()
            & pl.col("flow2").is_not_null()
        )
        .with_columns(total=(pl.col("flow1") + pl.col("flow2")).cast(pl.Float64))
        .filter(pl.col("total") >= LEAST_TRADE_MUSD)
    )
    inside = pl.col("ccode1").is_in(_large(frame)) & pl.col("ccode2").is_in(_large(frame))
    return _pair_grid(
        frame.filter(inside), "total", FIRST_TRADE_YEAR, record.spec("cow_trade_dyad").last
    )


def _large(frame: pl.DataFrame) -> list[int]:
    """List the sixty states with the most trade over all years, and the states of the cases."""
    both = pl.concat([frame.select(ccode=c, total="total") for c in ("ccode1", "ccode2")])
    top = both.group_by("ccode").agg(pl.col("total").sum()).sort("total", descending=True)
    return sorted({*top["ccode"].head(60).to_list(), *case_ccodes()})


def case_trade_levels(
    record: Record, as_of: AsOf
) -> tuple[list[tuple[int, int]], NDArray[np.int64], Floats]:
    """Give the log of trade of the case countries' pairs from the newer table, in million dollars.

    Imports with freight, as reported by each side; where one side does not report, its partner's
    exports stand for them.
    """
    spec = record.spec("imf_dots_trade")
    flows = record.read(
        "imf_dots_trade",
        columns=["ccode1", "ccode2", "year", "export_fob", "import_cif"],
        as_of=as_of,
    )
    other = flows.select(ccode1="ccode2", ccode2="ccode1", year="year", partner_export="export_fob")
    joined = flows.join(other, on=["ccode1", "ccode2", "year"], how="full", coalesce=True)
    imports = joined.select(
        "ccode1",
        "ccode2",
        "year",
        flow=pl.coalesce("import_cif", "partner_export"),
    )
    low, high = pl.min_horizontal("ccode1", "ccode2"), pl.max_horizontal("ccode1", "ccode2")
    frame = (
        imports.drop_nulls("flow")
        .group_by(ccode1=low, ccode2=high, year="year")
        .agg(total=pl.col("flow").sum(), sides=pl.len())
        .filter((pl.col("sides") == 2) & (pl.col("total") > 0))
    )
    return _pair_grid(frame, "total", spec.first, spec.last)


def _pair_grid(
    frame: pl.DataFrame, column: str, first: int, last: int
) -> tuple[list[tuple[int, int]], NDArray[np.int64], Floats]:
    pairs = sorted(set(frame.select("ccode1", "ccode2").iter_rows()))
    number = {pair: i for i, pair in enumerate(pairs)}
    years = np.arange(first, last + 1)
    grid = np.full((len(pairs), len(years)), np.nan)
    rows = [number[a, b] for a, b in frame.select("ccode1", "ccode2").iter_rows()]
    grid[rows, frame["year"].to_numpy() - first] = np.log(frame[column].to_numpy())
    return pairs, years, grid


def exchange_cases(record: Record, as_of: AsOf, output: Floats, first: int) -> Cases:
    """Give the rows of exchange: changes of trade among the larger traders and case countries.

    Args:
        record: The record.
        as_of: What may be used.
        output: Log of real output, shape (country, year), countries in order of COW number.
        first: First year of `output`.
    """
    pairs, years, level = trade_levels(record, as_of)
    change, slow = drift_memory(level)
    inputs = dict(drifting.look_back(level, change, slow))
    inputs["economies"] = pair_growth(pairs, years, output, first)
    names = [f"{a}-{b}" for a, b in pairs]
    return lagged_cases(
        LAWS["exchange"], names, years, change, inputs, spread_of(change, "exchange")
    )


def pair_growth(
    pairs: list[tuple[int, int]], years: NDArray[np.int64], output: Floats, first: int
) -> Floats:
    """Add the real growth of both economies, shape (pair, year); nan where either is missing."""
    index = {code: i for i, code in enumerate(sorted(countries()))}
    growth = np.full(output.shape, np.nan)
    growth[:, 1:] = np.diff(output, axis=1)
    at = years - first
    inside = (at >= 0) & (at < output.shape[1])
    found = np.full((len(pairs), len(years)), np.nan)
    one = np.array([index[a] for a, _ in pairs])
    two = np.array([index[b] for _, b in pairs])
    found[:, inside] = growth[one][:, at[inside]] + growth[two][:, at[inside]]
    return found


def support_cases(record: Record, as_of: AsOf) -> Cases:
    """Give the rows of support: yearly changes of opinion between surveys of consecutive years."""
    names, years, level = support_levels(record, as_of)
    change = np.full(level.shape, np.nan)
    change[:, 1:] = np.diff(level, axis=1)
    ones = {"constant": np.ones_like(change)}
    return lagged_cases(LAWS["support"], names, years, change, ones, {})


def support_levels(record: Record, as_of: AsOf) -> tuple[list[str], NDArray[np.int64], Floats]:
    """Give log odds of a favourable opinion: dyads `of-about`, years, shape (dyad, year)."""
    spec = record.spec("pew_favourability")
    frame = record.read(
        "pew_favourability", columns=["ccode1", "ccode2", "year", "fav", "unfav"], as_of=as_of
    ).drop_nulls()
    rated = frame.with_columns(share=pl.col("fav") / (pl.col("fav") + pl.col("unfav")))
    dyads = sorted(set(rated.select("ccode1", "ccode2").iter_rows()))
    number = {dyad: i for i, dyad in enumerate(dyads)}
    years = np.arange(spec.first, spec.last + 1)
    level = np.full((len(dyads), len(years)), np.nan)
    share = np.clip(rated["share"].to_numpy().astype(np.float64), LEAST_SHARE, 1 - LEAST_SHARE)
    rows = [number[a, b] for a, b in rated.select("ccode1", "ccode2").iter_rows()]
    level[rows, rated["year"].to_numpy() - spec.first] = np.log(share / (1 - share))
    return [f"{a}-{b}" for a, b in dyads], years, level


def alignment_cases(record: Record, as_of: AsOf) -> Cases:
    """Give the rows of alignment: yearly changes of S among the case countries since 1950."""
    pairs, years, level = alignment_levels(record, as_of)
    names = np.array([a * 1000 + b for a, b in pairs])
    found = carried_cases("alignment", names, years, level)
    return found


def alignment_levels(
    record: Record, as_of: AsOf
) -> tuple[list[tuple[int, int]], NDArray[np.int64], Floats]:
    """Give weighted S, the similarity of alliances, of the case countries' pairs since 1950."""
    _, last = covered_years(record.spec("atop_dyad"), None, as_of)
    frame = alliance_similarity(record, first=1950, last=last, as_of=as_of)
    wanted = pl.col("ccode1").is_in(case_ccodes()) & pl.col("ccode2").is_in(case_ccodes())
    ordered = frame.filter(wanted & (pl.col("ccode1") < pl.col("ccode2"))).drop_nulls("s_weighted")
    pairs = sorted(set(ordered.select("ccode1", "ccode2").iter_rows()))
    number = {pair: i for i, pair in enumerate(pairs)}
    years = np.arange(1950, last + 1)
    level = np.full((len(pairs), len(years)), np.nan)
    rows = [number[a, b] for a, b in ordered.select("ccode1", "ccode2").iter_rows()]
    level[rows, ordered["year"].to_numpy() - 1950] = ordered["s_weighted"].to_numpy()
    return pairs, years, level


def pact_grid(record: Record, as_of: AsOf, panel: PairMonths) -> tuple[Floats, Floats]:
    """Give defence pacts in force and years in force of the panel's pairs, shape (pair, year).

    Years past the alliance record are nan.
    """
    spec = record.spec("atop_dyad")
    frame = record.read(
        "atop_dyad", columns=["ccode1", "ccode2", "year", "atop_defense"], as_of=as_of
    )
    held = frame.filter((pl.col("atop_defense") == 1) & (pl.col("ccode1") < pl.col("ccode2")))
    number = {(int(a), int(b)): i for i, (a, b) in enumerate(panel.pairs)}
    first = int(panel.years[0])
    pact = np.zeros((len(panel.pairs), len(panel.years)))
    pact[:, panel.years > covered_years(spec, None, as_of)[1]] = np.nan
    for one, two, year in held.select("ccode1", "ccode2", "year").iter_rows():
        at = number.get((one, two))
        if at is not None and first <= year <= panel.years[-1]:
            pact[at, year - first] = 1.0
    age = np.zeros(pact.shape)
    for t in range(pact.shape[1]):
        age[:, t] = np.where(pact[:, t] > 0, (age[:, t - 1] if t else 0) + 1, 0)
    return pact, age


def commitment_cases(record: Record, as_of: AsOf, panel: PairMonths) -> Cases:
    """Give the rows of commitment: relevant pair-years, and whether a defence pact was in force."""
    pact, age = pact_grid(record, as_of, panel)
    inputs = commitment_inputs(panel, pact, age)
    value = np.where(panel.member, pact, np.nan)
    return lagged_cases(LAWS["commitment"], list(panel.names), panel.years, value, inputs, {})


def commitment_inputs(panel: PairMonths, pact: Floats, age: Floats) -> dict[str, Floats]:
    """Give the terms of commitment from pacts and the terms of the pair."""
    names = ("constant", "distance", "both major powers", "lower democracy", "slow history")
    return {
        **{name: panel.terms[name] for name in names},
        "pact": pact,
        "pact and its age": np.log1p(age),
    }
