"""Pairs by month with their dispute history: the rows of the law of disputes."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.estimate.laplace import Cases
from foedus.model.law import AbstractLaw
from foedus.model.laws import disputes as law
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.country_years import (
    contiguity_grid,
    distance_km,
    members,
    spells,
    yearly,
)
from foedus.study.dispute_cases import settled_disputes
from foedus.world.countries import countries

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIRST_YEAR = 1946
ORIGIN_YEAR = 1816
Population = Literal["relevant", "all"]
Source = Literal["cow", "gml"]
Target = Literal["onset", "hostile", "fatal"]
TABLES: dict[Source, str] = {"cow": "dyadic_mid", "gml": "gml_mid_dyad"}
READ = (
    "cow_states",
    "cow_contiguity",
    "cow_majors",
    "cow_capitals",
    "nmc",
    "democracy_cow",
    "dyadic_mid",
)


@dataclass(frozen=True)
class PairMonths:
    """Every pair of a population with its memory of disputes by month and its yearly terms.

    Years run from `FIRST_YEAR` to the last year of the dispute record; months likewise.

    Args:
        pairs: `ccode1, ccode2`, lower first, shape (pair, 2).
        years: Years of the yearly terms, consecutive.
        member: Whether the pair is in the population, shape (pair, year).
        terms: Yearly terms as of 31 December by name, each of shape (pair, year).
        onsets: Onsets of the target, shape (pair, month).
        months_since: Months since the pair's last onset of any kind, as of the month before,
            shape (pair, month).
        found: The onsets: `ccode1, ccode2, month, counts, settled`.
        codes: All countries, shape (country,).
        major: Whether each was a major power, shape (country, year).
    """

    pairs: Ints
    years: Ints
    member: NDArray[np.bool_]
    terms: dict[str, Floats]
    onsets: NDArray[np.int8]
    months_since: NDArray[np.float32]
    found: pl.DataFrame
    codes: Ints
    major: NDArray[np.bool_]

    @property
    def names(self) -> tuple[str, ...]:
        """Name the pairs as `ccode1-ccode2`."""
        return tuple(f"{a}-{b}" for a, b in self.pairs)


def dispute_onsets(
    record: Record, as_of: AsOf, source: Source, target: Target
) -> tuple[pl.DataFrame, int]:
    """Give onsets: `ccode1, ccode2, month (index), counts, settled`, and the last year covered.

    `counts` says whether the onset reached the target's level; `settled` is the year it was known.
    """
    if source == "cow":
        frame = settled_disputes(record, as_of)
        last = frame["year"].max()
        level = {"onset": 0, "hostile": 4, "fatal": 0}[target]
        onset = frame.filter(pl.col("dyad_start").dt.year() == pl.col("year"))
        if target == "fatal":
            onset = onset.with_columns(hihost=pl.col("fatal").cast(pl.Int8))
            level = 1
        found = onset.select(
            "ccode1",
            "ccode2",
            month=12 * pl.col("year").cast(pl.Int64) + pl.col("dyad_start").dt.month() - 1,
            counts=pl.col("hihost") >= level,
            settled=pl.col("settled").cast(pl.Int64),
        )
    else:
        wanted = ["ccode1", "ccode2", "year", "midonset", "stmon", "durindx", "hostlev", "fatality"]
        wanted = [name for name in wanted if name in record.spec("gml_mid_dyad").columns]
        frame = record.read("gml_mid_dyad", columns=wanted, as_of=AsOf(as_of.day, Rule.DATED))
        last = frame["year"].max()
        onset = frame.filter((pl.col("midonset") == 1) & (pl.col("ccode1") < pl.col("ccode2")))
        counts = {
            "onset": pl.lit(value=True),
            "hostile": pl.col("hostlev") >= 4,
            "fatal": pl.col("fatality").is_between(1, 6),
        }[target]
        found = onset.select(
            "ccode1",
            "ccode2",
            month=12 * pl.col("year").cast(pl.Int64) + pl.col("stmon").fill_null(1) - 1,
            counts=counts.fill_null(value=False),
            settled=pl.col("year").cast(pl.Int64),
        )
    assert isinstance(last, int)
    return found, last


def pair_months(
    record: Record,
    as_of: AsOf,
    *,
    population: Population = "relevant",
    source: Source = "cow",
    target: Target = "onset",
) -> PairMonths:
    """Lay out the pairs of a population with their memory of disputes.

    Args:
        record: The record.
        as_of: What may be used.
        population: `relevant` (contiguous within 400 miles of water, or with a major power) or
            `all` pairs of states.
        source: `cow` (MID 5, dyadic) or `gml`.
        target: Which onsets count: all, those with use of force, those with deaths. The memory
            is of all onsets.
    """
    found, last = dispute_onsets(record, as_of, source, target)
    years = np.arange(FIRST_YEAR, last + 1)
    codes = np.array(sorted(countries()))
    index = {int(code): i for i, code in enumerate(codes)}
    member = members(index, years)
    contiguity = contiguity_grid(record.read("cow_contiguity", as_of=as_of), index, years)
    major = spells(record.read("cow_majors", as_of=as_of), index, years)
    one, two = np.triu_indices(len(codes), k=1)
    both = member[one] & member[two]
    near, far = major[one], major[two]
    inside = both
    if population == "relevant":
        inside = both & ((contiguity[one, two] > 0) | near | far)
    kept = inside.any(axis=1)
    one, two, inside, near, far = one[kept], two[kept], inside[kept], near[kept], far[kept]
    touch = contiguity[one, two]
    number = {
        (int(codes[a]), int(codes[b])): k for k, (a, b) in enumerate(zip(one, two, strict=True))
    }
    memory = _memory(found, number, index, one, two, codes, years)
    cinc = yearly(record.read("nmc", columns=["ccode", "year", "cinc"], as_of=as_of), index, years)
    log_cinc = np.log(np.where(cinc > 0, cinc, np.nan))
    democracy = yearly(
        record.read("democracy_cow", columns=["ccode", "year", "euds"], as_of=as_of), index, years
    )
    distance = distance_km(record.read("cow_capitals", as_of=as_of), index, years)
    t = np.arange(len(years))[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        km = distance(one[:, None], two[:, None], t)
    terms = {
        "constant": np.ones(inside.shape),
        "land border": (touch == 1) * 1.0,
        "near by sea": (touch > 1) * 1.0,
        "distance": np.log(np.maximum(km, 50.0) / 1000.0),
        "both major powers": (near & far) * 1.0,
        "one major power": (near ^ far) * 1.0,
        "imbalance": np.abs(log_cinc[one] - log_cinc[two]),
        "lower democracy": np.minimum(democracy[one], democracy[two]),
        "higher democracy": np.maximum(democracy[one], democracy[two]),
        **_arrays(law.history(memory.slow, memory.fast, memory.peace, memory.others)),
    }
    return PairMonths(
        pairs=np.stack([codes[one], codes[two]], axis=1).astype(np.int64),
        years=years.astype(np.int64),
        member=inside,
        terms=terms,
        onsets=memory.onsets,
        months_since=memory.months_since,
        found=found,
        codes=codes.astype(np.int64),
        major=major,
    )


def _arrays(inputs) -> dict[str, Floats]:
    return {name: np.asarray(part, dtype=np.float64) for name, part in inputs.items()}


@dataclass(frozen=True)
class _Memory:
    slow: Floats
    fast: Floats
    peace: Floats
    others: Floats
    onsets: NDArray[np.int8]
    months_since: NDArray[np.float32]


def _memory(
    found: pl.DataFrame,
    number: dict[tuple[int, int], int],
    index: dict[int, int],
    one: Ints,
    two: Ints,
    codes: Ints,
    years: Ints,
) -> _Memory:
    """Run the memory of disputes from 1816 on, month by month, with the law's own decay."""
    first, span = 12 * ORIGIN_YEAR, 12 * (int(years[-1]) + 1 - ORIGIN_YEAR)
    shown = 12 * (int(years[0]) - ORIGIN_YEAR)
    by_month: dict[int, list[tuple[int, int, int, bool]]] = {}
    for a, b, month, counts, _ in found.iter_rows():
        at = number.get((a, b), -1)
        by_month.setdefault(month - first, []).append((at, index[a], index[b], counts))
    pairs = len(number)
    joint = (
        np.array(
            [
                12
                * max(
                    countries()[int(codes[i])].spells[0][0].year,
                    countries()[int(codes[j])].spells[0][0].year,
                )
                for i, j in zip(one, two, strict=True)
            ]
        )
        - first
    )
    slow, fast = np.zeros(pairs), np.zeros(pairs)
    state = np.zeros(len(codes))
    last = np.maximum(joint, 0).astype(np.float64)
    ever = np.zeros(pairs, dtype=bool)
    onsets = np.zeros((pairs, span - shown), dtype=np.int8)
    since = np.empty((pairs, span - shown), dtype=np.float32)
    yearly_parts: list[tuple[Floats, Floats, Floats, Floats]] = []
    keep_slow, keep_fast = (
        law.decay(law.SLOW_HALF_LIFE_MONTHS),
        law.decay(law.FAST_HALF_LIFE_MONTHS),
    )
    for month in range(span):
        if month >= shown:
            since[:, month - shown] = np.where(ever, month - last, np.inf)
        slow *= keep_slow
        fast *= keep_fast
        state *= keep_fast
        for at, a, b, counts in by_month.get(month, ()):
            state[a] += 1
            state[b] += 1
            if at < 0:
                continue
            slow[at] += 1
            fast[at] += 1
            last[at] = month
            ever[at] = True
            if month >= shown and counts:
                onsets[at, month - shown] += 1
        if month >= shown and month % 12 == 11:
            peace = np.maximum(month - last, 0) / 12
            others = state[one] + state[two] - 2 * fast
            yearly_parts.append((slow.copy(), fast.copy(), peace, np.maximum(others, 0)))
    slow_y, fast_y, peace_y, others_y = (
        np.stack(p, axis=1) for p in zip(*yearly_parts, strict=True)
    )
    return _Memory(slow_y, fast_y, peace_y, others_y, onsets, since)


