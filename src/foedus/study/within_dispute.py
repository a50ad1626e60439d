"""What would follow if a dispute began between two states: how far, how soon, for how long."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.estimate.law_posterior import LawPosterior
from foedus.model.laws.ladder import DISPLAY, FORCE, Ladder, after, beginning
from foedus.record.store import AsOf, Record
from foedus.score.scorecard import read_scorecards
from foedus.simulate.ladder import Rungs, climb, length, reached
from foedus.study.law_cases.disputes import pair_months
from foedus.study.law_cases.within_dispute import (
    Episodes,
    episodes,
    meetings,
    standing_inputs,
)
from foedus.study.score_parts.ladder import HIGHEST, LENGTH, MONTHLY, force_question
from foedus.study.score_parts.ladder_forecasts import LAW as LAW_SCORED
from foedus.study.score_parts.pair_years import fill
from foedus.study.start import fits_at, hold_to_origin

Floats = NDArray[np.float64]
WITHIN_MONTHS = (1, 3, 12)
RUNGS_ASKED = {"display": DISPLAY, "force": FORCE}
REPEATED = 16
SEED = 20240410
LAW = "ladder"
IN_WORDS = {
    MONTHLY: "highest level of the next month of a dispute",
    HIGHEST: "highest level of a dispute that begins",
    LENGTH: "length of a dispute that begins, to twelve months",
    **{force_question(m): f"use of force by month {m} of a dispute" for m in WITHIN_MONTHS},
}


@dataclass(frozen=True)
class WithinDispute:
    """What would follow an onset, pair by pair, beside all disputes on record.

    Args:
        rows: One row a pair: `ccode1, ccode2`, then `display_1` to `force_12`, the chance that a
            display or a use of force has come by the end of so many months (the month of the
            onset is the first; war counts as use of force), `months` from first to last incident
            on the mean, `median_months`, and `one_month`, the chance that it is over in one.
        baseline: The same columns for all disputes on record, as shares; each counts once.
        by_pair: The same, each pair of a dispute counted once, as the law is fitted.
        disputes: Disputes the baseline rests on.
        met: Pairs of those disputes.
        terms_year: Year by whose end the pairs' terms are known.
        last_year: Last year of the record of incidents.
    """

    rows: pl.DataFrame
    baseline: dict[str, float]
    by_pair: dict[str, float]
    disputes: int
    met: int
    terms_year: int
    last_year: int


def within_dispute(
    record: Record,
    as_of: AsOf,
    pairs: Sequence[tuple[int, int]],
    *,
    so_far: Sequence[int] = (),
    seed: int = SEED,
) -> WithinDispute:
    """Run a dispute of each pair from its onset, or from where it stands.

    Args:
        record: The record.
        as_of: Date of knowledge and information rule.
        pairs: Pairs, lower country first; those that are not politically relevant are left out.
        so_far: Levels of the dispute's months that are gone, 0 to 3, the first of them the onset;
            none by default. Chances and lengths are then of the months ahead.
        seed: Seed of all random numbers.

    Raises:
        HindsightError: The posterior knows more than the date.
    """
    posterior = posterior_at(as_of)
    panel = pair_months(record, as_of)
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(panel.pairs)}
    asked = [pair for pair in pairs if pair in number and panel.member[number[pair], -1]]
    at = np.array([number[pair] for pair in asked], dtype=np.int64)
    raw = standing_inputs(record, as_of, panel)
    standing = {name: fill(part, panel.member)[0][at, -1] for name, part in raw.items()}
    # Each pair on the same luck: rows differ by their terms, and not by which pairs are asked for.
    level = np.concatenate(
        [
            run(posterior, {name: part[[k]] for name, part in standing.items()},
                so_far=so_far, seed=seed)
            for k in range(len(asked))
        ],
        axis=1,
    )  # fmt: skip
    lengths = length(level)
    columns = {
        f"{name}_{months}": reached(level, rung, months).mean(axis=1)
        for name, rung in RUNGS_ASKED.items()
        for months in WITHIN_MONTHS
    }
    rows = pl.DataFrame(
        {
            "ccode1": [one for one, _ in asked],
            "ccode2": [two for _, two in asked],
            **columns,
            "months": lengths.mean(axis=1),
            "median_months": np.median(lengths, axis=1),
            "one_month": (lengths == 1).mean(axis=1),
        },
        schema_overrides={"ccode1": pl.Int64, "ccode2": pl.Int64},
    )
    found = episodes(meetings(record, as_of))
    return WithinDispute(
        rows,
        shares(found),
        shares(found, by_pair=True),
        len(np.unique(found.dispute)),
        int((~found.again).sum()),
        int(panel.years[-1]),
        found.last_month // 12,
    )


def posterior_at(as_of: AsOf) -> LawPosterior:
    """Read the ladder's fit that knew no more than a date.

    Raises:
        HindsightError: There is none.
    """
    day: dt.date = as_of.day
    found = fits_at([LAW], day, as_of.rule)
    hold_to_origin(found, day, as_of.rule)
    return found[LAW]


def run(
    posterior: LawPosterior,
    standing: dict[str, Floats],
    *,
    so_far: Sequence[int] = (),
    seed: int = SEED,
    repeated: int = REPEATED,
) -> Floats:
    """Run a dispute for each pair, shape (month, pair, draw).

    Args:
        posterior: The law's posterior.
        standing: The pairs' own inputs by name, each of shape (pair,).
        so_far: Levels of the months that are gone; none by default, for an onset.
        seed: Seed of all random numbers.
        repeated: Runs a draw of the parameters.
    """
    law = posterior.law
    assert isinstance(law, Ladder)
    rungs = Rungs(
        {name: np.tile(part, repeated) for name, part in posterior.coefficients.items()},
        {name: np.tile(posterior.outer[name], repeated) for name in law.shapes},
    )
    pairs = len(standing["constant"])
    past = beginning((pairs,))
    for level in so_far:
        past = after(past, np.full(pairs, float(level)))
    return climb(law, rungs, standing, np.zeros((pairs, rungs.draws)), seed=seed, past=past)


def shares(found: Episodes, *, by_pair: bool = False) -> dict[str, float]:
    """Give what followed an onset in the record.

    A chance within months rests on disputes of which so many months are covered; lengths on those
    that were over.

    Args:
        found: Disputes between two states.
        by_pair: Count each pair of a dispute once; by default each dispute, whatever its pairs.
    """
    begun = found.take(~found.again)

    def share(seen: NDArray[np.bool_], values: Floats) -> float:
        if by_pair:
            return float(values[seen].mean()) if seen.any() else float("nan")
        _, index = np.unique(begun.dispute[seen], return_inverse=True)
        each = np.bincount(index, weights=values[seen]) / np.bincount(index)
        return float(each.mean()) if len(each) else float("nan")

    result = {}
    for name, rung in RUNGS_ASKED.items():
        for months in WITHIN_MONTHS:
            seen = begun.first + months - 1 <= begun.last_month
            came = np.asarray((begun.level[:, :months] >= rung).any(axis=1), dtype=np.float64)
            result[f"{name}_{months}"] = share(seen, came)
    lengths = np.asarray(begun.last - begun.first + 1, dtype=np.float64)
    over = begun.settled(begun.last_month // 12)
    result["months"] = share(over, lengths)
    result["median_months"] = float(np.median(lengths[over])) if over.any() else float("nan")
    result["one_month"] = share(over, (lengths == 1).astype(np.float64))
    return result


def track_record(last_year: int) -> list[dict[str, Any]]:
    """Give what the law earned on past onsets, as far as the outcomes were known by a year.

    Returns:
        One row a question: `question, cases, score_name, score, rival, rival_score, difference,
        lo90, hi90, chosen, first, last, looks`, the rival being the simple one that did best and
        `chosen` the forecaster that earlier years picked.
    """
    try:
        cards, _ = read_scorecards(LAW)
    except FileNotFoundError:
        return []
    rows: list[dict[str, Any]] = []
    for card in cards:
        named = IN_WORDS.get(card.question)
        if card.split != "test" or named is None or int(card.last) > last_year:
            continue
        ours = next(score for score in card.scores if score.forecaster == LAW_SCORED)
        simple = [score for score in card.scores if "law" not in score.forecaster]
        best = min(simple, key=lambda score: score.measures[card.lead])
        gap = ours.against[best.forecaster]
        rows.append(
            {
                "question": named,
                "cases": ours.cases,
                "score_name": card.lead,
                "score": ours.measures[card.lead],
                "rival": best.forecaster,
                "rival_score": best.measures[card.lead],
                "difference": gap.mean,
                "lo90": gap.lo90,
                "hi90": gap.hi90,
                "chosen": card.chosen,
                "first": card.first,
                "last": card.last,
                "looks": card.looks,
            }
        )
    return rows
