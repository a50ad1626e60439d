"""Growth of a state's military spending, year by year."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from foedus.model.distributions import heavy_log_density, heavy_quantile
from foedus.model.law import AbstractLaw, Inputs, Shape, Term, Values

KEEP_MEAN = 0.7
KEEP_VARIANCE = 0.9
USUAL_SPREAD = 0.1
LEAST_VARIANCE = 1e-4


class Arming(AbstractLaw):
    """Yearly change of the log of real military spending: heavy-tailed, pooled by state and year.

    The spread follows the state's own past volatility.

    Source: Nordhaus, W., J. R. Oneal and B. Russett. 2012. International Organization 66(3):
    491-513 (spending, threat and the economy).
    """

    name: str = "arming"
    value: str = "change of the log of real military spending in a year"
    clock: str = "year"
    unit: str = "country"
    shapes: tuple[str, ...] = ("scale", "tail", "volatility weight")
    terms: tuple[Term, ...] = (
        Term("constant", "1", 1, 1, "always one"),
        Term("last growth", "log change", -1, 1, "change in the year before"),
        Term("mean growth", "log change", -1, 1, "mean of past changes, weight .3 on the last"),
        Term("economy", "log change", -0.3, 0.3, "growth of real output in the year before"),
        Term("disputes", "log 1 + onsets", 0, 4, "of the state with any other, half-life 2 years"),
    )

    def log_prob(
        self,
        value: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give the log density of a change."""
        return heavy_log_density(value, predictor, _scale(shape), shape["tail"])

    def draw(
        self,
        uniform: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give a change."""
        return heavy_quantile(uniform, predictor, _scale(shape), shape["tail"])


def _scale(shape: Shape) -> Float[Array, "..."]:
    return shape["scale"] * jnp.exp(shape["volatility weight"] * shape["volatility"])


def remember(
    mean: Float[Values, "*shape"],
    variance: Float[Values, "*shape"],
    growth: Float[Values, "*shape"],
) -> tuple[Float[Values, "*shape"], Float[Values, "*shape"]]:
    """Carry mean growth and variance of growth one year on."""
    kept = jnp.clip(growth, -1.0, 1.0)
    return (
        KEEP_MEAN * mean + (1 - KEEP_MEAN) * kept,
        KEEP_VARIANCE * variance + (1 - KEEP_VARIANCE) * kept**2,
    )


def inputs(
    growth: Float[Values, "*shape"],
    mean: Float[Values, "*shape"],
    economy: Float[Values, "*shape"],
    disputes: Float[Values, "*shape"],
) -> Inputs:
    """Give the terms from the memory of 31 December."""
    return {
        "constant": jnp.ones_like(growth),
        "last growth": growth,
        "mean growth": mean,
        "economy": economy,
        "disputes": jnp.log1p(disputes),
    }


def volatility(variance: Float[Values, "*shape"]) -> Float[Array, "*shape"]:
    """Give the log of past volatility over ten per cent a year."""
    return 0.5 * jnp.log(jnp.maximum(variance, LEAST_VARIANCE)) - jnp.log(USUAL_SPREAD)
