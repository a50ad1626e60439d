"""Disputes as rows of escalation, and third states as rows of joining."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.estimate.laplace import Cases
from foedus.model.laws.escalation import Escalation, force_share
from foedus.model.laws.joining import Joining
from foedus.record.store import AsOf, Record
from foedus.study.dispute_cases import settled_disputes
from foedus.study.law_cases.disputes import PairMonths, Source, held
from foedus.study.law_cases.ties import pact_grid

Floats = NDArray[np.float64]
LOWEST_LEVEL = 2
FORCE = 4
WAR = 5


@dataclass(frozen=True)
class Onset:
    """One onset between two states that were there from the first day.

    Args:
        dispute: Number of the dispute.
        pair: Number of the pair in the panel.
        year: Year of the onset.
        level: Highest hostility, 2 to 5; 0 where it was not yet settled.
    """

    dispute: int
    pair: int
    year: int
    level: int


def onsets(record: Record, as_of: AsOf, panel: PairMonths, source: Source = "cow") -> list[Onset]:
    """List onsets between originators whose level is known, in order of year.

    The level is that of the pair in `cow`, that of the whole dispute in `gml`.
    """
    number = {(int(a), int(b)): i for i, (a, b) in enumerate(panel.pairs)}
    if source == "cow":
        frame = settled_disputes(record, as_of).filter(
            (pl.col("dyad_start").dt.year() == pl.col("year")) & pl.col("first_day")
        )
        rows = frame.select("dispnum", "ccode1", "ccode2", "year", "hihost")
    else:
        wanted = ["dispnum", "ccode1", "ccode2", "year", "midonset", "orig1", "orig2", "hostlev"]
        frame = record.read("gml_mid_dyad", columns=wanted)
        began = pl.col("year") == pl.col("year").min().over("dispnum")
        first_day = (pl.col("orig1") == 1) & (pl.col("orig2") == 1)
        frame = frame.filter(
            (pl.col("ccode1") < pl.col("ccode2")) & (pl.col("midonset") == 1) & began & first_day
        )
        rows = frame.select("dispnum", "ccode1", "ccode2", "year", "hostlev")
    found = []
    for dispute, one, two, year, level in rows.sort("year", "dispnum").iter_rows():
        at = number.get((one, two))
        if at is not None and panel.years[0] < year <= panel.years[-1]:
            found.append(Onset(dispute, at, year, max(level, LOWEST_LEVEL) if level else 0))
    return found


def force_memory(panel: PairMonths, found: list[Onset]) -> Floats:
    """Give each pair's share of past onsets with use of force, as of 31 December."""
    shape = (len(panel.pairs), len(panel.years))
    force, count = np.zeros(shape), np.zeros(shape)
    for item in found:
        at = item.year - int(panel.years[0])
        count[item.pair, at] += item.level > 0
        force[item.pair, at] += item.level >= FORCE
    return np.asarray(force_share(force.cumsum(axis=1), count.cumsum(axis=1)))


def escalation_inputs(panel: PairMonths, found: list[Onset]) -> Floats:
    """Give the law's inputs of every pair and year, shape (pair, year, term)."""
    names = [term.name for term in Escalation().terms]
    terms = panel.terms | {"force in the past": force_memory(panel, found)}
    return np.stack([terms[name] for name in names], axis=-1)


def escalation_cases(panel: PairMonths, found: list[Onset]) -> Cases:
    """Give the rows of escalation: one an onset whose level is known, inputs of the year before."""
    grid = escalation_inputs(panel, found)
    first = int(panel.years[0]) + 1
    rows = [
        item
        for item in found
        if item.level and np.isfinite(grid[item.pair, item.year - first]).all()
    ]
    pair = np.array([item.pair for item in rows])
    year = np.array([item.year for item in rows])
    return Cases(
        value=np.array([item.level - LOWEST_LEVEL for item in rows], dtype=np.float64),
        terms=held(Escalation(), grid[pair, year - first]),
        offset=np.zeros(len(rows)),
        unit=pair.astype(np.int64),
        units=panel.names,
        year=(year - first).astype(np.int64),
        years=tuple(range(first, int(year.max()) + 1)),
        extra={},
    )


def joining_cases(record: Record, as_of: AsOf, panel: PairMonths) -> Cases:
    """Give the rows of joining: a dispute, a party, and a state that could join its side.

    Asked of states to which the opponent is politically relevant, which have a defence pact with
    the party or are major powers, and which were not there from the first day.
    """
    pact, _ = pact_grid(record, as_of, panel)
    number = {(int(a), int(b)): i for i, (a, b) in enumerate(panel.pairs)}
    parts = record.read(
        "mid5_participant", columns=["dispnum", "ccode", "start", "sidea", "orig"], as_of=as_of
    )
    joined = set(parts.filter(pl.col("orig") == 0).select("dispnum", "sidea", "ccode").iter_rows())
    first = int(panel.years[0]) + 1
    rows, value, years, units = [], [], [], []
    for dispute, year, sides in _sides(parts, first, int(panel.years[-1])):
        at = year - first
        there = {code for members in sides.values() for code in members}
        for side, parties in sides.items():
            party, opponent = min(parties), min(sides[1 - side])
            for position, code in enumerate(panel.codes.tolist()):
                if code in there:
                    continue
                own, other = _pair(number, code, party), _pair(number, code, opponent)
                if other is None or not panel.member[other, at]:
                    continue
                allied = own is not None and pact[own, at] == 1
                if not (allied or panel.major[position, at]):
                    continue
                terms = joining_inputs(panel, other, at)
                terms["pact with the party"] = float(allied)
                terms["pact with the opponent"] = pact[other, at]
                terms["major power"] = float(panel.major[position, at])
                rows.append([terms[term.name] for term in Joining().terms])
                value.append(float((dispute, side, code) in joined))
                years.append(year)
                units.append(position)
    grid = held(Joining(), np.array(rows))
    kept = np.isfinite(grid).all(axis=1)
    return Cases(
        value=np.array(value)[kept],
        terms=grid[kept],
        offset=np.zeros(int(kept.sum())),
        unit=np.array(units, dtype=np.int64)[kept],
        units=tuple(str(code) for code in panel.codes),
        year=np.array(years, dtype=np.int64)[kept] - first,
        years=tuple(range(first, max(years) + 1)),
        extra={},
    )


def joining_inputs(panel: PairMonths, other: int, at: int) -> dict[str, float]:
    """Give the terms that belong to the joiner and the opponent as a pair."""
    value = {name: float(panel.terms[name][other, at]) for name in panel.terms}
    return {
        "constant": 1.0,
        "border with the opponent": max(value["land border"], value["near by sea"]),
        "distance to the opponent": value["distance"],
        "history with the opponent": value["slow history"],
    }


def _sides(
    parts: pl.DataFrame, first: int, last: int
) -> Iterator[tuple[int, int, dict[int, list[int]]]]:
    """Give each dispute of the years with its year and the originators of its two sides."""
    originators = parts.filter(pl.col("orig") == 1)
    for dispute, group in originators.group_by("dispnum", maintain_order=True):
        year = min(day.year for day in group["start"])
        sides: dict[int, list[int]] = {}
        for code, side in group.select("ccode", "sidea").iter_rows():
            sides.setdefault(int(side), []).append(int(code))
        if first <= year <= last and len(sides) == 2:
            yield int(str(dispute[0])), year, sides


def _pair(number: dict[tuple[int, int], int], one: int, two: int) -> int | None:
    return number.get((min(one, two), max(one, two)))
