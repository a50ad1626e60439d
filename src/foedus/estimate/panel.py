"""Indicators as arrays: step by slot by unit, with what is missing marked as missing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """Indicators of several units over consecutive steps.

    Args:
        steps: Years, or months counted from year zero.
        slots: Names of the indicators.
        units: Names of the units, for example pairs.
        value: Shape (unit, step, slot); zero where nothing was seen.
        seen: Whether there is a value.
        variance: Error variance the source states; zero where it states none.
    """

    steps: tuple[int, ...]
    slots: tuple[str, ...]
    units: tuple[str, ...]
    value: Floats
    seen: NDArray[np.bool_]
    variance: Floats

    def hide(self, hidden: NDArray[np.bool_]) -> "Panel":
        """Give the panel without some of its values."""
        return Panel(
            self.steps, self.slots, self.units, self.value, self.seen & ~hidden, self.variance
        )

    def only(self, slots: Sequence[str]) -> "Panel":
        """Give the panel with some of its slots."""
        at = [self.slots.index(slot) for slot in slots]
        return Panel(
            self.steps,
            tuple(slots),
            self.units,
            self.value[:, :, at],
            self.seen[:, :, at],
            self.variance[:, :, at],
        )

    def cut(self, last: int) -> "Panel":
        """Give the panel up to a step."""
        n = sum(step <= last for step in self.steps)
        return Panel(
            self.steps[:n],
            self.slots,
            self.units,
            self.value[:, :n],
            self.seen[:, :n],
            self.variance[:, :n],
        )


def panel(
    units: Sequence[str],
    slots: Sequence[str],
    steps: Sequence[int],
    rows: Sequence[tuple[str, int, str, float, float]],
) -> Panel:
    """Lay out rows of (unit, step, slot, value, variance).

    Raises:
        ValueError: Two rows are about the same unit, step and slot.
    """
    at_unit = {name: i for i, name in enumerate(units)}
    at_slot = {name: i for i, name in enumerate(slots)}
    at_step = {step: i for i, step in enumerate(steps)}
    shape = (len(units), len(steps), len(slots))
    value, variance = np.zeros(shape), np.zeros(shape)
    seen = np.zeros(shape, dtype=bool)
    for unit, step, slot, given, error in rows:
        place = (at_unit[unit], at_step[step], at_slot[slot])
        if seen[place]:
            raise ValueError(f"two values of {slot} for {unit} at {step}")
        value[place], variance[place], seen[place] = given, error, True
    return Panel(tuple(steps), tuple(slots), tuple(units), value, seen, variance)
