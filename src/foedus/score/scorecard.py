"""What a task's scoring gives: one scorecard a question, one row a forecaster, rivals first."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
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
        task: `disputes`, `escalation`, `spending`, `pacts`, `events`, `arenas` or `ensemble`.
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
    from foedus.score.backtest import cluster_interval

    found = {}
    for rival, loss in losses.items():
        if rival == of:
            continue
        gap = losses[of] - loss
        low, high = cluster_interval(gap, cluster, seed=seed)
        found[rival] = Difference(float(gap.mean()), low, high)
    return found


def scorecard_path(task: str) -> Path:
    """Give the file that holds a task's stored scorecards."""
    return Path(str(resources.files("foedus.score").joinpath(f"{task}_scores.json")))


def store_scorecards(task: str, cards: Iterable[Scorecard], fingerprint: Mapping[str, Any]) -> Path:
    """Write a task's scorecards, whole or not at all, and count one more look at its test set.

    Args:
        task: The task.
        cards: Its scorecards.
        fingerprint: Record digest, tables, seed and whatever else fixes the numbers.
    """
    path = scorecard_path(task)
    looks = 0
    if path.exists():
        looks = int(json.loads(path.read_text(encoding="utf-8"))["test_evaluations"])
    held = [asdict(card) for card in cards]
    looks += any(card["split"] == "test" for card in held)
    text = json.dumps({**fingerprint, "test_evaluations": looks, "cards": held}, indent=1) + "\n"
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
    return path


def read_scorecards(task: str) -> tuple[list[Scorecard], dict[str, Any]]:
    """Read a task's stored scorecards with their fingerprint.

    Raises:
        FileNotFoundError: None are stored.
    """
    whole = json.loads(scorecard_path(task).read_text(encoding="utf-8"))
    cards = [
        Scorecard(
            **{
                **card,
                "scores": tuple(
                    Score(
                        **{
                            **score,
                            "against": {
                                rival: Difference(**gap) for rival, gap in score["against"].items()
                            },
                        }
                    )
                    for score in card["scores"]
                ),
                "notes": tuple(card["notes"]),
            }
        )
        for card in whole.pop("cards")
    ]
    return cards, whole
