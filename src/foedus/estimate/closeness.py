"""Fit closeness: posterior of the parameters, then of every pair's path given each draw."""

from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from foedus.compute.keys import named_key
from foedus.estimate.fit import Draws, Mode, find_mode, sample
from foedus.estimate.panel import Panel
from foedus.model import priors as prior_tables
from foedus.model.measurement.closeness import Closeness, build
from foedus.model.measurement.state_space import kalman_filter, smooth
from foedus.model.parameters import names as parameter_names


class Target(eqx.Module):
    """What is fitted, as a log density: a measurement equation, its priors and the indicators.

    Args:
        model: Measurement equation.
        priors: Priors of its parameters.
        value: Indicators, slots in the model's order, units are pairs.
        seen: Whether there is one.
        variance: Error variance its source states.
        size: Size of each pair, centred; see `Closeness.system`.
    """

    model: Closeness
    priors: prior_tables.Priors
    value: Float[np.ndarray, "unit step slot"]
    seen: Bool[np.ndarray, "unit step slot"]
    variance: Float[np.ndarray, "unit step slot"]
    size: Float[np.ndarray, " unit"]

    def __call__(self, z: Float[Array, " parameter"]) -> Float[Array, ""]:
        """Give the log density of prior and data on the unbounded scale."""
        theta = self.priors.natural(z)

        def one(value, seen, variance, size):
            system = self.model.system(theta, variance, size)
            return kalman_filter(system, value, seen).log_likelihood

        terms = jax.vmap(one)(*map(jnp.asarray, (self.value, self.seen, self.variance, self.size)))
        return self.priors.log_prob(z) + jnp.sum(terms)


def target(panel: Panel, dimensions: Sequence[str], *, bond: bool = False) -> Target:
    """Put together model, priors and data.

    Args:
        panel: Indicators of these dimensions.
        dimensions: Dimensions to fit together.
        bond: Whether a common factor stands behind them.
    """
    groups = [*dimensions, *(["bond"] if bond else [])]
    names = parameter_names("closeness", groups)
    if bond:
        names = tuple(
            name
            for name in names
            if not name.startswith("bond.pull_") or name.removeprefix("bond.pull_") in dimensions
        )
    model = build(names, dimensions, panel.steps, slots=panel.slots, bond=bond)
    prior = prior_tables.priors("closeness", names)
    return Target(model, prior, panel.value, panel.seen, panel.variance, _sizes(panel, model))


def _sizes(panel: Panel, model: Closeness) -> np.ndarray:
    """Give each pair's mean indicator in the dimensions where size matters, centred."""
    own = np.asarray([model.size[home] >= 0 for home in model.home])
    here = panel.seen & own[None, None, :]
    count = here.sum(axis=(1, 2))
    mean = (panel.value * here).sum(axis=(1, 2)) / np.maximum(count, 1)
    centre = mean[count > 0].mean() if (count > 0).any() else 0.0
    return np.where(count > 0, mean - centre, 0.0)


def fit(given: Target, *, seed: int, name: str, draws: int = 2000) -> Draws:
    """Draw the parameters."""
    return sample(given, given.priors, seed=seed, name=name, draws=draws)


def mode(given: Target, start: dict[str, float] | None = None, *, curvature: bool = False) -> Mode:
    """Find the mode of the parameters, from some known start or from the priors' middle."""
    place = given.priors.start()
    for i, name in enumerate(given.priors.names):
        place[i] = (start or {}).get(name, 0.3 if name.startswith("bond.pull_") else place[i])
    return find_mode(given, given.priors, place, curvature=curvature)


@dataclass(frozen=True)
class Paths:
    """Posterior of every pair's state.

    Args:
        mean: Mean by draw of the parameters, shape (draw, unit, step, state).
        sd: Standard deviation by draw, same shape.
    """

    mean: np.ndarray
    sd: np.ndarray


@eqx.filter_jit
def _smooth_all(given: Target, theta):
    def one(draw, value, seen, variance, size):
        system = given.model.system(draw, variance, size)
        return smooth(system, kalman_filter(system, value, seen))

    over_units = jax.vmap(one, in_axes=(None, 0, 0, 0, 0))
    data = tuple(map(jnp.asarray, (given.value, given.seen, given.variance, given.size)))
    return jax.lax.map(lambda draw: over_units(draw, *data), theta)


def paths(given: Target, theta: np.ndarray) -> Paths:
    """Smooth every pair's state for each draw of the parameters, shape (draw, parameter)."""
    mean, cov = covariances(given, theta)
    variance = np.diagonal(cov, axis1=-2, axis2=-1)
    return Paths(mean, np.sqrt(np.maximum(variance, 0.0)))


def covariances(given: Target, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the smoothed mean and covariance of every pair's state for each draw."""
    with jax.enable_x64(True):
        mean, cov = _smooth_all(given, jnp.asarray(theta, dtype=jnp.float64))
        return np.asarray(mean), np.asarray(cov)


def level_draws(given: Target, theta: np.ndarray, dimension: str, *, seed: int) -> np.ndarray:
    """Draw each pair-year's closeness on the scale of the dimension's first indicator.

    Years of one draw are drawn each by itself: use them for a year's interval, not for changes.

    Returns:
        Shape (draw, unit, step).
    """
    model = given.model
    found = paths(given, theta)
    slot = model.home.index(model.dimensions.index(dimension))
    with jax.enable_x64(True):
        rows = np.asarray(jax.vmap(model.rows)(jnp.asarray(theta, dtype=jnp.float64)))
        noise = np.asarray(
            jax.random.normal(named_key(seed, "level", dimension), found.mean.shape[:3])
        )
    own = model.first_dimension + model.dimensions.index(dimension)
    base = np.asarray(model.levels)[0, slot] @ theta.T
    centre = found.mean[..., own] * rows[:, slot, own][:, None, None]
    spread = found.sd[..., own] * np.abs(rows[:, slot, own])[:, None, None]
    if model.pull:
        raise ValueError("levels by dimension are drawn from independent dimensions")
    return base[:, None, None] + centre + spread * noise


def equation(model: Closeness, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give loadings, expected values and error variances of the indicators for one draw.

    Returns:
        Shapes (slot, state), (step, slot) and (slot,).
    """
    with jax.enable_x64(True):
        rows = np.asarray(model.rows(jnp.asarray(theta, dtype=jnp.float64)))
    return rows, np.asarray(model.levels) @ theta, np.asarray(model.noises) @ theta**2
