"""Uniform random numbers as a function of seed, draw, month and named slot, and of nothing else.

Each number is one word of the Threefry block whose key belongs to (seed, slot) and whose counter
is (draw, month and unit). The size of a chunk, the order of laws and the number of workers are
not part of it, so they cannot change a result.

Source: Salmon, J. K., M. A. Moraes, R. O. Dror and D. E. Shaw. 2011. Parallel random numbers: as
easy as 1, 2, 3. Proceedings of SC11. DOI 10.1145/2063384.2063405.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.random import threefry2x32_p
from jaxtyping import Array, Float, Int, UInt32

from foedus.compute.keys import named_key

MOST_UNITS = 8192
_WORD = 2.0**-24


def stream(seed: int, slot: str) -> UInt32[np.ndarray, " 2"]:
    """Give the key of a named slot: the same slot has the same numbers in every course."""
    return np.asarray(jax.random.key_data(named_key(seed, "slot", slot)))


def uniforms(
    key: UInt32[Array, " 2"],
    draw: Int[Array, " draw"],
    month: Int[Array, ""],
    units: int,
) -> Float[Array, "unit draw"]:
    """Draw one uniform in (0, 1) for each unit and draw. Consumes the slot's numbers of `month`.

    Args:
        key: Key of the slot, from `stream`.
        draw: Number of each draw in the whole run, not in its chunk.
        month: Month counted from year zero.
        units: Units, at most 8192.
    """
    blocks = (units + 1) // 2
    count = jnp.uint32(MOST_UNITS) * month.astype(jnp.uint32) + jnp.arange(blocks, dtype=jnp.uint32)
    shape = (blocks, draw.shape[0])
    first, second = threefry2x32_p.bind(
        key[0],
        key[1],
        jnp.broadcast_to(draw.astype(jnp.uint32)[None, :], shape),
        jnp.broadcast_to(count[:, None], shape),
    )
    words = jnp.concatenate([first, second])[:units]
    return (words >> 8).astype(jnp.float32) * _WORD + _WORD / 2


def normal(uniform: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Turn uniforms into standard normals by the inverse distribution function."""
    return jax.scipy.special.ndtri(uniform)
