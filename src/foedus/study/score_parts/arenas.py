"""Task 6: the monthly series of the arenas, one to twelve months ahead, as known at each origin."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.compute.keys import named_generator
from foedus.estimate.laplace import Cases, LawDraws
from foedus.estimate.law_posterior import fit_law
from foedus.model.laws import incidents as law
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.score import proper
from foedus.score.count_rivals import linear_forecast, seasonal_forecast, self_exciting_terms
from foedus.score.rivals import even_draws, last_year_draws
from foedus.score.scorecard import BOOTSTRAP_SEED, Score, Scorecard, Split, differences
from foedus.study.law_cases.incidents import (
    GROWING,
    REPORTING_FROM,
    MonthlySeries,
    incident_cases,
    series_memory,
)
from foedus.study.score_parts.incidents_paths import LAW, Standing, paths
from foedus.study.tension_series import SERIES, monthly
from foedus.world.arenas import arena_names, load_arena
from foedus.world.months import month_end

Floats = NDArray[np.float64]
Months = NDArray[np.int64]
Progress = Callable[[str], None]
HORIZONS = (1, 3, 6, 12)
TABLES = ("pla_taiwan_monthly", "scs_incidents_monthly", "nk_missile_tests")
LEAST_MONTHS = 12
"""Months known since the last break of terms before a series is forecast."""
FIRST_ORIGIN = {"nk_launch_days": 2010 * 12, "scs_incidents": 2014 * 12}
SPLIT_ORIGIN = {
    "nk_launch_days": 2017 * 12 + 11,
    "scs_incidents": 2019 * 12 + 5,
    "pla_aircraft": 2024 * 12 + 7,
    "pla_vessels": 2024 * 12 + 7,
}
"""Months: targets up to it are for choice; origins from it on are the test."""
OWN, SEASONAL, EXCITED = "last year's own values", "seasonal smoothing", "self-exciting"
OURS, HALF, QUARTER = (
    "law of incidents",
    "law, pooled half and half with last year",
    "law, pooled with the three rivals",
)
BURN_IN = 3
DRAWS, EVEN, EXPORTED = 500, 240, 200
NOTES = (
    "as known at the origin: publication lags of the tables; later revision is not undone",
    "months before the last break of terms are not read by the rivals; the law reads them as a "
    "series of their own; no target lies past a break that the origin did not know",
    "the law is fitted on the arenas' series alone, every January and at a break",
    "the East China Sea has no monthly series located in it and is not scored",
)


@dataclass(frozen=True)
class Known:
    """One series as known at an origin.

    Args:
        name: Name.
        months: Months counted from year zero, those since the last break of terms.
        counts: Counts; nan where a month is not covered.
        earlier: Segments before the last break, for the fit.
        segment: Name of the last segment.
    """

    name: str
    months: Months
    counts: Floats
    earlier: tuple[MonthlySeries, ...]
    segment: str


@dataclass(frozen=True)
class ArenaForecasts:
    """Forecasts of one series from one origin.

    Args:
        series: Name.
        origin: Origin, counted from year zero.
        horizon: Months ahead.
        truth: What was counted.
        draws: By forecaster, shape (draw,).
    """

    series: str
    origin: int
    horizon: int
    truth: float
    draws: Mapping[str, Floats]


def known_series(record: Record, origin: int, rule: Rule = Rule.KNOWN) -> list[Known]:
    """Read every located series as known at the end of a month, that has enough of a past.

    Args:
        record: The record.
        origin: The month, counted from year zero.
        rule: Information rule.
    """
    as_of = AsOf(month_end(origin // 12, origin % 12 + 1), rule)
    found = []
    for arena in arena_names():
        for series in SERIES:
            if series.name not in load_arena(arena).series:
                continue
            frame = monthly(record, series, arena, as_of)
            if frame.is_empty():
                continue
            segments = [
                _segment(series.name, int(segment), part)
                for (segment,), part in frame.group_by("segment", maintain_order=True)
            ]
            newest = segments[-1]
            if np.isfinite(newest.counts).sum() >= LEAST_MONTHS:
                whole = tuple(s for s in segments[:-1] if len(s.months) >= LEAST_MONTHS)
                found.append(Known(series.name, newest.months, newest.counts, whole, newest.name))
    return found


def _segment(name: str, segment: int, part: pl.DataFrame) -> MonthlySeries:
    months = np.array([12 * day.year + day.month - 1 for day in part["month"]], dtype=np.int64)
    return MonthlySeries(
        name=f"{name} {segment}",
        series=name,
        kind="arena",
        months=months,
        counts=part["count"].cast(pl.Float64).to_numpy().astype(np.float64),
        effort=np.zeros(len(months)),
        reporting=_reporting(name, months),
        answered_by="",
        last=True,
    )


def _reporting(name: str, months: Months) -> Floats:
    return (months - 12 * REPORTING_FROM) / 120 * (name in GROWING)


def _whole(item: Known) -> MonthlySeries:
    return MonthlySeries(
        name=item.segment,
        series=item.name,
        kind="arena",
        months=item.months,
        counts=item.counts,
        effort=np.zeros(len(item.months)),
        reporting=_reporting(item.name, item.months),
        answered_by="",
        last=True,
    )


def arena_forecasts(
    record: Record,
    first: int,
    last: int,
    *,
    horizons: tuple[int, ...] = HORIZONS,
    seed: int = BOOTSTRAP_SEED,
    progress: Progress = lambda _: None,
) -> list[ArenaForecasts]:
    """Forecast every series from every origin whose target is in the record.

    Args:
        record: The record.
        first: First origin, counted from year zero.
        last: Last origin.
        horizons: Months ahead.
        seed: Seed.
        progress: Called before each fit.
    """
    truth = outcomes(record)
    found: list[ArenaForecasts] = []
    fitted: tuple[LawDraws, list[str]] | None = None
    for origin in range(first, last + 1):
        known = [s for s in known_series(record, origin) if origin >= FIRST_ORIGIN.get(s.name, 0)]
        wanted = [s for s in known if (s.segment, origin + min(horizons)) in truth]
        if not wanted:
            continue
        names = [item.segment for item in known]
        stale = fitted is None or origin % 12 == 0 or not set(names) <= set(fitted[1])
        if stale:
            progress(f"arenas: origin {_label(origin)}")
            fitted = _fit(known, seed)
        assert fitted is not None
        ours = law_draws(known, fitted, origin, max(horizons), seed)
        for item in wanted:
            for horizon in horizons:
                came = truth.get((item.segment, origin + horizon))
                if came is not None:
                    steps = origin + horizon - int(item.months[-1])
                    draws = forecast(item, steps, ours[item.name][steps - 1])
                    found.append(ArenaForecasts(item.name, origin, horizon, came, draws))
    return found


def outcomes(record: Record) -> dict[tuple[str, int], float]:
    """Give what was counted, by segment and month: no target lies past a break of terms."""
    found = {}
    for arena in arena_names():
        for series in SERIES:
            if series.name in load_arena(arena).series:
                frame = monthly(record, series, arena)
                for month, count, segment in frame.iter_rows():
                    if count is not None:
                        place = f"{series.name} {segment}", 12 * month.year + month.month - 1
                        found[place] = float(count)
    return found


def fit_cases(known: list[Known]) -> Cases:
    """Give the rows the law is fitted on: the series and their segments before a break."""
    return incident_cases([part for item in known for part in (*item.earlier, _whole(item))])


def _fit(known: list[Known], seed: int) -> tuple[LawDraws, list[str]]:
    cases = fit_cases(known)
    return fit_law(LAW, cases, seed=seed, draws=DRAWS), list(cases.units)


def law_draws(
    known: list[Known], fitted: tuple[LawDraws, list[str]], origin: int, most: int, seed: int
) -> dict[str, Floats]:
    """Carry every series on by the law, from its own last known month, as far as is wanted.

    Returns:
        By series, shape (month ahead of its last known month, draw).
    """
    fit, names = fitted
    found = {}
    for item in known:
        memory = series_memory(item.counts)
        last = int(item.months[-1])
        ahead = np.arange(last + 1, origin + most + 1)
        standing = Standing(
            unit=np.array([names.index(item.segment)]),
            kind=np.array([float(law.KINDS.index("arena"))]),
            recent=np.array([memory.end_recent]),
            slow=np.array([memory.end_slow]),
            answer=np.zeros(1),
            effort=np.zeros(1),
            reporting=_reporting(item.name, ahead)[None, :],
        )
        rng = named_generator(seed, "arenas", item.name, origin)
        found[item.name] = paths(fit, standing, rng, repeat=2)[:, 0]
    return found


RIVALS: dict[str, Callable[[Known, int], Floats]] = {
    OWN: lambda item, _: last_year_draws(item.counts),
    SEASONAL: lambda item, steps: seasonal_forecast(
        item.counts, item.months % 12, BURN_IN, steps=steps
    ).draws(EVEN)[0],
    EXCITED: lambda item, steps: _excited(item.counts[None, :], steps),
}
POOLS: dict[str, tuple[str, ...]] = {HALF: (OWN,), QUARTER: tuple(RIVALS)}
"""What is pooled with the law, in equal shares."""
FORECASTERS = (*RIVALS, OURS, *POOLS)


def _excited(counts: Floats, steps: int) -> Floats:
    terms = self_exciting_terms(counts)
    return linear_forecast(counts, terms, BURN_IN, steps=steps).draws(EVEN)[0]


def forecast(
    item: Known, steps: int, ours: Floats, wanted: Iterable[str] = FORECASTERS
) -> dict[str, Floats]:
    """Forecast one month of one series.

    Args:
        item: The series as known.
        steps: Months from its last known month to the target.
        ours: Draws of the law; not read where no forecaster that is wanted needs it.
        wanted: Forecasters; all by default.
    """
    asked = set(wanted)
    needed = asked | {part for name in asked for part in POOLS.get(name, ())}
    found = {name: make(item, steps) for name, make in RIVALS.items() if name in needed}
    even = {name: even_draws(draws, EVEN) for name, draws in found.items()}
    if OWN in found:
        even[OWN] = np.resize(found[OWN], EVEN)
    given = {name: draws for name, draws in found.items() if name in asked}
    if OURS in asked:
        given[OURS] = ours
    for name, parts in POOLS.items():
        if name in asked:
            members = [even_draws(ours, EVEN), *(even[part] for part in parts)]
            given[name] = np.concatenate(members)
    return given


def scorecards(
    record: Record, split: Split, *, progress: Progress = lambda _: None
) -> list[Scorecard]:
    """Score every series at one, three, six and twelve months.

    For each series one forecaster is chosen: that with the lowest mean ratio to last year's own
    values over the horizons, on targets before the test's first origin.
    """
    first, last = min(FIRST_ORIGIN.values()), 2025 * 12 + 10
    found = arena_forecasts(record, first, last, progress=progress)
    cards = []
    for series in dict.fromkeys(item.series for item in found):
        best = chosen(_part(found, series, "choice"))
        for horizon in HORIZONS:
            parts = [p for p in _part(found, series, split) if p.horizon == horizon]
            if parts:
                cards.append(replace(series_card(parts, split), chosen=best))
    return cards


def _part(found: list[ArenaForecasts], series: str, split: Split) -> list[ArenaForecasts]:
    border = SPLIT_ORIGIN[series]
    own = [item for item in found if item.series == series]
    if split == "choice":
        return [item for item in own if item.origin + item.horizon <= border]
    return [item for item in own if item.origin >= border]


def chosen(found: list[ArenaForecasts]) -> str:
    """Name the forecaster with the lowest mean ratio of CRPS to last year's own values."""
    ratios: dict[str, list[float]] = {}
    for horizon in HORIZONS:
        parts = [item for item in found if item.horizon == horizon]
        if parts:
            losses = _losses(parts)
            for name, loss in losses.items():
                ratios.setdefault(name, []).append(float(loss.mean() / losses[OWN].mean()))
    return min(ratios, key=lambda name: float(np.mean(ratios[name])))


