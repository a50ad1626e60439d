"""Linear-Gaussian state space with exact likelihood: filter, smoother, simulation.

Every measurement model of this folder is one of these: a state vector that drifts or stays, and
indicators that load on it with normal errors. Indicators of one step are taken one at a time, so
a missing one is skipped, never filled.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Key


class System(eqx.Module):
    """One unit's model: a pair's closeness, an arena's series.

    State: s[0] ~ N(0, start), s[t] = keep * s[t-1] + N(0, drift).
    Indicator k at t: y = level + row . s + N(0, noise).

    Args:
        level: Expected value at state zero.
        row: Loadings on the state.
        noise: Error variance.
        keep: Share of each state element carried to the next step; 1 for a random walk.
        drift: Variance added to each state element per step; 0 for one that never moves.
        start: Variance of each state element at the first step.
    """

    level: Float[Array, "step slot"]
    row: Float[Array, "step slot state"]
    noise: Float[Array, "step slot"]
    keep: Float[Array, " state"]
    drift: Float[Array, " state"]
    start: Float[Array, " state"]


class Filtered(eqx.Module):
    """What is believed at each step: before (predicted) and after its indicators."""

    log_likelihood: Float[Array, ""]
    predicted: Float[Array, "step state"]
    predicted_cov: Float[Array, "step state state"]
    mean: Float[Array, "step state"]
    cov: Float[Array, "step state state"]


def kalman_filter(
    system: System, value: Float[Array, "step slot"], seen: Bool[Array, "step slot"]
) -> Filtered:
    """Run the Kalman filter with sequential updates.

    Source: Durbin, J. and S. J. Koopman. 2012. Time Series Analysis by State Space Methods, 2nd
    ed., section 6.4 (univariate treatment of multivariate series).
    """

    def step(carry, given):
        mean, cov, total = carry
        y, here, level, row, noise = given
        before = (mean, cov)
        for k in range(y.shape[0]):
            h = row[k]
            ph = cov @ h
            scale = h @ ph + noise[k]
            miss = jnp.where(here[k], y[k] - level[k] - h @ mean, 0.0)
            gain = jnp.where(here[k], ph / scale, 0.0)
            mean = mean + gain * miss
            cov = cov - jnp.outer(gain, ph)
            loss = 0.5 * (jnp.log(2 * jnp.pi * scale) + miss**2 / scale)
            total = total - jnp.where(here[k], loss, 0.0)
        ahead = system.keep * mean
        ahead_cov = system.keep[:, None] * cov * system.keep[None, :] + jnp.diag(system.drift)
        return (ahead, ahead_cov, total), (*before, mean, cov)

    zero = jnp.zeros((), dtype=system.level.dtype)
    first = (jnp.zeros_like(system.start), jnp.diag(system.start), zero)
    given = (value, seen, system.level, system.row, system.noise)
    (_, _, total), (predicted, predicted_cov, mean, cov) = jax.lax.scan(step, first, given)
    return Filtered(total, predicted, predicted_cov, mean, cov)


def smooth(
    system: System, filtered: Filtered
) -> tuple[Float[Array, "step state"], Float[Array, "step state state"]]:
    """Give mean and covariance of the state at every step, from all indicators.

    Source: Rauch, H. E., F. Tung and C. T. Striebel. 1965. AIAA Journal 3(8): 1445-1450.
    """
    jitter = 1e-9 * jnp.eye(system.start.shape[0], dtype=system.start.dtype)

    def step(later, given):
        later_mean, later_cov = later
        mean, cov, ahead, ahead_cov = given
        back = jnp.linalg.solve(ahead_cov + jitter, system.keep[:, None] * cov).T
        smoothed = mean + back @ (later_mean - ahead)
        smoothed_cov = cov + back @ (later_cov - ahead_cov) @ back.T
        return (smoothed, smoothed_cov), (smoothed, smoothed_cov)

    last = (filtered.mean[-1], filtered.cov[-1])
    given = (
        filtered.mean[:-1],
        filtered.cov[:-1],
        filtered.predicted[1:],
        filtered.predicted_cov[1:],
    )
    _, (mean, cov) = jax.lax.scan(step, last, given, reverse=True)
    return (
        jnp.concatenate([mean, last[0][None]]),
        jnp.concatenate([cov, last[1][None]]),
    )


def simulate(
    system: System, key: Key[Array, ""]
) -> tuple[Float[Array, "step state"], Float[Array, "step slot"]]:
    """Draw one path of the state and its indicators. Consumes `key`."""
    steps, slots = system.level.shape
    first, moves, errors = jax.random.split(key, 3)
    dtype = system.level.dtype
    start = jnp.sqrt(system.start) * jax.random.normal(first, system.start.shape, dtype)
    shocks = jnp.sqrt(system.drift) * jax.random.normal(moves, (steps, start.shape[0]), dtype)

    def step(state, shock):
        return system.keep * state + shock, state

    _, path = jax.lax.scan(step, start, shocks)
    error = jnp.sqrt(system.noise) * jax.random.normal(errors, (steps, slots), dtype)
    return path, system.level + jnp.einsum("tks,ts->tk", system.row, path) + error
