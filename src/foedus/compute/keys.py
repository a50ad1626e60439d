"""Random keys as a function of a seed and stable names, never of the order of calls."""

import hashlib

import jax
import numpy as np
from jaxtyping import Array, Key


def named_key(seed: int, *names: str | int) -> Key[Array, ""]:
    """Give the key that belongs to a seed and a path of names.

    The same path gives the same key in every run and on every platform; adding a name elsewhere
    changes no other key.

    Args:
        seed: Seed of the run.
        names: Path such as a model, a fold, a purpose.
    """
    key = jax.random.key(seed)
    for name in names:
        digest = hashlib.sha256(str(name).encode("utf-8")).digest()
        key = jax.random.fold_in(key, int.from_bytes(digest[:4], "big"))
    return key


def named_generator(seed: int, *names: str | int) -> np.random.Generator:
    """Give a NumPy generator that belongs to a seed and a path of names."""
    text = "/".join(str(part) for part in (seed, *names))
    return np.random.default_rng(list(hashlib.sha256(text.encode("utf-8")).digest()))
