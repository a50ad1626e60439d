"""Whether a third state joins a dispute on one side."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from foedus.model.law import AbstractLaw, Shape, Term


class Joining(AbstractLaw):
    """Whether a state joins the side of a party to a dispute: a logit.

    Asked of the states that are allied to the party or a major power. Joined disputes are counted
    among the onsets of the joiner's own pair, so the simulation reports this chance and does not
    add to the count.

    Source: Leeds, B. A., A. G. Long and S. M. Mitchell. 2000. Journal of Conflict Resolution
    44(5): 686-699 (allied states fight beside each other far more often than others).
    """

    name: str = "joining"
    value: str = "joins the party's side"
    clock: str = "month"
    unit: str = "country"
    shapes: tuple[str, ...] = ()
    terms: tuple[Term, ...] = (
        Term("constant", "1", 1, 1, "always one"),
        Term("pact with the party", "0 or 1", 0, 1, "a defence pact with the party"),
        Term("pact with the opponent", "0 or 1", 0, 1, "a defence pact with the opponent"),
        Term("major power", "0 or 1", 0, 1, "the joiner is on the COW list"),
        Term("border with the opponent", "0 or 1", 0, 1, "land, or at most 400 miles of water"),
        Term("distance to the opponent", "log 1000 km", -3, 3.1, "between the capitals"),
        Term(
            "history with the opponent", "log 1 + onsets", 0, 4, "past onsets, half-life 10 years"
        ),
    )

    def log_prob(
        self,
        value: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give the log probability of joining (1) or not (0)."""
        return value * predictor - jax.nn.softplus(predictor)

    def draw(
        self,
        uniform: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Say whether the state joins."""
        return (uniform < jax.nn.sigmoid(predictor)) * jnp.ones_like(predictor)
