"""What a difference rests on: which sizes its spread comes from, and where its sign would turn.

The difference of each draw is explained by the sizes of the effects in that draw, by least
squares; effects are small, so that a line is close. What the sizes do not explain is chance and
what is unsure about the laws.
"""

from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from foedus.decide.differences import Floats

FLAT = 1e-12
LEAST_SHARE = 0.005
SIGMAS = 4.0


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
    """

    expected: Floats
    shares: dict[str, float]


class Basis:
    """The sizes of one course, made ready to explain many differences.

    Args:
        sizes: Sizes; those that do not vary explain nothing.
        classes: Classes of evidence.
    """

    def __init__(self, sizes: list[Size], classes: tuple[str, ...]) -> None:
        self.classes = classes
        self.sizes = [size for size in sizes if _moves(size.values)]
        self.present = [name for name in classes if any(s.evidence == name for s in self.sizes)]
        kinds = [
            frozenset(inside)
            for count in range(1, len(self.present) + 1)
            for inside in combinations(self.present, count)
        ]
        self._bases = {
            kind: _orthonormal([s.values for s in self.sizes if s.evidence in kind])
            for kind in kinds
        }

    def explain(self, apart: Floats) -> Explained:
        """Split the variance of a difference among the sizes.

        Shares of classes are averaged over all orders of adding them (Shapley; Owen 2014,
        SIAM/ASA Journal on Uncertainty Quantification 2, doi:10.1137/130936233), so that they
        add up.

        Args:
            apart: Difference by draw, shape (draw,).
        """
        shares = dict.fromkeys(self.classes, 0.0)
        total = apart.var()
        if not self.sizes or apart.std() < FLAT:
            chance = 1.0 if apart.std() >= FLAT else 0.0
            return Explained(np.full_like(apart, apart.mean()), shares | {"chance": chance})
        middle = apart - apart.mean()
        parts = {kind: basis @ (basis.T @ middle) for kind, basis in self._bases.items()}
        known = {kind: float(part.var() / total) for kind, part in parts.items()}
        known[frozenset()] = 0.0
        orders = list(permutations(self.present))
        for order in orders:
            for place, name in enumerate(order):
                gain = known[frozenset(order[: place + 1])] - known[frozenset(order[:place])]
                shares[name] += max(gain, 0.0) / len(orders)
        shares["chance"] = max(1.0 - sum(shares.values()), 0.0)
        return Explained(apart.mean() + parts[frozenset(self.present)], shares)


def _moves(values: Floats) -> bool:
    return bool(values.std() > FLAT * (1 + abs(values.mean())))


def _orthonormal(columns: list[Floats]) -> Floats:
    """Give an orthonormal basis of centred columns, shape (draw, column)."""
    table = np.stack([(c - c.mean()) / c.std() for c in columns], axis=1)
    left, values, _ = np.linalg.svd(table, full_matrices=False)
    return left[:, values > 1e-9 * values[0]]


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
        A size that explains less than half a per cent of the variance, or whose slope could be
        luck (four standard errors), is left out.
    """
    found = []
    for size in sizes:
        low, high = float(size.values.min()), float(size.values.max())
        if not _moves(size.values) or apart.std() < FLAT:
            continue
        together = float(np.corrcoef(size.values, apart)[0, 1] ** 2)
        if together < max(LEAST_SHARE, SIGMAS**2 / len(apart)):
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
