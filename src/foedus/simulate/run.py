"""Step the laws through the months, for a chunk of draws.

In January the yearly laws read 31 December; then, every month, onsets and incidents read the
month before. What the steps renew is put together only afterwards, so their order cannot matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, UInt32

from foedus.compute.uniforms import normal, stream, uniforms_of
from foedus.model.law import Values
from foedus.simulate import yearly
from foedus.simulate.alone import hold_month, hold_year, seen_by
from foedus.simulate.effects import Effect, shift
from foedus.simulate.monthly import (
    ESCALATION,
    Onsets,
    level_probability,
    step_disputes,
    step_incidents,
)
from foedus.simulate.state import (
    HAPPENS,
    WITHOUT_FORCE,
    WITHOUT_ONSET,
    LawParameters,
    Now,
    Parameters,
    Setting,
    State,
    Tally,
)
from foedus.simulate.yearly import Renewed, Step

MONTHLY = {
    "disputes": "ladder",
    "escalation": "ladder",
    "outside": "outside",
    "incidents": "recent",
    "break of incidents": "recent",
}
"""Named slots of every month, each with a part of the state that has its units."""


class When(NamedTuple):
    """A month, and which draws are stepped.

    Args:
        month: Month counted from year zero.
        draw: Number of each draw in the whole run.
        keys: Key of every named slot.
    """

    month: Int[Array, ""]
    draw: Int[Array, " draw"]
    keys: Mapping[str, UInt32[Values, " 2"]]


def year_slots(parameters: Parameters) -> tuple[str, ...]:
    """Name the slots of the levels of the year."""
    return tuple(f"year of {name}" for name in parameters.laws)


@eqx.filter_jit
def ladder(
    state: State,
    setting: Setting,
    parameters: Parameters,
    effects: Sequence[Effect],
    month: Int[Array, ""],
) -> Float[Array, "level asked draw"]:
    """Give the chance of each highest level, threat to war, given an onset in a month."""
    at = month - 12 * jnp.asarray(setting.first_year)
    reached = state.ladder + shift(effects, ESCALATION, at)
    return jnp.stack([level_probability(reached, parameters, level) for level in range(4)])


def slots(
    seed: int, laws: Sequence[str], measured: Sequence[str]
) -> dict[str, UInt32[np.ndarray, " 2"]]:
    """Give the key of every named slot of a run."""
    names = [*MONTHLY, *laws, *(f"year of {n}" for n in laws), *(f"error of {n}" for n in measured)]
    return {name: stream(seed, name) for name in dict.fromkeys(names)}


def merged(state: State, parts: Sequence[Renewed]) -> State:
    """Put together what the steps renewed; each part of the state has one author."""
    found: dict[str, Any] = {}
    levels = dict(state.year_level)
    for part in parts:
        for name, value in part.items():
            if name == "year_level":
                levels |= value
            else:
                assert name not in found, f"{name} is renewed twice"
                found[name] = value
    return replace(state, **found, year_level=levels)


def new_year(
    state: State,
    setting: Setting,
    parameters: Parameters,
    effects: Sequence[Effect],
    when: When,
    steps: Sequence[Step] = yearly.STEPS,
    held: State | None = None,
) -> State:
    """Step everything that moves once a year.

    Args:
        state: State of 31 December.
        setting: What does not move.
        parameters: Parameters of these draws.
        effects: Effects of the course.
        when: The month, which draws, and the keys.
        steps: What steps.
        held: What laws see of each other where each stands alone; none where they are coupled.
    """
    units = {name: 1 for name in year_slots(parameters)}
    for name, given in parameters.laws.items():
        if name not in MONTHLY:
            units[name] = given.unit_level.shape[0]
    for name, error in setting.error.items():
        units[f"error of {name}"] = error.shape[0]
    now = Now(when.month, uniforms_of(when.keys, when.draw, when.month, units))
    parts = [
        step(seen_by(yearly.QUANTITIES[step], state, held), setting, parameters, effects, now)
        for step in steps
    ]
    return merged(state, parts)


def new_month(
    state: State,
    setting: Setting,
    parameters: Parameters,
    effects: Sequence[Effect],
    when: When,
    held: State | None = None,
) -> tuple[State, Onsets, Float[Array, "series draw"]]:
    """Step what moves every month; in January the yearly laws have stepped before.

    Args:
        state: State of the month before.
        setting: What does not move.
        parameters: Parameters of these draws.
        effects: Effects of the course.
        when: The month, which draws, and the keys.
        held: What laws see of each other where each stands alone; none where they are coupled.

    Returns:
        The state, the month's onsets, and the counts of the series.
    """
    units = {name: getattr(state, part).shape[0] for name, part in MONTHLY.items()}
    now = Now(when.month, uniforms_of(when.keys, when.draw, when.month, units))
    disputes, incidents = (seen_by(name, state, held) for name in ("disputes", "incidents"))
    fought, onsets = step_disputes(disputes, setting, parameters, effects, now)
    counted, counts = step_incidents(incidents, setting, parameters, effects, now)
    return merged(state, [fought, counted]), onsets, counts


def empty_tally(state: State, months: int) -> Tally:
    """Give a tally with nothing in it yet, with room for the months after the origin."""
    pairs = jnp.zeros_like(state.ladder)
    return Tally(
        rate=pairs,
        force_rate=pairs,
        counts=jnp.zeros((months, *state.recent.shape), state.recent.dtype),
        month_risk=jnp.zeros((months, state.ladder.shape[0]), state.ladder.dtype),
    )


@eqx.filter_jit
def advance(
    state: State,
    tally: Tally,
    setting: Setting,
    parameters: Parameters,
    effects: tuple[Effect, ...],
    draw: Int[Array, " draw"],
    counted: Float[Array, " draw"],
    keys: Mapping[str, UInt32[Values, " 2"]],
    first: Int[Array, ""],
    stop: Int[Array, ""],
    held: State | None = None,
) -> tuple[State, State | None, Tally]:
    """Step from month `first` up to, and without, month `stop`; one compilation serves all spans.

    Args:
        state: State at the end of the month before `first`.
        tally: What has been added up so far.
        setting: What does not move.
        parameters: Parameters of these draws.
        effects: Effects of the course.
        draw: Number of each draw in the whole run.
        counted: One for a draw that counts, zero for one that only fills the chunk.
        keys: Key of each slot.
        first: First month, counted from year zero.
        stop: Month after the last.
        held: What laws see of each other where each stands alone; none where they are coupled.

    Returns:
        The state, what is held, and the tally.
    """

    def month(number, carry):
        state, held, tally = carry
        when = When(number, draw, dict(keys))
        state, onsets, counts = new_month(state, setting, parameters, effects, when, held)
        held = hold_month(held, state, setting, number)
        at = number - setting.origin - 1
        tally = Tally(
            rate=tally.rate + onsets.rate[WITHOUT_ONSET],
            force_rate=tally.force_rate + onsets.rate[WITHOUT_FORCE] * onsets.force,
            counts=jax.lax.dynamic_update_index_in_dim(tally.counts, counts, at, 0),
            month_risk=jax.lax.dynamic_update_index_in_dim(
                tally.month_risk, -jnp.expm1(-onsets.rate[HAPPENS]) @ counted, at, 0
            ),
        )
        return state, held, tally

    def year(carry):
        number, state, held, tally = carry
        when = When(number, draw, dict(keys))

        def january(state, held):
            new = new_year(state, setting, parameters, effects, when, held=held)
            return new, hold_year(held, new, setting, number // 12)

        state, held = jax.lax.cond(number % 12 == 0, january, lambda *same: same, state, held)
        end = jnp.minimum(stop, number - number % 12 + 12)
        return end, *jax.lax.fori_loop(number, end, month, (state, held, tally))

    # January is asked about once a year: asked every month, the whole state is copied each time.
    whole = (first, state, held, tally)
    _, state, held, tally = jax.lax.while_loop(lambda c: c[0] < stop, year, whole)
    return state, held, tally


def gathered(parameters: Parameters, draw: Int[Array, " draw"]) -> Parameters:
    """Give each draw its draw of the parameters: number modulo what the posterior holds."""

    def of_law(given: LawParameters) -> LawParameters:
        at = draw % given.year_level.shape[-1]
        arrays, rest = eqx.partition(given, lambda leaf: np.ndim(leaf) > 0)
        taken = jax.tree.map(lambda leaf: jnp.take(jnp.asarray(leaf), at, axis=-1), arrays)
        return eqx.combine(taken, rest)

    link = jnp.take(jnp.asarray(parameters.link), draw % parameters.link.shape[-1])
    return Parameters({name: of_law(given) for name, given in parameters.laws.items()}, link)


@eqx.filter_jit
def begin(
    start: State,
    setting: Setting,
    parameters: Parameters,
    draw: Int[Array, " draw"],
    keys: Mapping[str, UInt32[Values, " 2"]],
) -> tuple[State, Parameters]:
    """Spread the observed start over the draws, and bring each level of the year up to it.

    Args:
        start: Start with a draw axis of one.
        setting: What does not move.
        parameters: All draws of the parameters.
        draw: Number of each draw.
        keys: Keys of the slots.

    Returns:
        The state, and the parameters of these draws.
    """
    parameters = gathered(parameters, draw)
    levels = {}
    units = {name: 1 for name in year_slots(parameters)}
    luck = uniforms_of(keys, draw, jnp.zeros((), jnp.int32), units)
    for name, given in parameters.laws.items():
        missed = jnp.maximum(setting.first_year - 1 - given.last_year, 0)
        kept = given.year_memory**missed
        room = jnp.maximum(1 - kept**2, 0.0) / (1 - given.year_memory**2)
        step = normal(luck[f"year of {name}"][0])
        levels[name] = kept * given.year_level + given.year_spread * jnp.sqrt(room) * step

    def spread(leaf):
        return jnp.broadcast_to(jnp.asarray(leaf), (*leaf.shape[:-1], draw.shape[0]))

    wide = jax.tree.map(spread, eqx.tree_at(lambda s: s.year_level, start, {}))
    return eqx.tree_at(lambda s: s.year_level, wide, levels), parameters
