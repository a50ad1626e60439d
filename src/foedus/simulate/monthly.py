"""What moves every month: onsets with how far they go, and incidents. Each reads last month."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from foedus.compute import quantiles
from foedus.model.law import Values, part_of_predictor, predictor
from foedus.model.laws import disputes, incidents
from foedus.model.laws.escalation import Escalation
from foedus.model.order import LAWS
from foedus.simulate.effects import Effect, changed, shift
from foedus.simulate.state import HAPPENS, WITHOUT_FORCE, Now, Parameters, Setting, State
from foedus.simulate.yearly import Renewed

DISPUTES = disputes.Disputes()
ESCALATION = Escalation()
FORCE = 2
MOST_OUTSIDE = 8


class Onsets(NamedTuple):
    """What a month brought to the pairs.

    Args:
        rate: Expected onsets along each strand, shape (strand, asked pair, draw).
        force: Chance that an onset sees use of force, shape (asked pair, draw).
        onsets: Onsets drawn, shape (asked pair, draw).
        forceful: Those that see use of force.
    """

    rate: Float[Array, "strand asked draw"]
    force: Float[Array, "asked draw"]
    onsets: Float[Array, "asked draw"]
    forceful: Float[Array, "asked draw"]


def observed_row(path: Float[Values, "month unit"], at) -> Float[Array, "unit 1"]:
    """Give what was observed in a month of the run; nan where nothing was, and past the record."""
    path = jnp.asarray(path)
    inside = (at >= 0) & (at < path.shape[0])
    row = jax.lax.dynamic_index_in_dim(path, jnp.clip(at, 0, path.shape[0] - 1), keepdims=False)
    return jnp.where(inside, row, jnp.nan)[:, None]


def ladder_shape(parameters: Parameters) -> dict[str, Float[Array, " draw"]]:
    """Give the shape parameters of the law of escalation."""
    return {name: jnp.asarray(v) for name, v in parameters.laws["escalation"].shape.items()}


def level_probability(
    ladder: Float[Array, "asked draw"], parameters: Parameters, level: int
) -> Float[Array, "asked draw"]:
    """Give the chance that an onset reaches a highest level, 0 (threat) to 3 (war)."""
    value = jnp.full_like(ladder, level)
    return jnp.exp(ESCALATION.log_prob(value, ladder, ladder_shape(parameters)))


def step_disputes(
    state: State,
    setting: Setting,
    parameters: Parameters,
    effects: Sequence[Effect],
    now: Now,
) -> tuple[Renewed, Onsets]:
    """Draw the month's onsets of every pair that is asked, and how far each goes."""
    at = now.month - 12 * jnp.asarray(setting.first_year)
    law, given = DISPUTES, parameters.laws["disputes"]
    recent = changed(effects, law, disputes.recency(now.month - state.last), at)
    eta = state.hazard + part_of_predictor(law, given.coefficients, recent)
    eta = eta + shift(effects, law, at) + _link(state, setting, parameters)
    rate = law.rate(eta)
    seen = observed_row(setting.observed_onsets, at)
    luck = now.luck["disputes"]
    count = jnp.where(jnp.isnan(seen), law.draw_at(luck, rate[HAPPENS]), seen)

    escalation = ESCALATION
    ladder = state.ladder + shift(effects, escalation, at)
    reached = escalation.draw(now.luck["escalation"], ladder, ladder_shape(parameters))
    seen = observed_row(setting.observed_level, at)
    reached = jnp.where(jnp.isnan(seen), reached, seen)
    forceful = jnp.where(reached >= FORCE, count, 0.0)
    force = escalation.force(ladder)

    mild = law.draw_at(luck, rate[WITHOUT_FORCE] * (1 - force))
    # Until the origin the strands are one; then the second sees nothing, the third what is mild.
    ahead = now.month > setting.origin
    happens = jnp.where(ahead, jnp.array([1.0, 0.0, 0.0]), 1.0)[:, None, None]
    milder = jnp.where(ahead, jnp.array([0.0, 0.0, 1.0]), 0.0)[:, None, None]
    strands = happens * count + milder * mild
    fast = disputes.decay(disputes.FAST_HALF_LIFE_MONTHS)
    slow = disputes.decay(disputes.SLOW_HALF_LIFE_MONTHS)
    rate_outside = jnp.broadcast_to(jnp.asarray(setting.outside_rate)[:, None], state.outside.shape)
    outside = quantiles.poisson(now.luck["outside"], rate_outside, MOST_OUTSIDE)
    renewed: Renewed = {
        "fast": state.fast * fast + strands,
        "slow": state.slow * slow + strands,
        "last": jnp.where(strands > 0, now.month * 1.0, state.last),
        "onsets": state.onsets + count,
        "forceful": state.forceful + forceful,
        "outside": state.outside * fast + outside,
    }
    return renewed, Onsets(rate, force, count, forceful)


def _link(state: State, setting: Setting, parameters: Parameters) -> Float[Array, "asked draw"]:
    turn = incidents.log_level(state.recent) - incidents.log_level(state.level)
    turn = turn + state.shift_recent - state.shift_level
    turn = jnp.nan_to_num(jnp.clip(turn, -4.0, 4.0), nan=0.0)
    return (jnp.asarray(setting.link) @ turn) * parameters.link


def step_incidents(
    state: State,
    setting: Setting,
    parameters: Parameters,
    effects: Sequence[Effect],
    now: Now,
) -> tuple[Renewed, Float[Array, "series draw"]]:
    """Draw the month's counts of every series; observed months renew the memory alone.

    Without a series, as before the first of them begins, there is nothing to draw.
    """
    if not state.recent.shape[0]:
        return {}, state.recent
    at = now.month - 12 * jnp.asarray(setting.first_year)
    law, given = LAWS["incidents"], parameters.laws["incidents"]
    shape = state.recent.shape
    nothing = jnp.zeros(shape, state.recent.dtype)
    kind = jnp.broadcast_to(jnp.asarray(setting.kind)[:, None], shape)
    reporting = jnp.broadcast_to(jnp.asarray(setting.reporting)[:, None], shape)
    arena = (kind == incidents.KINDS.index("arena")) * 1.0
    inputs = changed(effects, law, incidents.inputs(nothing, reporting, arena), at)
    eta = predictor(law, given.coefficients, inputs) + given.unit_level
    extra = incidents.around(state.recent, state.level, nothing, kind)
    extra |= {"break draw": now.luck["break of incidents"]}
    extra |= {name: jnp.asarray(value) for name, value in given.shape.items()}
    drawn = law.draw(now.luck["incidents"], eta, extra)
    moved = shift(effects, law, at)
    shown = drawn
    if not isinstance(moved, float):
        shown = law.draw(now.luck["incidents"], eta + moved / extra["pull"], extra)
    drawn, shown = (jnp.where(jnp.isnan(state.recent), jnp.nan, part) for part in (drawn, shown))
    recent, slow = incidents.remember(state.recent, state.level, drawn)
    shifts = incidents.remember(
        state.shift_recent, state.shift_level, jnp.broadcast_to(moved, shape)
    )
    seen = [observed_row(p, at) for p in (setting.observed_recent, setting.observed_slow)]
    renewed: Renewed = {
        "recent": jnp.where(jnp.isnan(seen[0]), recent, seen[0]),
        "level": jnp.where(jnp.isnan(seen[1]), slow, seen[1]),
        "shift_recent": shifts[0],
        "shift_level": shifts[1],
    }
    return renewed, shown
