"""Tension in an arena, month by month: the level behind one series, or a factor behind several.

A series is taken in logarithms, log(1 + count per month). Where its reporting terms change it has
segments, and each segment has a level of its own: a step at a break says nothing about tension.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from foedus.model.measurement.state_space import System

LEVEL_PARAMETERS = ("level", "walk", "noise")
FACTOR_PARAMETERS = ("level", "load", "noise")


class SeriesLevel(eqx.Module):
    """The level behind one monthly series: a random walk seen with error.

        log(1 + y[t]) = level + segment[s(t)] + walk[t] + error

    Args:
        segments: How many segments any series has; the first one's own level is zero.
        segment_spread: Prior standard deviation of a segment's own level, in logarithms.
        start_spread: Prior standard deviation of the walk in the first month, in logarithms.
    """

    segments: int = eqx.field(static=True)
    segment_spread: float = eqx.field(static=True)
    start_spread: float = eqx.field(static=True)

    def system(self, theta: Float[Array, " 3"], segment: Int[Array, " step"]) -> System:
        """Write down one series' state space from its level, walk and noise."""
        own = jax.nn.one_hot(segment - 1, self.segments - 1, dtype=theta.dtype)
        row = jnp.concatenate([jnp.ones((segment.shape[0], 1), theta.dtype), own], axis=1)
        fixed = jnp.zeros((self.segments - 1,), theta.dtype)
        return System(
            level=jnp.full((segment.shape[0], 1), theta[0]),
            row=row[:, None, :],
            noise=jnp.full((segment.shape[0], 1), theta[2] ** 2),
            keep=jnp.ones((self.segments,), theta.dtype),
            drift=jnp.concatenate([theta[1][None] ** 2, fixed]),
            start=jnp.concatenate(
                [jnp.full((1,), self.start_spread**2, theta.dtype), fixed + self.segment_spread**2]
            ),
        )


class ArenaFactor(eqx.Module):
    """One factor behind at least three series of an arena, with unit variance and a memory.

        factor[t] = memory * factor[t-1] + sqrt(1 - memory^2) * N(0, 1)
        log(1 + y[i, t]) = level[i] + segment[i, s(t)] + load[i] * factor[t] + error[i]

    Args:
        series: How many series.
        segments: How many segments any series has.
        segment_spread: Prior standard deviation of a segment's own level, in logarithms.
    """

    series: int = eqx.field(static=True)
    segments: int = eqx.field(static=True)
    segment_spread: float = eqx.field(static=True)

    def system(
        self, theta: Float[Array, " parameter"], segment: Int[Array, "step series"]
    ) -> System:
        """Write down the arena's state space.

        Args:
            theta: Memory, then levels, loadings and noises by series.
            segment: Segment of each series in each month.
        """
        n, own = self.series, self.segments - 1
        memory, level, load, noise = theta[0], theta[1 : 1 + n], theta[1 + n : 1 + 2 * n], None
        noise = theta[1 + 2 * n :]
        steps = segment.shape[0]
        shift = jax.nn.one_hot(segment - 1, own, dtype=theta.dtype)
        place = jnp.eye(n, dtype=theta.dtype)
        fixed = jnp.einsum("tis,ij->tijs", shift, place).reshape(steps, n, n * own)
        first = jnp.broadcast_to(load[None, :, None], (steps, n, 1))
        still = jnp.zeros((n * own,), theta.dtype)
        one = jnp.ones((1,), theta.dtype)
        return System(
            level=jnp.broadcast_to(level, (steps, n)),
            row=jnp.concatenate([first, fixed], axis=2),
            noise=jnp.broadcast_to(noise**2, (steps, n)),
            keep=jnp.concatenate([memory[None], still + 1]),
            drift=jnp.concatenate([one - memory**2, still]),
            start=jnp.concatenate([one, still + self.segment_spread**2]),
        )
