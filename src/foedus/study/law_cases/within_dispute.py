"""Months of disputes between two states: the rows of the ladder.

A dispute is followed pair by pair: from the month of the first incident between two of its parties
to six months after their last one, or to the end of the record. What two parties do later in the
same dispute, after more than six quiet months, begins anew. Incidents are recorded for disputes
that were going on in 1993 or later, so only disputes that began then are followed: of those from
before, only the long ones are there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import jax
import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.estimate.laplace import Cases
from foedus.model.law import AbstractLaw
from foedus.model.laws.escalation import force_share
from foedus.model.laws.ladder import (
    QUIET_MONTHS,
    Ladder,
    Past,
    after,
    beginning,
    moving,
    situation,
)
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.dispute_cases import settled_disputes
from foedus.study.law_cases.disputes import READ, PairMonths, held
from foedus.world.months import add_months

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIRST_YEAR = 1993
INCIDENTS = ("mid5_incident", "mid5_incident_participant")
TABLES = (*READ, *INCIDENTS)
STANDING = ("constant", "land border", "distance", "both major powers", "force in the past")
LOWEST, HIGHEST = 2, 4
FORCE_LEVEL = 4


@dataclass(frozen=True)
class Meetings:
    """Incidents between two states on opposite sides.

    Args:
        frame: `dispnum, ccode1, ccode2, first, last, level`: lower country first, months counted
            from year zero, level 1 to 3.
        last_month: Last month covered.
        left_out: Incidents that could not be used, by reason.
        known: All incidents read.
    """

    frame: pl.DataFrame
    last_month: int
    left_out: Mapping[str, int]
    known: int


def meetings(record: Record, as_of: AsOf) -> Meetings:
    """Read who met whom in which months and how far it went.

    Sides are those of the incident. The level is the higher of what the two did; war counts as use
    of force. An incident lasts while both were in it; one without a known end lasts a month, and
    nothing is read past the last covered month.
    """
    spec = record.spec(INCIDENTS[1])
    wanted = ["incidnum", "dispnum", "ccode", "start", "end", "insidea", "hostlev"]
    parts = record.read(INCIDENTS[1], columns=wanted, as_of=as_of)
    every = record.read(INCIDENTS[0], columns=["incidnum", "dispnum"], as_of=as_of)
    side_a = parts.filter(pl.col("insidea") == 1)
    side_b = parts.filter(pl.col("insidea") == 0).drop("dispnum")
    both = side_a.join(side_b, on="incidnum", suffix="_b").with_columns(
        ccode1=pl.min_horizontal("ccode", "ccode_b"),
        ccode2=pl.max_horizontal("ccode", "ccode_b"),
        level=pl.max_horizontal("hostlev", "hostlev_b").clip(LOWEST, HIGHEST) - LOWEST + 1,
        start=pl.max_horizontal("start", "start_b"),
        end=pl.min_horizontal("end", "end_b"),
    )
    undated = both.filter(pl.col("start").is_null())["incidnum"].n_unique()
    dated = both.drop_nulls("start")
    last = _last_month(spec.last, spec.lag_months, as_of)
    frame = dated.select(
        pl.col("dispnum").cast(pl.Int64),
        pl.col("ccode1").cast(pl.Int64),
        pl.col("ccode2").cast(pl.Int64),
        first=_month("start"),
        last=pl.max_horizontal(_month("end").fill_null(0), _month("start")).clip(upper_bound=last),
        level=pl.col("level").cast(pl.Int64),
    )
    return Meetings(
        frame.filter(pl.col("first") <= last).sort("dispnum", "ccode1", "ccode2", "first", "last"),
        last,
        {
            "no participants recorded": every.join(parts, on="incidnum", how="anti").height,
            "month unknown": undated,
        },
        every.height,
    )


def _month(name: str) -> pl.Expr:
    return 12 * pl.col(name).dt.year().cast(pl.Int64) + pl.col(name).dt.month() - 1


def _last_month(last_year: int, lag_months: int, as_of: AsOf) -> int:
    """Give the last month covered: incidents are visible by whole years."""
    day = add_months(as_of.day, -lag_months) if as_of.rule is Rule.KNOWN else as_of.day
    whole = day.year if (day.month, day.day) == (12, 31) else day.year - 1
    return 12 * min(last_year, whole) + 11


def pauses(found: Meetings) -> Ints:
    """Count the months from each incident of a dispute to the next, where they are not adjacent.

    A dispute is taken whole, over all its pairs: the check of the rule that six months without an
    incident end it.
    """
    ordered = found.frame.sort("dispnum", "first").with_columns(
        before=pl.col("last").cum_max().shift(1).over("dispnum")
    )
    apart = ordered.select(gap=pl.col("first") - pl.col("before")).drop_nulls()["gap"].to_numpy()
    return np.asarray(apart[apart > 1] - 1, dtype=np.int64)


@dataclass(frozen=True)
class Episodes:
    """Disputes between two states, followed month by month.

    Args:
        dispute: Number of the dispute, shape (episode,).
        codes: The two countries, lower first, shape (episode, 2).
        first: Month of the onset, counted from year zero, shape (episode,).
        last: Month of the last incident, shape (episode,).
        months: Months followed: to six months after the last incident or the end of the record.
        level: Level of each month, 0 to 3, shape (episode, month); 0 beyond those followed.
        again: Whether the two had met in the same dispute before.
        last_month: Last month covered.
        left_out: Incidents and meetings that are not followed, by reason.
    """

    dispute: Ints
    codes: Ints
    first: Ints
    last: Ints
    months: Ints
    level: Ints
    again: NDArray[np.bool_]
    last_month: int
    left_out: Mapping[str, int]

    def take(self, rows: NDArray[np.bool_] | Ints) -> "Episodes":
        """Give some of the episodes."""
        return replace(
            self,
            dispute=self.dispute[rows],
            codes=self.codes[rows],
            first=self.first[rows],
            last=self.last[rows],
            months=self.months[rows],
            level=self.level[rows],
            again=self.again[rows],
        )

    def settled(self, origin: int) -> NDArray[np.bool_]:
        """Mark those that were over at the end of a year."""
        return self.last + QUIET_MONTHS <= 12 * origin + 11

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Mark the months followed, shape (episode, month)."""
        return np.arange(self.level.shape[1])[None, :] < self.months[:, None]

    @property
    def month(self) -> Ints:
        """Give each month, counted from year zero, shape (episode, month)."""
        return self.first[:, None] + np.arange(self.level.shape[1])[None, :]

    def until(self, origin: int) -> NDArray[np.bool_]:
        """Mark the months followed up to the end of a year, shape (episode, month)."""
        return self.inside & (self.month <= 12 * origin + 11)


