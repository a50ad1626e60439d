"""Effects of levers on the published inputs of laws, as data.

An effect acts on one input of one law: it sets the input, adds to it on its natural scale, or
shifts the law's predictor. It is a path over months and units times a size by draw, so that ramps
and uncertain sizes are data. A path of zeros changes nothing, bit for bit.
"""

from collections.abc import Sequence
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from foedus.model.law import AbstractLaw, Inputs, Values
from foedus.model.order import LAWS
from foedus.world.errors import BadInputError

Kind = Literal["set", "add", "shift"]


class Effect(eqx.Module):
    """One effect on one input.

    Args:
        kind: `set` replaces the input where the path is not nan, `add` adds on its own scale,
            `shift` adds to the law's predictor.
        law: Name of the law.
        term: Name of the input; of no meaning for `shift`.
        path: Value by month of the run and unit, shape (month, unit).
        size: Factor by draw, shape (draw,); one for `set`.
    """

    kind: Kind = eqx.field(static=True)
    law: str = eqx.field(static=True)
    term: str = eqx.field(static=True)
    path: Float[Values, "month unit"]
    size: Float[Values, " draw"]


def checked(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Hold effects to the laws they name.

    Raises:
        BadInputError: A law or input does not exist, a set lies outside the input's range, or two
            effects set one input of a unit in the same month.
    """
    seen: dict[tuple[str, str], np.ndarray] = {}
    for effect in effects:
        term = _term(effect)
        if effect.kind != "set" or term is None:
            continue
        path = np.asarray(effect.path)
        given = np.isfinite(path)
        before = seen.setdefault((effect.law, effect.term), np.zeros_like(given))
        if (before & given).any():
            raise BadInputError(
                f"two effects set {effect.law}, {effect.term!r}, in the same month",
                expected="one `set` an input, unit and month",
                where="the effects of the course",
                hint="let one of them `add`",
            )
        before |= given
        values = path[given]
        if values.size and (values.min() < term.low or values.max() > term.high):
            raise BadInputError(
                f"{effect.law}, {effect.term!r}, is set to {values.min():g} to {values.max():g}",
                expected=f"{term.low:g} to {term.high:g} {term.unit}",
                where="the effects of the course",
                hint="the law publishes the range it was estimated on",
            )
    return tuple(effects)


def _term(effect: Effect):
    law = LAWS.get(effect.law)
    if law is None:
        raise BadInputError(
            f"no law is called {effect.law!r}",
            expected=", ".join(LAWS),
            where="the effects of the course",
            hint="see the page of each law",
        )
    if effect.kind == "shift":
        return None
    for term in law.terms:
        if term.name == effect.term:
            return term
    raise BadInputError(
        f"{effect.law} has no input {effect.term!r}",
        expected=", ".join(term.name for term in law.terms),
        where="the effects of the course",
        hint="see the page of the law",
    )


def changed(
    effects: Sequence[Effect], law: AbstractLaw, inputs: Inputs, at: Int[Array, ""]
) -> dict[str, Float[Array, "..."]]:
    """Apply what sets or adds to a law's inputs in a month of the run; `set` comes first."""
    found = {name: jnp.asarray(value) for name, value in inputs.items()}
    for effect in sorted(effects, key=lambda item: item.kind != "set"):
        if effect.law != law.name or effect.term not in found or effect.kind == "shift":
            continue
        now = _row(effect, at)[:, None]
        old = found[effect.term]
        if effect.kind == "set":
            found[effect.term] = jnp.where(jnp.isnan(now), old, now)
        else:
            found[effect.term] = old + now * effect.size
    return found


def shift(
    effects: Sequence[Effect], law: AbstractLaw, at: Int[Array, ""]
) -> Float[Array, "_ draw"] | float:
    """Add up what shifts a law's predictor in a month of the run."""
    total: Float[Array, "_ draw"] | float = 0.0
    for effect in effects:
        if effect.law == law.name and effect.kind == "shift":
            total = total + _row(effect, at)[:, None] * effect.size
    return total


def _row(effect: Effect, at: Int[Array, ""]) -> Float[Array, " unit"]:
    path = jnp.asarray(effect.path)
    last = path.shape[0] - 1
    row = jax.lax.dynamic_index_in_dim(path, jnp.clip(at, 0, last), keepdims=False)
    nothing = jnp.nan if effect.kind == "set" else 0.0
    return jnp.where(at < 0, nothing, row)
