"""Task 3: military spending one, three and five years ahead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from foedus.compute.keys import named_generator
from foedus.record.store import Record
from foedus.score import proper
from foedus.score.rivals import even_draws
from foedus.score.scorecard import (
    BOOTSTRAP_SEED,
    Score,
    Scorecard,
    Split,
    differences,
    read_scorecards,
)
from foedus.study.law_cases.disputes import everything
from foedus.study.law_cases.spending import CountryYears, country_years
from foedus.study.score_parts.spending_law import MOST_YEARS, fit_at, law_paths
from foedus.study.score_parts.spending_panel import (
    Floats,
    Ints,
    cases_at,
    spending_panel,
)
from foedus.study.score_parts.spending_rivals import (
    DRAWS,
    DRIFT,
    ECONOMY,
    WINDOW_YEARS,
    rival_draws,
)
from foedus.world.errors import OutsideCoverageError, UnknownNameError

Progress = Callable[[str], None]
Series = Literal["sipri", "nmc nominal"]
SERIES: tuple[Series, ...] = ("sipri", "nmc nominal")
TITLES: dict[Series, str] = {
    "sipri": "military spending in constant dollars of 2023 (SIPRI)",
    "nmc nominal": "military spending in current dollars, as the table has it (NMC)",
}
HORIZONS = (1, 3, 5)
SPANS: dict[Split, tuple[int, int]] = {"choice": (1985, 1994), "test": (1995, 2012)}
LAW, POOL = "law of arming", "law, pooled half and half with the panel"
GIVEN = "law of arming, given output"
TABLES = ("nmc", "sipri_milex", "gdp_pop_cow", "cow_states", "dyadic_mid")
WORLDWIDE = "sipri_milex"
EXPORTS: dict[str, Series] = {"nmc": "nmc nominal", "sipri": "sipri"}
EXPORTED = 200
NOTES = (
    "rule `pooled`: a growth of spending or output missing at the origin is the year's median",
    "disputes stay as remembered at the origin; output goes on by the law of growth",
    "disputes and output are today's vintage: coded and revised after the origin",
)


@dataclass(frozen=True)
class Forecasts:
    """Draws of every forecaster for the countries of one origin and horizon.

    Args:
        year: Year of the target.
        horizon: Years ahead.
        ccode: COW numbers, shape (case,).
        truth: Log of spending in the year, shape (case,).
        filled: Whether a term was filled by the rule `pooled`.
        draws: By forecaster, shape (case, draw).
    """

    year: int
    horizon: int
    ccode: Ints
    truth: Floats
    filled: np.ndarray
    draws: Mapping[str, Floats]


def spending_forecasts(
    source: CountryYears,
    first: int,
    last: int,
    *,
    window: int,
    seed: int = BOOTSTRAP_SEED,
    progress: Progress = lambda _: None,
) -> list[Forecasts]:
    """Forecast every target year from its origins, each fit on what its origin knew.

    Args:
        source: Levels by country and year.
        first: First target year.
        last: Last one.
        window: Years the rivals learn from.
        seed: Seed.
        progress: Called before each fit.
    """
    panel = spending_panel(source)
    found = []
    for origin in range(first - max(HORIZONS), last):
        progress(f"spending: origin {origin}")
        wanted = [h for h in HORIZONS if first <= origin + h <= last]
        fits = fit_at(source, origin, seed=seed)
        paths = law_paths(panel, origin, fits, seed=seed)
        given = law_paths(panel, origin, fits, seed=seed, economy=_came(source, origin))
        for horizon in wanted:
            rows = cases_at(panel, origin, horizon)
            draws = rival_draws(panel, origin, horizon, rows, window=window)
            draws[LAW] = paths[horizon][rows]
            draws[POOL] = np.hstack([_even(paths[horizon][rows], DRAWS), draws[ECONOMY]])
            draws[GIVEN] = given[horizon][rows]
            t = origin - int(source.years[0])
            found.append(
                Forecasts(
                    year=origin + horizon,
                    horizon=horizon,
                    ccode=source.codes[rows],
                    truth=source.spending[rows, t + horizon],
                    filled=panel.filled[rows, t],
                    draws=draws,
                )
            )
    return found


def _came(source: CountryYears, origin: int) -> Floats:
    """Give the growth of output that came after an origin, shape (country, year ahead)."""
    t = origin - int(source.years[0])
    after = source.output[:, t : t + MOST_YEARS + 1]
    found = np.full((len(after), MOST_YEARS), np.nan)
    found[:, : after.shape[1] - 1] = np.diff(after, axis=1)
    return found


def _even(draws: Floats, count: int) -> Floats:
    return np.stack([even_draws(row, count) for row in draws])


def scorecards(
    record: Record, split: Split, *, progress: Progress = lambda _: None
) -> list[Scorecard]:
    """Score spending in both series at each horizon.

    One forecaster is chosen for the task: that with the lowest mean ratio to the walk with drift
    over series and horizons, on the choice years. Each series and horizon has a card of forecasts
    and a card of the law given the growth of output that came, which is no forecast.
    """
    made = {"choice": _made(record, "choice", progress)}
    best = chosen([card for card, _ in made["choice"]])
    if split == "test":
        made["test"] = _made(record, "test", progress)
    return [part for card, given in made[split] for part in (replace(card, chosen=best), given)]


def chosen(cards: list[Scorecard]) -> str:
    """Name the forecaster with the lowest mean ratio to the walk with drift over some cards."""
    ratios: dict[str, list[float]] = {}
    for card in cards:
        for score in card.scores:
            ratios.setdefault(score.forecaster, []).append(score.measures["ratio to drift"])
    return min(ratios, key=lambda name: float(np.mean(ratios[name])))


def _made(record: Record, split: Split, progress: Progress) -> list[tuple[Scorecard, Scorecard]]:
    made = []
    for series in SERIES:
        source = country_years(record, everything(), series=series)
        found = spending_forecasts(
            source, *SPANS[split], window=WINDOW_YEARS[series], progress=progress
        )
        made += [_cards(found, series, horizon, split, source) for horizon in HORIZONS]
    return made


def _cards(
    found: list[Forecasts], series: Series, horizon: int, split: Split, source: CountryYears
) -> tuple[Scorecard, Scorecard]:
    parts = [item for item in found if item.horizon == horizon]
    truth = np.concatenate([item.truth for item in parts])
    cluster = np.concatenate([item.ccode for item in parts])
    year = np.concatenate([np.full(len(item.truth), item.year) for item in parts])
    filled = int(sum(item.filled.sum() for item in parts))
    crps, measures = {}, {}
    for name in parts[0].draws:
        losses = [proper.crps(item.draws[name], item.truth) for item in parts]
        crps[name] = np.concatenate(losses)
        measures[name] = _measures(parts, name, crps[name], truth, cluster)
    for name in crps:
        for rival in (DRIFT, ECONOMY):
            label = "drift" if rival == DRIFT else "panel with economy"
            low, high = proper.ratio_interval(crps[name], crps[rival], cluster, seed=BOOTSTRAP_SEED)
            measures[name][f"ratio to {label}"] = float(crps[name].mean() / crps[rival].mean())
            measures[name][f"ratio to {label}, lo90"] = low
            measures[name][f"ratio to {label}, hi90"] = high
    forecasts = {name: loss for name, loss in crps.items() if name != GIVEN}
    first, last = SPANS[split]
    states, years = len(set(cluster.tolist())), f"{horizon} year{'s' if horizon > 1 else ''} ahead"
    card = Scorecard(
        task="spending",
        question=f"log of {TITLES[series]}, {years}, {states} states",
        split=split,
        first=str(first),
        last=str(last),
        rule="dated",
        promised=len(truth),
        events=None,
        lead="crps",
        clusters="state",
        chosen="",
        scores=_scores(forecasts, measures, cluster),
        notes=(*NOTES, f"cases with a term filled: {filled}", *_window_note(series)),
    )
    known = np.isfinite(_output_known(source, cluster, year, horizon))
    both = {name: crps[name][known] for name in (LAW, GIVEN)}
    given = replace(
        card,
        question=f"{card.question}, given the growth of output that came: no forecast",
        promised=int(known.sum()),
        chosen=GIVEN,
        scores=_scores(
            both, {name: {"crps": float(both[name].mean())} for name in both}, cluster[known]
        ),
        notes=("cases whose output is known throughout; output alone is given, no lever",),
    )
    return card, given


def _window_note(series: Series) -> tuple[str, ...]:
    years = WINDOW_YEARS[series]
    span = "all years since 1950" if years >= 100 else f"the last {years} years"
    return (f"rivals learn from {span} to the origin, the better on the choice years",)


def _output_known(source: CountryYears, ccode: Ints, year: Ints, horizon: int) -> Floats:
    rows = np.searchsorted(source.codes, ccode)
    at = year - int(source.years[0])
    return sum((source.output[rows, at - back] for back in range(horizon + 1)), np.zeros(len(at)))


def _measures(
    parts: list[Forecasts], name: str, crps: Floats, truth: Floats, cluster: Ints
) -> dict[str, float]:
    inside = np.concatenate([proper.covered(item.draws[name], item.truth) for item in parts])
    low, high = proper.block_binomial(inside, cluster)
    uniform = named_generator(BOOTSTRAP_SEED, "places", name).uniform(size=len(truth))
    sizes = np.cumsum([len(item.truth) for item in parts])[:-1]
    place = np.concatenate(
        [
            proper.probability_integral(item.draws[name], item.truth, luck)
            for item, luck in zip(parts, np.split(uniform, sizes), strict=True)
        ]
    )
    tenths = np.histogram(place, bins=10, range=(0, 1))[0] / len(place)
    return {
        "crps": float(crps.mean()),
        "coverage": float(inside.mean()),
        "coverage, lo90": low,
        "coverage, hi90": high,
        "reliability slope": proper.reliability_slope(place),
        "mean place": float(place.mean()),
        **{f"places in tenth {k + 1}": float(share) for k, share in enumerate(tenths)},
    }


def _scores(
    losses: Mapping[str, Floats], measures: Mapping[str, dict[str, float]], cluster: Ints
) -> tuple[Score, ...]:
    return tuple(
        Score(name, len(loss), measures[name], differences(losses, name, cluster))
        for name, loss in losses.items()
    )


def export(
    record: Record, *, series: str = "nmc", progress: Progress = lambda _: None
) -> pl.DataFrame:
    """Give the prediction file of the test years by the forecaster the choice years chose.

    Args:
        record: The record.
        series: `nmc` in current dollars, or `sipri` in constant ones.
        progress: Called before each fit.

    Returns:
        `ccode, year, h, s1..s200`: even quantiles of the log of spending.

    Raises:
        UnknownNameError: There is no such series.
        OutsideCoverageError: SIPRI is asked of a record that holds only the bundled part of it.
    """
    if series not in EXPORTS:
        raise UnknownNameError(
            f"{series!r} is not a choice of --series",
            expected=", ".join(EXPORTS),
            where="--series",
            hint="foedus score export spending --series nmc --output spending.csv",
        )
    cut = record.cut_to_case_countries(WORLDWIDE)
    if series == "sipri" and cut:
        states = record.read(WORLDWIDE, columns=["ccode"])["ccode"].n_unique()
        raise OutsideCoverageError(
            f"the table {WORLDWIDE} is here for {states} states alone, the task asks for all",
            expected="the whole table, which does not ship, or --series nmc",
            where=str(record.path(WORLDWIDE)),
            hint=f"foedus record build --raw FOLDER --source {WORLDWIDE}",
        )
    name = EXPORTS[series]
    best = _choice(record, cut, progress)
    source = country_years(record, everything(), series=name)
    test = spending_forecasts(source, *SPANS["test"], window=WINDOW_YEARS[name], progress=progress)
    return prediction_file(test, best)


def _choice(record: Record, cut: bool, progress: Progress) -> str:
    """Name the forecaster of the choice years, from the stored cards where they may speak.

    Both series had a say in it. Where the record holds a part of SIPRI alone, the choice is that
    of the stored cards, made on the whole; it is made anew on any other record.
    """
    try:
        cards, fingerprint = read_scorecards("spending")
    except FileNotFoundError:
        cards, fingerprint = [], {"record": ""}
    named = [card.chosen for card in cards if card.split == "choice" and card.chosen != GIVEN]
    if named and (cut or fingerprint["record"] == record.digest(fingerprint["tables"])):
        return named[0]
    return chosen([card for card, _ in _made(record, "choice", progress)])


def prediction_file(found: list[Forecasts], forecaster: str) -> pl.DataFrame:
    """Lay out one forecaster's draws in the documented form."""
    frames = []
    for item in found:
        draws = _even(item.draws[forecaster], EXPORTED)
        keys = {
            "ccode": item.ccode.astype(np.int16),
            "year": np.full(len(item.ccode), item.year, dtype=np.int16),
            "h": np.full(len(item.ccode), item.horizon, dtype=np.int8),
        }
        frames.append(pl.DataFrame(keys | {f"s{k + 1}": draws[:, k] for k in range(EXPORTED)}))
    return pl.concat(frames).sort("h", "year", "ccode")
