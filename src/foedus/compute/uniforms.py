"""Uniform random numbers as a function of seed, draw, month and named slot, and of nothing else.

Each number is one word of the Threefry block whose key belongs to (seed, slot) and whose counter
is (draw, month and unit). The size of a chunk, the order of laws and the number of workers are
not part of it, so they cannot change a result.

Source: Salmon, J. K., M. A. Moraes, R. O. Dror and D. E. Shaw. 2011. Parallel random numbers: as
easy as 1, 2, 3. Proceedings of SC11. DOI 10.1145/2063384.2063405.
"""

from collections.abc import Mapping
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, UInt32

from foedus.compute.keys import named_key

MOST_UNITS = 8192
_WORD = 2.0**-23
_TURNS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA


@lru_cache(maxsize=1024)
def stream(seed: int, slot: str) -> UInt32[np.ndarray, " 2"]:
    """Give the key of a named slot: the same slot has the same numbers in every course."""
    key = np.asarray(jax.random.key_data(named_key(seed, "slot", slot)))
    key.setflags(write=False)
    return key


def uniforms(
    key: UInt32[Array | np.ndarray, " 2"],
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
    return uniforms_of({"": key}, draw, month, {"": units})[""]


def uniforms_of(
    keys: Mapping[str, UInt32[Array | np.ndarray, " 2"]],
    draw: Int[Array, " draw"],
    month: Int[Array, ""],
    units: Mapping[str, int],
) -> dict[str, Float[Array, "_ draw"]]:
    """Draw the uniforms of several slots at once: the numbers `uniforms` gives for each.

    Args:
        keys: Key of each slot.
        draw: Number of each draw in the whole run.
        month: Month counted from year zero.
        units: Units of each slot, at most 8192.
    """
    blocks = {name: (count + 1) // 2 for name, count in units.items()}
    rows = sum(blocks.values())
    key = jnp.concatenate(
        [jnp.broadcast_to(jnp.asarray(keys[name]), (n, 2)) for name, n in blocks.items()]
    )
    number = np.concatenate([np.arange(n, dtype=np.uint32) for n in blocks.values()])
    count = jnp.uint32(MOST_UNITS) * month.astype(jnp.uint32) + number
    shape = (rows, draw.shape[0])
    words = threefry(
        (key[:, :1], key[:, 1:]),
        (
            jnp.broadcast_to(draw.astype(jnp.uint32)[None, :], shape),
            jnp.broadcast_to(count[:, None], shape),
        ),
    )
    # Without the barrier each of the many readers would work the cipher out anew.
    both = jax.lax.optimization_barrier(jnp.stack(words))
    drawn = (both >> 9).astype(jnp.float32) * _WORD + _WORD / 2
    found, at = {}, 0
    for name, n in blocks.items():
        found[name] = drawn[:, at : at + n].reshape(2 * n, draw.shape[0])[: units[name]]
        at += n
    return found


def threefry(
    key: tuple[UInt32[Array, "#*shape"], UInt32[Array, "#*shape"]],
    counter: tuple[UInt32[Array, "*shape"], UInt32[Array, "*shape"]],
) -> tuple[UInt32[Array, "*shape"], UInt32[Array, "*shape"]]:
    """Encipher counters by Threefry-2x32 of twenty rounds.

    The library's own gives the same words; on a processor it goes through memory after every four
    rounds and takes between four and five times as long.

    Args:
        key: The two words of each key.
        counter: The two words of each counter.
    """
    schedule = (*key, key[0] ^ key[1] ^ jnp.uint32(_PARITY))
    one, two = counter[0] + key[0], counter[1] + key[1]
    for turn in range(5):
        for by in _TURNS[turn % 2]:
            one = one + two
            two = ((two << by) | (two >> (32 - by))) ^ one
        one = one + schedule[(turn + 1) % 3]
        two = two + schedule[(turn + 2) % 3] + jnp.uint32(turn + 1)
    return one, two


def normal(uniform: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Turn uniforms into standard normals by the inverse distribution function.

    Source: Giles, M. 2012. Approximating the erfinv function. GPU Computing Gems, Jade edition,
    chapter 10; relative error of single precision about 4e-7.
    """
    return jnp.sqrt(2.0).astype(uniform.dtype) * jax.lax.erf_inv(2 * uniform - 1)
