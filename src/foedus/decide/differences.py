"""A course against the baseline, on the same draws and the same luck."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SURE = 0.9
LARGEST_ERROR = 0.1
Verdict = Literal["lower", "higher", "cannot tell", "too small to tell", "no difference"]


@dataclass(frozen=True)
class Difference:
    """One outcome of one course beside the baseline.

    Args:
        mean: Mean over draws.
        lo90: Lower end of the 90 % interval over draws.
        hi90: Upper end.
        baseline: Mean of the baseline.
        difference: Mean of the course less the baseline, draw by draw.
        difference_lo90: Lower end of its 90 % interval over what is unsure.
        difference_hi90: Upper end.
        monte_carlo_error: Standard error of the mean difference by the number of draws.
    """

    mean: float
    lo90: float
    hi90: float
    baseline: float
    difference: float
    difference_lo90: float
    difference_hi90: float
    monte_carlo_error: float

    @property
    def none(self) -> bool:
        """Say whether no draw differs."""
        return self.difference_lo90 == self.difference_hi90 == self.monte_carlo_error == 0

    @property
    def resolved(self) -> bool:
        """Say whether the draws are enough: error of the mean at most a tenth of the interval.

        They are not where a course touches an outcome in a few draws only.
        """
        width = self.difference_hi90 - self.difference_lo90
        return self.monte_carlo_error <= LARGEST_ERROR * width


def difference(course: Floats, baseline: Floats) -> Difference:
    """Compare a course with the baseline draw by draw.

    Draws in which either is nan, since the record has no such unit, are an error of ours.

    Args:
        course: Outcome by draw, shape (draw,).
        baseline: The same under the baseline, shape (draw,).
    """
    assert np.isfinite(course).all()
    assert np.isfinite(baseline).all()
    apart = course - baseline
    low, high = np.quantile(course, [0.05, 0.95])
    lower, upper = np.quantile(apart, [0.05, 0.95])
    return Difference(
        float(course.mean()),
        float(low),
        float(high),
        float(baseline.mean()),
        float(apart.mean()),
        float(lower),
        float(upper),
        float(apart.std(ddof=1) / np.sqrt(len(apart))),
    )


def verdict(probability_lower: float, found: Difference) -> Verdict:
    """Say which way a course moves an outcome, if that can be told.

    It can where nine of ten draws of what is unsure about the effects put the expected difference
    on one side. A course that moves nothing in any draw makes no difference; one that moves an
    outcome in a few draws only makes one too small for the draws to tell.

    Args:
        probability_lower: Share of draws in which the course is expected to lower the outcome.
        found: The difference.
    """
    if found.none:
        return "no difference"
    if not found.resolved:
        return "too small to tell"
    if probability_lower >= SURE:
        return "lower"
    if probability_lower <= 1 - SURE:
        return "higher"
    return "cannot tell"