def cases(panel: PairMonths, *, first: int = FIRST_YEAR + 1) -> Cases:
    """Give the rows of the law: one a pair-year, or one a month where the last onset is recent.

    Yearly terms are those of the year before. Pair-years with a missing term are left out.
    """
    years = panel.years
    names = [term.name for term in law.Disputes().terms]
    lagged = [name for name in names if name in panel.terms]
    grid = np.stack([panel.terms[name] for name in lagged], axis=-1)
    usable = panel.member & np.isfinite(grid).all(axis=-1)
    pair, at = np.nonzero(usable[:, :-1] & (years[1:] >= first)[None, :])
    target = at + 1
    since = panel.months_since.reshape(len(panel.pairs), len(years), 12)[pair, target]
    count = panel.onsets.reshape(len(panel.pairs), len(years), 12)[pair, target]
    active = (since.min(axis=1) <= 24) | (count.sum(axis=1) > 0)
    quiet = ~active
    rows, months = np.nonzero(np.repeat(active[:, None], 12, axis=1))
    order = np.concatenate([np.flatnonzero(quiet), rows])
    recent = np.concatenate([np.full(quiet.sum(), np.inf), since[rows, months]])
    value = np.concatenate([np.zeros(quiet.sum()), count[rows, months]])
    offset = np.concatenate([np.full(quiet.sum(), np.log(12.0)), np.zeros(len(rows))])
    columns = {name: grid[pair[order], at[order], k] for k, name in enumerate(lagged)}
    columns |= _arrays(law.recency(recent))
    return Cases(
        value=value.astype(np.float64),
        terms=held(law.Disputes(), np.stack([columns[name] for name in names], axis=1)),
        offset=offset,
        unit=pair[order].astype(np.int64),
        units=panel.names,
        year=(years[target[order]] - first).astype(np.int64),
        years=tuple(int(y) for y in range(first, int(years[-1]) + 1)),
        extra={},
    )


def held(given: AbstractLaw, terms: Floats) -> Floats:
    """Hold every input, on the last axis, to the range its law publishes."""
    low = np.array([term.low for term in given.terms])
    high = np.array([term.high for term in given.terms])
    return np.clip(terms, low, high)


def everything() -> AsOf:
    """Give the rule under which the whole record may be read, for rolling origins."""
    return AsOf(dt.date(2100, 1, 1), Rule.DATED)
