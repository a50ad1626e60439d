"""Levels and differences in words: chances out of a hundred, differences in percentage points."""

from collections.abc import Mapping

from foedus.decide.differences import Difference
from foedus.policy.instruments import instrument_names, load_instrument
from foedus.present.words import number, of_hundred, points
from foedus.study.course_effects import DEPTH
from foedus.study.outcomes import Outcome

DASH = "–"
TOO_SMALL = "too small to tell"


def level(value: float, outcome: Outcome) -> str:
    """Write a level: chances out of a hundred, never less than one."""
    if outcome.event:
        return of_hundred(value)
    return number(value)


def spread(apart: Difference, outcome: Outcome) -> str:
    """Write a difference with its interval: of chances in percentage points."""
    if not apart.resolved:
        return TOO_SMALL
    values = (apart.difference, apart.difference_lo90, apart.difference_hi90)
    if outcome.event:
        mean, low, high = (points(value) for value in values)
    else:
        mean, low, high = (f"{'+' if value > 0 else ''}{number(value, 2)}" for value in values)
    return f"{mean} [{low} to {high}]"


def size_in_words(name: str) -> str:
    """Name a size of an effect as a reader would: the instrument by its title, and the effect."""
    instrument, apart, effect = name.partition(": ")
    if not apart or instrument not in instrument_names():
        return {DEPTH: "what a pact made as deep as can be does to the rate of disputes"}.get(
            name, name
        )
    return f"{load_instrument(instrument).title}: {effect}"


def unit_of_size(name: str) -> str:
    """Say what the number of a size is; empty where its name says it."""
    instrument, _, effect = name.partition(": ")
    if instrument not in instrument_names():
        return "Change of the log rate of onset" if name == DEPTH else ""
    return next(
        (one.estimand for one in load_instrument(instrument).effects if one.name == effect), ""
    )


def lowered(title: str) -> str:
    """Begin a title with a small letter, as inside a sentence."""
    return title[:1].lower() + title[1:]


def unbroken(date: str) -> str:
    """Keep a date on one line."""
    return date.replace("-", "\u2011")


def amount_in_words(low: float, high: float) -> str:
    """Write a sum of money, or the range it lies in."""
    return f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"


def interval_points(row: Mapping[str, float | None], name: str) -> str:
    """Write a difference of chances with its interval from a row of a table."""
    mean, low, high = (row[name], row[f"{name}_lo90"], row[f"{name}_hi90"])
    if mean is None or low is None or high is None:
        return TOO_SMALL
    return f"{points(mean)} [{points(low)} to {points(high)}]"
