"""Predictive checks of a law: what it expects before and after seeing the rows, beside them."""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from foedus.compute.keys import named_generator
from foedus.estimate.laplace import Cases, LawDraws
from foedus.estimate.law_priors import law_priors
from foedus.model.law import AbstractLaw

Floats = NDArray[np.float64]
STATISTICS: dict[str, Callable[[Floats], float]] = {
    "mean": lambda x: float(x.mean()),
    "standard deviation": lambda x: float(x.std()),
    "share of zeros": lambda x: float((x == 0).mean()),
    "99 % quantile": lambda x: float(np.quantile(x, 0.99)),
}
MOST_ROWS = 20_000


def simulate_rows(
    law: AbstractLaw, cases: Cases, eta: Floats, outer: dict[str, float], rng: np.random.Generator
) -> Floats:
    """Draw a value for every row from its predictor, through the law's own `draw`."""
    with jax.enable_x64(True):
        shape = {name: jnp.asarray(outer[name]) for name in law.shapes}
        shape |= {name: jnp.asarray(part) for name, part in cases.extra.items()}
        if law.name == "incidents":
            shape["break draw"] = jnp.asarray(rng.uniform(size=len(eta)))
        uniform = jnp.asarray(rng.uniform(1e-6, 1 - 1e-6, size=len(eta)))
        return np.asarray(law.draw(uniform, jnp.asarray(eta), shape), dtype=np.float64)


def predictive_checks(
    law: AbstractLaw, cases: Cases, found: LawDraws, *, seed: int, worlds: int = 60
) -> dict[str, dict[str, float | list[float]]]:
    """Hold the rows to what the law would have given, before and after the fit.

    Returns:
        For each statistic: the observed value, the 90 % range under the prior and under the
        posterior, and the share of posterior worlds above the observed value.
    """
    rng = named_generator(seed, "predictive", law.name)
    rows = np.arange(len(cases.value))
    if len(rows) > MOST_ROWS:
        rows = np.sort(rng.choice(rows, MOST_ROWS, replace=False))
    mask = np.zeros(len(cases.value), dtype=bool)
    mask[rows] = True
    part = cases.take(mask)
    posterior = [_posterior_world(law, part, found, rng) for _ in range(worlds)]
    prior = [_prior_world(law, part, rng) for _ in range(worlds)]
    checks: dict[str, dict[str, float | list[float]]] = {}
    for name, statistic in STATISTICS.items():
        after = np.array([statistic(world) for world in posterior])
        before = np.array([statistic(world) for world in prior])
        observed = statistic(part.value)
        checks[name] = {
            "observed": round(observed, 6),
            "prior": [round(float(q), 6) for q in np.nanquantile(before, [0.05, 0.95])],
            "posterior": [round(float(q), 6) for q in np.quantile(after, [0.05, 0.95])],
            "share_above": round(
                float((after > observed).mean() + (after == observed).mean() / 2), 3
            ),
        }
    return checks


def _posterior_world(
    law: AbstractLaw, cases: Cases, found: LawDraws, rng: np.random.Generator
) -> Floats:
    at = int(rng.integers(len(found.coefficients)))
    eta = cases.offset + cases.terms @ found.coefficients[at] + found.unit_level[at][cases.unit]
    if found.year_level.shape[1]:
        eta = eta + found.year_level[at][cases.year]
    outer = {name: float(part[at]) for name, part in found.outer.items()}
    return simulate_rows(law, cases, eta, outer, rng)


def _prior_world(law: AbstractLaw, cases: Cases, rng: np.random.Generator) -> Floats:
    drawn = prior_parameters(law, cases, rng)
    return simulate_rows(law, cases, np.clip(drawn.predictor(cases), -30, 12), drawn.outer, rng)


@dataclass(frozen=True)
class Parameters:
    """One value of everything a law has to learn.

    Args:
        coefficients: One a term, shape (term,).
        outer: Spreads, memory and shapes by name.
        unit_level: Shape (unit,).
        year_level: Shape (year,); empty where the law has no level of the year.
    """

    coefficients: Floats
    outer: dict[str, float]
    unit_level: Floats
    year_level: Floats

    def predictor(self, cases: Cases) -> Floats:
        """Add up offset, terms and levels of every row."""
        eta = cases.offset + cases.terms @ self.coefficients + self.unit_level[cases.unit]
        return eta + self.year_level[cases.year] if len(self.year_level) else eta


def prior_parameters(law: AbstractLaw, cases: Cases, rng: np.random.Generator) -> Parameters:
    """Draw coefficients, outer parameters and levels from their priors."""
    given = law_priors(law)
    coefficients = rng.normal(given.mean, given.scale)
    free = np.where(given.outer.fixed, 0.0, given.outer.scale)
    outer = given.outer.natural(rng.normal(given.outer.mean, np.maximum(free, 1e-9)))
    unit_level = np.zeros(len(cases.units))
    if given.units:
        unit_level = rng.normal(0, outer["unit spread"], len(cases.units))
    year_level = np.zeros(len(cases.years) if given.years else 0)
    if given.years:
        steps = rng.normal(0, outer["year spread"], len(cases.years))
        year_level[0] = steps[0] / np.sqrt(1 - outer["year memory"] ** 2)
        for t in range(1, len(year_level)):
            year_level[t] = outer["year memory"] * year_level[t - 1] + steps[t]
    return Parameters(coefficients, outer, unit_level, year_level)
