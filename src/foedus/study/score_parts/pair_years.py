"""Pairs by year with what happened and what rivals may use: the rows of task one."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.model.laws.disputes import Disputes
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.score.rivals import peace_year_terms
from foedus.study.law_cases.disputes import (
    PairMonths,
    Population,
    Source,
    Target,
    everything,
    pair_months,
)
from foedus.study.law_cases.ties import pact_grid
from foedus.study.score_parts.pair_terms import rival_terms
from foedus.study.score_parts.rolling import Grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
CARRIED_YEARS = 5
FILL_RULE = f"last value of at most {CARRIED_YEARS} years before, else the mean of the year's pairs"
MEMORY_YEARS = 5


@dataclass(frozen=True)
class Question:
    """One question of task one.

    Args:
        source: `gml` or `cow`.
        population: `relevant` or `all`.
        target: `onset`, `hostile` or `fatal`.
    """

    source: Source
    population: Population
    target: Target


@dataclass(frozen=True)
class PairYears:
    """Pair-years, what happened in each, and what was known at its end.

    Args:
        panel: The law's own layout of pairs, years, months and terms.
        outcome: Whether the year saw an onset of the target, shape (pair, year).
        settled: Year by which the levels of that year's onsets were settled; 0 without an onset.
        terms: Features by name as of 31 December, gaps filled by `FILL_RULE`, shape (pair, year).
        gaps: Where each of the rivals' further features was missing before filling, by name;
            those that never were are left out.
        filled: Whether a feature of the law or the simple rivals was filled, shape (pair, year).
        complete: Whether each of these was there before filling, shape (pair, year).
    """

    panel: PairMonths
    outcome: Floats
    settled: Ints
    terms: Mapping[str, Floats]
    gaps: Mapping[str, Flags]
    filled: Flags
    complete: Flags

    def at(self, year: int) -> int:
        """Give the column of a year."""
        return year - int(self.panel.years[0])

    def known(self, origin: int, target: Target) -> Flags:
        """Mark pair-years whose outcome was settled at the end of `origin`, shape (pair, year)."""
        inside = (self.panel.years <= origin)[None, :] & np.ones(self.outcome.shape, dtype=bool)
        return inside if target == "onset" else inside & (self.settled <= origin)


def pair_years(record: Record, question: Question, as_of: AsOf | None = None) -> PairYears:
    """Lay out the pair-years of a question."""
    rule = as_of or everything()
    panel = pair_months(
        record, rule, population=question.population, source=question.source, target=question.target
    )
    shape = (len(panel.pairs), len(panel.years), 12)
    outcome = (panel.onsets.reshape(shape).sum(axis=2) > 0).astype(np.float64)
    raw = _features(record, rule, panel)
    complete = panel.member.copy()
    terms, filled = {}, np.zeros(outcome.shape, dtype=bool)
    for name, values in raw.items():
        complete &= np.isfinite(values)
        terms[name], gaps = fill(values, panel.member)
        filled |= gaps
    missing = {}
    for name, values in rival_terms(record, rule, panel, question.source).items():
        terms[name], gaps = fill(values, panel.member)
        if gaps.any():
            missing[name] = gaps
    settled = _settled(record, rule, panel, question.source)
    return PairYears(panel, outcome, settled, terms, missing, filled, complete)


def fill(values: Floats, member: Flags) -> tuple[Floats, Flags]:
    """Fill the gaps of a population's pair-years by `FILL_RULE`, and say where.

    Uses nothing later than each year. A year in which no pair has a value stays missing.

    Args:
        values: Shape (pair, year).
        member: Whether the pair-year is asked for.
    """
    gaps = member & ~np.isfinite(values)
    if not gaps.any():
        return values, gaps
    found = values.copy()
    for back in range(1, CARRIED_YEARS + 1):
        past = np.full(values.shape, np.nan)
        past[:, back:] = values[:, :-back]
        found = np.where(gaps & ~np.isfinite(found), past, found)
    seen = member & np.isfinite(values)
    total = np.where(seen, values, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore"):
        mean = total / seen.sum(axis=0)
    found = np.where(gaps & ~np.isfinite(found), mean[None, :], found)
    return found, gaps & np.isfinite(found)


def _features(record: Record, rule: AsOf, panel: PairMonths) -> dict[str, Floats]:
    """Give the law's yearly terms and what the rivals add, gaps still missing."""
    peace = np.expm1(panel.terms["peace"])
    cubic = peace_year_terms(peace.ravel()).reshape(*peace.shape, 3)
    pact, _ = pact_grid(record, rule, panel)
    onsets = _any_onset(panel)
    recent = np.stack(
        [
            onsets[:, max(0, t - MEMORY_YEARS + 1) : t + 1].sum(axis=1)
            for t in range(onsets.shape[1])
        ],
        axis=1,
    )
    lawful = {term.name for term in Disputes().terms}
    return {
        **{name: values for name, values in panel.terms.items() if name in lawful},
        "peace years": cubic[..., 0],
        "peace years squared": cubic[..., 1],
        "peace years cubed": cubic[..., 2],
        "defence pact": pact,
        "rivalry": rivalry(record, panel),
        "years with an onset in the last five": np.minimum(recent, 3.0),
    }


