"""Courses on the two things they are wanted for: which are beaten on both."""

from collections.abc import Mapping

from foedus.decide.differences import SURE, Floats


def beaten_by(
    deterrence: Mapping[str, Floats], escalation: Mapping[str, Floats]
) -> dict[str, list[str]]:
    """Say which courses are expected to do worse than another on both counts.

    Both outcomes are chances that one wants low. A course is beaten only where nine of ten draws
    agree on each count, so that a difference that cannot be told beats nobody.

    Args:
        deterrence: Expected chance of a dispute by course, each of shape (draw,).
        escalation: Expected chance of use of force if there is one, likewise.

    Returns:
        By course, those that beat it.
    """
    found: dict[str, list[str]] = {}
    for name in deterrence:
        found[name] = [
            other
            for other in deterrence
            if other != name
            and _surely_lower(deterrence[other], deterrence[name])
            and _surely_lower(escalation[other], escalation[name])
        ]
    return found


def _surely_lower(one: Floats, other: Floats) -> bool:
    return bool((one < other).mean() >= SURE)
