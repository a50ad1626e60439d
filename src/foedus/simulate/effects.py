"""Effects of levers on the published inputs of laws, as data.

An effect acts on one input of one law: it sets the input, adds to it on its natural scale, or
shifts the law's predictor. It is the sum of parts, each a path over months and units times a size
by draw, so that ramps and uncertain sizes are data. A path of zeros changes nothing, bit for bit.

A shift of the law of incidents moves the log mean of the month itself: the series goes on
remembering what it would have counted, so that a steady shift is a steady change of level.
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
        path: Value by month of the run and unit, shape (part, month, unit).
        size: Factor by draw, shape (part, draw); of no meaning for `set`.
    """

    kind: Kind = eqx.field(static=True)
    law: str = eqx.field(static=True)
    term: str = eqx.field(static=True)
    path: Float[Values, "part month unit"]
    size: Float[Values, "part draw"]

    @property
    def key(self) -> tuple[Kind, str, str]:
        """What it acts on, and how."""
        return self.kind, self.law, self.term


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
        before = seen.setdefault((effect.law, effect.term), np.zeros_like(given[0]))
        if (before & given.any(axis=0)).any() or (given.sum(axis=0) > 1).any():
            raise BadInputError(
                f"two effects set {effect.law}, {effect.term!r}, in the same month",
                expected="one `set` an input, unit and month",
                where="the effects of the course",
                hint="let one of them `add`",
            )
        before |= given.any(axis=0)
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


def together(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Join effects that act on the same input in the same way into one of several parts."""
    found: dict[tuple[Kind, str, str], list[Effect]] = {}
    for effect in effects:
        found.setdefault(effect.key, []).append(effect)
    return tuple(
        Effect(
            *key,
            np.concatenate([np.asarray(e.path) for e in same]),
            np.concatenate([np.asarray(e.size) for e in same]),
        )
        for key, same in found.items()
    )


def same_structure(courses: Sequence[Sequence[Effect]]) -> tuple[tuple[Effect, ...], ...]:
    """Give every course the same effects with as many parts, silent where it has none.

    One compiled step then serves all courses, and a course that sets every lever to nothing is
    the baseline, bit for bit.
    """
    joined = [{effect.key: effect for effect in together(course)} for course in courses]
    like: dict[tuple[Kind, str, str], Effect] = {}
    for course in joined:
        for key, effect in course.items():
            if key not in like or len(effect.path) > len(like[key].path):
                like[key] = effect
    return tuple(
        tuple(_padded(course.get(key), other) for key, other in sorted(like.items()))
        for course in joined
    )


def silent(effect: Effect) -> Effect:
    """Give an effect of the same shape that does nothing."""
    path = np.full_like(np.asarray(effect.path), _nothing(effect.kind))
    return Effect(*effect.key, path, effect.size)


def _padded(effect: Effect | None, like: Effect) -> Effect:
    if effect is None:
        return silent(like)
    path, size = np.asarray(effect.path), np.asarray(effect.size)
    missing = len(like.path) - len(path)
    return Effect(
        *effect.key,
        np.concatenate([path, np.full((missing, *path.shape[1:]), _nothing(effect.kind))]),
        np.concatenate([size, np.zeros((missing, size.shape[1]), size.dtype)]),
    )


def _nothing(kind: Kind) -> float:
    return float("nan") if kind == "set" else 0.0


def changed(
    effects: Sequence[Effect], law: AbstractLaw, inputs: Inputs, at: Int[Array, ""]
) -> dict[str, Float[Array, "..."]]:
    """Apply what sets or adds to a law's inputs in a month of the run; `set` comes first."""
    found = {name: jnp.asarray(value) for name, value in inputs.items()}
    for effect in sorted(effects, key=lambda item: item.kind != "set"):
        if effect.law != law.name or effect.term not in found or effect.kind == "shift":
            continue
        old = found[effect.term]
        if effect.kind == "set":
            now = _parts(effect, at)
            given = jnp.isfinite(now)
            value = jnp.where(given, now, 0.0).sum(axis=0)
            found[effect.term] = jnp.where(given.any(axis=0)[:, None], value[:, None], old)
        else:
            found[effect.term] = old + _amount(effect, at)
    return found


def shift(
    effects: Sequence[Effect], law: AbstractLaw, at: Int[Array, ""]
) -> Float[Array, "_ draw"] | float:
    """Add up what shifts a law's predictor in a month of the run."""
    total: Float[Array, "_ draw"] | float = 0.0
    for effect in effects:
        if effect.law == law.name and effect.kind == "shift":
            total = total + _amount(effect, at)
    return total


def _amount(effect: Effect, at: Int[Array, ""]) -> Float[Array, "unit draw"]:
    return _parts(effect, at).T @ jnp.asarray(effect.size)


def _parts(effect: Effect, at: Int[Array, ""]) -> Float[Array, "part unit"]:
    path = jnp.asarray(effect.path)
    last = path.shape[1] - 1
    row = jax.lax.dynamic_index_in_dim(path, jnp.clip(at, 0, last), axis=1, keepdims=False)
    return jnp.where(at < 0, _nothing(effect.kind), row)
