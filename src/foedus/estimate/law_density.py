"""The joint density of a law's parameters, for the No-U-Turn sampler: the check of Laplace.

Every element is standard normal under its prior, so that levels and their spreads separate.
"""

from collections.abc import Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from foedus.estimate.fit import Draws, sample_nuts
from foedus.estimate.laplace import Cases
from foedus.estimate.law_priors import law_priors
from foedus.model.law import AbstractLaw
from foedus.model.priors import Priors

MOST_ELEMENTS = 600


class LawDensity(eqx.Module):
    """Log density of coefficients, outer parameters and levels, all standardised.

    Order of the vector: coefficients, free outer parameters, year levels, unit levels.
    """

    law: AbstractLaw
    value: Float[np.ndarray, " row"]
    terms: Float[np.ndarray, "row term"]
    offset: Float[np.ndarray, " row"]
    unit: Int[np.ndarray, " row"]
    year: Int[np.ndarray, " row"]
    extra: Mapping[str, Float[np.ndarray, " row"]]
    mean: Float[np.ndarray, " term"]
    scale: Float[np.ndarray, " term"]
    outer_mean: Float[np.ndarray, " outer"]
    outer_scale: Float[np.ndarray, " outer"]
    outer_names: tuple[str, ...] = eqx.field(static=True)
    outer_share: tuple[bool, ...] = eqx.field(static=True)
    outer_free: tuple[int, ...] = eqx.field(static=True)
    years: int = eqx.field(static=True)
    units: int = eqx.field(static=True)

    def natural(self, z: Float[Array, " parameter"]) -> dict[str, Float[Array, "..."]]:
        """Give coefficients, outer parameters and levels on their natural scale."""
        terms = len(self.mean)
        free = len(self.outer_free)
        coefficients = self.mean + self.scale * z[:terms]
        given = z[terms : terms + free]
        raw = jnp.asarray(self.outer_mean)
        at = np.array(self.outer_free, dtype=np.int64)
        raw = raw.at[at].add(self.outer_scale[at] * given)
        found = {"coefficients": jnp.asarray(coefficients)}
        for number, name in enumerate(self.outer_names):
            share = self.outer_share[number]
            found[name] = jax.nn.sigmoid(raw[number]) if share else jnp.exp(raw[number])
        rest = z[terms + free :]
        if self.years:
            memory, spread = found["year memory"], found["year spread"]
            start = spread / jnp.sqrt(1 - memory**2) * rest[0]

            def step(level, shock):
                new = memory * level + spread * shock
                return new, new

            _, later = jax.lax.scan(step, start, rest[1 : self.years])
            found["year level"] = jnp.concatenate([start[None], later])
        if self.units:
            found["unit level"] = found["unit spread"] * rest[self.years :]
        return found

    def __call__(self, z: Float[Array, " parameter"]) -> Float[Array, ""]:
        """Give the log density of prior and rows, up to a constant."""
        found = self.natural(z)
        eta = self.offset + self.terms @ found["coefficients"]
        if self.years:
            eta = eta + found["year level"][self.year]
        if self.units:
            eta = eta + found["unit level"][self.unit]
        shape = {name: found[name] for name in self.law.shapes}
        shape |= {name: jnp.asarray(part) for name, part in self.extra.items()}
        likelihood = self.law.log_prob(jnp.asarray(self.value), jnp.asarray(eta), shape)
        return jnp.sum(likelihood) - 0.5 * jnp.sum(z**2)


def law_density(law: AbstractLaw, cases: Cases) -> LawDensity:
    """Put together law, priors and rows."""
    given = law_priors(law)
    seen = np.unique(cases.unit)
    position = np.zeros(len(cases.units), dtype=np.int64)
    position[seen] = np.arange(len(seen))
    return LawDensity(
        law=law,
        value=cases.value,
        terms=cases.terms,
        offset=cases.offset,
        unit=position[cases.unit],
        year=cases.year,
        extra=dict(cases.extra),
        mean=given.mean,
        scale=given.scale,
        outer_mean=given.outer.mean,
        outer_scale=given.outer.scale,
        outer_names=given.outer.names,
        outer_share=tuple(given.outer.share.tolist()),
        outer_free=tuple(np.flatnonzero(~given.outer.fixed).tolist()),
        years=len(cases.years) if given.years else 0,
        units=len(seen) if given.units else 0,
    )


def sample_law(
    law: AbstractLaw, cases: Cases, *, seed: int, warmup: int = 400, draws: int = 500
) -> Draws:
    """Draw a law's coefficients and free outer parameters with NUTS, in four chains.

    Levels are drawn too and left out of what is given back.

    Raises:
        ValueError: The law has more than 600 elements on these rows: use Laplace.
    """
    density = law_density(law, cases)
    size = len(density.mean) + len(density.outer_free) + density.years + density.units
    if size > MOST_ELEMENTS:
        raise ValueError(f"{size} elements; NUTS is used up to {MOST_ELEMENTS}")
    names = tuple(f"z{i}" for i in range(size))
    standard = Priors(names, np.zeros(size, np.int64), np.zeros(size), np.ones(size))
    found = sample_nuts(density, standard, seed=seed, name=law.name, warmup=warmup, draws=draws)
    with jax.enable_x64(True):
        natural = jax.vmap(jax.vmap(density.natural))(jnp.asarray(found.theta))
        free = [density.outer_names[i] for i in density.outer_free]
        columns = [np.asarray(natural["coefficients"])] + [
            np.asarray(natural[name])[..., None] for name in free
        ]
    from foedus.estimate.diagnostics import diagnose

    theta = np.concatenate(columns, axis=-1)
    labels = (*(term.name for term in law.terms), *free)
    divergent = found.diagnostics.divergent
    return Draws(labels, theta, diagnose(labels, theta, divergent))
