"""Score the simple rivals of dispute onset on rolling origins, and store what they earned.

Takes some minutes; the result ships with the package, stamped with the record it was earned on.
"""

import datetime as dt
import json
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.score.backtest import EventScores, Target, backtest_events
from foedus.study.dispute_cases import HALF_LIVES_YEARS, TABLES, TERMS, dispute_cases
from foedus.study.outlook import track_record
from foedus.study.outlook_parts.disputes import HORIZONS_MONTHS, TARGETS

SEED = 20240410
LEADS_YEARS = (1, 3, 5, 9, 13)
CHOICE_YEARS = (1990, 1999)
TEST_YEARS = (2000, 2014)


def score_rivals(record: Record) -> dict[str, Any]:
    """Score every rival for each target, horizon and distance from the record's end.

    The method marked `chosen` has the lowest log loss on windows that begin in 1990 or later and
    end by 1999; the scores given are on windows that begin in 2000 or later and end by 2014. Each
    call is one more evaluation on the test windows, and counted.
    """
    everything = AsOf(dt.date(2100, 1, 1), Rule.DATED)
    entries: list[dict[str, Any]] = []
    dropped = 0
    for question, hostility in TARGETS.items():
        cases = dispute_cases(record, everything, hostility=hostility)
        dropped = cases.dropped
        for months in HORIZONS_MONTHS:
            for lead in LEADS_YEARS:
                target = Target(lead, months)
                later = (months - 1) // 12
                choice, scores = (
                    backtest_events(cases.panel, target, first, last - later, seed=SEED)
                    for first, last in (CHOICE_YEARS, TEST_YEARS)
                )
                best = min(choice, key=lambda score: score.log_loss).rival
                entries += [_entry(question, target, score, best) for score in scores]
    return {
        "record": record.digest(TABLES),
        "tables": list(TABLES),
        "terms": list(TERMS),
        "memories_half_life_years": HALF_LIVES_YEARS,
        "rule": "dated",
        "choice_years": list(CHOICE_YEARS),
        "test_years": list(TEST_YEARS),
        "test_evaluations": track_record()["test_evaluations"] + 1,
        "dropped_for_missing_terms": dropped,
        "seed": SEED,
        "disputes": entries,
    }


def _entry(question: str, target: Target, score: EventScores, best: str) -> dict[str, Any]:
    rounded = {k: round(v, 6) if isinstance(v, float) else v for k, v in asdict(score).items()}
    return {
        "question": question,
        "months": target.months,
        "lead": target.lead,
        "chosen": score.rival == best,
        **rounded,
    }


def store_scores(record: Record) -> Path:
    """Score the rivals and write the track record that ships with the package."""
    path = Path(str(resources.files("foedus.score").joinpath("track_record.json")))
    text = json.dumps(score_rivals(record), indent=1) + "\n"
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    return path
