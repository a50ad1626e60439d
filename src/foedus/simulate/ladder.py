"""A dispute run month by month through the law of the ladder, from its onset or from now.

Nothing here is a second law: each month is one `draw` of the ladder, given inputs that the law's
own `moving` and `situation` make of the months before. The dispute is over after six quiet months.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from foedus.compute.uniforms import stream, uniforms
from foedus.model.law import part_of_predictor
from foedus.model.laws.ladder import (
    FORCE,
    THREAT,
    Ladder,
    Past,
    after,
    beginning,
    is_over,
    moving,
    situation,
)

SLOT = "ladder"
LONGEST_MONTHS = 120


@dataclass(frozen=True)
class Rungs:
    """Parameters of the ladder, one a draw.

    Args:
        coefficients: One array a term, each of shape (draw,).
        shapes: The law's shape parameters, each of shape (draw,).
    """

    coefficients: Mapping[str, Float[np.ndarray, " draw"]]
    shapes: Mapping[str, Float[np.ndarray, " draw"]]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.coefficients["constant"])


def climb(
    law: Ladder,
    rungs: Rungs,
    standing: Mapping[str, Float[np.ndarray, " pair"]],
    level: Float[np.ndarray, "pair draw"],
    *,
    seed: int,
    months: int = LONGEST_MONTHS,
    past: Past | None = None,
) -> Float[np.ndarray, "month pair draw"]:
    """Run disputes forward month by month.

    Consumes the slot `ladder` of months 0 to `months` less one: a dispute's own clock.

    Args:
        law: The law.
        rungs: Its parameters by draw.
        standing: The pairs' own inputs by name.
        level: Levels of the year and the pair.
        seed: Seed of all random numbers.
        months: Months to run.
        past: What the disputes have behind them, each part of shape (pair,); by default they begin.

    Returns:
        Level of each month, 0 to 3; 0 once the dispute is over.
    """
    shape = level.shape
    given = beginning(shape[:1]) if past is None else past
    begun = Past(*(_spread(part, shape) for part in given))
    own = {name: jnp.asarray(part, jnp.float32)[:, None] for name, part in standing.items()}
    weights = {name: jnp.asarray(part, jnp.float32) for name, part in rungs.coefficients.items()}
    shapes = {name: jnp.asarray(part, jnp.float32) for name, part in rungs.shapes.items()}
    standing_part = part_of_predictor(law, weights, own) + jnp.asarray(level, jnp.float32)
    key = jnp.asarray(stream(seed, SLOT))
    found = _run(law, weights, shapes, standing_part, begun, key, jnp.arange(months))
    return np.asarray(found)


def _spread(part, shape: tuple[int, int]) -> Float[Array, "pair draw"]:
    return jnp.broadcast_to(jnp.asarray(part, jnp.float32)[:, None], shape)


@eqx.filter_jit
def _run(
    law: Ladder,
    weights: Mapping[str, Float[Array, " draw"]],
    shapes: Mapping[str, Float[Array, " draw"]],
    standing: Float[Array, "pair draw"],
    begun: Past,
    key: Array,
    months: Int[Array, " month"],
) -> Float[Array, "month pair draw"]:
    pairs, draws = standing.shape

    def step(past: Past, month: Int[Array, ""]):
        line = standing + part_of_predictor(law, weights, moving(past))
        luck = uniforms(key, jnp.arange(draws), month, pairs)
        drawn = law.draw(luck, line, {**shapes, **situation(past)})
        over = is_over(past)
        level = jnp.where(over, 0.0, drawn)
        kept = [
            jnp.where(over, old, new) for old, new in zip(past, after(past, level), strict=True)
        ]
        return Past(*kept), level

    return jax.lax.scan(step, begun, months)[1]


def reached(
    level: Float[np.ndarray, "month pair draw"], rung: int, months: int
) -> Bool[np.ndarray, "pair draw"]:
    """Tell whether a rung was reached within months; the month of the onset is the first."""
    return np.asarray((level[:months] >= rung).any(axis=0))


def highest(level: Float[np.ndarray, "month pair draw"]) -> Int[np.ndarray, "pair draw"]:
    """Give the highest level reached, 0 to 3."""
    return level.max(axis=0).astype(np.int64)


def length(level: Float[np.ndarray, "month pair draw"]) -> Int[np.ndarray, "pair draw"]:
    """Count the months from the onset to the last incident, both included.

    A dispute that is not over by the last month run is as long as what was run.
    """
    some = level >= THREAT
    back = np.argmax(some[::-1], axis=0)
    return np.where(some.any(axis=0), len(level) - back, 0).astype(np.int64)


def shares_of_highest(
    level: Float[np.ndarray, "month pair draw"],
) -> Float[np.ndarray, "pair rung"]:
    """Give the share of draws by highest level: threat, display, use of force."""
    top = highest(level)
    return np.stack([(top == rung).mean(axis=1) for rung in range(THREAT, FORCE + 1)], axis=1)