def episodes(found: Meetings) -> Episodes:
    """Lay out the disputes that began in 1993 or later, one episode for two states that met."""
    start = found.frame.group_by("dispnum").agg(pl.col("first").min().alias("began"))
    late = start.filter(pl.col("began") >= 12 * FIRST_YEAR)["dispnum"]
    frame = found.frame.filter(pl.col("dispnum").is_in(late.implode()))
    heads: list[tuple[int, ...]] = []
    levels: list[dict[int, int]] = []
    for key, part in frame.group_by("dispnum", "ccode1", "ccode2", maintain_order=True):
        dispute, one, two = (int(str(item)) for item in key)
        month: dict[int, int] = {}
        for first, last, level in part.select("first", "last", "level").iter_rows():
            for m in range(first, last + 1):
                month[m] = max(month.get(m, 0), level)
        for number, run in enumerate(_runs(sorted(month))):
            heads.append((dispute, one, two, run[0], run[-1], int(number > 0)))
            levels.append({m: month[m] for m in run})
    order = sorted(range(len(heads)), key=lambda k: (heads[k][3], heads[k]))
    rows = np.array([heads[k] for k in order], dtype=np.int64).reshape(-1, 6)
    first, last = rows[:, 3], rows[:, 4]
    months = np.minimum(last + QUIET_MONTHS, found.last_month) - first + 1
    level = np.zeros((len(rows), int(months.max(initial=0))), dtype=np.int64)
    for row, k in enumerate(order):
        for m, reached in levels[k].items():
            level[row, m - first[row]] = reached
    before = found.frame.filter(~pl.col("dispnum").is_in(late.implode()))
    meetings_before = before.select("dispnum", "ccode1", "ccode2").unique().height
    return Episodes(
        dispute=rows[:, 0],
        codes=rows[:, 1:3],
        first=first,
        last=last,
        months=months,
        level=level,
        again=rows[:, 5] > 0,
        last_month=found.last_month,
        left_out={
            **{f"incidents: {why}": count for why, count in found.left_out.items()},
            f"pairs of disputes that began before {FIRST_YEAR}": meetings_before,
        },
    )


def _runs(months: list[int]) -> list[list[int]]:
    """Split months with an incident where more than six quiet months lie between two."""
    runs: list[list[int]] = []
    for month in months:
        if runs and month - runs[-1][-1] <= QUIET_MONTHS:
            runs[-1].append(month)
        else:
            runs.append([month])
    return runs


def pasts(found: Episodes) -> Past:
    """Give what lay before each month, each part of shape (episode, month)."""
    with jax.enable_x64(True):
        past = beginning((len(found.first),), np.float64)
        parts = []
        for month in range(found.level.shape[1]):
            parts.append(past)
            past = after(past, found.level[:, month].astype(np.float64))
        return Past(*(np.stack(part, axis=1) for part in zip(*parts, strict=True)))


