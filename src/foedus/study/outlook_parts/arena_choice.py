"""What stands for a series of an arena: the forecaster that did best on its own earlier origins.

Candidates are last year's own values, seasonal smoothing, self-excitation, the law of incidents
and its pools with them. The stored cards of the arenas name the best on the choice origins. A name
counts from the month on in which all outcomes behind it were known; before that the rules stand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foedus.record.store import AsOf, Record
from foedus.score.scorecard import Scorecard, Split, read_scorecards
from foedus.study.tension_series import SERIES, Series
from foedus.world.arenas import load_arena
from foedus.world.cases import Case
from foedus.world.months import month_end

Floats = NDArray[np.float64]
Cards = Mapping[tuple[str, Split], Scorecard]
SHOWN_MONTHS = (3, 12)
"""Months ahead that the outlook shows and the cards score."""
OWN_VALUES = "last year's own values"
OWN_RULE = "last twelve months"
"""The same rule, as the cards of the arenas and as the rows of the outlook call it."""
SEED = 20240410


@dataclass(frozen=True)
class ArenaAnswer:
    """The chosen forecaster of one series, and what it says.

    Args:
        arena: Arena.
        series: Series.
        method: Chosen forecaster, as the cards name it.
        record_end: Last known month, counted from year zero.
        origin: Month the forecast is made at.
        draws: By months ahead, each of shape (draw,).
        choice: A card of the choice origins.
        tests: Cards of the test origins by months ahead, those whose outcomes were known.
        scored_lag: Months from the end of the record to the origin where it was scored.
    """

    arena: str
    series: Series
    method: str
    record_end: int
    origin: int
    draws: Mapping[int, Floats]
    choice: Scorecard
    tests: Mapping[int, Scorecard]
    scored_lag: int


def arena_answers(
    record: Record, case: Case, as_of: AsOf, months: Iterable[int] = SHOWN_MONTHS
) -> list[ArenaAnswer]:
    """Forecast each series of a case's arenas by the forecaster chosen on earlier origins.

    A series is left out where nothing had been chosen by the date, and where the law is chosen
    and no fit of it that ships is old enough.

    Args:
        record: The record.
        case: Case whose arenas are meant.
        as_of: Date of knowledge and information rule.
        months: Months ahead, none beyond the twelve that are scored.
    """
    from foedus.study.score_parts import arenas

    origin = _last_month(as_of)
    wanted = sorted(months)
    cards = _cards()
    known = {item.name: item for item in arenas.known_series(record, origin, as_of.rule)}
    chosen = {
        name: card
        for name, item in known.items()
        if (card := _choice(cards, name, int(item.months[-1]))) is not None
    }
    ours = _law_draws([known[name] for name in chosen], chosen, as_of, origin, wanted[-1])
    found = []
    for arena, series in _series_of(case):
        card = chosen.get(series.name)
        if card is None or (_by_law(card) and series.name not in ours):
            continue
        item = known[series.name]
        last = int(item.months[-1])
        draws = {}
        for month in wanted:
            steps = origin + month - last
            law = ours[item.name][steps - 1] if item.name in ours else np.zeros(0)
            draws[month] = arenas.forecast(item, steps, law, [card.chosen])[card.chosen]
        tests = {month: _known(cards, series.name, month, "test", last) for month in wanted}
        found.append(
            ArenaAnswer(
                arena=arena,
                series=series,
                method=card.chosen,
                record_end=last,
                origin=origin,
                draws=draws,
                choice=card,
                tests={month: test for month, test in tests.items() if test is not None},
                scored_lag=record.spec(series.table).lag_months,
            )
        )
    return found


def _last_month(as_of: AsOf) -> int:
    """Give the last month that was complete at a date, counted from year zero."""
    month = 12 * as_of.day.year + as_of.day.month - 1
    whole = as_of.day == month_end(as_of.day.year, as_of.day.month)
    return month if whole else month - 1


def _series_of(case: Case) -> list[tuple[str, Series]]:
    return [
        (arena, series)
        for arena in case.arenas
        for series in SERIES
        if series.name in load_arena(arena).series
    ]


def _cards() -> Cards:
    try:
        stored = read_scorecards("arenas")[0]
    except FileNotFoundError:
        return {}
    return {(card.question, card.split): card for card in stored}


def _known(
    cards: Cards, series: str, months: int, split: Split, record_end: int
) -> Scorecard | None:
    """Give a card all of whose outcomes lie within the record a forecast is made from."""
    from foedus.study.score_parts.arenas import question

    card = cards.get((question(series, months), split))
    end = f"{record_end // 12}-{record_end % 12 + 1:02d}"
    return card if card is not None and card.last <= end else None


def _choice(cards: Cards, series: str, record_end: int) -> Scorecard | None:
    """Give the choice card of a series; all its horizons name one forecaster and end together."""
    return _known(cards, series, SHOWN_MONTHS[0], "choice", record_end)


def _by_law(card: Scorecard) -> bool:
    return card.chosen.startswith("law")


def _law_draws(
    known: list[Any], chosen: Mapping[str, Scorecard], as_of: AsOf, origin: int, most: int
) -> dict[str, Floats]:
    """Carry the series for which the law is chosen on by it; none where no fit is old enough."""
    from foedus.study.arena_fits import arena_fit
    from foedus.study.score_parts.arenas import law_draws

    wanted = [item for item in known if _by_law(chosen[item.name])]
    fitted = arena_fit(as_of.day) if wanted else None
    if fitted is None:
        return {}
    able = [item for item in wanted if item.segment in fitted[1]]
    return law_draws(able, fitted, origin, most, SEED)


def with_arena_choice(
    rows: list[dict[str, Any]], answers: Iterable[ArenaAnswer]
) -> list[dict[str, Any]]:
    """Add the answers of the chosen forecasters, and mark them in place of the simple rule.

    Args:
        rows: Rows of the outlook.
        answers: Answers by series.
    """
    new = [_row(answer, months) for answer in answers for months in SHOWN_MONTHS]
    taken = {(row["arena"], row["series"], row["horizon_months"]): row["method"] for row in new}
    kept = []
    for row in rows:
        method = taken.get((row.get("arena"), row.get("series"), row["horizon_months"]))
        if method is None:
            kept.append(row)
        elif method != row["method"]:
            kept.append(row | {"chosen": False})
    return kept + new


def _row(answer: ArenaAnswer, months: int) -> dict[str, Any]:
    low, middle, high = np.quantile(answer.draws[months], [0.05, 0.5, 0.95])
    own = answer.method == OWN_VALUES
    row = {
        "question": "events in a month",
        "subject": answer.series.title,
        "arena": answer.arena,
        "series": answer.series.name,
        "horizon_months": months,
        "method": OWN_RULE if own else answer.method,
        "chosen": True,
        "value": float(middle),
        "lo90": float(low),
        "hi90": float(high),
        "unit": answer.series.unit,
        "record_end": month_end(answer.record_end // 12, answer.record_end % 12 + 1),
        "lead_months": answer.origin - answer.record_end,
    }
    test = answer.tests.get(months)
    if test is None:
        return row
    score = next(score for score in test.scores if score.forecaster == answer.method)
    gap = score.against.get(OWN_VALUES)
    return row | {
        "scored_lead_months": answer.scored_lag,
        "cases": score.cases,
        "score_name": "CRPS",
        "score": score.measures["crps"],
        "baseline": OWN_RULE,
        "difference": gap.mean if gap else 0.0,
        "difference_lo90": gap.lo90 if gap else 0.0,
        "difference_hi90": gap.hi90 if gap else 0.0,
        "coverage": score.measures["coverage"],
        "coverage_lo90": score.measures["coverage, lo90"],
        "coverage_hi90": score.measures["coverage, hi90"],
    }


def choice_note(answers: Iterable[ArenaAnswer]) -> str:
    """Say which forecaster stands for each series, and on which outcomes it was chosen."""
    held = list(answers)
    if not held:
        return (
            "For the arenas' series nothing had been chosen on past origins by this date; the "
            "last twelve months stand."
        )
    picks = "; ".join(
        f"{answer.series.title}: {answer.method} (to {answer.choice.last})" for answer in held
    )
    return (
        "For the arenas' series, three and twelve months ahead, what is shown did best on earlier "
        f"origins, the last outcome in brackets: {picks}. Five years ahead no pool has been scored."
    )
