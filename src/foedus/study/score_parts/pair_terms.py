"""What the stronger rivals of task one read about two states, besides the terms of the law.

Every term is as of 31 December and rests on columns that were not coded with hindsight. What the
record does not hold is nan; nothing is filled here.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.measure.similarity import alliance_levels, similarity
from foedus.record.coverage import covered_years
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.country_years import yearly
from foedus.study.dispute_cases import settled_disputes
from foedus.study.law_cases.disputes import ORIGIN_YEAR, PairMonths, Source
from foedus.world.countries import countries

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
OWN_HALF_LIVES_YEARS = {"last year's onsets": 1.0, "recent onsets": 3.0, "old onsets": 20.0}
STATE_HALF_LIVES_YEARS = {"recent": 2.0, "long": 15.0}
QUARREL_HALF_LIFE_YEARS = 3.0
CRISIS_HALF_LIFE_YEARS = 5.0
FIRST_CRISIS_YEAR = 1918
YOUNG_YEARS = 10.0
ALLY_LEVEL = 2
MOST_CODE = 1000
FOUND = ("ccode1", "ccode2", "month")


def rival_terms(record: Record, rule: AsOf, panel: PairMonths, source: Source) -> dict[str, Floats]:
    """Give the further terms of the rivals by name, each of shape (pair, year)."""
    return {
        **_own_onsets(panel),
        **_disputes_with_others(panel),
        **_trade(record, rule, panel),
        **_ties(record, rule, panel),
        **_alliances(record, rule, panel),
        **_size(record, rule, panel),
        **_place_and_age(record, rule, panel),
        **_turmoil(record, rule, panel),
        **_crises(record, rule, panel),
        "in a dispute": _in_a_dispute(record, rule, panel, source),
    }


def pair_rows(panel: PairMonths, one: Ints, two: Ints) -> Ints:
    """Give the row of each pair of states in the panel, -1 where it has none."""
    keys = panel.pairs[:, 0] * MOST_CODE + panel.pairs[:, 1]
    order = np.argsort(keys)
    wanted = np.minimum(one, two) * MOST_CODE + np.maximum(one, two)
    at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    rows = order[at]
    return np.where(keys[rows] == wanted, rows, -1)


def pair_values(panel: PairMonths, frame: pl.DataFrame, column: str) -> Floats:
    """Lay out a column of a `ccode1, ccode2, year` table on the panel, nan where it has no row."""
    first, last = int(panel.years[0]), int(panel.years[-1])
    inside = frame.filter(pl.col("year").is_between(first, last))
    one, two, year = (inside[c].to_numpy().astype(np.int64) for c in ("ccode1", "ccode2", "year"))
    rows = pair_rows(panel, one, two)
    held = rows >= 0
    grid = np.full((len(panel.pairs), len(panel.years)), np.nan)
    grid[rows[held], year[held] - first] = inside[column].cast(pl.Float64).to_numpy()[held]
    return grid


def faded(events: Floats, first: int, years: Ints, half_life_years: float) -> Floats:
    """Add up what happened in each year and before, fading with a half-life.

    Args:
        events: What is left at the end of each year of what happened in it, from the year `first`
            on, shape (unit, year).
        first: Year of the first column.
        years: Years wanted, consecutive.
        half_life_years: Years after which a weight has fallen by half.

    Returns:
        As of the end of each wanted year, shape (unit, year).
    """
    keep = 0.5 ** (1 / half_life_years)
    state = np.zeros(len(events))
    found = np.zeros((len(events), len(years)))
    for t in range(events.shape[1]):
        state = state * keep + events[:, t]
        at = first + t - int(years[0])
        if 0 <= at < len(years):
            found[:, at] = state
    return found


def _states(panel: PairMonths) -> tuple[Ints, Ints]:
    """Give the place of each pair's two states among the panel's countries."""
    one, two = (np.searchsorted(panel.codes, panel.pairs[:, k]) for k in (0, 1))
    return one.astype(np.int64), two.astype(np.int64)


def _index(panel: PairMonths) -> dict[int, int]:
    return {int(code): k for k, code in enumerate(panel.codes)}


def _lower_and_higher(one: Floats, two: Floats) -> tuple[Floats, Floats]:
    return np.minimum(one, two), np.maximum(one, two)


def _own_onsets(panel: PairMonths) -> dict[str, Floats]:
    """Give the pair's own onsets since 1816, fading at several speeds."""
    one, two, month = (panel.found[c].to_numpy().astype(np.int64) for c in FOUND)
    rows = pair_rows(panel, one, two)
    held = rows >= 0
    rows, month = rows[held], month[held]
    found = {}
    for name, half_life in OWN_HALF_LIVES_YEARS.items():
        events = np.zeros((len(panel.pairs), int(panel.years[-1]) + 1 - ORIGIN_YEAR))
        left = 0.5 ** ((11 - month % 12) / 12 / half_life)
        np.add.at(events, (rows, month // 12 - ORIGIN_YEAR), left)
        found[name] = np.log1p(faded(events, ORIGIN_YEAR, panel.years, half_life))
    return found


def _disputes_with_others(panel: PairMonths) -> dict[str, Floats]:
    """Give how many disputes the calmer and the busier of the two had with third states."""
    one, two = _states(panel)
    a, b, month = (panel.found[c].to_numpy().astype(np.int64) for c in FOUND)
    year = month // 12 - ORIGIN_YEAR
    span = int(panel.years[-1]) + 1 - ORIGIN_YEAR
    by_state = np.zeros((len(panel.codes), span))
    for side in (a, b):
        np.add.at(by_state, (np.searchsorted(panel.codes, side), year), 1.0)
    rows = pair_rows(panel, a, b)
    held = rows >= 0
    own = np.zeros((len(panel.pairs), span))
    np.add.at(own, (rows[held], year[held]), 1.0)
    found = {}
    for name, half_life in STATE_HALF_LIVES_YEARS.items():
        states = faded(by_state, ORIGIN_YEAR, panel.years, half_life)
        between = faded(own, ORIGIN_YEAR, panel.years, half_life)
        left, right = (np.log1p(np.maximum(states[k] - between, 0)) for k in (one, two))
        low, high = _lower_and_higher(left, right)
        found[f"{name} disputes of the calmer state"] = low
        found[f"{name} disputes of the busier state"] = high
    return found


def _trade(record: Record, rule: AsOf, panel: PairMonths) -> dict[str, Floats]:
    """Give trade dependence: the share of each state's trade that is with the other.

    In logs of one plus the share in thousandths. Zero is a recorded zero; without a value for
    either flow or for a state's whole trade it is missing.

    Source: Oneal, J. R. and B. Russett. 1997. International Studies Quarterly 41(2): 267-294; there
    trade over product, here over all trade, so that both are in current dollars.
    """
    one, two = _states(panel)
    flows = record.read(
        "cow_trade_dyad", columns=["ccode1", "ccode2", "year", "flow1", "flow2"], as_of=rule
    ).with_columns(both=pl.col("flow1").cast(pl.Float64) + pl.col("flow2"))
    totals = record.read(
        "cow_trade_state", columns=["ccode", "year", "imports", "exports"], as_of=rule
    ).select("ccode", "year", total=pl.col("imports") + pl.col("exports"))
    total = yearly(totals, _index(panel), panel.years)
    total = np.where(total > 0, total, np.nan)
    trade = pair_values(panel, flows, "both")
    low, high = _lower_and_higher(*(np.minimum(trade / total[k], 1.0) for k in (one, two)))
    return {
        "lower trade dependence": np.log1p(1000 * low),
        "higher trade dependence": np.log1p(1000 * high),
    }


def _ties(record: Record, rule: AsOf, panel: PairMonths) -> dict[str, Floats]:
    """Give shared international organisations, in tens, and the distance of votes in the UN."""
    one, two = _states(panel)
    shared = record.read("igo_dyad", columns=["ccode1", "ccode2", "year", "dyadigos"], as_of=rule)
    votes = record.read("un_ideal_points", columns=["ccode", "year", "idealpointfp"], as_of=rule)
    point = yearly(votes, _index(panel), panel.years)
    return {
        "shared organisations": pair_values(panel, shared, "dyadigos") / 10,
        "distance of votes": np.abs(point[one] - point[two]),
    }


def _alliances(record: Record, rule: AsOf, panel: PairMonths) -> dict[str, Floats]:
    """Give any alliance, the similarity S of alliances, and disputes with the other's allies.

    The last counts recent disputes of either state with those bound to the other by a promise of
    defence, offence, neutrality or non-aggression. Years past the alliance record are missing.
    """
    one, two = _states(panel)
    first = int(panel.years[0])
    last = min(int(panel.years[-1]), covered_years(record.spec("atop_dyad"), None, rule)[1])
    axis, levels = alliance_levels(record, first, last, rule)
    quarrels = _recent_disputes(panel)
    tie, alike, friends = (np.full(panel.member.shape, np.nan) for _ in range(3))
    for t in range(last - first + 1):
        rows = np.flatnonzero(panel.member[:, t])
        here = np.union1d(one[rows], two[rows])
        a, b = np.searchsorted(here, one[rows]), np.searchsorted(here, two[rows])
        place = axis.slot[panel.codes[here]]
        level = levels[t][np.ix_(place, place)]
        ally = (level >= ALLY_LEVEL).astype(np.float64)
        np.fill_diagonal(ally, 0.0)
        with_allies = quarrels[t][np.ix_(here, here)] @ ally
        tie[rows, t] = level[a, b] > 0
        alike[rows, t] = similarity(level).s[a, b]
        friends[rows, t] = np.log1p(with_allies[a, b] + with_allies[b, a])
    return {
        "any alliance": tie,
        "similarity of alliances": alike,
        "disputes with the other's allies": friends,
    }


def _recent_disputes(panel: PairMonths) -> Floats:
    """Give fading onsets between all states, shape (year, country, country)."""
    a, b, month = (panel.found[c].to_numpy().astype(np.int64) for c in FOUND)
    i, j = np.searchsorted(panel.codes, a), np.searchsorted(panel.codes, b)
    keep = 0.5 ** (1 / QUARREL_HALF_LIFE_YEARS)
    now = np.zeros((len(panel.codes), len(panel.codes)))
    found = []
    for year in range(ORIGIN_YEAR, int(panel.years[-1]) + 1):
        now = now * keep
        at = month // 12 == year
        np.add.at(now, (i[at], j[at]), 1.0)
        np.add.at(now, (j[at], i[at]), 1.0)
        if year >= panel.years[0]:
            found.append(now)
    return np.stack(found)


def _size(record: Record, rule: AsOf, panel: PairMonths) -> dict[str, Floats]:
    """Give capability (CINC) and product a head of the larger and the smaller, in logs."""
    one, two = _states(panel)
    found = {}
    for table, column, large, small in (
        ("nmc", "cinc", "larger capability", "smaller capability"),
        ("gdp_pop_cow", "mrgdppc", "product of the richer", "product of the poorer"),
    ):
        frame = record.read(table, columns=["ccode", "year", column], as_of=rule)
        values = yearly(frame, _index(panel), panel.years)
        size = np.log(np.where(values > 0, values, np.nan))
        found[small], found[large] = _lower_and_higher(size[one], size[two])
    return found


def _place_and_age(record: Record, rule: AsOf, panel: PairMonths) -> dict[str, Floats]:
    """Give the shortest distance in log km, how old the younger state is, and young neighbours.

    The last is one where both have just come to be states and touch or are near by sea, and fades
    with the years both exist.
    """
    one, two = _states(panel)
    frame = record.read("cow_mindist", columns=["ccode1", "ccode2", "year", "mindist"], as_of=rule)
    begun = np.array([countries()[int(code)].spells[0][0].year for code in panel.codes])
    both = np.maximum(begun[one], begun[two])
    age = np.maximum(panel.years[None, :] - both[:, None], 0)
    near = panel.terms["land border"] + panel.terms["near by sea"]
    return {
        "shortest distance": np.log1p(pair_values(panel, frame, "mindist")),
        "age of the younger state": np.log1p(age),
        "young neighbours": near * np.exp(-age / YOUNG_YEARS),
    }


def _turmoil(record: Record, rule: AsOf, panel: PairMonths) -> dict[str, Floats]:
    """Give conflict within the two states (UCDP: 0 none, 1 minor, 2 war) and new leaders."""
    one, two = _states(panel)
    index, first = _index(panel), int(panel.years[0])
    wanted = ["year", "ccode_a", "type_of_conflict", "intensity_level"]
    frame = record.read("ucdp_conflict", columns=wanted, as_of=rule).filter(
        pl.col("type_of_conflict").is_in(["intrastate", "II"])
    )
    within = np.zeros((len(panel.codes), len(panel.years)))
    for year, code, level in frame.select("year", "ccode_a", "intensity_level").iter_rows():
        if code in index and 0 <= year - first < len(panel.years):
            place = index[code], year - first
            within[place] = max(within[place], level)
    new = np.zeros(within.shape)
    new[:, panel.years > covered_years(record.spec("leaders_archigos"), None, rule)[1]] = np.nan
    leaders = record.read("leaders_archigos", columns=["ccode", "start"], as_of=rule)
    for code, start in leaders.iter_rows():
        if code in index and 0 <= start.year - first < len(panel.years):
            new[index[code], start.year - first] = 1.0
    low, high = _lower_and_higher(within[one], within[two])
    return {
        "inner conflict of the calmer": low,
        "inner conflict of the other": high,
        "new leaders": new[one] + new[two],
    }


def _crises(record: Record, rule: AsOf, panel: PairMonths) -> dict[str, Floats]:
    """Give past international crises between the two, fading, and whether one was on."""
    frame = record.read("icb_dyad", columns=["ccode1", "ccode2", "year", "onset"], as_of=rule)
    last = int(panel.years[-1])
    began = frame.filter(pl.col("onset") & (pl.col("year") <= last))
    one, two, year = (began[c].to_numpy().astype(np.int64) for c in ("ccode1", "ccode2", "year"))
    rows = pair_rows(panel, one, two)
    held = rows >= 0
    events = np.zeros((len(panel.pairs), last + 1 - FIRST_CRISIS_YEAR))
    np.add.at(events, (rows[held], year[held] - FIRST_CRISIS_YEAR), 1.0)
    past = faded(events, FIRST_CRISIS_YEAR, panel.years, CRISIS_HALF_LIFE_YEARS)
    return {"past crises": np.log1p(past), "in a crisis": _happens(panel, frame)}


def _in_a_dispute(record: Record, rule: AsOf, panel: PairMonths, source: Source) -> Floats:
    """Mark years in which the two were in a dispute, begun in it or before."""
    if source == "cow":
        return _happens(panel, settled_disputes(record, rule))
    dated = AsOf(rule.day, Rule.DATED)
    return _happens(
        panel, record.read("gml_mid_dyad", columns=["ccode1", "ccode2", "year"], as_of=dated)
    )


def _happens(panel: PairMonths, frame: pl.DataFrame) -> Floats:
    """Mark the pair-years a complete list holds; a pair-year it does not hold is a true zero."""
    listed = pair_values(panel, frame.with_columns(listed=pl.lit(1.0)), "listed")
    return np.where(np.isfinite(listed), 1.0, 0.0)
