"""How far a dispute goes: the highest hostility level of a pair, given an onset."""

import jax
from jaxtyping import Array, Float

from foedus.model.distributions import ordered_log_prob, ordered_quantile
from foedus.model.law import AbstractLaw, Shape, Term, Values

LEVELS = (2, 3, 4, 5)
NAMES = ("threat of force", "display of force", "use of force", "war")


class Escalation(AbstractLaw):
    """Highest hostility level of a dispute between two states: ordered logit with four steps.

    Levels are those of MID: 2 threat, 3 display, 4 use of force, 5 war. The world's level moves
    from year to year. War between the states of the flagship case is outside the record; its step
    is fitted worldwide.

    Source: McCullagh, P. 1980. JRSS B 42(2): 109-142 (form); Jones, D. M., S. A. Bremer and J. D.
    Singer. 1996. Conflict Management and Peace Science 15(2): 163-213 (levels).
    """

    name: str = "escalation"
    value: str = "highest hostility level less two, given an onset"
    clock: str = "month"
    unit: str = "pair"
    shapes: tuple[str, ...] = ("below", "above")
    terms: tuple[Term, ...] = (
        Term("constant", "1", 1, 1, "always one"),
        Term("land border", "0 or 1", 0, 1, "the two share a land border"),
        Term("distance", "log 1000 km", -3, 3.1, "between the capitals"),
        Term("both major powers", "0 or 1", 0, 1, "both on the COW list"),
        Term("imbalance", "log ratio", 0, 12, "capability (CINC) of the larger over the smaller"),
        Term("lower democracy", "unified score", -3, 3, "lower democracy score of the two"),
        Term("slow history", "log 1 + onsets", 0, 4, "past onsets, half-life ten years"),
        Term("force in the past", "0 to 1", 0, 1, "share of past onsets that saw use of force"),
    )

    def log_prob(
        self,
        value: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give the log probability of a level, 0 (threat) to 3 (war)."""
        return ordered_log_prob(value, predictor, shape["below"], shape["above"])

    def draw(
        self,
        uniform: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give a level, 0 to 3."""
        return ordered_quantile(uniform, predictor, shape["below"], shape["above"])

    def force(self, predictor: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """Give the chance of use of force or war: the threshold between the two halves is zero."""
        return jax.nn.sigmoid(predictor)


def force_share(
    force: Float[Values, "*shape"], onsets: Float[Values, "*shape"]
) -> Float[Values, "*shape"]:
    """Give the share of past onsets with use of force, drawn toward six in ten by two onsets."""
    return (force + 1.2) / (onsets + 2.0)
