"""The marginal of the outer parameters as a smooth surface, from which they are drawn.

Source: Rue, H., S. Martino and N. Chopin. 2009. JRSS B 71(2): 319-392, section 3.1 (axes of the
curvature at the mode).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, qmc

Floats = NDArray[np.float64]
NODE_REACH = 1.3
CANDIDATES = 4096
RIDGE = 0.05


def normal_points(size: int, count: int, rng: np.random.Generator) -> Floats:
    """Spread points evenly over a standard normal, shape (count, size)."""
    uniform = qmc.Sobol(size, scramble=True, rng=rng).random(count)
    return np.asarray(norm.ppf(np.clip(uniform, 1e-4, 1 - 1e-4)), dtype=np.float64)


@dataclass(frozen=True)
class OuterSurface:
    """The exact marginal of the outer parameters, as seen from their mode.

    Points are standard normal along the axes of the curvature at the mode, stretched on either
    side of it as far as the marginal reaches there.

    Args:
        root: Axes, each as long as a standard deviation, shape (parameter, axis).
        stretch: Stretch below and above the mode, shape (2, axis).
        nodes: Points at which the marginal is known, shape (node, axis).
        exact: Log marginal there less that of the mode.
    """

    root: Floats
    stretch: Floats
    nodes: Floats
    exact: Floats

    def _stretched(self, points: Floats) -> Floats:
        return np.where(points < 0, self.stretch[0], self.stretch[1])

    def moved(self, points: Floats) -> Floats:
        """Turn points into moves of the outer parameters."""
        return (points * self._stretched(points)) @ self.root.T

    def _log_volume(self, points: Floats) -> Floats:
        return np.log(self._stretched(points)).sum(axis=1)

    @property
    def effective(self) -> float:
        """Effective number of the nodes, weighted by the exact marginal."""
        length = (self.nodes**2).sum(axis=1)
        log_weight = self.exact + self._log_volume(self.nodes) + 0.5 * length / NODE_REACH**2
        weight = np.exp(log_weight - log_weight.max())
        return float(weight.sum() ** 2 / (weight**2).sum())

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Draw points from the normal times a smooth correction fitted to the nodes."""
        length = (self.nodes**2).sum(axis=1)
        off = self.exact + 0.5 * length
        weight = np.exp(-0.25 * length)
        wanted = _features(self.nodes) * weight[:, None]
        correction = np.linalg.solve(
            wanted.T @ _features(self.nodes) + RIDGE * np.eye(wanted.shape[1]), wanted.T @ off
        )
        points = NODE_REACH * normal_points(self.nodes.shape[1], CANDIDATES, rng)
        length = (points**2).sum(axis=1)
        height = np.clip(_features(points) @ correction, off.min(), off.max()) - 0.5 * length
        log_weight = height + self._log_volume(points) + 0.5 * length / NODE_REACH**2
        share = np.exp(log_weight - log_weight.max())
        return points[rng.choice(len(points), size=count, p=share / share.sum())]


def _features(points: Floats) -> Floats:
    """Give slope, bend and the difference of the bend on either side of the mode."""
    return np.concatenate([points, points**2, points * np.abs(points)], axis=1)
