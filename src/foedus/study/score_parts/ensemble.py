"""Task 7: the coupled ensemble from past origins, beside simple rules and each law alone.

At each origin the laws are fitted on what had been published by then, and the case is run forward
twice with the same draws and the same luck: coupled, and with every law seeing the others as they
were last known. The simple rules answer the same questions from the same record. The dispute
record is published seven years late, so the age of what is known is part of the test.
"""

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.compute.keys import named_generator
from foedus.estimate.law_posterior import METHOD as METHOD_OF_FIT
from foedus.estimate.law_posterior import (
    as_posterior,
    fit_law,
    law_fingerprint,
    read_law,
    rows_digest,
)
from foedus.estimate.posterior import write_posterior
from foedus.model.order import LAWS
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.score import proper
from foedus.score.scorecard import Score, Scorecard, Split, differences
from foedus.study.fit_laws import fit_laws
from foedus.study.forecast import Forecast, Ready, needed_laws, prepare, risk_horizons, run
from foedus.study.forecast_table import KEYS, METHOD, as_frame, ensemble_rows
from foedus.study.law_cases.disputes import TABLES as DISPUTE_TABLES
from foedus.study.law_cases.disputes import dispute_onsets, everything
from foedus.study.law_cases.spending import arming_cases, country_years
from foedus.study.outlook import track_record
from foedus.study.outlook_parts.disputes import dispute_rows
from foedus.study.score_parts import arenas, ensemble_joint
from foedus.study.score_parts.ensemble_arenas import arena_cards
from foedus.study.start import parameters, start
from foedus.world.cases import load_case
from foedus.world.countries import country
from foedus.world.months import month_end

Floats = NDArray[np.float64]
CASE = "japan-us"
ORIGINS: dict[Split, tuple[int, ...]] = {
    "choice": (1993, 1995, 1998),
    "test": (2001, 2004, 2007),
}
LAST_YEAR: dict[Split, int] = {"choice": 1999, "test": 2014}
DRAWS = 2_000
SEED = 20240410
HORIZONS_MONTHS = (12, 60)
LONGEST_MONTHS = 60
LEVELS = (
    "spending",
    "output",
    "ideal_point",
    "trade",
    "capability",
    "similarity",
    "support",
)
LOGGED = ("spending", "output", "trade", "capability")
UNIT_DIM = {"trade": "pair", "similarity": "pair", "support": "dyad"}
RECORDED = {"ideal_point": "ideal"}
COUPLED, ALONE = ensemble_joint.COUPLED, ensemble_joint.ALONE
OWN_SERIES = "law alone, fitted on its own series"
COMPARED = (ALONE, OWN_SERIES)
"""What is scored for comparison; the program does not answer with it, so it is never chosen."""
WALK = "random walk of past changes"
LEAST_CASES = 20
WINDOW_YEARS = 20
TABLES = (
    *DISPUTE_TABLES.values(),
    "nmc",
    "sipri_milex",
    "gdp_pop_cow",
    "un_ideal_points",
    "imf_dots_trade",
    "cow_trade_dyad",
    "democracy_cow",
    "atop_dyad",
    "pew_favourability",
    *arenas.TABLES,
)
NOTES = (
    "The laws are fitted at each origin on what had been published; the dispute record then ends "
    "seven years before the origin.",
    "Pairs and countries are those of the flagship case.",
    "`law alone` runs each law with the same draws and luck, the others held at what was last "
    "known; disputes and how far they go are one law there. It is here for comparison and is "
    "never chosen. Where a law reads no other, both are the same.",
)


def fits_folder() -> Path:
    """Give the folder that keeps the fits of past origins, so that a cut run goes on."""
    return Path(os.environ.get("FOEDUS_ORIGIN_FITS", "build/origin-fits"))


@dataclass(frozen=True)
class Past:
    """What was forecast at a past origin.

    Args:
        coupled: By the laws together.
        alone: By each law with the others as they were last known.
        own_series: The same, the law of arming fitted on the series whose levels are forecast;
            None from an origin where that is not asked.
    """

    coupled: Forecast
    alone: Forecast
    own_series: Forecast | None = None