def _losses(parts: list[ArenaForecasts]) -> dict[str, Floats]:
    return {
        name: np.array([proper.crps(p.draws[name][None, :], np.array([p.truth]))[0] for p in parts])
        for name in parts[0].draws
    }


def series_card(parts: list[ArenaForecasts], split: Split) -> Scorecard:
    """Score the forecasts of one series at one horizon, every forecaster on the same origins."""
    series, horizon = parts[0].series, parts[0].horizon
    length = max(3, horizon)
    block = (np.array([p.origin for p in parts], dtype=np.int64) - parts[0].origin) // length
    truth = np.array([p.truth for p in parts])
    losses, measures = _losses(parts), {}
    for name, loss in losses.items():
        inside = np.array(
            [proper.covered(p.draws[name][None, :], np.array([p.truth]))[0] for p in parts]
        )
        luck = named_generator(BOOTSTRAP_SEED, "places", name, series).uniform(size=len(parts))
        place = np.array(
            [
                proper.probability_integral(
                    p.draws[name][None, :], truth[k : k + 1], luck[k : k + 1]
                )[0]
                for k, p in enumerate(parts)
            ]
        )
        low, high = proper.block_binomial(inside, block)
        measures[name] = {
            "crps": float(loss.mean()),
            "coverage": float(inside.mean()),
            "coverage, lo90": low,
            "coverage, hi90": high,
            "reliability slope": proper.reliability_slope(place),
            "mean place": float(place.mean()),
            "mean forecast": float(np.mean([p.draws[name].mean() for p in parts])),
            "mean outcome": float(truth.mean()),
        }
        for rival in (OWN, SEASONAL, EXCITED):
            low, high = proper.ratio_interval(loss, losses[rival], block, seed=BOOTSTRAP_SEED)
            measures[name] |= {
                f"ratio to {rival}": float(loss.mean() / losses[rival].mean()),
                f"ratio to {rival}, lo90": low,
                f"ratio to {rival}, hi90": high,
            }
        measures[name] = {key: part for key, part in measures[name].items() if np.isfinite(part)}
    return Scorecard(
        task="arenas",
        question=question(series, horizon),
        split=split,
        first=_label(parts[0].origin + horizon),
        last=_label(parts[-1].origin + horizon),
        rule="known",
        promised=parts[-1].origin - parts[0].origin + 1,
        events=None,
        lead="crps",
        clusters=f"blocks of {length} months",
        chosen="",
        scores=tuple(
            Score(name, len(parts), measures[name], differences(losses, name, block))
            for name in losses
        ),
        notes=(*NOTES, f"{int(block.max()) + 1} blocks"),
    )


