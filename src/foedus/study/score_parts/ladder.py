"""The ladder within a dispute: months of disputes, and what follows an onset."""

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.record.store import Record
from foedus.score import ordered, proper
from foedus.score.scorecard import Score, Scorecard, Split, differences
from foedus.study.law_cases.within_dispute import TABLES as READ
from foedus.study.score_parts import ladder_forecasts as made
from foedus.study.score_parts.choices import stored_choice
from foedus.study.score_parts.ladder_icb import crisis_cards
from foedus.study.score_parts.pair_years import FILL_RULE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[str], None]
Losses = Mapping[str, Floats]
TASK = "ladder"
TABLES = (*READ, "mid5_dispute", "icb_dyad", "icb_actor")
CHOICE_YEARS = (1997, 1999)
TEST_YEARS = (2000, 2014)
MONTHLY = (
    "MID 5, politically relevant pairs: highest level of the incidents of a month of a dispute"
)
HIGHEST = "MID 5: highest level (threat, display, use of force or war) of a dispute that begins"
LENGTH = (
    "MID 5, politically relevant pairs: months from first to last incident of a dispute that "
    "begins, twelve or more as twelve"
)

BY_DATE = (
    "Laws, tables and shares of the ladder read every month up to the end of the year before, of "
    "disputes still going on too."
)


def force_question(months: int) -> str:
    """Name the question of the use of force within months of an onset."""
    within = "in the month it begins" if months == 1 else f"within {months} months of its onset"
    return f"MID 5, politically relevant pairs: use of force {within}, given a dispute"


def scorecards(
    record: Record, split: Split, *, progress: Progress = lambda _: None
) -> list[Scorecard]:
    """Score every forecaster of the ladder on one split."""
    first, last = CHOICE_YEARS if split == "choice" else TEST_YEARS
    monthly, begun, whole = made.forecasts(record, first, last, progress)
    chosen = _chosen(record, progress)
    cards = [_monthly_card(monthly, split, chosen), _whole_card(whole, split, chosen)]
    for number, months in enumerate(made.WITHIN_MONTHS):
        cards.append(_force_card(begun, number, months, split, chosen))
    cards.append(_length_card(begun, split, chosen))
    return cards if split == "choice" else [*cards, *crisis_cards(record)]


def monthly_losses(found: made.Monthly) -> dict[str, Floats]:
    """Give each forecaster's log loss, one a month."""
    return {name: ordered.log_loss(p, found.level) for name, p in found.probability.items()}


def whole_losses(found: made.Whole) -> dict[str, Floats]:
    """Give each forecaster's ranked probability score, one a dispute."""
    return {n: ordered.ranked_probability(p, found.level) for n, p in found.probability.items()}


def _force_losses(found: made.Begun, number: int, months: int) -> dict[str, Floats]:
    known = made.seen_by(found.first, months, found.last_month)
    seen = found.force[known, number]
    return {n: proper.log_loss(p[known, number], seen) for n, p in found.force_chance.items()}


def _length_losses(found: made.Begun) -> dict[str, Floats]:
    known = made.seen_by(found.first, made.LENGTH_TOLD, found.last_month)
    length = found.length[known] - 1
    return {n: ordered.ranked_probability(p[known], length) for n, p in found.length_share.items()}


def _chosen(record: Record, progress: Progress) -> dict[str, str]:
    """Name, by question, the forecaster with the lowest lead score on the choice years."""
    monthly, begun, whole = made.forecasts(record, *CHOICE_YEARS, progress)
    losses = {MONTHLY: monthly_losses(monthly), HIGHEST: whole_losses(whole)}
    for number, months in enumerate(made.WITHIN_MONTHS):
        losses[force_question(months)] = _force_losses(begun, number, months)
    losses[LENGTH] = _length_losses(begun)
    return {name: min(part, key=lambda n: float(part[n].mean())) for name, part in losses.items()}


def _card(
    question: str,
    split: Split,
    chosen: Mapping[str, str],
    losses: Losses,
    measures: Mapping[str, Mapping[str, float]],
    dispute: Ints,
    *,
    lead: str,
    promised: int,
    events: int | None,
    notes: tuple[str, ...],
) -> Scorecard:
    first, last = CHOICE_YEARS if split == "choice" else TEST_YEARS
    scores = []
    for name in losses:
        ours = name.startswith("law") or name == chosen[question]
        against = differences(losses, name, dispute) if ours else {}
        scores.append(Score(name, len(dispute), measures[name], against))
    return Scorecard(
        task=TASK,
        question=question,
        split=split,
        first=str(first),
        last=str(last),
        rule="dated",
        promised=promised,
        events=events,
        lead=lead,
        clusters="dispute",
        chosen=chosen[question],
        scores=tuple(scores),
        notes=(
            *notes,
            f"Chosen by the lowest score on {CHOICE_YEARS[0]}-{CHOICE_YEARS[1]}: incidents are "
            "recorded from 1993 on, so the choice rests on few years.",
        ),
    )


