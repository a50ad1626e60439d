"""Where the simulation starts: for each variable the last observation, its age, and the law run on.

The run begins the year after the oldest record it needs. From there to the origin every variable
follows its own law, draw by draw, and takes the observed value wherever there is one, so that the
start is wider the older its record is.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import jax.numpy as jnp
import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.compute.keys import named_generator
from foedus.estimate.law_posterior import LawPosterior, read_law
from foedus.estimate.posterior import folders_of
from foedus.model.laws import arming, drifting, incidents
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.simulate.state import STRANDS, LawParameters, Parameters, Setting, State
from foedus.study.law_cases import disputes as pair_months
from foedus.study.law_cases import ladder, ties
from foedus.study.law_cases.incidents import (
    GROWING,
    REPORTING_FROM,
    MonthlySeries,
    arena_series,
    series_memory,
)
from foedus.study.law_cases.spending import (
    FIRST_YEAR,
    arming_memory,
    country_years,
    dispute_memory,
    drift_memory,
    volatility_memory,
)
from foedus.world.arenas import load_arena
from foedus.world.cases import Case
from foedus.world.countries import countries, country
from foedus.world.errors import HindsightError, OutsideCoverageError
from foedus.world.months import month_end

Floats = NDArray[np.float64]
OLDEST_YEARS = 5
RECENT_YEARS = 10
THOUSANDS_IN_A_MILLION = 1000.0
OF_ASKED = ("disputes", "escalation")
GEOGRAPHY = ("land border", "near by sea", "distance", "both major powers", "one major power")
VARIABLES = {
    "spending": ("country", "arming", "military spending, constant dollars"),
    "output": ("country", "growth", "real output, constant dollars"),
    "capability": ("country", "technology", "share of world capability (CINC)"),
    "ideal": ("country", "affinity", "ideal point in UN votes"),
    "trade": ("pair", "exchange", "trade both ways, million current dollars"),
    "similarity": ("pair", "alignment", "similarity of alliances (S, weighted)"),
    "support": ("dyad", "support", "favourable opinion, % of those with one"),
}


@dataclass(frozen=True)
class Start:
    """A start ready to be simulated.

    Args:
        setting: What does not move, and what was observed.
        state: State at the end of the year before the run, draw axis of one.
        codes: COW numbers of the countries, in the order of the case.
        pairs: Pairs of countries, lower number first.
        dyads: Dyads of support: whose opinion, of whom.
        series: Series of the arenas, with the arena of each.
        levels: Observed levels of each variable, logs where the laws step logs.
        last: Last observed period of each unit: `variable, unit, last`, and nothing where a unit
            is not in the record.
        origin: Last month known, counted from year zero.
        world_ladder: Onsets of all pairs since 1946 that became a war, and that saw use of force.
        relevant: Whether each pair is politically relevant at the start.
        notes: Rules applied, in sentences.
    """

    setting: Setting
    state: State
    codes: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    dyads: tuple[tuple[int, int], ...]
    series: tuple[tuple[str, MonthlySeries], ...]
    levels: dict[str, "Level"]
    last: pl.DataFrame
    origin: int
    world_ladder: tuple[int, int]
    relevant: NDArray[np.bool_]
    notes: tuple[str, ...]

    @property
    def asked(self) -> tuple[tuple[int, int], ...]:
        """Pairs whose disputes are forecast, in the order of the simulation."""
        return _kept(self.pairs, self.relevant)

    def observed(self, variable: str, unit: str, *, scale: float = 1.0) -> dict[int, float]:
        """Give the recorded values of one unit by year, on their natural scale.

        Args:
            variable: One of `VARIABLES` whose level is a log.
            unit: ISO code, or two of them joined by a dash.
            scale: Factor on the values.
        """
        names = {
            "country": [country(code).iso3 for code in self.codes],
            "pair": [f"{country(a).iso3}-{country(b).iso3}" for a, b in self.pairs],
        }[VARIABLES[variable][0]]
        level = self.levels[variable]
        row = level.values[names.index(unit)]
        years = range(level.first, level.first + len(row))
        return {
            year: float(np.exp(value)) * scale
            for year, value in zip(years, row, strict=True)
            if np.isfinite(value)
        }


@dataclass(frozen=True)
class Level:
    """Observed levels of one variable by unit and year since `first`."""

    values: Floats
    first: int

    @cached_property
    def last(self) -> NDArray[np.int64]:
        """Last observed year of each unit; -1 where there is none."""
        seen = np.isfinite(self.values)
        years = self.first + np.arange(self.values.shape[1])
        return np.where(seen.any(axis=1), (seen * years).max(axis=1), -1)

    def at(self, grid: Floats, year: int) -> Floats:
        """Give a column of a grid of this level's shape; nan outside it."""
        place = year - self.first
        inside = 0 <= place < grid.shape[1]
        return grid[:, place] if inside else np.full(len(grid), np.nan)

    def path(self, first: int, last: int) -> Floats:
        """Give observed levels by year and unit, nan where nothing is observed."""
        return np.stack([self.at(self.values, year) for year in range(first, last + 1)])


