"""Quantile functions of counts, by adding up probabilities: one uniform gives one exact count.

A library's samplers of counts cost 35 to 370 ns a draw; these cost a few, and a count moves
monotonically with its uniform, so that courses compared on the same uniforms differ little.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

UNROLLED = 8
FEW = 256
LATE = 64
LARGE = 20.0
NOTHING = 1e-9


def poisson(
    uniform: Float[Array, "*shape"], rate: Float[Array, "*shape"], most: int
) -> Float[Array, "*shape"]:
    """Give the Poisson count at a uniform, at most `most`; for rates well below `most`."""
    term = jnp.exp(-rate)
    below, count = term, jnp.zeros_like(uniform)
    for k in range(1, most + 1):
        count = count + (uniform > below)
        term = term * rate / k
        below = below + term
    return count


def negative_binomial(
    uniform: Float[Array, "*shape"],
    mean: Float[Array, "*shape"],
    size: Float[Array, "*shape"],
    most: int,
) -> Float[Array, "*shape"]:
    """Give the negative-binomial count at a uniform, at most `most`.

    Probabilities are added up from a count below which less than a part in 2^24 lies, so that the
    first of them is not too small for single precision. Rows of the first axis are taken one
    after another, since each is added up as far as its own largest count.

    Args:
        uniform: In (0, 1).
        mean: Expected count.
        size: Size; the variance is mean + mean^2 / size.
        most: Largest count given; the probability beyond it falls on it.
    """
    if uniform.ndim > 1:
        return jax.lax.map(lambda row: _negative_binomial(*row, most=most), (uniform, mean, size))
    return _negative_binomial(uniform, mean, size, most=most)


def _negative_binomial(
    uniform: Float[Array, "*shape"],
    mean: Float[Array, "*shape"],
    size: Float[Array, "*shape"],
    *,
    most: int,
) -> Float[Array, "*shape"]:
    first = _low_count(mean, size)
    share = mean / (mean + size)
    ways = _log_gamma_ratio(first + 1.0, size - 1.0) - jax.scipy.special.gammaln(size)
    term = jnp.exp(ways + first * jnp.log(share) - size * jnp.log1p(mean / size))
    start = _Sum(uniform, share, size, first, term, term)
    found = _add_up(start, most, FEW)
    if uniform.ndim != 1 or uniform.shape[0] <= LATE:
        return jnp.minimum(_add_up(found, most, most).reached, float(most))

    def late(found: _Sum) -> _Sum:
        """Go on with some of those that are still open, and put them back."""
        _, which = jax.lax.top_k(found.still(most).astype(jnp.float32), LATE)
        some = _add_up(jax.tree.map(lambda part: part[which], found), most, most)
        return jax.tree.map(lambda all_, part: all_.at[which].set(part), found, some)

    found = jax.lax.while_loop(lambda found: jnp.any(found.still(most)), late, found)
    return jnp.minimum(found.reached, float(most))


class _Sum(NamedTuple):
    """Probabilities added up so far: the last term, their sum, and the count they reach."""

    uniform: Float[Array, "*shape"]
    share: Float[Array, "*shape"]
    size: Float[Array, "*shape"]
    reached: Float[Array, "*shape"]
    term: Float[Array, "*shape"]
    below: Float[Array, "*shape"]

    def still(self, most: int) -> Bool[Array, "*shape"]:
        """Say where the sum has to go on."""
        left = (self.term > NOTHING) | (self.below < 0.5)
        return (self.uniform > self.below) & left & (self.reached < most)

    def more(self, most: int) -> "_Sum":
        """Add one term where the sum has to go on."""
        still = self.still(most)
        count = self.reached + still
        term = jnp.where(still, self.term * self.share * (count - 1 + self.size) / count, self.term)
        below = jnp.where(still, self.below + term, self.below)
        return self._replace(reached=count, term=term, below=below)


def _add_up(found: _Sum, most: int, steps: int) -> _Sum:
    """Add terms until all sums are done, or for some steps."""

    def more(state):
        step, found = state
        return (step < steps) & jnp.any(found.still(most))

    def add(state):
        step, found = state
        for _ in range(UNROLLED):
            found = found.more(most)
        return step + UNROLLED, found

    return jax.lax.while_loop(more, add, (0, found))[1]


def _log_gamma_ratio(
    start: Float[Array, "*shape"], step: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """Give log Gamma(start + step) - log Gamma(start) without loss of digits at large starts."""
    gamma = jax.scipy.special.gammaln
    large = jnp.maximum(start, LARGE)
    end = large + step
    stirling = step * jnp.log(large) + (end - 0.5) * jnp.log1p(step / large) - step
    stirling = stirling + (1 / end - 1 / large) / 12
    small = jnp.minimum(start, LARGE)
    return jnp.where(start > LARGE, stirling, gamma(small + step) - gamma(small))


def _low_count(
    mean: Float[Array, "*shape"], size: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """Give a count six standard deviations down, first of the gamma rate, then of its Poisson.

    Source: Wilson, E. B. and M. M. Hilferty. 1931. PNAS 17(12): 684-688 (cube root of a gamma).
    """
    root = jnp.maximum(1 - 1 / (9 * size) - 2 / jnp.sqrt(size), 0.0)
    rate = mean * root**3
    return jnp.floor(jnp.maximum(rate - 6 * jnp.sqrt(rate), 0.0))
