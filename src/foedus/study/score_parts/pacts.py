"""Task four: defence pacts that form or end, reported only: enlargements leave few cases."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.model.laws.commitment import Commitment
from foedus.record.store import Record
from foedus.score import proper
from foedus.score.events import event_measures
from foedus.score.scorecard import Score, Scorecard, Split, differences
from foedus.study.law_cases.disputes import READ, PairMonths, everything, pair_months
from foedus.study.law_cases.ties import commitment_cases, commitment_inputs, pact_grid
from foedus.study.score_parts.pair_years import FILL_RULE, fill
from foedus.study.score_parts.rolling import Refit, refits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[str], None]
TASK = "pacts"
TABLES = (*READ, "atop_dyad")
CHOICE_YEARS = (1990, 1999)
TEST_YEARS = (2000, 2014)
RECENT_YEARS = 10
LAW = "law of commitment"
QUESTION = "ATOP, politically relevant pairs without a defence pact: one in force next year"


@dataclass(frozen=True)
class Forecasts:
    """Every forecaster's probabilities on the same pair-years.

    Args:
        pair: Number of the pair, shape (case,).
        codes: `ccode1, ccode2` of each case, shape (case, 2).
        year: Target year, shape (case,).
        outcome: Whether a pact was in force in the target year, shape (case,).
        filled: Rows with a term filled.
        probability: By forecaster, each of shape (case,).
    """

    pair: Ints
    codes: Ints
    year: Ints
    outcome: Floats
    filled: int
    probability: Mapping[str, Floats]


def pact_probability(refit: Refit, inputs: Mapping[str, Floats], pairs: Ints, year: int) -> Floats:
    """Give the probability of a pact in force at the end of a year, shape (pair,)."""
    level = refit.level_ahead(year)[:, None] + refit.unit_level[:, pairs]
    return np.exp(refit.log_prob(1.0, inputs, level)).mean(axis=0)


@lru_cache(maxsize=4)
def forecasts(
    record: Record, first: int, last: int, progress: Progress = lambda _: None
) -> Forecasts:
    """Forecast every relevant pair without a pact from the years before each target."""
    panel = pair_months(record, everything(), source="cow")
    pact, age = pact_grid(record, everything(), panel)
    raw = commitment_inputs(panel, pact, age)
    terms = {name: fill(np.asarray(values), panel.member) for name, values in raw.items()}
    cases = commitment_cases(record, everything(), panel)
    parts: dict[str, list[Floats]] = {}
    pair, year_of, filled = [], [], 0
    for year, refit in refits(
        Commitment(), lambda _: cases, range(first, last + 1), progress=progress
    ):
        at = year - int(panel.years[0])
        now = np.flatnonzero(panel.member[:, at - 1] & (pact[:, at - 1] == 0))
        inputs = {name: values[now, at - 1] for name, (values, _) in terms.items()}
        filled += int(np.any([gaps[now, at - 1] for _, gaps in terms.values()], axis=0).sum())
        rates = {
            "base rate": _rate(panel, pact, at, 0),
            "moving ten-year rate": _rate(panel, pact, at, RECENT_YEARS),
        }
        for name, rate in rates.items():
            parts.setdefault(name, []).append(np.full(len(now), rate))
        parts.setdefault(LAW, []).append(pact_probability(refit, inputs, now, year))
        pair.append(now)
        year_of.append(np.full(len(now), year))
    pairs, target = np.concatenate(pair), np.concatenate(year_of)
    return Forecasts(
        pair=pairs,
        codes=panel.pairs[pairs],
        year=target,
        outcome=pact[pairs, target - int(panel.years[0])],
        filled=filled,
        probability={name: np.concatenate(p) for name, p in parts.items()},
    )


def _rate(panel: PairMonths, pact: Floats, at: int, years: int) -> float:
    """Give the rate of onsets among pairs without a pact, to the year before column `at`."""
    first = max(0, at - 1 - years) if years else 0
    free = panel.member[:, first : at - 1] & (pact[:, first : at - 1] == 0)
    onset = free & (pact[:, first + 1 : at] == 1)
    return float((onset.sum() + 0.5) / (free.sum() + 1.0))


def scorecards(
    record: Record, split: Split, *, progress: Progress = lambda _: None
) -> list[Scorecard]:
    """Score the onset of defence pacts on one split; the task is reported, no bar is set."""
    first, last = CHOICE_YEARS if split == "choice" else TEST_YEARS
    found = forecasts(record, first, last, progress)
    losses = _losses(found)
    chosen = _chosen(record, progress)
    bursts = sorted({int(year) for year in found.year[found.outcome > 0]})
    return [
        Scorecard(
            task=TASK,
            question=QUESTION,
            split=split,
            first=str(first),
            last=str(last),
            rule="dated",
            promised=len(found.outcome),
            events=int(found.outcome.sum()),
            lead="log loss",
            clusters="year",
            chosen=chosen,
            scores=tuple(
                Score(
                    name,
                    len(found.outcome),
                    event_measures(p, found.outcome),
                    differences(losses, name, found.year)
                    if name.startswith("law") or name == chosen
                    else {},
                )
                for name, p in found.probability.items()
            ),
            notes=(
                f"Reported only: the onsets fall in {len(bursts)} years, most in enlargements that "
                "bring many pairs at once, so the sample is far smaller than its count.",
                "A pact counts for a year if it held on any day of it, in either direction.",
                f"Terms filled in {found.filled} rows: {FILL_RULE}.",
            ),
        )
    ]


def _losses(found: Forecasts) -> dict[str, Floats]:
    return {n: proper.log_loss(p, found.outcome) for n, p in found.probability.items()}


def _chosen(record: Record, progress: Progress) -> str:
    losses = _losses(forecasts(record, *CHOICE_YEARS, progress))
    return min(losses, key=lambda name: losses[name].mean())


def export(record: Record, *, progress: Progress = lambda _: None) -> pl.DataFrame:
    """Give the law's probabilities on the test years: `ccode1, ccode2, year, p`."""
    found = forecasts(record, *TEST_YEARS, progress)
    return pl.DataFrame(
        {
            "ccode1": found.codes[:, 0],
            "ccode2": found.codes[:, 1],
            "year": found.year,
            "p": found.probability[_chosen(record, progress)],
        },
        schema_overrides={"ccode1": pl.Int16, "ccode2": pl.Int16, "year": pl.Int16},
    )