def start(record: Record, case: Case, origin: dt.date, rule: Rule = Rule.KNOWN) -> Start:
    """Lay out what is known at the end of a month.

    Args:
        record: The record.
        case: Case whose countries and arenas are simulated.
        origin: Last day of the last month known.
        rule: Information rule.

    Raises:
        OutsideCoverageError: The record holds no dispute at that date.
    """
    as_of = AsOf(origin, rule)
    codes = tuple(case.countries)
    ordered = sorted(codes)
    pairs = tuple((a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :])
    panel = pair_months.pair_months(record, as_of)
    if not len(panel.years):
        raise OutsideCoverageError(
            f"no dispute was known at {origin}",
            expected="an origin at least some years after 1946",
            where="the dispute record",
            hint="choose a later origin, or --rule dated",
        )
    levels, dyads, notes = _levels(record, as_of, codes, pairs)
    disputes_end = int(panel.years[-1])
    first_year = 1 + min(disputes_end, *(_oldest(level, disputes_end) for level in levels.values()))
    for level in levels.values():
        old = level.last < first_year - 1
        level.values[old] = np.nan
    found = _arena_series(record, as_of, case)
    onsets = ladder.onsets(record, as_of, panel)
    number = 12 * origin.year + origin.month - 1
    setting, relevant = _setting(
        record, as_of, panel, onsets, codes, pairs, first_year, number, levels, found
    )
    asked = _kept(pairs, relevant)
    state = _state(record, as_of, panel, onsets, codes, asked, first_year, levels, found)
    return Start(
        setting=setting,
        state=state,
        codes=codes,
        pairs=pairs,
        dyads=dyads,
        series=found,
        levels=levels,
        last=_last(levels, codes, pairs, dyads, found, disputes_end),
        origin=number,
        world_ladder=(
            sum(item.level == ladder.WAR for item in onsets),
            sum(item.level >= ladder.FORCE for item in onsets),
        ),
        relevant=relevant,
        notes=tuple(notes),
    )


def _oldest(level: Level, disputes_end: int) -> int:
    recent = level.last[level.last >= disputes_end - OLDEST_YEARS]
    return int(recent.min()) if len(recent) else disputes_end