def question(series: str, horizon: int) -> str:
    """Give what the card of a series and a number of months ahead asks, in words."""
    title = next(item.title for item in SERIES if item.name == series)
    return f"{title} ({series}), {horizon} month{'s' if horizon > 1 else ''} ahead"


def _label(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


def export(record: Record, *, progress: Progress = lambda _: None) -> pl.DataFrame:
    """Give the prediction file of the test origins, each of twelve months ahead.

    Each series is forecast by the forecaster its own earlier origins chose.

    Returns:
        `series, origin, month, s1..s200`: even quantiles; origin is the last day known, month the
        first day of the target.
    """
    first, last = min(FIRST_ORIGIN.values()), 2025 * 12 + 10
    border = min(SPLIT_ORIGIN.values())
    past = arena_forecasts(record, first, max(SPLIT_ORIGIN.values()), progress=progress)
    names = dict.fromkeys(item.series for item in past)
    best = {series: chosen(_part(past, series, "choice")) for series in names}
    ahead = tuple(range(1, max(HORIZONS) + 1))
    found = arena_forecasts(record, border, last, horizons=ahead, progress=progress)
    return prediction_file([p for s in names for p in _part(found, s, "test")], best)


def prediction_file(found: list[ArenaForecasts], best: Mapping[str, str]) -> pl.DataFrame:
    """Lay out each series' forecasts by one forecaster in the documented form."""
    rows = []
    for item in found:
        draws = even_draws(item.draws[best[item.series]], EXPORTED)
        target = item.origin + item.horizon
        rows.append(
            {
                "series": item.series,
                "origin": month_end(item.origin // 12, item.origin % 12 + 1),
                "month": dt.date(target // 12, target % 12 + 1, 1),
                **{f"s{k + 1}": float(value) for k, value in enumerate(draws)},
            }
        )
    return pl.DataFrame(rows).sort("series", "origin", "month")
