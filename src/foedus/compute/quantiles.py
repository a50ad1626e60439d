"""Quantile functions of counts, by adding up probabilities: one uniform gives one exact count.

A library's samplers of counts cost 35 to 370 ns a draw; these cost a few, and a count moves
monotonically with its uniform, so that courses compared on the same uniforms differ little.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

LEAP = 8
FEW = 512
LATE = 128
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
    start = _Sum(uniform, share, size, first, term, term, jnp.full(uniform.shape, True))
    found = _leap(start, most, FEW)
    if uniform.ndim != 1 or uniform.shape[0] <= LATE:
        found = _leap(found, most, most)
    else:
        found = jax.lax.while_loop(
            lambda found: jnp.any(found.far), lambda found: _leap_late(found, most), found
        )
    for _ in range(LEAP):
        found = found.more(most)
    return jnp.minimum(found.reached, float(most))


class _Sum(NamedTuple):
    """Probabilities added up so far: the last term, their sum, the count they reach.

    `far` says that the count may lie further than a leap ahead.
    """

    uniform: Float[Array, "*shape"]
    share: Float[Array, "*shape"]
    size: Float[Array, "*shape"]
    reached: Float[Array, "*shape"]
    term: Float[Array, "*shape"]
    below: Float[Array, "*shape"]
    far: Bool[Array, "*shape"]

    def still(self, most: int) -> Bool[Array, "*shape"]:
        """Say where the sum has to go on."""
        left = (self.term > NOTHING) | (self.below < 0.5)
        return (self.uniform > self.below) & left & (self.reached < most)

    def next(self) -> "_Sum":
        """Add one term."""
        count = self.reached + 1.0
        term = self.term * self.share * (count - 1 + self.size) / count
        return self._replace(reached=count, term=term, below=self.below + term)

    def more(self, most: int) -> "_Sum":
        """Add one term where the sum has to go on."""
        return self.where(self.still(most), self.next())

    def leap(self, most: int) -> "_Sum":
        """Add several terms at once where the sum has to go on even after them."""
        ahead = self
        for _ in range(LEAP):
            ahead = ahead.next()
        far = ahead.still(most)
        return self.where(far, ahead)._replace(far=far)

    def where(self, chosen: Bool[Array, "*shape"], other: "_Sum") -> "_Sum":
        """Take what another sum has reached where it is chosen."""
        return self._replace(
            reached=jnp.where(chosen, other.reached, self.reached),
            term=jnp.where(chosen, other.term, self.term),
            below=jnp.where(chosen, other.below, self.below),
        )


def _leap(found: _Sum, most: int, steps: int) -> _Sum:
    """Leap until no sum is far from its count, or for some steps."""

    def more(state):
        step, found = state
        return (step < steps) & jnp.any(found.far)

    def add(state):
        step, found = state
        return step + LEAP, found.leap(most)

    return jax.lax.while_loop(more, add, (0, found))[1]


def _leap_late(found: _Sum, most: int) -> _Sum:
    """Go on with some of the sums that are still far, and put them back."""
    _, which = jax.lax.top_k(found.far.astype(jnp.float32), LATE)
    some = _leap(jax.tree.map(lambda part: part[which], found), most, most)
    return jax.tree.map(lambda all_, part: all_.at[which].set(part), found, some)


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
