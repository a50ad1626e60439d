"""Priors as data: one TOML table a parameter, with unit, range and source.

Parameters are sampled on an unbounded scale: normal ones as they are, positive ones as the size of
a number of either sign (so that a half-normal prior is a normal one, smooth through zero), shares
as log odds. The change of variable is part of the density.
"""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from foedus.model.parameters import read


class Priors(eqx.Module):
    """Priors of a parameter vector.

    Args:
        names: Parameters in order.
        kind: For each, 0 normal, 1 half-normal, 2 uniform on 0 to 1.
        mean: Mean of the normal ones.
        scale: Scale of the normal and half-normal ones.
    """

    names: tuple[str, ...] = eqx.field(static=True)
    kind: Int[np.ndarray, " parameter"]
    mean: Float[np.ndarray, " parameter"]
    scale: Float[np.ndarray, " parameter"]

    def natural(self, z: Float[Array, " parameter"]) -> Float[Array, " parameter"]:
        """Turn the unbounded scale into the natural one."""
        return jnp.where(
            self.kind == 1, jnp.abs(z), jnp.where(self.kind == 2, jax.nn.sigmoid(z), z)
        )

    def log_prob(self, z: Float[Array, " parameter"]) -> Float[Array, ""]:
        """Give the log density on the unbounded scale, change of variable included."""
        bell = -0.5 * ((z - self.mean) / self.scale) ** 2 - jnp.log(self.scale)
        uniform = jax.nn.log_sigmoid(z) + jax.nn.log_sigmoid(-z)
        return jnp.sum(jnp.where(self.kind == 2, uniform, bell - 0.5 * jnp.log(2 * jnp.pi)))

    def start(self) -> np.ndarray:
        """Give a point to start a search from, on the unbounded scale."""
        middle = np.where(self.kind == 1, self.scale / 2, self.mean)
        return np.where(self.kind == 2, 1.0, middle)


def priors(file: str, parameters: Sequence[str], labels: Sequence[str] | None = None) -> Priors:
    """Collect the priors of a parameter vector.

    Args:
        file: Parameter file, by name without ending.
        parameters: `group.parameter` of each element; a name may come more than once.
        labels: What to call the elements where that differs.
    """
    kinds = {"normal": 0, "half-normal": 1, "uniform": 2}
    entries = [read(file)[group][name] for group, name in (p.split(".", 1) for p in parameters)]
    return Priors(
        names=tuple(labels if labels is not None else parameters),
        kind=np.array([kinds[entry["prior"]] for entry in entries]),
        mean=np.array([float(entry.get("mean", 0.0)) for entry in entries]),
        scale=np.array([float(entry.get("scale", 1.0)) for entry in entries]),
    )