def _levels(
    record: Record, as_of: AsOf, codes: tuple[int, ...], pairs: tuple[tuple[int, int], ...]
) -> tuple[dict[str, Level], tuple[tuple[int, int], ...], list[str]]:
    index = {code: i for i, code in enumerate(sorted(countries()))}
    rows = [index[code] for code in codes]
    sipri = country_years(record, as_of, series="sipri")
    nmc = country_years(record, as_of, series="nmc")
    width = max(sipri.spending.shape[1], nmc.spending.shape[1])
    spending = _widened(sipri.spending[rows], width)
    other = _widened(nmc.spending[rows], width)
    known = as_of.day.year - FIRST_YEAR + 1
    absent = ~np.isfinite(spending[:, max(known - RECENT_YEARS, 0) : known]).any(axis=1)
    spending[absent] = other[absent] - np.log(THOUSANDS_IN_A_MILLION)
    output = _with_growth_after(
        _widened(nmc.output[rows], as_of.day.year - FIRST_YEAR + 1), record, as_of, codes
    )
    capability = _of(record, as_of, "nmc", "cinc", codes)
    points, first_vote = _ideal_points(record, as_of, codes)
    trade = _pairs_of(ties.case_trade_levels(record, as_of), pairs)
    similarity = _pairs_of(ties.alignment_levels(record, as_of), pairs)
    names, years, support = ties.support_levels(record, as_of)
    dyads = [(int(a), int(b)) for a, b in (name.split("-") for name in names)]
    kept = [i for i, (a, b) in enumerate(dyads) if a in codes and b in codes]
    if not np.isfinite(np.diff(support, axis=1)).any():
        kept = []
    notes = [
        "Military spending is SIPRI's in constant dollars; for "
        + (", ".join(country(codes[i]).iso3 for i in np.flatnonzero(absent)) or "no state")
        + " it is that of the National Material Capabilities at prices of 2010.",
        "Real output is that of the Penn World Table, carried on with the growth the IMF reports "
        "for years it calls actual.",
        "The effort of reporting stays as it was in a series' last month.",
        "Borders, distances and the list of major powers stay as last recorded; democracy scores "
        "stay at their last value.",
    ]
    return (
        {
            "spending": Level(spending, FIRST_YEAR),
            "output": Level(output, FIRST_YEAR),
            "capability": capability,
            "ideal": Level(points, first_vote),
            "trade": trade,
            "similarity": similarity,
            "support": Level(support[kept], int(years[0])),
        },
        tuple(dyads[i] for i in kept),
        notes,
    )


def _widened(grid: Floats, width: int) -> Floats:
    extra = max(width - grid.shape[1], 0)
    return np.pad(grid, ((0, 0), (0, extra)), constant_values=np.nan)


def _with_growth_after(
    output: Floats, record: Record, as_of: AsOf, codes: tuple[int, ...]
) -> Floats:
    growth = record.read(
        "imf_weo", columns=["ccode", "year", "concept", "value", "forecast"], as_of=as_of
    ).filter((pl.col("concept") == "NGDP_RPCH") & ~pl.col("forecast"))
    known = {(c, y): v for c, y, v in growth.select("ccode", "year", "value").iter_rows()}
    found = output.copy()
    for i, code in enumerate(codes):
        for t in range(1, found.shape[1]):
            value = known.get((code, FIRST_YEAR + t))
            if np.isnan(found[i, t]) and np.isfinite(found[i, t - 1]) and value is not None:
                found[i, t] = found[i, t - 1] + np.log1p(value / 100)
    return found


def _of(record: Record, as_of: AsOf, table: str, column: str, codes: tuple[int, ...]) -> Level:
    frame = record.read(table, columns=["ccode", "year", column], as_of=as_of)
    first, last = FIRST_YEAR, int(frame["year"].to_numpy().max())
    grid = np.full((len(codes), last - first + 1), np.nan)
    at = {code: i for i, code in enumerate(codes)}
    inside = frame.filter(pl.col("ccode").is_in(codes) & (pl.col("year") >= first)).drop_nulls()
    for code, year, value in inside.iter_rows():
        if value > 0:
            grid[at[code], year - first] = np.log(value)
    return Level(grid, first)


def _ideal_points(record: Record, as_of: AsOf, codes: tuple[int, ...]) -> tuple[Floats, int]:
    """Give the recorded ideal points by country and year, and the first year.

    Their authors' error is not drawn again here: the law of affinity is fitted on changes of the
    recorded points and looks back on them, so its own spread and memory hold that error already.
    """
    frame = record.read(
        "un_ideal_points", columns=["ccode", "year", "idealpointfp"], as_of=as_of
    ).filter(pl.col("ccode").is_in(codes))
    first, last = int(frame["year"].to_numpy().min()), int(frame["year"].to_numpy().max())
    grid = np.full((len(codes), last - first + 1), np.nan)
    at = {code: i for i, code in enumerate(codes)}
    for code, year, point in frame.drop_nulls().iter_rows():
        grid[at[code], year - first] = point
    return grid, first


def _pairs_of(
    given: tuple[list[tuple[int, int]], NDArray[np.int64], Floats],
    pairs: tuple[tuple[int, int], ...],
) -> Level:
    listed, years, level = given
    number = {pair: i for i, pair in enumerate(listed)}
    grid = np.full((len(pairs), level.shape[1]), np.nan)
    for i, pair in enumerate(pairs):
        if pair in number:
            grid[i] = level[number[pair]]
    return Level(grid, int(years[0]))