def force_before(record: Record, as_of: AsOf, panel: PairMonths) -> Floats:
    """Give each pair's share of disputes with force, of those over by 31 December, (pair, year).

    A dispute counts in the year in which it was over, not in the one in which it began: no month
    of a dispute knows how far that dispute will go.
    """
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(panel.pairs)}
    rows = (
        settled_disputes(record, as_of)
        .group_by("dispnum", "ccode1", "ccode2")
        .agg(pl.col("hihost").max(), pl.col("settled").max().cast(pl.Int64))
        .filter(pl.col("hihost") > 0)
        .select("ccode1", "ccode2", "settled", "hihost")
    )
    shape = (len(panel.pairs), len(panel.years))
    force, count = np.zeros(shape), np.zeros(shape)
    for one, two, year, level in rows.iter_rows():
        at, t = number.get((one, two)), max(year - int(panel.years[0]), 0)
        if at is not None and t < shape[1]:
            count[at, t] += 1
            force[at, t] += level >= FORCE_LEVEL
    return np.asarray(force_share(force.cumsum(axis=1), count.cumsum(axis=1)))


@dataclass(frozen=True)
class LadderRows:
    """Episodes of the pairs of a panel, with their inputs.

    Args:
        panel: The pairs.
        episodes: Episodes of relevant pairs.
        pair: Number of each episode's pair, shape (episode,).
        standing: The pair's own inputs as of 31 December before the onset, by name, (episode,).
        moving: Inputs that move, by name, each of shape (episode, month).
        situation: First month and force last, each of shape (episode, month).
        left_out: What is not followed, by reason.
    """

    panel: PairMonths
    episodes: Episodes
    pair: Ints
    standing: Mapping[str, Floats]
    moving: Mapping[str, Floats]
    situation: Mapping[str, Floats]
    left_out: Mapping[str, int]

    def grid(self, law: AbstractLaw) -> Floats:
        """Give the law's inputs, held to their ranges, shape (episode, month, term)."""
        shape = self.episodes.level.shape
        columns = [
            self.moving[term.name]
            if term.name in self.moving
            else np.broadcast_to(self.standing[term.name][:, None], shape)
            for term in law.terms
        ]
        return held(law, np.stack(columns, axis=-1))


def ladder_rows(
    record: Record, as_of: AsOf, panel: PairMonths, standing: Mapping[str, Floats] | None = None
) -> LadderRows:
    """Lay out the episodes of a panel's pairs, and count those of other pairs.

    Args:
        record: The record.
        as_of: What may be used.
        panel: The pairs.
        standing: The pairs' own inputs by name, shape (pair, year), gaps filled; by default those
            of the panel, where a gap stays a gap.
    """
    whole = episodes(meetings(record, as_of))
    known = standing if standing is not None else standing_inputs(record, as_of, panel)
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(panel.pairs)}
    pair = np.array([number.get((int(a), int(b)), -1) for a, b in whole.codes], dtype=np.int64)
    before = whole.first // 12 - 1 - int(panel.years[0])
    inside = (pair >= 0) & (before < len(panel.years))
    inside[inside] = panel.member[pair[inside], before[inside]]
    kept = whole.take(inside)
    pair, before = pair[inside], before[inside]
    past = pasts(kept)
    with jax.enable_x64(True):
        moves = {name: np.asarray(part) for name, part in moving(past).items()}
        where = {name: np.asarray(part) for name, part in situation(past).items()}
    own = {name: known[name][pair, before] for name in STANDING}
    return LadderRows(
        panel,
        kept,
        pair,
        own,
        moves,
        where,
        {
            **whole.left_out,
            "meetings of pairs that are not politically relevant": int((~inside).sum()),
            "meetings with an input missing": int(
                (~np.isfinite(np.stack(list(own.values()))).all(axis=0)).sum()
            ),
        },
    )


def standing_inputs(record: Record, as_of: AsOf, panel: PairMonths) -> dict[str, Floats]:
    """Give the pairs' own inputs as of 31 December, each of shape (pair, year)."""
    terms = {**panel.terms, "force in the past": force_before(record, as_of, panel)}
    return {name: terms[name] for name in STANDING}


def ladder_cases(rows: LadderRows, origin: int | None = None, *, over_alone: bool = False) -> Cases:
    """Give the rows of the law: one a month of an episode, none with an input missing.

    Months of disputes still going on belong to the rows. Without them the last months of every
    training set would be the quiet ones with which disputes end.

    Args:
        rows: Episodes with their inputs.
        origin: Last year; by default that of the record.
        over_alone: Leave out disputes that were not over at the end of the last year.
    """
    law = Ladder()
    last = origin if origin is not None else rows.episodes.last_month // 12
    grid = rows.grid(law)
    kept = rows.episodes.until(last) & np.isfinite(grid).all(axis=-1)
    if over_alone:
        kept &= rows.episodes.settled(last)[:, None]
    episode, month = np.nonzero(kept)
    year = (rows.episodes.first[episode] + month) // 12
    return Cases(
        value=rows.episodes.level[episode, month].astype(np.float64),
        terms=grid[episode, month],
        offset=np.zeros(len(episode)),
        unit=rows.pair[episode],
        units=rows.panel.names,
        year=(year - FIRST_YEAR).astype(np.int64),
        years=tuple(range(FIRST_YEAR, last + 1)),
        extra={name: part[episode, month] for name, part in rows.situation.items()},
    )
