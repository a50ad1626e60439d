"""What comes next: the ensemble's forecasts beside simple rules, with how well each did before."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import polars as pl

from foedus.record.store import AsOf, Record
from foedus.score.scorecard import Scorecard, read_scorecards
from foedus.study.outlook_parts.arena_choice import (
    ArenaAnswer,
    arena_answers,
    choice_note,
    with_arena_choice,
)
from foedus.study.outlook_parts.disputes import dispute_rows
from foedus.study.outlook_parts.series import series_rows
from foedus.study.outlook_parts.spending import spending_rows
from foedus.world.cases import Case
from foedus.world.errors import FoedusError

if TYPE_CHECKING:
    from foedus.study.forecast import Forecast

ENSEMBLE = "ensemble"
STACKED = "history logit"
STACK = f"mean of ensemble and {STACKED}"
BASELINE = "base rate"
FAN_MONTHS = range(1, 13)
SCORED_AS = {"law ensemble": ENSEMBLE, f"stack: {STACK}": STACK}


@dataclass(frozen=True)
class Outlook:
    """Forecasts with their track record.

    Args:
        rows: One row a question, subject, horizon and method. Forecast: `question, subject,
            ccode1, ccode2, arena, series, horizon_months, method, chosen, value, lo90, hi90,
            unit`. Distance: `record_end, lead_months` (from the record's end to the window),
            `scored_lead_months` (the distance the scores were earned at). Track record: `cases,
            events, expected, score_name, score, baseline, difference, difference_lo90,
            difference_hi90, auc, coverage, coverage_lo90, coverage_hi90`. `chosen` marks the
            method picked on earlier targets than those scored. Blank where it does not apply.
        notes: What a reader has to know, in sentences.
        ensemble: The ensemble; None where it may not be run at this date.
        arenas: What the chosen forecaster says of each arena series, one to twelve months ahead.
    """

    rows: pl.DataFrame
    notes: tuple[str, ...]
    ensemble: "Forecast | None" = None
    arenas: tuple[ArenaAnswer, ...] = ()


def outlook(
    record: Record,
    case: Case,
    as_of: AsOf,
    ensemble: "Callable[[], Forecast] | None" = None,
) -> Outlook:
    """Forecast disputes, arena series and spending for a case.

    Args:
        record: The record.
        case: Case whose pairs, arenas and spenders are forecast.
        as_of: Date of knowledge and information rule.
        ensemble: Runs the ensemble; without it the simple rules stand alone.
    """
    rows, notes = rule_rows(record, case, as_of)
    answers = arena_answers(record, case, as_of, FAN_MONTHS)
    rows = with_arena_choice(rows, answers)
    if case.arenas:
        notes.append(choice_note(answers))
    found = None
    if ensemble is not None:
        try:
            found = ensemble()
        except FoedusError as error:
            notes.append(
                f"The ensemble is not shown at this date: {error.given}. {error.hint[:1].upper()}"
                f"{error.hint[1:]} would make it possible."
            )
    if found is not None:
        rows = with_ensemble(rows, found, case)
        notes += [*found.notes, *choice_notes(found)]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return Outlook(frame, tuple(notes), found, tuple(answers))


def with_ensemble(
    rows: list[dict[str, Any]], found: "Forecast", case: Case
) -> list[dict[str, Any]]:
    """Add the ensemble and its stack, and mark what did best on origins before those scored.

    What has not been scored beside the simple rules is shown beside them and never instead.
    """
    from foedus.study.forecast_table import KEYS, ensemble_rows

    own = [row | {"chosen": False} for row in ensemble_rows(found, case)]
    rule = {tuple(row.get(key) for key in KEYS): row for row in rows if row["method"] == STACKED}
    stacked = []
    for row in own:
        other = rule.get(tuple(row.get(key) for key in KEYS))
        if other is not None:
            middle = {name: (row[name] + other[name]) / 2 for name in ("value", "lo90", "hi90")}
            stacked.append(row | middle | {"method": STACK})
    cards = {(card.question, card.split): card for card in _cards()}
    answered = {tuple(row.get(key) for key in KEYS) for row in own}
    whole = []
    for row in [*rows, *own, *stacked]:
        if tuple(row.get(key) for key in KEYS) not in answered:
            whole.append(row)
        elif row["unit"] == "probability":
            whole.append(scored_beside(row, cards))
        else:
            whole.append(_level_chosen(row, cards))
    return whole


def _level_chosen(row: dict[str, Any], cards: dict[tuple[str, str], Scorecard]) -> dict[str, Any]:
    """Let the ensemble stand for spending where it did best on the choice origins."""
    ahead = YEARS_SCORED.get(row["horizon_months"])
    choice = cards.get((f"spending of the year {ahead} after the origin", "choice"))
    if "spending" not in row["question"] or choice is None or not _past(choice, row):
        return row
    if choice.chosen != "law ensemble":
        return row
    return row | {"chosen": row["method"] == ENSEMBLE}


def scored_beside(row: dict[str, Any], cards: dict[tuple[str, str], Scorecard]) -> dict[str, Any]:
    """Give a row the track record it earned beside the ensemble, as far as it was known by then.

    Args:
        row: A forecast of a chance, with the end of the record it was made from.
        cards: Scorecards of the ensemble by question and split.
    """
    months = max(row["horizon_months"], 12)
    question = f"{row['question']} within {months} months, pairs of the case"
    choice, test = cards.get((question, "choice")), cards.get((question, "test"))
    if choice is None or test is None or not _past(choice, row):
        return row
    chosen = SCORED_AS.get(choice.chosen, choice.chosen)
    found = row | {"chosen": row["method"] == chosen}
    if not _past(test, row) or row["horizon_months"] != months:
        return found
    for score in test.scores:
        if SCORED_AS.get(score.forecaster, score.forecaster) != row["method"]:
            continue
        gap = score.against.get(BASELINE)
        found |= {
            "cases": score.cases,
            "events": test.events,
            "expected": score.measures["expected"],
            "score_name": "log loss",
            "score": score.measures["log loss"],
            "auc": score.measures["auc"],
            "baseline": BASELINE,
            "difference": gap.mean if gap else 0.0,
            "difference_lo90": gap.lo90 if gap else 0.0,
            "difference_hi90": gap.hi90 if gap else 0.0,
            "scored_lead_months": SCORED_LEAD_MONTHS,
        }
    return found


def _past(card: Scorecard, row: dict[str, Any]) -> bool:
    """Tell whether all outcomes of a card lie within the record a forecast was made from."""
    return int(card.last) <= row["record_end"].year


SCORED_LEAD_MONTHS = 84
YEARS_SCORED = {12: 3, 60: 5}


def _cards() -> list[Scorecard]:
    try:
        return read_scorecards("ensemble")[0]
    except FileNotFoundError:
        return []


def _is_given(card: Scorecard) -> bool:
    """Tell whether a card is of the ensemble given what came, which is no forecast."""
    return card.question.endswith("no forecast")


def choice_notes(found: "Forecast") -> list[str]:
    """Say what stands for disputes and on which past origins that was chosen and scored."""
    cards = [card for card in _cards() if card.events is not None and not _is_given(card)]
    choice = [card for card in cards if card.split == "choice"]
    test = [card for card in cards if card.split == "test"]
    if not choice or not test:
        return ["The ensemble has not been scored on past origins yet."]
    ends = {variable: last for variable, _, last in found.start.last.iter_rows()}
    known = ends["disputes"].year
    if known < int(choice[0].last):
        return [
            f"The ensemble was first scored on outcomes to {choice[0].last}, which were not known "
            "at this date; the simple rule stands."
        ]
    picks = "; ".join(f"{card.question.split(', pairs')[0]}: {card.chosen}" for card in choice)
    text = f"What is shown was chosen on {choice[0].first} to {choice[0].last}: {picks}."
    if known < int(test[0].last):
        return [f"{text} Later scores were not known at this date."]
    looks = test[0].looks
    return [
        f"{text} Scores are those of {test[0].first} to {test[0].last}, the laws fitted at each "
        "origin on what had been published; that set has been looked at "
        f"{'once' if looks == 1 else f'{looks} times'}. Three months ahead the choice of twelve "
        "months stands; the ensemble is not scored there, and the rules are on all relevant pairs."
    ]


def rule_rows(record: Record, case: Case, as_of: AsOf) -> tuple[list[dict[str, Any]], list[str]]:
    """Give the rows of the simple rules, and what a reader of them has to know."""
    rows, notes = dispute_rows(record, case, as_of, track_record())
    for arena in case.arenas:
        rows.extend(series_rows(record, arena, as_of))
    rows.extend(spending_rows(record, case, as_of))
    notes.append("Arena series and spending are scored each time, on origins that were past then.")
    return rows, notes


def track_record() -> dict[str, Any]:
    """Give the stored scores of the rivals, with the record they were earned on."""
    place = resources.files("foedus.score").joinpath("track_record.json")
    return json.loads(place.read_text("utf-8"))