def _arena_series(record: Record, as_of: AsOf, case: Case) -> tuple[tuple[str, MonthlySeries], ...]:
    found, _ = arena_series(record, as_of)
    newest = {item.series: item for item in found if item.last}
    return tuple(
        (arena, newest[name])
        for arena in case.arenas
        for name in load_arena(arena).series
        if name in newest
    )


def _setting(
    record: Record,
    as_of: AsOf,
    panel: pair_months.PairMonths,
    listed: list[ladder.Onset],
    codes: tuple[int, ...],
    pairs: tuple[tuple[int, int], ...],
    first_year: int,
    origin: int,
    levels: dict[str, Level],
    found: tuple[tuple[str, MonthlySeries], ...],
) -> tuple[Setting, NDArray[np.bool_]]:
    place = {code: i for i, code in enumerate(codes)}
    at = _panel_rows(panel, pairs)
    end = first_year - 1 - int(panel.years[0])
    here = at >= 0
    rows = np.maximum(at, 0)
    relevant = here & panel.member[rows, end]
    fixed = {name: np.where(here, panel.terms[name][rows, end], 0.0) for name in GEOGRAPHY}
    years = range(first_year, origin // 12 + 2)
    democracy = _democracy(record, as_of, codes, first_year - 1, years[-1])
    one = np.array([place[a] for a, _ in pairs])
    two = np.array([place[b] for _, b in pairs])
    relevant &= np.isfinite(np.stack(list(fixed.values()))).all(axis=0)
    relevant &= np.isfinite(levels["capability"].at(levels["capability"].values, first_year - 1))[
        np.stack([one, two])
    ].all(axis=0)
    relevant &= np.isfinite(democracy[0][np.stack([one, two])]).all(axis=0)
    spells = countries()
    begin = np.array(
        [12 * max(spells[a].spells[0][0].year, spells[b].spells[0][0].year) for a, b in pairs]
    )
    months = 12 * (len(years))
    asked = np.flatnonzero(relevant)
    onsets, level = _observed_disputes(panel, listed, at[asked], first_year, months)
    scores = democracy[:, one[asked]], democracy[:, two[asked]]
    setting = Setting(
        first_year=np.asarray(first_year, dtype=np.int32),
        origin=np.asarray(origin, dtype=np.int32),
        one=one.astype(np.int32),
        two=two.astype(np.int32),
        asked=asked.astype(np.int32),
        begin=_single(begin[asked]),
        fixed={name: _single(part[asked]) for name, part in fixed.items()},
        lower_democracy=_single(np.minimum(*scores)),
        higher_democracy=_single(np.maximum(*scores)),
        outside_rate=_single(_outside_rate(panel, codes, pairs, relevant, first_year)),
        observed={
            name: _single(part.path(first_year, origin // 12)) for name, part in levels.items()
        },
        error={},
        observed_onsets=_single(onsets),
        observed_level=_single(level),
        **_observed_series(found, first_year, origin),
        kind=_single(np.array([incidents.KINDS.index(item.kind) for _, item in found])),
        link=_single(_link_weights(found, _kept(pairs, relevant))),
    )
    return setting, relevant


def _kept(
    pairs: tuple[tuple[int, int], ...], relevant: NDArray[np.bool_]
) -> tuple[tuple[int, int], ...]:
    return tuple(pair for pair, kept in zip(pairs, relevant, strict=True) if kept)


def _single(values) -> NDArray[np.float32]:
    return np.asarray(values, dtype=np.float32)


def _panel_rows(
    panel: pair_months.PairMonths, pairs: tuple[tuple[int, int], ...]
) -> NDArray[np.int64]:
    number = {(int(a), int(b)): i for i, (a, b) in enumerate(panel.pairs)}
    return np.array([number.get(pair, -1) for pair in pairs], dtype=np.int64)


def _democracy(
    record: Record, as_of: AsOf, codes: tuple[int, ...], first: int, last: int
) -> Floats:
    """Give scores as of 31 December by year and country; the last one known stays."""
    frame = record.read("democracy_cow", columns=["ccode", "year", "euds"], as_of=as_of)
    known = frame.filter(pl.col("ccode").is_in(codes)).drop_nulls().sort("year")
    grid = np.full((last - first + 1, len(codes)), np.nan)
    at = {code: i for i, code in enumerate(codes)}
    for code, year, score in known.iter_rows():
        grid[max(year - first, 0) :, at[code]] = score if year <= last else np.nan
    return grid


def _outside_rate(
    panel: pair_months.PairMonths,
    codes: tuple[int, ...],
    pairs: tuple[tuple[int, int], ...],
    relevant: NDArray[np.bool_],
    first_year: int,
) -> Floats:
    inside = set(_kept(pairs, relevant))
    place = {code: i for i, code in enumerate(codes)}
    counts = np.zeros(len(codes))
    since = 12 * (first_year - RECENT_YEARS)
    for one, two, month in panel.found.select("ccode1", "ccode2", "month").iter_rows():
        if since <= month < 12 * first_year and (one, two) not in inside:
            for code in (one, two):
                if code in place:
                    counts[place[code]] += 1
    return counts / (12 * RECENT_YEARS)


def _observed_disputes(
    panel: pair_months.PairMonths,
    listed: list[ladder.Onset],
    at: NDArray[np.int64],
    first_year: int,
    months: int,
) -> tuple[Floats, Floats]:
    onsets = np.full((months, len(at)), np.nan)
    level = np.full((months, len(at)), np.nan)
    known = 12 * (int(panel.years[-1]) + 1 - first_year)
    shift = 12 * (first_year - int(panel.years[0]))
    if known > 0:
        onsets[:known] = panel.onsets[at, shift : shift + known].T
        for item in listed:
            month = 12 * (item.year - first_year)
            for pair in np.flatnonzero(at == item.pair):
                if month >= 0 and item.level:
                    level[month : month + 12, pair] = item.level - ladder.LOWEST_LEVEL
    return onsets, level


def _observed_series(
    found: tuple[tuple[str, MonthlySeries], ...], first_year: int, origin: int
) -> dict[str, NDArray[np.float32]]:
    first = 12 * first_year
    observed = max(origin + 1 - first, 1)
    recent = np.full((observed, len(found)), np.nan)
    slow = np.full((observed, len(found)), np.nan)
    reporting = np.zeros(len(found))
    for k, (_, item) in enumerate(found):
        memory = series_memory(item.counts)
        after_recent = np.append(memory.recent[1:], memory.end_recent)
        after_slow = np.append(memory.slow[1:], memory.end_slow)
        last = int(np.flatnonzero(np.isfinite(item.counts))[-1])
        for t in range(last + 1):
            at = int(item.months[t]) - first
            if 0 <= at < observed:
                recent[at, k], slow[at, k] = after_recent[t], after_slow[t]
        if item.series in GROWING:
            reporting[k] = (int(item.months[last]) - 12 * REPORTING_FROM) / 120
    return {
        "observed_recent": _single(recent),
        "observed_slow": _single(slow),
        "reporting": _single(reporting),
    }


def _link_weights(
    found: tuple[tuple[str, MonthlySeries], ...], pairs: tuple[tuple[int, int], ...]
) -> Floats:
    weights = np.zeros((len(pairs), len(found)))
    for k, (arena, _) in enumerate(found):
        proxies = {
            tuple(sorted((one.ccode, two.ccode))) for one, two in load_arena(arena).proxy_pairs
        }
        for i, pair in enumerate(pairs):
            weights[i, k] = pair in proxies
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1)


def _state(
    record: Record,
    as_of: AsOf,
    panel: pair_months.PairMonths,
    listed: list[ladder.Onset],
    codes: tuple[int, ...],
    asked: tuple[tuple[int, int], ...],
    first_year: int,
    levels: dict[str, Level],
    found: tuple[tuple[str, MonthlySeries], ...],
) -> State:
    year = first_year - 1
    end = year - int(panel.years[0])
    at = _panel_rows(panel, asked)
    fast, slow = (np.expm1(panel.terms[f"{name} history"][at, end]) for name in ("fast", "slow"))
    last = np.full(len(asked), -np.inf)
    place = {pair: i for i, pair in enumerate(asked)}
    for one, two, month in panel.found.select("ccode1", "ccode2", "month").iter_rows():
        i = place.get((one, two))
        if i is not None and month < 12 * first_year:
            last[i] = max(last[i], month)
    onsets, forceful = np.zeros(len(asked)), np.zeros(len(asked))
    of_pair = {int(row): i for i, row in enumerate(at)}
    for item in listed:
        i = of_pair.get(item.pair)
        if i is not None and item.year <= year and item.level:
            onsets[i] += 1
            forceful[i] += item.level >= ladder.FORCE
    index = {code: i for i, code in enumerate(sorted(countries()))}
    whole = dispute_memory(record, as_of, "cow", index, panel.years)[:, end]
    outside = np.array([whole[index[code]] for code in codes])
    for i, pair in enumerate(asked):
        for code in pair:
            outside[codes.index(code)] -= fast[i]
    spending = levels["spending"]
    growth, mean, variance = arming_memory(spending.values)
    out, points, trade = levels["output"], levels["ideal"], levels["trade"]
    out_change, out_slow = drift_memory(out.values, of_change=True)
    ideal_change, ideal_slow = drift_memory(points.values)
    trade_change, trade_slow = drift_memory(trade.values)
    variance_now = spending.at(variance, year)
    series = len(found)
    columns = {
        "spending": spending.at(spending.values, year),
        "spending_growth": spending.at(growth, year),
        "spending_mean": np.nan_to_num(spending.at(mean, year)),
        "spending_variance": np.where(
            np.isfinite(variance_now), variance_now, arming.USUAL_SPREAD**2
        ),
        "output": out.at(out.values, year),
        "output_change": out.at(out_change, year),
        "output_slow": out.at(out_slow, year),
        "output_variance": _volatility(out, out_change, "growth", year),
        "capability": levels["capability"].at(levels["capability"].values, year),
        "ideal": points.at(points.values, year),
        "ideal_change": points.at(ideal_change, year),
        "ideal_slow": points.at(ideal_slow, year),
        "ideal_variance": _volatility(points, ideal_change, "affinity", year),
        "trade": trade.at(trade.values, year),
        "trade_change": trade.at(trade_change, year),
        "trade_slow": trade.at(trade_slow, year),
        "trade_variance": _volatility(trade, trade_change, "exchange", year),
        "similarity": levels["similarity"].at(levels["similarity"].values, year),
        "support": levels["support"].at(levels["support"].values, year),
        "slow": slow,
        "fast": fast,
        "last": last,
        "onsets": onsets,
        "forceful": forceful,
        "outside": np.maximum(outside, 0.0),
        "recent": np.full(series, np.nan),
        "level": np.full(series, np.nan),
        "shift_recent": np.zeros(series),
        "shift_level": np.zeros(series),
        "hazard": np.full(len(asked), -30.0),
        "ladder": np.zeros(len(asked)),
    }
    for name in ("slow", "fast", "last", "hazard"):
        columns[name] = np.tile(columns[name], (STRANDS, 1))
    return State(
        **{name: jnp.asarray(_single(part)[..., None]) for name, part in columns.items()},
        year_level={},
    )


def _volatility(level: Level, change: Floats, law: str, year: int) -> Floats:
    found = level.at(volatility_memory(change, law), year)
    return np.where(np.isfinite(found), found, drifting.USUAL_CHANGE[law] ** 2)


def _last(
    levels: dict[str, Level],
    codes: tuple[int, ...],
    pairs: tuple[tuple[int, int], ...],
    dyads: tuple[tuple[int, int], ...],
    found: tuple[tuple[str, MonthlySeries], ...],
    disputes_end: int,
) -> pl.DataFrame:
    def iso(code: int) -> str:
        return country(code).iso3

    units = {
        "country": [iso(code) for code in codes],
        "pair": [f"{iso(a)}-{iso(b)}" for a, b in pairs],
        "dyad": [f"{iso(a)} of {iso(b)}" for a, b in dyads],
    }
    rows: list[tuple[str, str, dt.date | None]] = [
        ("disputes", "all pairs", dt.date(disputes_end, 12, 31))
    ]
    for name, level in levels.items():
        for unit, year in zip(units[VARIABLES[name][0]], level.last, strict=True):
            rows.append((name, unit, dt.date(int(year), 12, 31) if year > 0 else None))
    for arena, item in found:
        month = int(item.months[np.flatnonzero(np.isfinite(item.counts))[-1]])
        rows.append((item.series, arena, month_end(month // 12, month % 12 + 1)))
    return pl.DataFrame(
        rows,
        schema={"variable": pl.String, "unit": pl.String, "last": pl.Date},
        orient="row",
    )


def parameters(
    posteriors: dict[str, LawPosterior], given: Start, *, link: Floats, seed: int
) -> Parameters:
    """Pick the parameters of the run's units out of the posteriors.

    A unit the fit does not know has a level drawn from the spread of the units.

    Args:
        posteriors: Posterior by fit.
        given: The start.
        link: Draws of the link from incidents to disputes.
        seed: Seed of the levels that are drawn.
    """
    names = {
        "country": [str(code) for code in given.codes],
        "pair": [f"{a}-{b}" for a, b in given.pairs],
        "asked": [f"{a}-{b}" for a, b in given.asked],
        "dyad": [f"{a}-{b}" for a, b in given.dyads],
        "series": [item.name for _, item in given.series],
    }
    found = {}
    for name, posterior in posteriors.items():
        law = posterior.law
        units = names["asked" if law.name in OF_ASKED else law.unit]
        spread = posterior.outer.get("unit spread")
        draws = posterior.draws
        level = np.zeros((len(units), draws))
        if spread is not None:
            for i, unit in enumerate(units):
                known = posterior.unit_level.get(unit)
                if known is None:
                    luck = named_generator(seed, "unit", name, unit).standard_normal(draws)
                    known = spread * luck
                level[i] = known
        found[law.name] = LawParameters(
            coefficients={k: _single(v) for k, v in posterior.coefficients.items()},
            shape={k: _single(posterior.outer[k]) for k in law.shapes},
            unit_level=_single(level),
            year_level=_single(posterior.year_level),
            year_memory=_single(posterior.outer.get("year memory", np.full(draws, 0.5))),
            year_spread=_single(posterior.outer.get("year spread", np.zeros(draws))),
            last_year=np.asarray(posterior.last_year, dtype=np.int32),
        )
    return Parameters(found, _single(link))


def fits_at(names: Sequence[str], origin: dt.date, rule: Rule) -> dict[str, LawPosterior]:
    """Read the fits that know no more than an origin: the usual ones, or earlier ones that ship.

    Args:
        names: Fits.
        origin: Last day known.
        rule: Information rule.

    Returns:
        By fit; the usual one where none is old enough, for `hold_to_origin` to refuse.
    """
    found = {}
    for name in names:
        folders = folders_of(name)
        fits = (read_law(name, folder) for folder in folders)
        old = (fit for fit in fits if _known(fit, rule) <= origin)
        found[name] = next(old, None) or read_law(name)
    return found


def _known(posterior: LawPosterior, rule: Rule) -> dt.date:
    key = "known_from" if rule is Rule.KNOWN else "trained_to"
    return dt.date.fromisoformat(posterior.manifest[key])


def hold_to_origin(posteriors: dict[str, LawPosterior], origin: dt.date, rule: Rule) -> None:
    """Refuse posteriors that know more than the origin.

    Raises:
        HindsightError: A fit read what came later, or was published later.
    """
    for name, posterior in posteriors.items():
        day = _known(posterior, rule)
        if day > origin:
            what = "was published later" if rule is Rule.KNOWN else "came later"
            raise HindsightError(
                f"the posterior of {name} knows what {what} than {origin}: {day}",
                expected=f"parameters fitted on what was {rule.value} at {origin}",
                where=f"the posterior of {name}",
                hint=f"FOEDUS_POSTERIORS=FOLDER foedus fit {name} --as-of {origin} "
                f"--rule {rule.value}, then --fits FOLDER",
            )


def age_months(last: dt.date, origin: dt.date) -> int:
    """Count the whole months from a record's last day to the origin."""
    return 12 * (origin.year - last.year) + origin.month - last.month
