"""The coupled ensemble from rolling origins: its own forecasts, beside the simple rules' and alone.

At each origin the laws are fitted on what had been published by then, the case is run forward, and
the simple rules answer the same questions from the same record. The dispute record is published
seven years late, so the age of what is known is part of the test.
"""

import datetime as dt
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.compute.keys import named_generator
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.score import proper
from foedus.score.scorecard import Score, Scorecard, Split, differences
from foedus.study.fit_laws import fit_laws
from foedus.study.forecast import Forecast, forecast, needed_laws
from foedus.study.forecast_table import KEYS, as_frame, ensemble_rows
from foedus.study.law_cases.disputes import TABLES as DISPUTE_TABLES
from foedus.study.law_cases.disputes import dispute_onsets, everything
from foedus.study.outlook import track_record
from foedus.study.outlook_parts.disputes import dispute_rows
from foedus.study.start import start
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
LEVELS = ("spending", "output", "ideal_point", "trade", "capability")
LOGGED = ("spending", "output", "trade", "capability")
UNIT_DIM = {"trade": "pair"}
RECORDED = {"ideal_point": "ideal"}
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
)
NOTES = (
    "The laws are fitted at each origin on what had been published; the dispute record then ends "
    "seven years before the origin.",
    "Pairs and countries are those of the flagship case.",
)


def fits_folder() -> Path:
    """Give the folder that keeps the fits of past origins, so that a cut run goes on."""
    return Path(os.environ.get("FOEDUS_ORIGIN_FITS", "build/origin-fits"))


def past_forecast(record: Record, year: int, progress: Callable[[str], None]) -> Forecast:
    """Forecast the case as of the end of a past year, with laws fitted on what was known then."""
    origin = dt.date(year, 12, 31)
    folder = fits_folder() / str(year)
    begun = start(record, load_case(CASE), origin, Rule.KNOWN)
    laws = needed_laws(begun)
    fit_laws(laws, record=record, as_of=AsOf(origin, Rule.KNOWN), folder=folder, progress=progress)
    return forecast(
        CASE,
        origin=origin,
        draws=DRAWS,
        seed=SEED,
        rule=Rule.KNOWN,
        record=record,
        fits=folder,
    )


def scorecards(
    record: Record, split: Split, progress: Callable[[str], None] = lambda _: None
) -> list[Scorecard]:
    """Score the ensemble on rolling origins: disputes by pair, and yearly levels by unit."""
    found: dict[int, Forecast] = {}
    for year in ORIGINS[split]:
        progress(f"ensemble: {split}, origin {year}")
        found[year] = past_forecast(record, year, progress)
    cards = _dispute_cards(record, split, found)
    truth = observed_levels(record)
    for name in LEVELS:
        for ahead in (1, 3, 5):
            card = _level_card(name, ahead, split, found, truth[name])
            if card is not None:
                cards.append(card)
    return cards


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


def _dispute_cards(record: Record, split: Split, found: Mapping[int, Forecast]) -> list[Scorecard]:
    case = load_case(CASE)
    happened = outcomes(record)
    frames = []
    for year, one in found.items():
        when = AsOf(dt.date(year, 12, 31), Rule.KNOWN)
        rules, _ = dispute_rows(record, case, when, track_record())
        frame = as_frame([*ensemble_rows(one, case), *rules])
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
    rules = [c for c in wide.columns if c not in ("origin", "ccode1", "ccode2", "ensemble")]
    chances = {name: wide[name].to_numpy() for name in rules}
    chances["law ensemble"] = wide["ensemble"].to_numpy()
    chances["stack: mean of ensemble and peace-years logit"] = (
        chances["law ensemble"] + chances["peace-years logit"]
    ) / 2
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
    best = min(scores, key=lambda score: score.measures["log loss"]).forecaster
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


def observed_levels(record: Record) -> dict[str, dict[tuple[str, int], float]]:
    """Give what was observed of each yearly quantity, by unit and year, in today's vintage.

    Spending, output, trade and capability are logs.
    """
    begun = start(record, load_case(CASE), month_end(2026, 10), Rule.DATED)
    units = {
        "country": [country(code).iso3 for code in begun.codes],
        "pair": [f"{country(a).iso3}-{country(b).iso3}" for a, b in begun.pairs],
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


def _level_card(
    name: str,
    ahead: int,
    split: Split,
    found: Mapping[int, Forecast],
    truth: Mapping[tuple[str, int], float],
) -> Scorecard | None:
    """Score one level some years past the last observation each origin had of it."""
    draws, rival, target, cluster = [], [], [], []
    promised = 0
    dim = UNIT_DIM.get(name, "country")
    numbers: dict[str, int] = {}
    rng = named_generator(SEED, "random walk", name, ahead)
    for origin, one in found.items():
        data = one.dataset[name].isel(course=0)
        ends = {u: d for v, u, d in one.start.last.iter_rows() if v == RECORDED.get(name, name)}
        year = origin + ahead
        if year not in data["year"].values:
            continue
        for unit in data[dim].values.tolist():
            seen = ends.get(unit)
            if seen is None or (unit, year) not in truth or (unit, seen.year) not in truth:
                continue
            promised += 1
            values = data.sel({dim: unit, "year": year}).values.astype(np.float64)
            if not np.isfinite(values).all():
                continue
            changes = past_changes(truth, seen.year)
            walk = rng.choice(changes, size=(DRAWS, year - seen.year)).sum(axis=1)
            draws.append(np.log(values) if name in LOGGED else values)
            rival.append(truth[unit, seen.year] + walk)
            target.append(truth[unit, year])
            cluster.append(numbers.setdefault(unit, len(numbers)))
    if len(target) < LEAST_CASES:
        return None
    y = np.array(target)
    parts = {"random walk of past changes": np.array(rival), "law ensemble": np.array(draws)}
    losses = {label: proper.crps(values, y) for label, values in parts.items()}
    groups = np.array(cluster, dtype=np.int64)
    scores = tuple(
        Score(
            forecaster=label,
            cases=len(y),
            measures={
                "crps": float(losses[label].mean()),
                "coverage": float(proper.covered(values, y).mean()),
            },
            against=differences(losses, label, groups),
        )
        for label, values in parts.items()
    )
    best = min(scores, key=lambda score: score.measures["crps"]).forecaster
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
        chosen=best if split == "choice" else "",
        scores=scores,
        notes=NOTES,
    )
