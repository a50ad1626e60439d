"""Laws of quantities that drift from year to year: affinity, exchange, growth, and what is carried.

All have one form: a heavy-tailed change around a mean that looks back at the last change and at
how far the level stands from its own slow mean.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from foedus.model.distributions import heavy_log_density, heavy_quantile
from foedus.model.law import AbstractLaw, Inputs, Shape, Term, Values

KEEP_LEVEL = 0.8
KEEP_VARIANCE = 0.8
USUAL_CHANGE = {"affinity": 0.1, "exchange": 0.2, "growth": 0.05}
LARGEST_CHANGE = {"affinity": 1.0, "exchange": 1.0, "growth": 0.3}


class AbstractDrifting(AbstractLaw):
    """A heavy-tailed yearly change."""

    def log_prob(
        self,
        value: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give the log density of a change."""
        return heavy_log_density(value, predictor, scale_of(shape), shape["tail"])

    def draw(
        self,
        uniform: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give a change."""
        return heavy_quantile(uniform, predictor, scale_of(shape), shape["tail"])


_CONSTANT = Term("constant", "1", 1, 1, "always one")


def _back(unit: str, most: int) -> tuple[Term, Term]:
    return (
        Term("last change", unit, -most, most, "change in the year before"),
        Term("gap", unit, -2 * most, 2 * most, "level less its own slow mean"),
    )


class Affinity(AbstractDrifting):
    """Yearly change of a state's ideal point in UN votes.

    Source: Bailey, M. A., A. Strezhnev and E. Voeten. 2017. Journal of Conflict Resolution 61(2):
    430-456 (ideal points as a random walk).
    """

    name: str = "affinity"
    value: str = "change of the ideal point in a year"
    clock: str = "year"
    unit: str = "country"
    shapes: tuple[str, ...] = ("scale", "tail", "volatility weight")
    terms: tuple[Term, ...] = (_CONSTANT, *_back("ideal points", 1))


class Exchange(AbstractDrifting):
    """Yearly change of the log of a pair's trade in current dollars, both ways together.

    Source: Head, K. and T. Mayer. 2014. Gravity equations. Handbook of International Economics 4:
    131-195 (trade and the two economies).
    """

    name: str = "exchange"
    value: str = "change of the log of trade in a year"
    clock: str = "year"
    unit: str = "pair"
    shapes: tuple[str, ...] = ("scale", "tail", "volatility weight")
    terms: tuple[Term, ...] = (
        _CONSTANT,
        *_back("log", 1),
        Term("economies", "log change", -0.5, 0.5, "real growth of both in the year before, added"),
    )


class Growth(AbstractDrifting):
    """Yearly change of the log of real output, drawn back to the pooled mean.

    Source: Pritchett, L. and L. H. Summers. 2014. Asiaphoria meets regression to the mean. NBER
    Working Paper 20573.
    """

    name: str = "growth"
    value: str = "change of the log of real output in a year"
    clock: str = "year"
    unit: str = "country"
    shapes: tuple[str, ...] = ("scale", "tail", "volatility weight")
    terms: tuple[Term, ...] = (
        _CONSTANT,
        Term("last change", "log change", -0.3, 0.3, "growth in the year before"),
        Term("mean growth", "log change", -0.3, 0.3, "slow mean of past growth"),
    )


class Carry(AbstractDrifting):
    """A random walk with drift: what is carried until a law of its own wins on past origins."""

    name: str
    value: str
    unit: str
    clock: str = "year"
    shapes: tuple[str, ...] = ("scale", "tail")
    terms: tuple[Term, ...] = (_CONSTANT,)


def scale_of(shape: Shape) -> Float[Array, "..."]:
    """Give the spread: where a law has a weight for it, it follows the unit's past volatility."""
    if "volatility weight" not in shape:
        return shape["scale"]
    return shape["scale"] * jnp.exp(shape["volatility weight"] * shape["volatility"])


def remember_variance(
    variance: Float[Values, "*shape"], change: Float[Values, "*shape"], most: float
) -> Float[Values, "*shape"]:
    """Carry the mean square of past changes one year on, each held to `most`."""
    kept = jnp.clip(change, -most, most)
    return KEEP_VARIANCE * variance + (1 - KEEP_VARIANCE) * kept**2


def volatility(variance: Float[Values, "*shape"], usual: float) -> Float[Array, "*shape"]:
    """Give the log of past volatility over the usual one, never below a tenth of it."""
    floor = (usual / 10) ** 2
    return 0.5 * jnp.log(jnp.maximum(variance, floor)) - jnp.log(usual)


def look_back(
    level: Float[Values, "*shape"], change: Float[Values, "*shape"], slow: Float[Values, "*shape"]
) -> Inputs:
    """Give the terms of a drifting law from the level and memory of 31 December."""
    return {"constant": jnp.ones_like(level), "last change": change, "gap": level - slow}


def slow_mean(
    slow: Float[Values, "*shape"], level: Float[Values, "*shape"]
) -> Float[Values, "*shape"]:
    """Carry a slow mean one year on."""
    return KEEP_LEVEL * slow + (1 - KEEP_LEVEL) * level