def past_forecasts(
    record: Record, year: int, progress: Callable[[str], None], *, fitted: int | None = None
) -> Past:
    """Forecast the case as of the end of a past year, with laws fitted on what was known then.

    Args:
        record: The record.
        year: Year at whose end the origin lies.
        progress: Called with what is being fitted.
        fitted: Year at whose end the laws were fitted, where that is not the origin itself; their
            fits are there. A law whose record began since is fitted at the origin.
    """
    origin = dt.date(year, 12, 31)
    begun = start(record, load_case(CASE), origin, Rule.KNOWN)
    folder = fits_folder() / str(year)
    laws = needed_laws(begun)
    if fitted is not None:
        folder = fits_folder() / f"{year}-by-laws-of-{fitted}"
        laws = _taken_over(laws, fits_folder() / str(fitted), folder)
    if laws:
        as_of = AsOf(origin, Rule.KNOWN)
        fit_laws(laws, record=record, as_of=as_of, folder=folder, progress=progress)
    ready = prepare(
        CASE,
        origin=origin,
        horizons=risk_horizons(LONGEST_MONTHS),
        draws=DRAWS,
        seed=SEED,
        rule=Rule.KNOWN,
        record=record,
        fits=folder,
        begun=begun,
    )
    if fitted is not None:
        return Past(run(ready), run(ready, alone=True))
    progress("arming on its own series")
    return Past(run(ready), run(ready, alone=True), run(on_own_series(ready, record), alone=True))


def on_own_series(ready: Ready, record: Record) -> Ready:
    """Give a run whose law of arming was fitted on the series the run's levels come from.

    The law that ships is fitted on the National Material Capabilities, which hold all states in
    current dollars and move more than the constant dollars of the Stockholm institute. The record
    holds the latter for the countries of the cases.
    """
    as_of = AsOf(ready.origin, ready.rule)
    law = LAWS["arming"]
    cases = arming_cases(country_years(record, as_of, series="sipri"))
    folder = fits_folder() / f"{ready.origin.year}-own-series"
    if not _same_fit(folder / law.name, law_fingerprint(law), rows_digest(cases)):
        found = fit_law(law, cases, seed=SEED)
        day = ready.origin.isoformat()
        manifest = {"trained_to": day, "known_from": day, "seed": SEED, "method": METHOD_OF_FIT}
        write_posterior(as_posterior(law, cases, found, frozenset(), manifest), folder)
    posterior = {law.name: read_law(law.name, folder)}
    other = parameters(posterior, ready.start, link=np.zeros(1), seed=SEED).laws[law.name]
    whole = ready.plan.parameters
    held = replace(whole, laws={**whole.laws, law.name: other})
    return replace(ready, plan=replace(ready.plan, parameters=held))


def _same_fit(place: Path, law: str, rows: str) -> bool:
    if not (place / "manifest.json").is_file():
        return False
    kept = json.loads((place / "manifest.json").read_text("utf-8"))
    return kept["law"] == law and kept["rows_read"] == rows


def _taken_over(laws: list[str], before: Path, folder: Path) -> list[str]:
    """Copy fits of an earlier origin, and name the laws that had no record then."""
    there = [name for name in laws if (before / name).is_dir()]
    for name in there:
        shutil.copytree(before / name, folder / name, dirs_exist_ok=True)
    return [name for name in laws if name not in there]


def scorecards(
    record: Record, split: Split, progress: Callable[[str], None] = lambda _: None
) -> list[Scorecard]:
    """Score the ensemble on rolling origins: disputes by pair, yearly levels by unit, and both."""
    found: dict[int, Past] = {}
    for year in ORIGINS[split]:
        progress(f"ensemble: {split}, origin {year}")
        found[year] = past_forecasts(record, year, progress)
    happened = outcomes(record)
    truth = observed_levels(record)
    cards = _dispute_cards(record, split, found, happened)
    for name in LEVELS:
        for ahead in (1, 3, 5):
            card = _level_card(name, ahead, split, found, truth[name])
            if card is not None:
                cards.append(card)
    cards += _joint_cards(record, split, found, truth, happened["any dispute"], progress)
    return cards + arena_cards(record, split, progress)


def _joint_cards(
    record: Record,
    split: Split,
    found: Mapping[int, Past],
    truth: Mapping[str, Mapping[tuple[str, int], float]],
    onsets: Mapping[tuple[int, int], list[int]],
    progress: Callable[[str], None],
) -> list[Scorecard]:
    """Score what is forecast together, from every year's end."""
    case = load_case(CASE)
    vectors, sums = [], []
    for year in ensemble_joint.YEARS[split]:
        fitted = max(origin for origin in ORIGINS[split] if origin <= year)
        progress(f"ensemble: {split}, {year} with the laws of {fitted}")
        past = found.get(year) or past_forecasts(record, year, progress, fitted=fitted)
        begun = past.coupled.start
        names = (f"{country(a).iso3}-{country(b).iso3}" for a, b in begun.pairs)
        asked = zip(names, begun.pairs, begun.relevant, strict=True)
        one = ensemble_joint.Origin(
            year=year,
            fitted=fitted,
            coupled=past.coupled.dataset.isel(course=0),
            alone=past.alone.dataset.isel(course=0),
            pairs={name: pair for name, pair, relevant in asked if relevant},
        )
        vectors += ensemble_joint.vectors(one, truth, onsets)
        sums += ensemble_joint.sums(one, case, truth, onsets)
    return [
        *ensemble_joint.joint_cards(vectors, split),
        *ensemble_joint.sum_cards(sums, split),
    ]


