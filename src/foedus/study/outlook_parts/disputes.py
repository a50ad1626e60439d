"""Dispute risk by pair, from the rivals and their stored track record."""

import datetime as dt
from typing import Any

import numpy as np

from foedus.record.store import AsOf, Record
from foedus.score.backtest import Target, forecast_events, outcomes
from foedus.score.rivals import Probability
from foedus.study.dispute_cases import DisputeCases, dispute_cases
from foedus.world.cases import Case
from foedus.world.countries import country

HORIZONS_MONTHS = (3, 12, 60)
TARGETS = {"any dispute": 0, "use of force": 4}


def lead_years(record_end: dt.date, origin: dt.date) -> int:
    """Count years from the last covered year to the year a window opening at the origin is like.

    A window that opens the day after the record ends has lead 1.
    """
    return max(round((origin - record_end).days / 365.25), 0) + 1


def case_pairs(case: Case) -> list[tuple[int, int]]:
    """List a case's pairs: everyone with the rival, and each ally with everyone but its ally."""
    focal = [item.ccode for item in case.focal]
    others = [ccode for ccode in case.countries if ccode != case.rival.ccode]
    pairs = {_ordered(case.rival.ccode, ccode) for ccode in others}
    pairs |= {_ordered(ally, ccode) for ally in focal for ccode in others if ccode not in focal}
    return sorted(pairs)


def _ordered(one: int, two: int) -> tuple[int, int]:
    return (one, two) if one < two else (two, one)


def _pair_name(one: int, two: int) -> str:
    return f"{country(one).name} and {country(two).name}"


def dispute_rows(
    record: Record, case: Case, as_of: AsOf, track: dict[str, Any]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Forecast onset and use of force for each pair of a case.

    Returns:
        Rows for the outlook, and notes for its reader.
    """
    rows: list[dict[str, Any]] = []
    outside: set[str] = set()
    notes: list[str] = []
    for question, hostility in TARGETS.items():
        cases = dispute_cases(record, as_of, hostility=hostility)
        end = dt.date(cases.panel.last_year, 12, 31)
        lead = lead_years(end, as_of.day)
        notes = [
            f"The dispute record in use ends with {end.year}; the window opens {lead - 1} years "
            "later, and the rules are fitted at that distance.",
            *_track_notes(track, end.year, lead),
        ]
        for months in HORIZONS_MONTHS:
            pairs, methods = pair_forecasts(cases, Target(lead, months), case_pairs(case))
            outside |= {_pair_name(*pair) for pair in set(case_pairs(case)) - set(pairs)}
            scores = stored_scores(track, question, months, lead, end.year)
            for method, forecast in methods.items():
                for at, pair in enumerate(pairs):
                    row = {
                        "question": question,
                        "subject": _pair_name(*pair),
                        "ccode1": pair[0],
                        "ccode2": pair[1],
                        "horizon_months": months,
                        "method": method,
                        "value": float(forecast.mean[at]),
                        "lo90": float(forecast.lo90[at]),
                        "hi90": float(forecast.hi90[at]),
                        "unit": "probability",
                        "record_end": end,
                        "lead_months": 12 * (lead - 1),
                    }
                    rows.append(row | scores[method])
    if outside:
        notes.append(
            "Not politically relevant in the last covered year, or a term is missing, and so not "
            f"forecast: {'; '.join(sorted(outside))}."
        )
    return rows, notes


def pair_forecasts(
    cases: DisputeCases, target: Target, wanted: list[tuple[int, int]]
) -> tuple[list[tuple[int, int]], dict[str, Probability]]:
    """Forecast pairs from the last covered year with every rival.

    Returns:
        The wanted pairs that are cases in that year, and each rival's forecast in their order.
    """
    panel = cases.panel
    numbers = {cases.number(*pair): pair for pair in wanted}
    chosen = (panel.year == panel.last_year) & np.isin(
        panel.pair, [n for n in numbers if n is not None]
    )
    outcome = outcomes(panel, target)
    methods = forecast_events(panel, outcome, target, panel.last_year, chosen)
    return [numbers[int(n)] for n in panel.pair[chosen]], methods


def _track_notes(track: dict[str, Any], last_year: int, lead: int) -> list[str]:
    """Say at what distance the track record was earned, or why it is not shown for this date."""
    first_test, last_test = track["test_years"]
    near = nearest_lead(track["disputes"], lead)
    if last_year < last_test:
        notes = [
            f"The track record of the rules was earned on {first_test}-{last_test}. At this date "
            f"only outcomes to {last_year} were known, so it is left out."
        ]
        if last_year < track["choice_years"][1]:
            notes.append("No rule could yet be chosen on past windows; the base rate stands in.")
        return notes
    return [
        f"Their track record was earned on windows in {first_test}-{last_test}, {near - 1} years "
        f"after the record then ended; it has been evaluated {track['test_evaluations']} times."
    ]


def nearest_lead(entries: list[dict[str, Any]], lead: int) -> int:
    """Give the scored distance nearest to the one asked for."""
    return min((e["lead"] for e in entries), key=lambda scored: (abs(scored - lead), scored))


def stored_scores(
    track: dict[str, Any], question: str, months: int, lead: int, last_year: int
) -> dict[str, dict[str, Any]]:
    """Give each method's stored scores at the nearest scored distance from the record's end.

    Scores are blank where the outcomes they rest on were not all known at the date; before the
    end of the years the choice was made on, the base rate counts as chosen.
    """
    entries = track["disputes"]
    near = nearest_lead(entries, lead)
    fitting = [e for e in entries if e["question"] == question and e["months"] == months]
    choosable = last_year >= track["choice_years"][1]
    if last_year < track["test_years"][1]:
        return {
            e["rival"]: {"chosen": e["chosen"] if choosable else e["rival"] == "base rate"}
            for e in fitting
            if e["lead"] == near
        }
    found = {}
    for entry in fitting:
        if entry["lead"] == near:
            found[entry["rival"]] = {
                "chosen": entry["chosen"],
                "scored_lead_months": 12 * (near - 1),
                "cases": entry["cases"],
                "events": entry["events"],
                "score_name": "log loss",
                "score": entry["log_loss"],
                "baseline": "base rate",
                "difference": entry["difference"],
                "difference_lo90": entry["difference_lo90"],
                "difference_hi90": entry["difference_hi90"],
                "auc": entry["auc"],
                "expected": entry["expected"],
            }
    return found
