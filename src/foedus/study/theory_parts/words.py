"""Findings of theory tests in sentences."""

import math
from collections.abc import Sequence

from foedus.study.theory_parts.result import (
    CANNOT_TELL,
    LEAST_POWER,
    OPPOSITE,
    SELECTION,
    SUPPORTED,
    Gain,
    Part,
    TheoryTest,
    gain_shown,
)


def sentences(*clauses: str) -> str:
    """Join clauses into sentences, leaving out empty ones."""
    return " ".join(f"{clause}." for clause in clauses if clause)


def between(low: float, high: float, digits: int = 2) -> str:
    """Word an interval."""
    return f"90 % interval {low:+.{digits}f} to {high:+.{digits}f}"


def per_cent(log_ratio: float) -> str:
    """Word a log ratio as a share more or fewer."""
    share = 100 * math.expm1(log_ratio)
    return f"{abs(share):.0f} % {'more' if share >= 0 else 'fewer'}"


def per_cents(part: Part) -> str:
    """Word the interval of a log ratio as shares."""
    return f"90 % interval {per_cent(part.lo90)} to {per_cent(part.hi90)}"


def ruling(verdict: str, part: Part, smallest: float, wording: str, gain: Gain | None) -> str:
    """Say what the verdict rests on.

    Args:
        verdict: The verdict.
        part: The estimate it rests on.
        smallest: Smallest effect that matters.
        wording: That effect in words.
        gain: Forecast scores, where there are any.
    """
    power = f"the power to see {wording} is {part.power:.2f}"
    if verdict == SUPPORTED:
        return f"Supported as an association; {power}"
    if verdict == SELECTION:
        return "Selection, not cause: what comes later cannot bring about what came before"
    if verdict == OPPOSITE:
        return f"The record points the other way; {power}"
    if verdict == CANNOT_TELL:
        return f"The record cannot tell: {_doubt(part, smallest, gain)}, and {power}"
    zero = "leaves out zero but " if part.lo90 > 0 or part.hi90 < 0 else ""
    return f"No effect larger than {wording}: the interval {zero}lies inside it; {power}"


def _doubt(part: Part, smallest: float, gain: Gain | None) -> str:
    if part.lo90 > 0 or part.hi90 < 0:
        shown = gain is not None and gain_shown(gain)
        return "the interval leaves out zero, " + (
            "but barely" if shown else "but forecasts were not shown to be better"
        )
    if part.power < LEAST_POWER:
        return "the interval holds zero as well as effects that would matter"
    side = "above" if part.hi90 >= smallest else "below"
    return f"the interval holds zero but reaches {side} what would matter"


def forecasts(gain: Gain) -> str:
    """Say whether forecasts with the term were better."""
    found = "were better" if gain_shown(gain) else "were not shown to be better"
    if gain.lo90 > 0:
        found = "were worse"
    return (
        f"{gain.rows} forecasts with it {found} ({gain.score}, with less without: "
        f"{gain.difference:+.5f}, 90 % interval {gain.lo90:+.5f} to {gain.hi90:+.5f}; below zero "
        "is better)"
    )


def markdown_table(tests: Sequence[TheoryTest]) -> str:
    """Give tests as the rows of a Markdown table."""
    lines = [
        "| test | estimate (90 % interval) | unit | smallest that matters | power | "
        "forecast score, with less without | rows, units | verdict |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for test in tests:
        score = "none"
        if test.out_of_sample_difference is not None:
            score = (
                f"{test.out_of_sample_difference:+.5f} "
                f"({test.out_of_sample_lo90:+.5f} to {test.out_of_sample_hi90:+.5f})"
            )
        cells = (
            test.name,
            f"{test.estimate:+.2f} ({test.lo90:+.2f} to {test.hi90:+.2f})",
            test.unit,
            f"{test.smallest_effect:.2f}",
            f"{test.power:.2f}",
            score,
            f"{test.rows}, {test.units}",
            test.verdict,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