def _monthly_card(found: made.Monthly, split: Split, chosen: Mapping[str, str]) -> Scorecard:
    losses = monthly_losses(found)
    measures = {
        name: {
            "log loss": float(losses[name].mean()),
            "rps": float(ordered.ranked_probability(p, found.level).mean()),
            "expected incidents": float(p[:, 1:].sum()),
            "incidents": float((found.level > 0).sum()),
            "expected force": float(p[:, made.FORCE].sum()),
            "force": float((found.level == made.FORCE).sum()),
        }
        for name, p in found.probability.items()
    }
    return _card(
        MONTHLY, split, chosen, losses, measures, found.dispute,
        lead="log loss", promised=len(found.level), events=None,
        notes=(
            "One month ahead: the months of the dispute before it are known. The month a dispute "
            "begins has an incident by definition, and every forecaster knows it.",
            f"A pair's own terms are as of the year before the onset; gaps: {FILL_RULE}.",
            f"{BY_DATE} Fitted only on disputes that were over, the law sees too many of the quiet "
            "months with which disputes end, and none of the long ones still going on; it is shown "
            "for comparison.",
        ),
    )  # fmt: skip


def _whole_card(found: made.Whole, split: Split, chosen: Mapping[str, str]) -> Scorecard:
    losses = whole_losses(found)
    measures = {
        name: {
            "rps": float(losses[name].mean()),
            "log loss": float(ordered.log_loss(p, found.level).mean()),
            "expected force": float(p[:, -1].sum()),
            "force": float((found.level == made.TOPS - 1).sum()),
        }
        for name, p in found.probability.items()
    }
    return _card(
        HIGHEST, split, chosen, losses, measures, found.dispute,
        lead="rps", promised=len(found.level), events=None,
        notes=(
            "A dispute's forecast is the mean over the relevant pairs that met in its first "
            f"month; {found.unmatched} disputes without such a pair take the {made.MOVING}.",
            "The law of the ladder is run from the onset for ten years; it reads months from 1993 "
            f"on, the law of escalation disputes from 1947 on. {BY_DATE} The others read disputes "
            "that were over.",
            "War counts as use of force. A dispute still going on when the record ends has the "
            "level it had reached.",
        ),
    )  # fmt: skip


def _force_card(
    found: made.Begun, number: int, months: int, split: Split, chosen: Mapping[str, str]
) -> Scorecard:
    losses = _force_losses(found, number, months)
    known = made.seen_by(found.first, months, found.last_month)
    seen = found.force[known, number]
    measures = {
        name: {
            "log loss": float(losses[name].mean()),
            "brier": float(proper.brier(p[known, number], seen).mean()),
            "auc": proper.area_under_curve(p[known, number], seen),
            "expected": float(p[known, number].sum()),
        }
        for name, p in found.force_chance.items()
    }
    return _card(
        force_question(months), split, chosen, losses, measures, found.dispute[known],
        lead="log loss", promised=len(known), events=int(seen.sum()),
        notes=(
            "Run from the onset; disputes whose months run past the record are left out. "
            f"{BY_DATE}",
        ),
    )  # fmt: skip


def _length_card(found: made.Begun, split: Split, chosen: Mapping[str, str]) -> Scorecard:
    losses = _length_losses(found)
    known = made.seen_by(found.first, made.LENGTH_TOLD, found.last_month)
    steps = np.arange(1, made.LONGEST_SCORED + 1)
    measures = {
        name: {
            "rps": float(losses[name].mean()),
            "log loss": float(ordered.log_loss(p[known], found.length[known] - 1).mean()),
            "expected months": float((p[known] * steps).sum(axis=1).mean()),
            "months": float(found.length[known].mean()),
        }
        for name, p in found.length_share.items()
    }
    return _card(
        LENGTH, split, chosen, losses, measures, found.dispute[known],
        lead="rps", promised=len(known), events=None,
        notes=(
            "Run from the onset; disputes begun too late for their length to be told are left out. "
            f"{BY_DATE}",
        ),
    )  # fmt: skip


def export(record: Record, *, progress: Progress = lambda _: None) -> pl.DataFrame:
    """Give the chosen forecaster's months on the test years.

    Columns: `dispnum, ccode1, ccode2, month, p0, p1, p2, p3`.
    """
    chosen = stored_choice(record, TASK, TABLES, MONTHLY) or _chosen(record, progress)[MONTHLY]
    found, _, _ = made.forecasts(record, *TEST_YEARS, progress)
    p = found.probability[chosen]
    return pl.DataFrame(
        {
            "dispnum": found.dispute,
            "ccode1": found.codes[:, 0],
            "ccode2": found.codes[:, 1],
            "month": [f"{m // 12:04d}-{m % 12 + 1:02d}" for m in found.month.tolist()],
            **{f"p{level}": p[:, level] for level in range(made.STEPS)},
        },
        schema_overrides=dict.fromkeys(("dispnum", "ccode1", "ccode2"), pl.Int16),
    )