def _any_onset(panel: PairMonths) -> Floats:
    """Say for each pair-year whether it saw an onset of any level."""
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(panel.pairs)}
    grid = np.zeros((len(panel.pairs), len(panel.years)))
    for one, two, month in panel.found.select("ccode1", "ccode2", "month").iter_rows():
        at = number.get((one, two))
        t = month // 12 - int(panel.years[0])
        if at is not None and 0 <= t < len(panel.years):
            grid[at, t] = 1.0
    return grid


def rivalry(record: Record, panel: PairMonths) -> Floats:
    """Mark years of a strategic rivalry; named and dated looking back, so hindsight."""
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(panel.pairs)}
    grid = np.zeros(panel.member.shape)
    spells = record.read("rivalry_tss", columns=["ccode1", "ccode2", "start", "end"])
    for one, two, start, end in spells.iter_rows():
        at = number.get((min(one, two), max(one, two)))
        if at is not None:
            last = panel.years[-1] if end is None else end
            grid[at, (panel.years >= start) & (panel.years <= last)] = 1.0
    return grid


def _settled(record: Record, rule: AsOf, panel: PairMonths, source: Source) -> Ints:
    """Give for each pair-year with an onset the year its highest level was settled."""
    if source == "cow":
        rows = panel.found.select("ccode1", "ccode2", pl.col("month") // 12, "settled")
    else:
        wanted = ["dispnum", "ccode1", "ccode2", "year", "midonset"]
        frame = record.read("gml_mid_dyad", columns=wanted, as_of=AsOf(rule.day, Rule.DATED))
        frame = frame.with_columns(settled=pl.col("year").max().over("dispnum"))
        began = (pl.col("midonset") == 1) & (pl.col("ccode1") < pl.col("ccode2"))
        rows = frame.filter(began).select("ccode1", "ccode2", "year", "settled")
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(panel.pairs)}
    grid = np.zeros(panel.member.shape, dtype=np.int64)
    for one, two, year, settled in rows.iter_rows():
        at = number.get((one, two))
        t = year - int(panel.years[0])
        if at is not None and 0 <= t < len(panel.years):
            grid[at, t] = max(grid[at, t], settled)
    return grid


def guarded_features(
    record: Record, question: Question, whole: PairYears | None = None
) -> Callable[[int | None], dict[str, Grid]]:
    """Give a function from a last year, or none, to the features: what the leak guard rebuilds.

    Args:
        record: The record.
        question: The question.
        whole: The pair-years of the whole record, where they have been laid out before.
    """

    def build(last: int | None) -> dict[str, Grid]:
        if last is None:
            found = whole or pair_years(record, question)
        else:
            found = pair_years(record, question, AsOf(dt.date(last, 12, 31), Rule.DATED))
        years = tuple(int(year) for year in found.panel.years)
        units = found.panel.names
        inside = found.panel.member
        return {
            name: Grid(units, years, np.where(inside, values, np.nan))
            for name, values in found.terms.items()
            if name != "rivalry"
        }

    return build
