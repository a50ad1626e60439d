"""What a difference rests on: which sizes its spread comes from, and where its sign would turn.

The difference of each draw is explained by the sizes of the effects in that draw, by least
squares; effects are small, so that a line is close. What the sizes do not explain is chance and
what is unsure about the laws.
"""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from foedus.decide.differences import Floats

FLAT = 1e-12


@dataclass(frozen=True)
class Size:
    """Size of one effect by draw.

    Args:
        name: Name.
        evidence: How well it is known: one of the classes of evidence.
        values: Shape (draw,).
    """

    name: str
    evidence: str
    values: Floats


@dataclass(frozen=True)
class Explained:
    """A difference as a line in the sizes of the effects.

    Args:
        expected: Difference expected given the sizes, by draw.
        shares: Share of the variance of the difference by class of evidence, and `chance`.
        by_size: Share by size alone.
    """

    expected: Floats
    shares: dict[str, float]
    by_size: dict[str, float]


def explain(apart: Floats, sizes: list[Size], classes: tuple[str, ...]) -> Explained:
    """Split the variance of a difference among the sizes it rests on.

    Shares of classes are averaged over all orders of adding them (Shapley; Owen 2014,
    SIAM/ASA Journal on Uncertainty Quantification 2, doi:10.1137/130936233), so that they add up.

    Args:
        apart: Difference by draw, shape (draw,).
        sizes: Sizes; those that do not vary explain nothing.
        classes: Classes of evidence.
    """
    moving = [size for size in sizes if size.values.std() > FLAT * (1 + abs(size.values.mean()))]
    if not moving or apart.std() < FLAT:
        shares = dict.fromkeys(classes, 0.0) | {"chance": 1.0 if apart.std() >= FLAT else 0.0}
        return Explained(np.full_like(apart, apart.mean()), shares, {})
    whole = _fitted(apart, moving)
    total = apart.var()
    shares = dict.fromkeys(classes, 0.0)
    present = [name for name in classes if any(size.evidence == name for size in moving)]
    orders = list(permutations(present))
    known: dict[frozenset[str], float] = {frozenset(): 0.0}
    for order in orders:
        for place, name in enumerate(order):
            before, now = frozenset(order[:place]), frozenset(order[: place + 1])
            if now not in known:
                inside = [size for size in moving if size.evidence in now]
                known[now] = float(_fitted(apart, inside).var() / total)
            shares[name] += max(known[now] - known[before], 0.0) / len(orders)
    shares["chance"] = max(1.0 - sum(shares.values()), 0.0)
    alone = {size.name: float(_fitted(apart, [size]).var() / total) for size in moving}
    return Explained(whole, shares, alone)


def _fitted(apart: Floats, sizes: list[Size]) -> Floats:
    columns = np.stack([np.ones_like(apart), *(size.values for size in sizes)], axis=1)
    scale = np.maximum(np.abs(columns).max(axis=0), 1e-300)
    found, *_ = np.linalg.lstsq(columns / scale, apart, rcond=None)
    return columns / scale @ found


@dataclass(frozen=True)
class Tipping:
    """Where the sign of an expected difference would turn.

    Args:
        size: Name of the size.
        evidence: How well it is known.
        low: Smallest value drawn.
        high: Largest.
        value: Value at which the expected difference is zero, the others as drawn; nothing where
            it keeps its sign over the whole range.
        at_low: Expected difference at the smallest value.
        at_high: At the largest.
    """

    size: str
    evidence: str
    low: float
    high: float
    value: float | None
    at_low: float
    at_high: float


def tipping(apart: Floats, sizes: list[Size]) -> list[Tipping]:
    """Find for each size the value at which the expected difference changes its sign.

    Args:
        apart: Difference by draw, shape (draw,).
        sizes: Sizes.

    Returns:
        Those that matter most first: the widest change of the expected difference over the range.
    """
    found = []
    for size in sizes:
        low, high = float(size.values.min()), float(size.values.max())
        if high - low <= FLAT * (1 + abs(low)) or apart.std() < FLAT:
            continue
        slope, intercept = np.polyfit(size.values, apart, 1)
        ends = intercept + slope * low, intercept + slope * high
        value = -intercept / slope if ends[0] * ends[1] < 0 else None
        found.append(
            Tipping(
                size.name,
                size.evidence,
                low,
                high,
                None if value is None else float(value),
                float(ends[0]),
                float(ends[1]),
            )
        )
    return sorted(found, key=lambda one: -abs(one.at_high - one.at_low))


def probability_lower(expected: NDArray[np.float64]) -> float:
    """Give the share of draws in which the expected difference lies below zero; ties count half."""
    return float((expected < 0).mean() + 0.5 * (expected == 0).mean())
