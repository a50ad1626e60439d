"""Politically relevant pair-years with their dispute history, for the rivals of onset."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.score.backtest import EventPanel
from foedus.score.rivals import peace_year_terms
from foedus.study.country_years import contiguity_grid, distance_km, members, spells, yearly
from foedus.world.countries import countries
from foedus.world.months import add_months

FIRST_YEAR = 1946
TERMS = (
    "peace years",
    "peace years squared",
    "peace years cubed",
    "shared land border",
    "within 400 miles of water",
    "log distance between capitals",
    "both major powers",
    "log ratio of capabilities",
    "lower of the two democracy scores",
)
HALF_LIVES_YEARS = {"recent onsets": 2.0, "old onsets": 10.0}
TABLES = (
    "cow_states",
    "cow_contiguity",
    "cow_majors",
    "cow_capitals",
    "nmc",
    "democracy_cow",
    "dyadic_mid",
)


@dataclass(frozen=True)
class DisputeCases:
    """The panel of one target, and what its numbers stand for.

    Args:
        panel: Pair-years, terms and onsets.
        pairs: `ccode1, ccode2` of each pair number, shape (pair, 2).
        dropped: Relevant pair-years left out because a term is missing.
    """

    panel: EventPanel
    pairs: NDArray[np.int64]
    dropped: int

    def number(self, ccode1: int, ccode2: int) -> int | None:
        """Give the pair number of two countries, or None if they never were a case."""
        wanted = (min(ccode1, ccode2), max(ccode1, ccode2))
        found = np.flatnonzero((self.pairs == wanted).all(axis=1))
        return int(found[0]) if len(found) else None


def dispute_cases(record: Record, as_of: AsOf, *, hostility: int = 0) -> DisputeCases:
    """Collect relevant pair-years from 1946 to the end of the dispute record.

    Relevant: contiguous by land or across at most 400 miles of water, or with a major power.

    Args:
        record: The record.
        as_of: What may be used.
        hostility: Count only onsets whose pair reached at least this level (4 is use of force).

    Source: Lemke, D. and W. Reed. 2001. Journal of Conflict Resolution 45(1): 126-144.
    """
    disputes = settled_disputes(record, as_of)
    last = disputes["year"].max()
    assert isinstance(last, int)
    years = np.arange(FIRST_YEAR, last + 1)
    index = {ccode: i for i, ccode in enumerate(sorted(countries()))}
    member = members(index, years)
    contiguity = contiguity_grid(record.read("cow_contiguity", as_of=as_of), index, years)
    major = spells(record.read("cow_majors", as_of=as_of), index, years)
    relevant = (contiguity > 0) | major[:, None, :] | major[None, :, :]
    relevant &= member[:, None, :] & member[None, :, :]
    i, j, t = (part for part in np.nonzero(relevant))
    upper = i < j
    i, j, t = i[upper], j[upper], t[upper]
    codes = np.array(sorted(countries()))
    pairs, pair = np.unique(np.stack([codes[i], codes[j]], axis=1), axis=0, return_inverse=True)
    onsets, peace = _history(disputes, pairs, pair, years[t], hostility)
    memory = _memory(disputes, pairs, pair.ravel(), t, years)
    cinc = yearly(record.read("nmc", columns=["ccode", "year", "cinc"], as_of=as_of), index, years)
    polyarchy = yearly(
        record.read("democracy_cow", columns=["ccode", "year", "v2x_polyarchy"], as_of=as_of),
        index,
        years,
    )
    distance = distance_km(record.read("cow_capitals", as_of=as_of), index, years)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.abs(np.log(cinc[i, t] / cinc[j, t]))
    terms = np.column_stack(
        [
            peace_year_terms(peace),
            contiguity[i, j, t] == 1,
            contiguity[i, j, t] > 1,
            np.log1p(distance(i, j, t)),
            major[i, t] & major[j, t],
            ratio,
            np.minimum(polyarchy[i, t], polyarchy[j, t]),
        ]
    ).astype(np.float64)
    whole = np.isfinite(terms).all(axis=1)
    panel = EventPanel(
        pair=pair.ravel()[whole].astype(np.int64),
        year=years[t][whole].astype(np.int64),
        terms=terms[whole],
        history=memory[whole],
        onset_pair=onsets[0],
        onset_month=onsets[1],
        last_year=int(years[-1]),
    )
    return DisputeCases(panel, pairs.astype(np.int64), int((~whole).sum()))


def _memory(
    disputes: pl.DataFrame,
    pairs: NDArray[np.int64],
    pair: NDArray[np.int64],
    at: NDArray[np.int64],
    years: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Give the log of one plus each pair's onsets, fading at two speeds, at the end of the year.

    Args:
        disputes: Dispute years, see `settled_disputes`.
        pairs: `ccode1, ccode2` of each pair number.
        pair: Pair number of each case.
        at: Year of each case, counted from the first of `years`.
        years: Consecutive years.

    Returns:
        Shape (case, speed).
    """
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(pairs)}
    began = disputes.filter(pl.col("year") == pl.col("dyad_start").dt.year())
    first = int(years[0])
    counts = np.zeros((len(pairs), len(years)))
    state = np.zeros((len(HALF_LIVES_YEARS), len(pairs)))
    keep = 0.5 ** (1 / np.array(list(HALF_LIVES_YEARS.values())))
    for one, two, year in began.select("ccode1", "ccode2", "year").iter_rows():
        k = number.get((one, two))
        if k is None:
            continue
        if year < first:
            state[:, k] += keep ** (first - 1 - year)
        else:
            counts[k, year - first] += 1
    found = np.empty((len(HALF_LIVES_YEARS), *counts.shape))
    for t in range(len(years)):
        state = state * keep[:, None] + counts[:, t]
        found[:, :, t] = state
    return np.log1p(found[:, pair, at]).T


