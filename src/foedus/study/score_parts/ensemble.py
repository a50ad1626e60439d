"""Task 7: the coupled ensemble from past origins, beside simple rules and each law alone.

At each origin the laws are fitted on what had been published by then, and the case is run forward
twice with the same draws and the same luck: coupled, and with every law seeing the others as they
were last known. The simple rules answer the same questions from the same record. The dispute
record is published seven years late, so the age of what is known is part of the test.
"""

import datetime as dt
from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.score import proper
from foedus.score.scorecard import Score, Scorecard, Split, differences
from foedus.study.forecast_table import KEYS, METHOD, as_frame, ensemble_rows
from foedus.study.law_cases.disputes import TABLES as DISPUTE_TABLES
from foedus.study.law_cases.disputes import dispute_onsets, everything
from foedus.study.outlook import STACK, STACKED, track_record
from foedus.study.outlook_parts.disputes import dispute_rows
from foedus.study.score_parts import arenas, ensemble_joint
from foedus.study.score_parts.ensemble_arenas import arena_cards
from foedus.study.score_parts.ensemble_levels import best, level_cards, observed_levels
from foedus.study.score_parts.ensemble_past import (
    ALONE,
    CASE,
    COUPLED,
    GIVEN_CAPABILITY,
    ORIGINS,
    Past,
    past_forecasts,
    past_forecasts_between,
    today,
)
from foedus.world.cases import load_case
from foedus.world.countries import country

Floats = NDArray[np.float64]
LAST_YEAR: dict[Split, int] = {"choice": 1999, "test": 2014}
HORIZONS_MONTHS = (12, 60)
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


def scorecards(
    record: Record, split: Split, progress: Callable[[str], None] = lambda _: None
) -> list[Scorecard]:
    """Score the ensemble on rolling origins: disputes by pair, yearly levels by unit, and both."""
    happened = outcomes(record)
    came = today(record)
    truth = observed_levels(came)
    found: dict[int, Past] = {}
    for year in ORIGINS[split]:
        progress(f"ensemble: {split}, origin {year}")
        found[year] = past_forecasts(record, year, came, happened["any dispute"], progress)
    return [
        *_dispute_cards(record, split, found, happened),
        *level_cards(split, found, truth, NOTES),
        *_joint_cards(record, split, found, truth, happened["any dispute"], progress),
        *arena_cards(record, split, progress),
    ]


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
        past = found.get(year) or past_forecasts_between(record, year, fitted, progress)
        begun = past[COUPLED].start
        one = ensemble_joint.Origin(
            year=year,
            fitted=fitted,
            coupled=past[COUPLED].dataset.isel(course=0),
            alone=past[ALONE].dataset.isel(course=0),
            pairs={f"{country(a).iso3}-{country(b).iso3}": (a, b) for a, b in begun.asked},
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
        beside = [
            row | {"method": name}
            for name in (ALONE, GIVEN_CAPABILITY)
            for row in ensemble_rows(one[name], case)
        ]
        frame = as_frame([*ensemble_rows(one[COUPLED], case), *beside, *rules])
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
            cards += _event_cards(question, months, split, wide, y, promised)
    return cards


def _event_cards(
    question: str, months: int, split: Split, wide: pl.DataFrame, y: Floats, promised: int
) -> list[Scorecard]:
    """Score one question, and apart from it the ensemble given the capability that came."""
    beside = ("origin", "ccode1", "ccode2", METHOD, ALONE, GIVEN_CAPABILITY)
    chances = {name: wide[name].to_numpy() for name in wide.columns if name not in beside}
    chances[COUPLED] = wide[METHOD].to_numpy()
    chances[f"stack: {STACK}"] = (chances[COUPLED] + chances[STACKED]) / 2
    chances[ALONE] = wide[ALONE].to_numpy()
    given = {
        COUPLED: chances[COUPLED],
        GIVEN_CAPABILITY: wide[GIVEN_CAPABILITY].to_numpy(),
    }
    pairs = wide["ccode1"].to_numpy().astype(np.int64) * 1000 + wide["ccode2"].to_numpy()
    title = f"{question} within {months} months, pairs of the case"
    cards = []
    for name, forecasts in (
        (title, chances),
        (f"{title}, given the capability that came: no forecast", given),
    ):
        scores = _event_scores(forecasts, y, pairs)
        chosen = best(scores, "log loss") if split == "choice" else ""
        cards.append(
            Scorecard(
                task="ensemble",
                question=name,
                split=split,
                first=str(ORIGINS[split][0] + 1),
                last=str(LAST_YEAR[split]),
                rule="known",
                promised=promised,
                events=int(y.sum()),
                lead="log loss",
                clusters="dyad",
                chosen=chosen if forecasts is chances else GIVEN_CAPABILITY,
                scores=scores,
                notes=NOTES,
            )
        )
    return cards


def _event_scores(
    chances: Mapping[str, Floats], y: Floats, pairs: NDArray[np.int64]
) -> tuple[Score, ...]:
    losses = {name: proper.log_loss(p, y) for name, p in chances.items()}
    return tuple(
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