def outcomes(record: Record) -> dict[str, dict[tuple[int, int], list[int]]]:
    """List the months of onset of every pair, of any dispute and of those with use of force."""
    found, _ = dispute_onsets(record, everything(), "cow", "hostile")
    listed: dict[str, dict[tuple[int, int], list[int]]] = {"any dispute": {}, "use of force": {}}
    for one, two, month, forceful in found.select(
        "ccode1", "ccode2", "month", "counts"
    ).iter_rows():
        listed["any dispute"].setdefault((one, two), []).append(month)
        if forceful:
            listed["use of force"].setdefault((one, two), []).append(month)
    return listed


def _dispute_cards(
    record: Record,
    split: Split,
    found: Mapping[int, Past],
    happened: Mapping[str, Mapping[tuple[int, int], list[int]]],
) -> list[Scorecard]:
    case = load_case(CASE)
    frames = []
    for year, one in found.items():
        when = AsOf(dt.date(year, 12, 31), Rule.KNOWN)
        rules, _ = dispute_rows(record, case, when, track_record())
        alone = [row | {"method": ALONE} for row in ensemble_rows(one.alone, case)]
        frame = as_frame([*ensemble_rows(one.coupled, case), *alone, *rules])
        frame = frame.filter(pl.col("unit") == "probability")
        frames.append(frame.select(*KEYS, "method", "value").with_columns(origin=pl.lit(year)))
    whole = pl.concat(frames)
    cards = []
    for question in ("any dispute", "use of force"):
        for months in HORIZONS_MONTHS:
            part = whole.filter(
                (pl.col("question") == question)
                & (pl.col("horizon_months") == months)
                & (pl.col("origin") + months // 12 <= LAST_YEAR[split])
            )
            wide = part.pivot("method", index=["origin", "ccode1", "ccode2"], values="value").sort(
                "origin", "ccode1", "ccode2"
            )
            promised = wide.height
            wide = wide.drop_nulls()
            if wide.is_empty():
                continue
            y = np.array(
                [
                    float(
                        any(
                            12 * (o + 1) <= m < 12 * (o + 1) + months
                            for m in happened[question].get((a, b), [])
                        )
                    )
                    for o, a, b in wide.select("origin", "ccode1", "ccode2").iter_rows()
                ]
            )
            cards.append(_event_card(question, months, split, wide, y, promised))
    return cards


def _event_card(
    question: str, months: int, split: Split, wide: pl.DataFrame, y: Floats, promised: int
) -> Scorecard:
    beside = ("origin", "ccode1", "ccode2", METHOD, ALONE)
    chances = {name: wide[name].to_numpy() for name in wide.columns if name not in beside}
    chances[COUPLED] = wide[METHOD].to_numpy()
    chances["stack: mean of ensemble and peace-years logit"] = (
        chances[COUPLED] + chances["peace-years logit"]
    ) / 2
    chances[ALONE] = wide[ALONE].to_numpy()
    losses = {name: proper.log_loss(p, y) for name, p in chances.items()}
    pairs = wide["ccode1"].to_numpy().astype(np.int64) * 1000 + wide["ccode2"].to_numpy()
    scores = tuple(
        Score(
            forecaster=name,
            cases=len(y),
            measures={
                "log loss": float(losses[name].mean()),
                "brier": float(proper.brier(p, y).mean()),
                "auc": proper.area_under_curve(p, y),
                "average precision": proper.average_precision(p, y),
                "expected": float(p.sum()),
            },
            against=differences(losses, name, pairs),
        )
        for name, p in chances.items()
    )
    best = _best(scores, "log loss")
    return Scorecard(
        task="ensemble",
        question=f"{question} within {months} months, pairs of the case",
        split=split,
        first=str(ORIGINS[split][0] + 1),
        last=str(LAST_YEAR[split]),
        rule="known",
        promised=promised,
        events=int(y.sum()),
        lead="log loss",
        clusters="dyad",
        chosen=best if split == "choice" else "",
        scores=scores,
        notes=NOTES,
    )


def _best(scores: tuple[Score, ...], lead: str) -> str:
    """Name the best of what the program can answer with."""
    able = [score for score in scores if score.forecaster not in COMPARED]
    return min(able, key=lambda score: score.measures[lead]).forecaster


def observed_levels(record: Record) -> dict[str, dict[tuple[str, int], float]]:
    """Give what was observed of each yearly quantity, by unit and year, in today's vintage.

    Spending, output, trade and capability are logs, favourable opinion is log odds.
    """
    begun = start(record, load_case(CASE), month_end(2026, 10), Rule.DATED)
    units = {
        "country": [country(code).iso3 for code in begun.codes],
        "pair": [f"{country(a).iso3}-{country(b).iso3}" for a, b in begun.pairs],
        "dyad": [f"{country(a).iso3}-{country(b).iso3}" for a, b in begun.dyads],
    }
    found: dict[str, dict[tuple[str, int], float]] = {}
    for name in LEVELS:
        level = begun.levels[RECORDED.get(name, name)]
        years = range(level.first, level.first + level.values.shape[1])
        found[name] = {
            (unit, year): float(value)
            for unit, row in zip(units[UNIT_DIM.get(name, "country")], level.values, strict=True)
            for year, value in zip(years, row, strict=True)
            if np.isfinite(value)
        }
    return found


def past_changes(truth: Mapping[tuple[str, int], float], origin: int) -> Floats:
    """Give the yearly changes of all units in the twenty years to the origin."""
    changes = [
        value - truth[unit, year - 1]
        for (unit, year), value in sorted(truth.items())
        if origin - WINDOW_YEARS < year <= origin and (unit, year - 1) in truth
    ]
    return np.array(changes)


def scored_scale(name: str, values: Floats) -> Floats:
    """Put values of the dataset on the scale they are scored on, that of `observed_levels`."""
    if name in LOGGED:
        return np.log(values)
    return np.log(values / (100 - values)) if name == "support" else values


def last_seen(one: Forecast, name: str) -> dict[str, int]:
    """Give the last recorded year of each unit of a level, as the dataset names units."""
    rows = one.start.last.filter(pl.col("variable") == RECORDED.get(name, name)).drop_nulls()
    return {unit.replace(" of ", "-"): day.year for _, unit, day in rows.iter_rows()}


def _level_card(
    name: str,
    ahead: int,
    split: Split,
    found: Mapping[int, Past],
    truth: Mapping[tuple[str, int], float],
) -> Scorecard | None:
    """Score one level some years past the last observation each origin had of it."""
    labels = (COUPLED, ALONE, *([OWN_SERIES] if name == "spending" else []))
    parts: dict[str, list[Floats]] = {label: [] for label in (WALK, *labels)}
    target, cluster = [], []
    promised = 0
    dim = UNIT_DIM.get(name, "country")
    numbers: dict[str, int] = {}
    rng = named_generator(SEED, "random walk", name, ahead)
    for origin, one in found.items():
        runs = {COUPLED: one.coupled, ALONE: one.alone, OWN_SERIES: one.own_series}
        data = {
            label: runs[label].dataset[name].isel(course=0)
            for label in labels
            if runs[label] is not None
        }
        ends = last_seen(one.coupled, name)
        year = origin + ahead
        if year not in data[COUPLED]["year"].values:
            continue
        for unit in data[COUPLED][dim].values.tolist():
            seen = ends.get(unit)
            if seen is None or (unit, year) not in truth or (unit, seen) not in truth:
                continue
            promised += 1
            values = {
                label: part.sel({dim: unit, "year": year}).values.astype(np.float64)
                for label, part in data.items()
            }
            if not np.isfinite(values[COUPLED]).all():
                continue
            changes = past_changes(truth, seen)
            if not len(changes):
                continue
            walk = rng.choice(changes, size=(DRAWS, year - seen)).sum(axis=1)
            parts[WALK].append(truth[unit, seen] + walk)
            for label, part in values.items():
                parts[label].append(scored_scale(name, part))
            target.append(truth[unit, year])
            cluster.append(numbers.setdefault(unit, len(numbers)))
    if len(target) < LEAST_CASES:
        return None
    y = np.array(target)
    draws = {label: np.array(values) for label, values in parts.items()}
    losses = {label: proper.crps(values, y) for label, values in draws.items()}
    groups = np.array(cluster, dtype=np.int64)
    scores = tuple(
        Score(
            forecaster=label,
            cases=len(y),
            measures={
                "crps": float(losses[label].mean()),
                **coverage(proper.covered(values, y), groups),
            },
            against=differences(losses, label, groups),
        )
        for label, values in draws.items()
    )
    return Scorecard(
        task="ensemble",
        question=f"{name.replace('_', ' ')} of the year {ahead} after the origin",
        split=split,
        first=str(ORIGINS[split][0] + ahead),
        last=str(ORIGINS[split][-1] + ahead),
        rule="known",
        promised=promised,
        events=None,
        lead="crps",
        clusters=dim,
        chosen=_best(scores, "crps") if split == "choice" else "",
        scores=scores,
        notes=NOTES,
    )


def coverage(inside: Floats, groups: NDArray[np.int64]) -> dict[str, float]:
    """Give the share of outcomes in the 90 % interval, with its own block-binomial interval."""
    low, high = proper.block_binomial(inside, groups)
    return {
        "coverage": float(inside.mean()),
        "coverage, lo90": low,
        "coverage, hi90": high,
    }