def settled_disputes(record: Record, as_of: AsOf) -> pl.DataFrame:
    """Read dispute years with their hostility, blank until the dispute had ended and was known.

    The level is coded for a whole dispute and so marked as hindsight; here it is used only from
    the day on which both its end and the table's lag had passed.

    Returns:
        `dispnum, ccode1, ccode2, year, dyad_start, hihost, fatal, settled, first_day`, lower
        country first. `fatal` says that deaths are known; `settled` is the year of the pair's last
        day in the dispute; `first_day` that both were in it from its first day.
    """
    lag = record.spec("dyadic_mid").lag_months if as_of.rule is Rule.KNOWN else 0
    day = add_months(as_of.day, -lag)
    wanted = ["dispnum", "ccode1", "ccode2", "year", "dyad_start", "dyad_end", "hihost", "fatlev"]
    wanted += ["orignata", "orignatb"]
    frame = record.read("dyadic_mid", columns=wanted, as_of=AsOf(day, Rule.DATED))
    over = pl.col("dyad_end") <= day
    ordered = frame.filter(pl.col("ccode1") < pl.col("ccode2"))
    return ordered.select(
        "dispnum",
        "ccode1",
        "ccode2",
        "year",
        "dyad_start",
        hihost=pl.when(over).then(pl.col("hihost")).otherwise(0),
        fatal=over & pl.col("fatlev").is_between(1, 6).fill_null(value=False),
        settled=pl.col("dyad_end").dt.year(),
        first_day=(pl.col("orignata") == 1) & (pl.col("orignatb") == 1),
    )


def _history(
    disputes: pl.DataFrame,
    pairs: NDArray[np.int64],
    pair: NDArray[np.int64],
    year: NDArray[np.int64],
    hostility: int,
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64]]:
    """Give onsets (pair, month) and, for each case, years since the pair's last dispute year."""
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(pairs)}
    onset_pair, onset_month = [], []
    past: dict[int, list[int]] = {}
    wanted = disputes.select("ccode1", "ccode2", "year", "dyad_start", "hihost")
    for one, two, now, began, level in wanted.iter_rows():
        k = number.get((one, two))
        if k is None:
            continue
        past.setdefault(k, []).append(now)
        if now == began.year and level >= hostility:
            onset_pair.append(k)
            onset_month.append(12 * now + began.month - 1)
    joint = {
        k: max(countries()[int(a)].spells[0][0].year, countries()[int(b)].spells[0][0].year)
        for k, (a, b) in enumerate(pairs)
    }
    peace = np.empty(len(year))
    for case, (k, now) in enumerate(zip(pair.ravel().tolist(), year.tolist(), strict=True)):
        last = max((y for y in past.get(k, ()) if y <= now), default=joint[k])
        peace[case] = now - last
    onsets = (np.array(onset_pair, dtype=np.int64), np.array(onset_month, dtype=np.int64))
    return onsets, peace
