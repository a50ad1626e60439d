"""Allied pairs by year: their exercises with each other, and their disputes with outsiders."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from foedus.record.coverage import covered_years
from foedus.record.store import Record
from foedus.study.theory_parts.estimators import (
    Clusters,
    Fit,
    Floats,
    Ints,
    count_log_probability,
    fit_counts,
    fit_counts_within,
    fit_rates,
    rates,
    year_terms,
)
from foedus.study.theory_parts.evidence import paired_gain
from foedus.study.theory_parts.result import Gain
from foedus.world.countries import countries

FIRST_TARGET = 1996
_STATES = 1000
_AHEAD = 2
_REGION_ENDS = (200, 400, 600, 700)


@dataclass(frozen=True)
class AlliedPairs:
    """Pair-years with a defence pledge between the two, as arrays; nan where not covered.

    Args:
        one: COW number of the lower member.
        two: COW number of the higher member.
        year: Year t.
        disputes: Disputes that began in t between either member and an outsider.
        exercises: Exercises in t-2, t-1, t, t+1 and t+2 that both took part in, shape (case, 5).
    """

    one: Ints
    two: Ints
    year: Ints
    disputes: Floats
    exercises: Floats

    def keep(self, rows: np.ndarray) -> "AlliedPairs":
        """Keep some rows."""
        return AlliedPairs(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def exercises_at(self, lag: int) -> Floats:
        """Give exercises `lag` years after t (before, if negative)."""
        return self.exercises[:, lag + 2]

    @property
    def clusters(self) -> Clusters:
        """Pairs that share a state may be correlated."""
        return Clusters(self.one, self.two)

    @property
    def pair(self) -> Ints:
        """Number the pairs."""
        return np.unique(self.one * _STATES + self.two, return_inverse=True)[1].astype(np.int64)


def allied_pairs(record: Record) -> AlliedPairs:
    """Collect pair-years with a defence pledge between the two, either way, in the exercise years.

    An outsider is a state with a defence pledge to or from neither member in that year. A year
    t+k in which a member is not in the state system, or which lies outside the exercises'
    coverage, is missing and not zero.
    """
    spans = [covered_years(record.spec(name)) for name in ("exercises_mme_long", "dyadic_mid")]
    spans.append(covered_years(record.spec("atop_dyad")))
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    pledges = record.read("atop_dyad", columns=["ccode1", "ccode2", "year", "atop_defense"])
    pledges = pledges.filter(pl.col("atop_defense") & pl.col("year").is_between(first, last))
    allies = {(one, two, year) for one, two, year, _ in pledges.iter_rows()}
    allies |= {(two, one, year) for one, two, year in allies}
    rows = sorted(
        (one, two, year)
        for one, two, year in allies
        if one < two and _alive(one, year) and _alive(two, year)
    )
    outside = _outside_disputes(record, rows, allies)
    together = _exercises(record)
    span = spans[0]
    exercises = np.array(
        [
            [_count(together, one, two, year + k, span) for k in range(-2, 3)]
            for one, two, year in rows
        ]
    )
    one, two, year = np.array(rows, dtype=np.int64).T
    return AlliedPairs(one, two, year, outside, exercises)


def _alive(ccode: int, year: int) -> bool:
    return ccode in countries() and countries()[ccode].exists_in(year)


def _count(
    together: dict[tuple[int, int, int], int], one: int, two: int, year: int, span: tuple[int, int]
) -> float:
    if not (span[0] <= year <= span[1] and _alive(one, year) and _alive(two, year)):
        return float("nan")
    return float(together.get((one, two, year), 0))


def _exercises(record: Record) -> dict[tuple[int, int, int], int]:
    """Count the exercises of each pair (lower number first) by year of the first day."""
    wanted = ["exercise", "ccode", "year"]
    took_part = record.read("exercises_mme_long", columns=wanted).unique()
    both = took_part.join(took_part.rename({"ccode": "other"}), on=["exercise", "year"])
    both = both.filter(pl.col("ccode") < pl.col("other"))
    counted = both.group_by("ccode", "other", "year").len()
    return {(one, two, year): number for one, two, year, number in counted.iter_rows()}


def _outside_disputes(
    record: Record, rows: list[tuple[int, int, int]], allies: set[tuple[int, int, int]]
) -> Floats:
    """Count the disputes that began in the year between either member and an outsider."""
    wanted = ["dispnum", "ccode1", "ccode2", "year", "dyad_start"]
    began = record.read("dyadic_mid", columns=wanted).filter(
        pl.col("dyad_start").dt.year() == pl.col("year")
    )
    faced: dict[tuple[int, int], set[tuple[int, int]]] = {}
    for dispute, one, two, year, _ in began.iter_rows():
        faced.setdefault((one, year), set()).add((dispute, two))
    return np.array(
        [
            len(
                {
                    dispute
                    for member, other in ((one, two), (two, one))
                    for dispute, rival in faced.get((member, year), ())
                    if rival != other
                    and (member, rival, year) not in allies
                    and (other, rival, year) not in allies
                }
            )
            for one, two, year in rows
        ],
        dtype=np.float64,
    )


def deepening_cases(cases: AlliedPairs) -> AlliedPairs:
    """Keep the pair-years whose exercises are known in t-2 to t+2."""
    return cases.keep(np.asarray(np.isfinite(cases.exercises).all(axis=1)))


def deepening_effect(
    cases: AlliedPairs, lags: tuple[int, ...] = (1, 2), *, by_region: bool = False
) -> Fit:
    """Fit exercises in the years after t on a dispute with an outsider in t, within pairs.

    The first coefficient is the log ratio of exercises after a year with such a dispute to those
    after a year without, each year with its own level.

    Args:
        cases: Pair-years.
        lags: Years after t that are counted; negative for the placebo before t.
        by_region: Give each year a level for each region, and one for pairs across regions.
    """
    outcome = np.sum([cases.exercises_at(lag) for lag in lags], axis=0)
    level = cases.year * 10 + (_regions(cases) if by_region else 0)
    terms = np.column_stack([cases.disputes > 0, year_terms(level)]).astype(np.float64)
    return fit_counts_within(terms, outcome, cases.pair, cases.clusters)


def _regions(cases: AlliedPairs) -> Ints:
    """Number the region of a pair by the hundreds of its COW numbers; one for pairs across."""
    one, two = (
        np.searchsorted(_REGION_ENDS, code, side="right") for code in (cases.one, cases.two)
    )
    return np.where(one == two, one, len(_REGION_ENDS) + 1).astype(np.int64)


def deepening_gain(cases: AlliedPairs) -> Gain:
    """Forecast exercises in t+1 and t+2 with and without a dispute in t, fitted on earlier years.

    Beside it stand the pair's exercises in t and in the two years before. A year's forecast is
    fitted on years whose own two years ahead had ended by then.
    """
    outcome = cases.exercises_at(1) + cases.exercises_at(2)
    base = np.column_stack(
        [
            np.log1p(cases.exercises_at(0)),
            np.log1p(cases.exercises_at(-1) + cases.exercises_at(-2)),
            np.ones(len(outcome)),
        ]
    )
    both = np.column_stack([base, cases.disputes > 0]).astype(np.float64)
    gaps, rows = [], []
    for year in range(FIRST_TARGET - 1, int(cases.year.max()) + 1):
        past, now = cases.year <= year - _AHEAD, cases.year == year
        losses = []
        for terms in (both, base):
            coefficient, spread = fit_rates(terms[past], outcome[past], overdispersed=True)
            expected = rates(terms[now], coefficient)
            losses.append(-count_log_probability(outcome[now], expected, spread))
        gaps.append(losses[0] - losses[1])
        rows.append(np.flatnonzero(now))
    scored = cases.keep(np.concatenate(rows))
    return paired_gain("log loss of exercise counts", np.concatenate(gaps), scored.clusters)


def dispute_effect(cases: AlliedPairs, lags: tuple[int, ...], *, within: bool) -> Fit:
    """Fit disputes with outsiders in t on exercises `lags` years after t (before, if negative).

    The first coefficient is the change of the log dispute rate for one unit of the log of one plus
    the exercises of a year (their mean over `lags`), each year with its own level.

    Args:
        cases: Pair-years.
        lags: Years relative to t whose exercises count.
        within: Compare a pair with itself in other years; otherwise pairs with each other.
    """
    trained = np.mean([np.log1p(cases.exercises_at(lag)) for lag in lags], axis=0)
    terms = np.column_stack([trained, year_terms(cases.year)])
    if within:
        return fit_counts_within(terms, cases.disputes, cases.pair, cases.clusters)
    with_constant = np.column_stack([terms, np.ones(len(trained))])
    return fit_counts(with_constant, cases.disputes, cases.clusters)
