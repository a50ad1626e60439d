"""The rule that turns estimates under many specifications into an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t as student

SURE = 0.9
SHARE = 0.9
LEAST_POWER = 0.8
LEAST_CASES = 5
Verdict = Literal["supported", "contested", "contradicted", "not testable here"]


@dataclass(frozen=True)
class Estimate:
    """What one specification finds.

    Args:
        name: Specification in words.
        value: Estimate.
        error: Its standard error.
        freedom: Degrees of freedom of its posterior, a Student t around the estimate.
        n: Rows it rests on.
        first: First year.
        last: Last year.
    """

    name: str
    value: float
    error: float
    freedom: float
    n: int
    first: int
    last: int

    def interval(self) -> tuple[float, float]:
        """Give the 90 % interval."""
        half = float(student.ppf(0.95, self.freedom)) * self.error
        return self.value - half, self.value + half

    def beyond(self, smallest: float, sign: int) -> float:
        """Give the posterior probability that the effect is beyond the smallest that matters."""
        if self.error == 0:
            return float(sign * self.value > smallest)
        return float(student.cdf((sign * self.value - smallest) / self.error, self.freedom))

    def power(self, smallest: float) -> float:
        """Give the chance to be sure that there is no such effect, were there none at all.

        By symmetry that is also the chance to be sure of an effect twice the smallest.
        """
        if self.error == 0:
            return 1.0
        reach = float(student.ppf(SURE, self.freedom))
        return float(student.cdf(smallest / self.error - reach, self.freedom))


@dataclass(frozen=True)
class Missing:
    """A specification that could not be run.

    Args:
        name: Specification in words.
        why: What was missing.
    """

    name: str
    why: str


@dataclass(frozen=True)
class Answer:
    """What the record says of one proposition with its slots filled.

    Args:
        verdict: Supported, contested, contradicted or not testable here.
        why: In words.
        estimates: Estimate of every specification that could be run; the first is shown.
        asked: Specifications there are.
        for_it: Share of those run that are sure of an effect beyond the smallest that matters.
        against_it: Share that are sure of none.
        power: Middle power of those run.
        missing: Specifications that could not be run, and why.
    """

    verdict: Verdict
    why: str
    estimates: tuple[Estimate, ...]
    asked: int
    for_it: float
    against_it: float
    power: float
    missing: tuple[Missing, ...] = ()

    @property
    def shown(self) -> Estimate | None:
        """Give the estimate of the first specification that could be run."""
        return self.estimates[0] if self.estimates else None


def answer(
    estimates: Sequence[Estimate | Missing],
    *,
    asked: int,
    smallest: float,
    sign: int,
    absent: str = "",
) -> Answer:
    """Judge a proposition by the rule fixed beforehand.

    Supported if nine in ten specifications are nine in ten sure of an effect beyond the smallest
    that matters; contradicted if nine in ten are as sure of a smaller one or one of the other sign.
    Otherwise contested if they are precise: if the middle power is .8 or more, or four in five are
    sure one way or the other. Not testable here if they are not precise, or if fewer than half
    could be run.

    Args:
        estimates: What each specification finds, or why it could not be run.
        asked: Specifications there are.
        smallest: Smallest effect that matters.
        sign: 1 if the proposition says more, -1 if it says less.
        absent: Why nothing could be run, if so.
    """
    run = tuple(e for e in estimates if isinstance(e, Estimate) and _usable(e))
    missing = tuple(
        Missing(e.name, "its error could not be estimated") if isinstance(e, Estimate) else e
        for e in estimates
        if e not in run
    )
    if 2 * len(run) < max(asked, 1):
        why = absent or _too_few(len(run), asked, missing)
        return Answer("not testable here", why, run, asked, 0.0, 0.0, 0.0, missing)
    sure = [e.beyond(smallest, sign) for e in run]
    yes, no = sum(c >= SURE for c in sure), sum(1 - c >= SURE for c in sure)
    for_it, against = yes / len(run), no / len(run)
    power = float(np.median([e.power(smallest) for e in run]))
    told = f"{yes} of {len(run)} specifications are sure of it, {no} of the contrary"
    if missing:
        told += f" ({len(missing)} could not be run: {missing[0].why})"
    verdict: Verdict = "not testable here"
    why = f"the record is too thin: power {power:.2f}; {told}"
    if for_it >= SHARE:
        verdict, why = "supported", told
    elif against >= SHARE:
        verdict, why = "contradicted", told
    elif power >= LEAST_POWER or for_it + against >= LEAST_POWER:
        verdict = "contested"
        split = "the specifications disagree" if yes and no else "fewer than nine in ten agree"
        why = f"{split}: {told}"
    return Answer(verdict, why, run, asked, for_it, against, power, missing)


def _usable(found: Estimate) -> bool:
    return bool(np.isfinite(found.value) and np.isfinite(found.error))


def _too_few(run: int, asked: int, missing: Sequence[Missing]) -> str:
    reasons = list(dict.fromkeys(m.why for m in missing))
    if not reasons:
        return f"only {run} of {asked} specifications could be run"
    told = "; ".join(reasons[:2])
    return told if run == 0 else f"only {run} of {asked} specifications could be run: {told}"
