"""Quantile functions of counts, by adding up probabilities: one uniform gives one exact count.

A library's samplers of counts cost 35 to 370 ns a draw; these cost a few, and a count moves
monotonically with its uniform, so that courses compared on the same uniforms differ little.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

UNROLLED = 8
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
    first of them is not too small for single precision.

    Args:
        uniform: In (0, 1).
        mean: Expected count.
        size: Size; the variance is mean + mean^2 / size.
        most: Largest count given; the probability beyond it falls on it.
    """
    first = _low_count(mean, size)
    share = mean / (mean + size)
    ways = _log_gamma_ratio(first + 1.0, size - 1.0) - jax.scipy.special.gammaln(size)
    term = jnp.exp(ways + first * jnp.log(share) - size * jnp.log1p(mean / size))

    def open_still(term, below):
        return (uniform > below) & ((term > NOTHING) | (below < 0.5))

    def more(state):
        step, term, below, _ = state
        return jnp.any(open_still(term, below) & (first + step < most))

    def add(state):
        step, term, below, count = state
        for _ in range(UNROLLED):
            k = first + step
            count = count + open_still(term, below)
            term = term * share * (k + size) / (k + 1.0)
            below = below + term
            step = step + 1.0
        return step, term, below, count

    start = (jnp.zeros((), uniform.dtype), term, term, first)
    _, _, _, count = jax.lax.while_loop(more, add, start)
    return jnp.minimum(count, float(most))


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
