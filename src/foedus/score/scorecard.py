"""What a task's scoring gives: one scorecard a question, one row a forecaster, rivals first."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Split = Literal["choice", "test"]
BOOTSTRAP_SEED = 20240410


@dataclass(frozen=True)
class Difference:
    """A paired difference of a mean score, ours less a rival's: below zero is better.

    Args:
        mean: Mean over the cases both scored.
        lo90: Lower end of its 90 % interval, bootstrap over whole clusters.
        hi90: Upper end.
    """

    mean: float
    lo90: float
    hi90: float


@dataclass(frozen=True)
class Score:
    """What one forecaster earned on one question.

    Args:
        forecaster: Its name; the project's own laws begin with `law`.
        cases: Cases scored.
        measures: Scores by name, such as `log loss`, `auc`, `crps`, `coverage`.
        against: Paired difference of the lead score from each rival, by its name.
    """

    forecaster: str
    cases: int
    measures: Mapping[str, float]
    against: Mapping[str, Difference] = field(default_factory=dict)


@dataclass(frozen=True)
class Scorecard:
    """All forecasters on one question over one split.

    Args:
        task: `disputes`, `escalation`, `ladder`, `spending`, `pacts`, `events`, `arenas` or
            `ensemble`.
        question: What is asked, in words, with source, population and horizon.
        split: `choice`, on which anything may be chosen, or `test`.
        first: First target year or month of the split.
        last: Last one.
        rule: Information rule, `dated` or `known`.
        promised: Cases the task holds; a score of fewer says so.
        events: Events among them, where the outcome is an event.
        lead: Name of the score the differences are of.
        clusters: What the bootstrap draws whole: `dyad`, `state`, `dispute`, `year`, `three
            months`.
        chosen: Forecaster the program uses, by the choice split alone.
        scores: One a forecaster, simple rivals first.
        notes: What a reader has to know, such as columns coded with hindsight.
        looks: How often this question's test set has been scored and stored, this time included;
            none on a card not stored yet or of the choice split.
    """

    task: str
    question: str
    split: Split
    first: str
    last: str
    rule: str
    promised: int
    events: int | None
    lead: str
    clusters: str
    chosen: str
    scores: tuple[Score, ...]
    notes: tuple[str, ...] = ()
    looks: int = 0


def differences(
    losses: Mapping[str, Floats], of: str, cluster: Ints, *, seed: int = BOOTSTRAP_SEED
) -> dict[str, Difference]:
    """Give the paired difference of one forecaster's losses from every other's.

    Args:
        losses: Loss by case of each forecaster, each of shape (case,), on the same cases.
        of: The forecaster.
        cluster: Cluster of each case.
        seed: Seed of the bootstrap.
    """
    from foedus.score.backtest import cluster_intervals

    gaps = {rival: losses[of] - loss for rival, loss in losses.items() if rival != of}
    intervals = cluster_intervals(list(gaps.values()), cluster, seed=seed)
    return {
        rival: Difference(float(gap.mean()), low, high)
        for (rival, gap), (low, high) in zip(gaps.items(), intervals, strict=True)
    }


def scorecard_path(task: str) -> Path:
    """Give the file that holds a task's stored scorecards."""
    return Path(str(resources.files("foedus.score").joinpath(f"{task}_scores.json")))


def store_scorecards(task: str, cards: Iterable[Scorecard], fingerprint: Mapping[str, Any]) -> Path:
    """Write a task's scorecards, whole or not at all, and count one more look at its test set.

    A look is counted for the task and for each question that was scored anew.

    Args:
        task: The task.
        cards: Its scorecards: new test cards without looks, and those read back that are to stay.
        fingerprint: Record digest, tables, seed and whatever else fixes the numbers.
    """
    path = scorecard_path(task)
    before: list[Scorecard] = []
    total = 0
    if path.exists():
        before, given = read_scorecards(task)
        total = int(given["test_evaluations"])
    looks = {card.question: card.looks for card in before if card.split == "test"}
    held = list(cards)
    new = [card.split == "test" and not card.looks for card in held]
    held = [
        replace(card, looks=looks.get(card.question, 0) + 1) if anew else card
        for card, anew in zip(held, new, strict=True)
    ]
    counted = {"test_evaluations": total + any(new), "cards": [asdict(card) for card in held]}
    text = json.dumps({**fingerprint, **counted}, indent=1) + "\n"
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
    return path


def read_scorecards(task: str) -> tuple[list[Scorecard], dict[str, Any]]:
    """Read a task's stored scorecards with their fingerprint.

    A test card stored before looks were counted by question had a part in all of its task.

    Raises:
        FileNotFoundError: None are stored.
    """
    whole = json.loads(scorecard_path(task).read_text(encoding="utf-8"))
    looks = int(whole["test_evaluations"])
    cards = [
        Scorecard(
            **{
                "looks": looks if card["split"] == "test" else 0,
                **card,
                "scores": tuple(_score(score) for score in card["scores"]),
                "notes": tuple(card["notes"]),
            }
        )
        for card in whole.pop("cards")
    ]
    return cards, whole


def _score(data: dict[str, Any]) -> Score:
    against = {rival: Difference(**gap) for rival, gap in data["against"].items()}
    return Score(**{**data, "against": against})
