"""Monthly counts of acts between two states, or in an arena."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from foedus.compute import quantiles
from foedus.model.distributions import negative_binomial_log_prob
from foedus.model.law import AbstractLaw, Inputs, Shape, Term, Values

KEEP_FAST = 0.6
KEEP_SLOW = 0.93
LEAST_MEAN = 0.05
MOST_COUNT = 4000
LARGEST_LOG_MEAN = 7.6
KINDS = ("cooperation in words", "conflict in words", "acts", "arena")
_POINTS, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


class Incidents(AbstractLaw):
    """Count of acts in a month: negative binomial, self-exciting, answering, with breaks of level.

    The log mean is the series' own slow mean, drawn by `pull` toward a level of its own, so that it
    cannot run away; it leans to the recent mean and to what the other side did. With some chance a
    month breaks away by a normal step, and the means follow. Each series of each carrier file has
    a level of its own, and a new one after a known break of its reporting terms; reporting effort
    enters as a term.

    Source: Fokianos, K. and D. Tjøstheim. 2011. Log-linear Poisson autoregression. Journal of
    Multivariate Analysis 102(3): 563-578 (form); Christou, V. and K. Fokianos. 2014. Journal of
    Time Series Analysis 35(1): 55-78 (negative binomial).
    """

    name: str = "incidents"
    value: str = "acts in a month"
    clock: str = "month"
    unit: str = "series"
    shapes: tuple[str, ...] = (
        "size, cooperation in words",
        "size, conflict in words",
        "size, acts",
        "size, arena",
        "break share",
        "break spread",
        "break share, arena",
        "break spread, arena",
        "pull",
        "lean",
        "effort weight",
    )
    terms: tuple[Term, ...] = (
        Term("constant", "1", 1, 1, "always one"),
        Term("arena", "0 or 1", 0, 1, "the series is an arena's"),
        Term("answer", "log 1 + count", 0, 9, "recent mean of the other side's same acts"),
        Term("reporting growth", "decades", -3, 3, "years since 2012 where reporting grows"),
    )

    def log_prob(
        self,
        value: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give the log probability of a count; the step at a break is integrated out."""
        size = size_of(shape)
        centre = centre_of(predictor, shape)
        broken, spread = breaks_of(shape)
        held = jnp.minimum(centre, LARGEST_LOG_MEAN)
        calm = jnp.log1p(-broken) + negative_binomial_log_prob(value, held, size)
        found = calm
        for point, weight in zip(_POINTS, _WEIGHTS, strict=True):
            moved = jnp.minimum(centre + spread * point, LARGEST_LOG_MEAN)
            part = negative_binomial_log_prob(value, moved, size)
            found = jnp.logaddexp(found, jnp.log(broken * weight) + part)
        return found

    def draw(
        self,
        uniform: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give a count. `shape["break draw"]` holds a second uniform, which decides the break.

        Below the share it breaks, and its place below the share picks one of the five steps.
        """
        share, spread = breaks_of(shape)
        place = shape["break draw"] / share
        edges = np.cumsum(_WEIGHTS)[:-1]
        step = jnp.full_like(predictor, float(_POINTS[0]))
        for edge, point in zip(edges, _POINTS[1:], strict=True):
            step = jnp.where(place > edge, float(point), step)
        centre = centre_of(predictor, shape)
        moved = centre + jnp.where(place < 1, spread * step, 0.0)
        mean = jnp.exp(jnp.minimum(moved, LARGEST_LOG_MEAN))
        size = jnp.broadcast_to(size_of(shape), mean.shape)
        return quantiles.negative_binomial(uniform, mean, size, MOST_COUNT)


def centre_of(predictor: Float[Array, "*shape"], shape: Shape) -> Float[Array, "*shape"]:
    """Give the log mean of a month without a break: the slow mean, drawn to the predictor."""
    slow, pull = shape["slow level"], shape["pull"]
    drawn = slow + pull * (predictor - slow)
    return drawn + shape["lean"] * shape["turn"] + shape["effort weight"] * shape["effort"]


def breaks_of(shape: Shape) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """Give share and spread of the breaks of each series: those of arenas, or those of dyads."""
    arena = shape["kind"] == KINDS.index("arena")
    return (
        jnp.where(arena, shape["break share, arena"], shape["break share"]),
        jnp.where(arena, shape["break spread, arena"], shape["break spread"]),
    )


def size_of(shape: Shape) -> Float[Array, "..."]:
    """Give the size of each series by its kind, held to at most 30."""
    kind = shape["kind"]
    size = shape["size, cooperation in words"]
    for number, name in enumerate(KINDS[1:], start=1):
        size = jnp.where(kind == number, shape[f"size, {name}"], size)
    return jnp.minimum(size, 30.0)


def remember(
    recent: Float[Values, "*shape"], slow: Float[Values, "*shape"], count: Float[Values, "*shape"]
) -> tuple[Float[Values, "*shape"], Float[Values, "*shape"]]:
    """Carry the recent and the slow mean one month on."""
    return (
        KEEP_FAST * recent + (1 - KEEP_FAST) * count,
        KEEP_SLOW * slow + (1 - KEEP_SLOW) * count,
    )


def log_level(mean: Float[Values, "*shape"]) -> Float[Array, "*shape"]:
    """Give the log of a mean count, a quarter added so that a quiet series has one."""
    return jnp.log(mean + LEAST_MEAN)


def inputs(
    answer: Float[Values, "*shape"],
    reporting: Float[Values, "*shape"],
    arena: Float[Values, "*shape"],
) -> Inputs:
    """Give the terms from the memory of the month before."""
    return {
        "constant": jnp.ones_like(arena),
        "arena": arena,
        "answer": jnp.log1p(answer),
        "reporting growth": reporting,
    }


def around(
    recent: Float[Values, "*shape"],
    slow: Float[Values, "*shape"],
    effort: Float[Values, "*shape"],
    kind: Float[Values, "*shape"],
) -> dict[str, Float[Array, "*shape"]]:
    """Give what the distribution of a month reads beside its predictor.

    `turn` is the log ratio of the recent over the slow mean, held to four either way; `effort`
    the log of the facts of all states in the file that month, centred.
    """
    level = log_level(slow)
    return {
        "kind": jnp.asarray(kind),
        "slow level": level,
        "turn": jnp.clip(log_level(recent) - level, -4.0, 4.0),
        "effort": jnp.asarray(effort),
    }
