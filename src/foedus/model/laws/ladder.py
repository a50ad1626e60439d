"""The ladder within a dispute: the highest level of an incident between two states in a month.

The law gives one month from the months before it; `after` carries those months on. Rows, scores
and simulation all go through the same functions, from the onset until six quiet months have passed.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from foedus.model.distributions import ordered_log_prob, ordered_quantile
from foedus.model.law import AbstractLaw, Shape, Term

RUNGS = ("no incident", "threat of force", "display of force", "use of force")
THREAT, DISPLAY, FORCE = 1, 2, 3
QUIET_MONTHS = 6
Months = Float[Array | np.ndarray, "*shape"]


class Ladder(AbstractLaw):
    """Highest level of the incidents between two states in a month of their dispute.

    An ordered logit with four levels: 0 no incident, 1 threat, 2 display, 3 use of force, with war
    counted as use of force. After a use of force the step from display to force is another one: a
    dispute that has come to blows returns to blows more than to displays. The month in which a
    dispute begins has an incident by definition, so there the levels share what is left when none
    is ruled out.

    Source: McCullagh, P. 1980. JRSS B 42(2): 109-142 (form); Jones, D. M., S. A. Bremer and J. D.
    Singer. 1996. Conflict Management and Peace Science 15(2): 163-213 (levels, six months);
    Braithwaite, A. and D. Lemke. 2011. Conflict Management and Peace Science 28(2): 111-123 (what
    goes with escalation depends on how escalation is read).
    """

    name: str = "ladder"
    value: str = "highest level of the incidents between two states in a month of their dispute"
    clock: str = "month"
    unit: str = "pair"
    shapes: tuple[str, ...] = ("below", "above", "above after force")
    terms: tuple[Term, ...] = (
        Term("constant", "1", 1, 1, "always one"),
        Term("first month", "0 or 1", 0, 1, "the month in which the dispute begins"),
        Term("incident last month", "0 or 1", 0, 1, "there was an incident the month before"),
        Term("force last month", "0 or 1", 0, 1, "force was used the month before"),
        Term("force so far", "0 or 1", 0, 1, "force was used in an earlier month of the dispute"),
        Term("quiet months", "log 1 + months", 0, 2, "months without an incident since the last"),
        Term("age", "log 1 + months", 0, 6, "months since the onset"),
        Term(
            "months with an incident", "log 1 + months", 0, 6, "of those, months with an incident"
        ),
        Term("land border", "0 or 1", 0, 1, "the two share a land border"),
        Term("distance", "log 1000 km", -3, 3.1, "between the capitals"),
        Term("both major powers", "0 or 1", 0, 1, "both on the COW list"),
        Term(
            "force in the past", "0 to 1", 0, 1, "share of their disputes over by then with force"
        ),
    )

    def log_prob(
        self,
        value: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give the log probability of a level, 0 (no incident) to 3 (use of force).

        `shape` holds `first` and `force last` besides the shapes: see `situation`.
        """
        first = shape["first"] > 0
        found = ordered_log_prob(value, predictor, shape["below"], self._above(shape))
        some = jax.nn.log_sigmoid(predictor + shape["below"])
        found = jnp.where(first, found - some, found)
        return jnp.where(first & (value < THREAT), -jnp.inf, found)

    def draw(
        self,
        uniform: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give a level, 0 to 3; never 0 in the first month."""
        first = shape["first"] > 0
        none = jax.nn.sigmoid(-predictor - shape["below"])
        held = jnp.where(first, none + (1 - none) * uniform, uniform)
        level = ordered_quantile(held, predictor, shape["below"], self._above(shape))
        return jnp.where(first, jnp.maximum(level, 1.0 * THREAT), level)

    def _above(self, shape: Shape) -> Float[Array, "..."]:
        """Choose the step from display to force by the last incident."""
        return jnp.where(shape["force last"] > 0, shape["above after force"], shape["above"])


class Past(NamedTuple):
    """What the months of a dispute so far leave for the next one, each of any shape.

    Args:
        level: Level of last month, 0 to 3.
        last: Level of the last incident; 0 before the first.
        highest: Highest level so far.
        quiet: Months without an incident since the last one.
        age: Months gone since the onset; 0 in the month in which the dispute begins.
        active: Months so far with an incident.
    """

    level: Months
    last: Months
    highest: Months
    quiet: Months
    age: Months
    active: Months


def beginning(shape: tuple[int, ...], dtype: type = np.float32) -> Past:
    """Give what lies before the first month: nothing."""
    return Past(*(jnp.zeros(shape, dtype) for _ in Past._fields))


def after(past: Past, level: Months) -> Past:
    """Add a month that reached a level."""
    level = jnp.asarray(level)
    some = level > 0
    return Past(
        level=level,
        last=jnp.where(some, level, past.last),
        highest=jnp.maximum(level, past.highest),
        quiet=jnp.where(some, 0.0, past.quiet + 1),
        age=past.age + 1,
        active=past.active + some,
    )


def is_over(past: Past) -> Bool[Array, "*shape"]:
    """Tell whether six months have passed without an incident."""
    return jnp.asarray(past.quiet >= QUIET_MONTHS)


def moving(past: Past) -> dict[str, Float[Array, "*shape"]]:
    """Give the inputs that move from month to month."""
    level, _, highest, quiet, age, active = map(jnp.asarray, past)
    dtype = age.dtype
    return {
        "first month": (age == 0).astype(dtype),
        "incident last month": (level > 0).astype(dtype),
        "force last month": (level >= FORCE).astype(dtype),
        "force so far": (highest >= FORCE).astype(dtype),
        "quiet months": jnp.log1p(quiet),
        "age": jnp.log1p(age),
        "months with an incident": jnp.log1p(active),
    }


def situation(past: Past) -> dict[str, Float[Array, "*shape"]]:
    """Give what the density has to know beside the predictor: first month, force last."""
    last, age = jnp.asarray(past.last), jnp.asarray(past.age)
    return {
        "first": (age == 0).astype(age.dtype),
        "force last": (last >= FORCE).astype(age.dtype),
    }
