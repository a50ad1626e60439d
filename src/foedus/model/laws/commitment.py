"""Whether two states have a defence pact in force next year."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from foedus.model.law import AbstractLaw, Shape, Term


class Commitment(AbstractLaw):
    """Whether a defence pact is in force between two states at the end of the year: a logit.

    The estimated version. The ensemble uses it only where it beats carrying the pact on past
    origins; enlargements bring many pairs at once, so the record holds about eight onsets.

    Source: Leeds, B. A., M. Mattes and J. S. Vogel. 2009. American Journal of Political Science
    53(2): 461-476 (how alliances end).
    """

    name: str = "commitment"
    value: str = "defence pact in force at the end of the year"
    clock: str = "year"
    unit: str = "pair"
    shapes: tuple[str, ...] = ()
    terms: tuple[Term, ...] = (
        Term("constant", "1", 1, 1, "always one"),
        Term("pact", "0 or 1", 0, 1, "in force at the end of the year before"),
        Term("pact and its age", "log 1 + years", 0, 5, "years in force, where there is one"),
        Term("distance", "log 1000 km", -3, 3.1, "between the capitals"),
        Term("both major powers", "0 or 1", 0, 1, "both on the COW list"),
        Term("lower democracy", "unified score", -3, 3, "lower democracy score of the two"),
        Term("slow history", "log 1 + onsets", 0, 4, "disputes of the two, half-life ten years"),
    )

    def log_prob(
        self,
        value: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give the log probability of a pact (1) or none (0)."""
        return value * predictor - jax.nn.softplus(predictor)

    def draw(
        self,
        uniform: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Say whether there is a pact."""
        return (uniform < jax.nn.sigmoid(predictor)) * jnp.ones_like(predictor)
