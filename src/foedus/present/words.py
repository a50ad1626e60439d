"""Numbers, dates and likelihoods in prose, said the same way about everyone."""

import datetime as dt
import math
from dataclasses import dataclass


@dataclass(frozen=True)
class LikelihoodWord:
    """One estimative word and the probabilities it stands for."""

    word: str
    low: float
    high: float


LIKELIHOOD = (
    LikelihoodWord("remote", 0.0, 0.05),
    LikelihoodWord("very unlikely", 0.05, 0.20),
    LikelihoodWord("unlikely", 0.20, 0.45),
    LikelihoodWord("about as likely as not", 0.45, 0.55),
    LikelihoodWord("likely", 0.55, 0.80),
    LikelihoodWord("very likely", 0.80, 0.95),
    LikelihoodWord("almost certain", 0.95, 1.0),
)


def likelihood(probability: float) -> str:
    """Give the estimative word for a probability."""
    for step in LIKELIHOOD:
        if probability < step.high:
            return step.word
    return LIKELIHOOD[-1].word


def percent(probability: float) -> str:
    """Say a probability as a whole percentage, never below 1 and never above 99."""
    if probability < 0.01:
        return "fewer than 1 in 100"
    if probability > 0.99:
        return "more than 99 in 100"
    return f"{probability:.0%}"


def of_hundred(chance: float) -> str:
    """Write a chance out of a hundred, to a tenth, never below one or above 99."""
    if chance < 0.01:
        return "fewer than 1"
    if chance > 0.99:
        return "more than 99"
    return f"{100 * chance:.1f}"


def whole_of_hundred(chance: float) -> str:
    """Write a chance out of a hundred as a whole number, never below one or above 99."""
    if chance < 0.01:
        return "fewer than 1"
    if chance > 0.99:
        return "more than 99"
    return f"{100 * chance:.0f}"


def points(difference: float) -> str:
    """Write a difference of chances in percentage points; what rounds to none has no sign."""
    text = f"{100 * difference:+.1f}"
    return "0.0" if float(text) == 0 else text


def interval(low: float, high: float) -> str:
    """Say a 90 % interval of a probability."""
    return f"90 % interval {percent(low)} to {percent(high)}"


def number(value: float, digits: int = 3) -> str:
    """Write a number with a fixed count of significant digits and thin thousands separators."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    return f"{round(value, digits - 1 - math.floor(math.log10(abs(value)))):,.{places}f}"


def month(day: dt.date) -> str:
    """Write a month."""
    return f"{day:%B %Y}"


def date(day: dt.date) -> str:
    """Write a day."""
    return f"{day.day} {day:%B %Y}"


def change(now: float, before: float) -> str:
    """Say how a value moved against an earlier one, with one verb for either direction."""
    if before == 0:
        return "against none before"
    ratio = now / before - 1
    if abs(ratio) < 0.005:
        return "unchanged"
    return f"{'up' if ratio > 0 else 'down'} {abs(ratio):.0%}"


def listed(items: list[str]) -> str:
    """Join words with commas and a closing `and`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


_WITH_ARTICLE = {"United States", "United Kingdom", "Philippines", "Netherlands"}


def called(name: str, *, start: bool = False) -> str:
    """Give a country's name as it stands in a sentence."""
    if name not in _WITH_ARTICLE:
        return name
    return f"{'The' if start else 'the'} {name}"
