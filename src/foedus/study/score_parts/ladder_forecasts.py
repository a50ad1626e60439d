"""Forecasts of the ladder and its rivals: month by month, and for whole disputes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.model.laws.escalation import LEVELS, Escalation
from foedus.model.laws.ladder import FORCE, RUNGS, Ladder
from foedus.record.store import Record
from foedus.simulate.ladder import Rungs, climb, length, reached, shares_of_highest
from foedus.study.dispute_cases import settled_disputes
from foedus.study.law_cases import ladder as onset_cases
from foedus.study.law_cases.disputes import everything, held, pair_months
from foedus.study.law_cases.within_dispute import (
    QUIET_MONTHS,
    STANDING,
    LadderRows,
    ladder_cases,
    ladder_rows,
    standing_inputs,
)
from foedus.study.score_parts import escalation
from foedus.study.score_parts.pair_years import fill
from foedus.study.score_parts.rolling import SEED, Refit, refits, require_unseen

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Progress = Callable[[str], None]
STEPS = len(RUNGS)
TOPS = STEPS - 1
WITHIN_MONTHS = (1, 3, 12)
LONGEST_SCORED = 12
LENGTH_TOLD = LONGEST_SCORED + QUIET_MONTHS
REPEATED = 5
HALF = 0.5

LAW = "law of the ladder"
OVER_LAW = "law of the ladder, fitted on disputes that were over"
OTHER_LAW = "law of escalation"
CLIMATOLOGY = "climatology"
MARKOV = "Markov on last month's level"
TABLE = "table of the last incident's level and the quiet months since"
MONTHLY_STACK = "law and table, mean"
MOVING = escalation.MOVING
WHOLE_STACK = "law of the ladder and of escalation, mean"
PAST = "share of past disputes"


@lru_cache(maxsize=2)
def read_rows(record: Record) -> LadderRows:
    """Lay out the episodes of politically relevant pairs, gaps of their own inputs filled."""
    panel = pair_months(record, everything())
    raw = standing_inputs(record, everything(), panel)
    filled = {name: fill(values, panel.member)[0] for name, values in raw.items()}
    return ladder_rows(record, everything(), panel, filled)


@lru_cache(maxsize=2)
def read_disputes(record: Record) -> escalation.Ladder:
    """Lay out whole disputes of MID 5 with the onsets the law of escalation is fitted on."""
    panel = read_rows(record).panel
    found = onset_cases.onsets(record, everything(), panel)
    names = [term.name for term in Escalation().terms if term.name in panel.terms]
    terms = {name: fill(panel.terms[name], panel.member)[0] for name in names}
    pairs = settled_disputes(record, everything()).group_by("dispnum").agg(pl.col("settled").max())
    whole = record.read("mid5_dispute", columns=["dispnum", "start", "end", "hostlev"])
    disputes = whole.select(
        pl.col("dispnum").cast(pl.Int64),
        year=pl.col("start").dt.year().cast(pl.Int64),
        last=pl.col("end").dt.year().cast(pl.Int64),
        level=pl.col("hostlev").cast(pl.Int64),
    ).sort("dispnum")
    settled = {int(d): int(y) for d, y in pairs.iter_rows()}
    settled |= {d: y for d, y in disputes.select("dispnum", "last").iter_rows() if y is not None}
    panel = replace(panel, terms={**panel.terms, **terms})
    return escalation.Ladder(panel, found, settled, {}, disputes)


@dataclass(frozen=True)
class Monthly:
    """Probabilities of the levels of the same months, by forecaster.

    Args:
        dispute: Number of the dispute, shape (case,).
        codes: The two countries, shape (case, 2).
        month: Month, counted from year zero, shape (case,).
        level: Level that came, 0 to 3, shape (case,).
        probability: By forecaster, each of shape (case, level).
    """

    dispute: Ints
    codes: Ints
    month: Ints
    level: Ints
    probability: Mapping[str, Floats]


@dataclass(frozen=True)
class Begun:
    """Forecasts, given their onset, of disputes between two states.

    Args:
        dispute: Number of the dispute, shape (case,).
        first: Month of the onset, counted from year zero, shape (case,).
        force: Whether force was used by each of `WITHIN_MONTHS`, shape (case, within).
        length: Months from the first to the last incident, at most twelve, shape (case,).
        force_chance: By forecaster, each of shape (case, within).
        length_share: By forecaster, the chance of each length of 1 to 12, shape (case, length).
        last_month: Last month covered.
    """

    dispute: Ints
    first: Ints
    force: Floats
    length: Ints
    force_chance: Mapping[str, Floats]
    length_share: Mapping[str, Floats]
    last_month: int


@dataclass(frozen=True)
class Whole:
    """Probabilities of the highest level (threat, display, force or war) of whole disputes.

    Args:
        dispute: Number, shape (case,).
        level: 0 threat, 1 display, 2 force or war, shape (case,).
        unmatched: Disputes in whose first month no relevant pair met.
        probability: By forecaster, each of shape (case, level).
    """

    dispute: Ints
    level: Ints
    unmatched: int
    probability: Mapping[str, Floats]


@lru_cache(maxsize=4)
def forecasts(
    record: Record, first: int, last: int, progress: Progress = lambda _: None
) -> tuple[Monthly, Begun, Whole]:
    """Forecast the months and disputes of `first`..`last` from the months of the years before."""
    rows = read_rows(record)
    whole = read_disputes(record)
    law = Ladder()
    years = range(first, last + 1)
    ours = refits(law, lambda origin: ladder_cases(rows, origin), years, progress=progress)
    narrow = refits(
        law,
        lambda origin: ladder_cases(rows, origin, over_alone=True),
        years,
        progress=progress,
    )
    theirs = refits(
        Escalation(),
        lambda origin: onset_cases.escalation_cases(whole.panel, whole.known(origin)),
        years,
        progress=progress,
    )
    monthly, begun, ends = [], [], []
    for (year, refit), (_, over), (_, other) in zip(ours, narrow, theirs, strict=True):
        monthly.append(_months(rows, refit, over, year))
        level = _simulated(rows, refit, year)
        begun.append(_begun(rows, level, year))
        ends.append(_ends(rows, whole, other, level, year))
    return _join_monthly(monthly), _join_begun(begun), _join_whole(ends)


def month_probability(
    rows: LadderRows, refit: Refit, year: int, cells: tuple[Ints, Ints]
) -> Floats:
    """Give the law's probability of each level of months of a year, shape (case, level).

    Args:
        rows: Episodes with their inputs.
        refit: Draws from the years before.
        year: Year of the months.
        cells: Episode and month of each case.
    """
    grid = rows.grid(refit.law)[cells]
    inputs = {term.name: grid[:, k] for k, term in enumerate(refit.law.terms)}
    extra = {name: part[cells] for name, part in rows.situation.items()}
    level = refit.level_ahead(year)[:, None] + refit.unit_level[:, rows.pair[cells[0]]]
    parts = [np.exp(refit.log_prob(k, inputs, level, extra)).mean(axis=0) for k in range(STEPS)]
    return np.stack(parts, axis=1)


def months_of(rows: LadderRows, year: int) -> tuple[Ints, Ints]:
    """Give episode and month of every month followed in a year."""
    episode, at = np.nonzero(rows.episodes.inside & (rows.episodes.month // 12 == year))
    return episode.astype(np.int64), at.astype(np.int64)


def rival_tables(rows: LadderRows, origin: int, cells: tuple[Ints, Ints]) -> dict[str, Floats]:
    """Give shares of the levels among months like each case, up to the end of a year.

    Each level of each kind of month starts with half a case; the first month of a dispute is a
    kind of its own, in which no level of none exists.
    """
    require_unseen(origin, int(rows.episodes.month[cells].min()) // 12, TABLE)
    trained = np.nonzero(rows.episodes.until(origin))
    found = {}
    for name, kind in (
        (CLIMATOLOGY, rows.moving["first month"]),
        (MARKOV, 10 * rows.moving["first month"] + _last_month(rows)),
        (TABLE, 100 * rows.moving["first month"] + 10 * _last_incident(rows) + _quiet(rows)),
    ):
        labels, number = np.unique(kind, return_inverse=True)
        number = number.reshape(kind.shape)
        count = np.full((len(labels), STEPS), HALF)
        np.add.at(count, (number[trained], rows.episodes.level[trained]), 1)
        p = count[number[cells]]
        p[rows.moving["first month"][cells] > 0, 0] = 0.0
        found[name] = p / p.sum(axis=1, keepdims=True)
    return found


def _last_month(rows: LadderRows) -> Ints:
    before = np.zeros_like(rows.episodes.level)
    before[:, 1:] = rows.episodes.level[:, :-1]
    return before


def _last_incident(rows: LadderRows) -> Ints:
    level, last = rows.episodes.level, np.zeros_like(rows.episodes.level)
    for month in range(1, level.shape[1]):
        now = level[:, month - 1]
        last[:, month] = np.where(now > 0, now, last[:, month - 1])
    return last


def _quiet(rows: LadderRows) -> Ints:
    return np.round(np.expm1(rows.moving["quiet months"])).astype(np.int64)


def _months(rows: LadderRows, refit: Refit, over: Refit, year: int) -> Monthly:
    cells = months_of(rows, year)
    p = rival_tables(rows, year - 1, cells)
    p[OVER_LAW] = month_probability(rows, over, year, cells)
    p[LAW] = month_probability(rows, refit, year, cells)
    p[MONTHLY_STACK] = (p[LAW] + p[TABLE]) / 2
    return Monthly(
        rows.episodes.dispute[cells[0]],
        rows.episodes.codes[cells[0]],
        rows.episodes.month[cells],
        rows.episodes.level[cells],
        p,
    )


def begun_in(rows: LadderRows, year: int) -> Ints:
    """Number the episodes that begin in a year, without those that begin anew."""
    return np.flatnonzero((rows.episodes.first // 12 == year) & ~rows.episodes.again)


def _simulated(rows: LadderRows, refit: Refit, year: int) -> Floats:
    """Run the disputes of a year from their onset, shape (month, episode, draw)."""
    episode = begun_in(rows, year)
    law = refit.law
    assert isinstance(law, Ladder)
    draws = len(refit.year_level)
    level = (refit.level_ahead(year)[:, None] + refit.unit_level[:, rows.pair[episode]]).T
    rungs = Rungs(
        {name: np.tile(part, REPEATED) for name, part in refit.coefficients.items()},
        {name: np.full(draws * REPEATED, part) for name, part in refit.shapes.items()},
    )
    standing = {name: rows.standing[name][episode] for name in STANDING}
    return climb(law, rungs, standing, np.tile(level, (1, REPEATED)), seed=SEED + year)


def _capped(lengths: Ints) -> Ints:
    return np.minimum(lengths, LONGEST_SCORED)


def length_shares(lengths: Ints, weight: float = HALF) -> Floats:
    """Give the share of each length of 1 to 12 along the last axis."""
    steps = np.arange(1, LONGEST_SCORED + 1)
    count = (_capped(lengths)[..., None] == steps).sum(axis=-2) + weight
    return count / count.sum(axis=-1, keepdims=True)


def _begun(rows: LadderRows, level: Floats, year: int) -> Begun:
    episode = begun_in(rows, year)
    one = rows.episodes
    force = np.stack(
        [(one.level[:, :m] >= FORCE).any(axis=1) for m in WITHIN_MONTHS], axis=1
    ).astype(np.float64)
    lengths = one.last - one.first + 1
    end = 12 * year - 1
    anew = one.again
    told = [force[seen_by(one.first, m, end) & ~anew, k] for k, m in enumerate(WITHIN_MONTHS)]
    before = np.array([(part.sum() + HALF) / (len(part) + 2 * HALF) for part in told])
    chance = np.stack([reached(level, FORCE, m).mean(axis=1) for m in WITHIN_MONTHS], axis=1)
    shares = length_shares(lengths[seen_by(one.first, LENGTH_TOLD, end) & ~anew])
    return Begun(
        one.dispute[episode],
        one.first[episode],
        force[episode],
        _capped(lengths[episode]),
        {PAST: np.tile(before, (len(episode), 1)), LAW: chance},
        {PAST: np.tile(shares, (len(episode), 1)), LAW: length_shares(length(level))},
        one.last_month,
    )


def _ends(
    rows: LadderRows,
    whole: escalation.Ladder,
    other: Refit,
    level: Floats,
    year: int,
) -> Whole:
    """Forecast the highest level of the disputes of a year, each the mean over its first pairs."""
    origin = year - 1
    episode = begun_in(rows, year)
    one = rows.episodes
    start = {
        int(number): one.first[one.dispute == number].min()
        for number in np.unique(one.dispute[episode])
    }
    there = np.array([one.first[k] == start[int(one.dispute[k])] for k in episode])
    numbers = one.dispute[episode][there]
    pairs = rows.pair[episode][there]
    inputs = onset_cases.escalation_inputs(whole.panel, whole.known(origin))
    at = origin - int(whole.panel.years[0])
    four = escalation.level_probability(other, held(other.law, inputs[pairs, at]), pairs, year)
    by_pair = {
        LAW: _smoothed(shares_of_highest(level)[there], level.shape[2]),
        OTHER_LAW: _fold(four),
    }
    by_pair[WHOLE_STACK] = (by_pair[LAW] + by_pair[OTHER_LAW]) / 2
    always = _fold(escalation.climatology(whole, origin)[None])[0]
    moving = _fold(escalation.climatology(whole, origin, escalation.MOVING_YEARS)[None])[0]
    now = whole.disputes.filter(pl.col("year") == year)
    p: dict[str, list[Floats]] = {}
    unmatched = 0
    for number in now["dispnum"]:
        mine = numbers == number
        unmatched += not mine.any()
        p.setdefault(CLIMATOLOGY, []).append(always)
        p.setdefault(MOVING, []).append(moving)
        for name, values in by_pair.items():
            p.setdefault(name, []).append(values[mine].mean(axis=0) if mine.any() else moving)
    top = np.clip(now["level"].to_numpy() - LEVELS[0], 0, TOPS - 1)
    return Whole(
        now["dispnum"].to_numpy(),
        top.astype(np.int64),
        unmatched,
        {name: np.stack(values) for name, values in p.items()},
    )


def _smoothed(share: Floats, draws: int) -> Floats:
    """Keep a level that no draw reached possible: half a draw each."""
    return (share * draws + HALF) / (draws + HALF * share.shape[1])


def _fold(four: Floats) -> Floats:
    """Count war as use of force, shape (case, level)."""
    return np.concatenate([four[:, : TOPS - 1], four[:, TOPS - 1 :].sum(axis=1)[:, None]], axis=1)


def _rows_of(parts: list[Mapping[str, Floats]]) -> dict[str, Floats]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _join_monthly(parts: list[Monthly]) -> Monthly:
    return Monthly(
        np.concatenate([p.dispute for p in parts]),
        np.concatenate([p.codes for p in parts]),
        np.concatenate([p.month for p in parts]),
        np.concatenate([p.level for p in parts]),
        _rows_of([p.probability for p in parts]),
    )


def _join_begun(parts: list[Begun]) -> Begun:
    return Begun(
        np.concatenate([p.dispute for p in parts]),
        np.concatenate([p.first for p in parts]),
        np.concatenate([p.force for p in parts]),
        np.concatenate([p.length for p in parts]),
        _rows_of([p.force_chance for p in parts]),
        _rows_of([p.length_share for p in parts]),
        parts[0].last_month,
    )


def _join_whole(parts: list[Whole]) -> Whole:
    return Whole(
        np.concatenate([p.dispute for p in parts]),
        np.concatenate([p.level for p in parts]),
        sum(p.unmatched for p in parts),
        _rows_of([p.probability for p in parts]),
    )


def seen_by(first: Ints, months: int, last_month: int) -> Flags:
    """Mark disputes of which so many months lie before a month's end, whatever happened in them."""
    return np.asarray(first + months - 1 <= last_month)
