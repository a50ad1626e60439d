"""How a course does at its worst: against the rival's answers, and over the assumed ranges."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foedus.decide.differences import Floats


@dataclass(frozen=True)
class Robust:
    """A course at its worst.

    Args:
        course: Course.
        worst: Largest expected outcome over the rival's courses.
        against: The rival's course in which it occurs.
        mean_regret: Mean over draws of what the course costs beside the best in that draw.
        largest_regret: 95th percentile of the same.
        best_in: Share of draws in which no other course is expected to do better.
    """

    course: str
    worst: float
    against: str
    mean_regret: float
    largest_regret: float
    best_in: float


def robustness(
    answers: Mapping[str, Mapping[str, float]], expected: Mapping[str, Floats]
) -> list[Robust]:
    """Give each course's worst outcome and its regret; the outcome is one that is wanted low.

    Args:
        answers: Mean outcome by course and by the rival's course.
        expected: Expected outcome of each course by draw of the unsure sizes, shape (draw,).

    Returns:
        In the order of the courses.
    """
    table = np.stack([expected[name] for name in expected])
    best = table.min(axis=0)
    ties = (table == best).sum(axis=0)
    found = []
    for name, row in zip(expected, table, strict=True):
        regret = row - best
        against = max(answers[name], key=lambda rival, name=name: answers[name][rival])
        found.append(
            Robust(
                name,
                answers[name][against],
                against,
                float(regret.mean()),
                float(np.quantile(regret, 0.95)),
                float(((row == best) / ties).mean()),
            )
        )
    return found
