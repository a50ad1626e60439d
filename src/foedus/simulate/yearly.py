"""What moves once a year, in January: each law reads the state of 31 December.

Every function takes state, setting, parameters, effects and month, and gives the parts of the
state that it renews. None reads what another has renewed.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from foedus.compute.uniforms import normal
from foedus.model.law import AbstractLaw, Inputs, part_of_predictor, predictor
from foedus.model.laws import arming, disputes, drifting
from foedus.model.laws.escalation import force_share
from foedus.model.order import LAWS
from foedus.simulate.effects import Effect, changed, shift
from foedus.simulate.state import HAPPENS, LawParameters, Now, Parameters, Setting, State

Grid = Float[Array, "_ draw"]
Renewed = dict[str, Any]
Step = Callable[[State, Setting, Parameters, Sequence[Effect], Now], Renewed]


def step_year_level(
    name: str, state: State, given: LawParameters, now: Now
) -> Float[Array, " draw"]:
    """Carry the level of the year on, past the last year of training."""
    old = state.year_level[name]
    new = given.year_memory * old + given.year_spread * normal(now.luck[f"year of {name}"][0])
    return jnp.where(now.year > given.last_year, new, old)


def _draw_change(
    law: AbstractLaw,
    inputs: Inputs,
    extra: dict[str, Grid],
    state: State,
    setting: Setting,
    parameters: Parameters,
    effects: Sequence[Effect],
    now: Now,
) -> tuple[Grid, Renewed]:
    given = parameters.laws[law.name]
    at = now.month - 12 * jnp.asarray(setting.first_year)
    inputs = changed(effects, law, inputs, at)
    year = step_year_level(law.name, state, given, now)
    eta = predictor(law, given.coefficients, inputs) + year + given.unit_level
    eta = eta + shift(effects, law, at)
    shape = {name: jnp.asarray(value) for name, value in given.shape.items()} | extra
    return law.draw(now.luck[law.name], eta, shape), {"year_level": {law.name: year}}


def _observed_row(name: str, setting: Setting, year: Int[Array, ""]) -> Float[Array, "unit 1"]:
    path = jnp.asarray(setting.observed[name])
    at = year - setting.first_year
    inside = (at >= 0) & (at < path.shape[0])
    row = jax.lax.dynamic_index_in_dim(path, jnp.clip(at, 0, path.shape[0] - 1), keepdims=False)
    return jnp.where(inside, row, jnp.nan)[:, None]


def is_observed(name: str, setting: Setting, year: Int[Array, ""]) -> Bool[Array, "unit 1"]:
    """Say of which units a variable's level of a year is in the record of the run."""
    return jnp.isfinite(_observed_row(name, setting, year))


def _observed(name: str, drawn: Grid, setting: Setting, now: Now) -> Grid:
    seen = _observed_row(name, setting, now.year)
    error = setting.error.get(name)
    if error is not None:
        seen = seen + jnp.asarray(error)[:, None] * normal(now.luck[f"error of {name}"])
    return jnp.where(jnp.isnan(seen), drawn, seen)


def country_memory(state: State, setting: Setting) -> Float[Array, "country draw"]:
    """Give each country's memory of onsets with any other, half-life two years."""
    total = state.outside
    for side in setting.sides():
        total = total.at[side].add(state.fast[HAPPENS])
    return total


def step_spending(
    state: State,
    setting: Setting,
    parameters: Parameters,
    effects: Sequence[Effect],
    now: Now,
) -> Renewed:
    """Step military spending by the law of arming."""
    law = LAWS["arming"]
    inputs = arming.inputs(
        state.spending_growth,
        state.spending_mean,
        state.output_change,
        country_memory(state, setting),
    )
    spread = {"volatility": jnp.asarray(arming.volatility(state.spending_variance))}
    change, renewed = _draw_change(law, inputs, spread, state, setting, parameters, effects, now)
    level = _observed("spending", state.spending + change, setting, now)
    growth = level - state.spending
    known = jnp.isfinite(growth)
    mean, variance = arming.remember(
        state.spending_mean, state.spending_variance, jnp.where(known, growth, 0.0)
    )
    return renewed | {
        "spending": level,
        "spending_growth": growth,
        "spending_mean": jnp.where(known, mean, 0.0),
        "spending_variance": jnp.where(known, variance, arming.USUAL_SPREAD**2),
    }


def step_output(
    state: State,
    setting: Setting,
    parameters: Parameters,
    effects: Sequence[Effect],
    now: Now,
) -> Renewed:
    """Step real output by the law of growth, or by what is carried in its place."""
    name = "growth" if "growth" in parameters.laws else "carried-growth"
    inputs = {
        "constant": jnp.ones_like(state.output),
        "last change": state.output_change,
        "mean growth": state.output_slow,
    }
    law = LAWS[name]
    inputs = {term.name: inputs[term.name] for term in law.terms}
    spread = _spread("growth", state.output_variance)
    change, renewed = _draw_change(law, inputs, spread, state, setting, parameters, effects, now)
    level = _observed("output", state.output + change, setting, now)
    grown = level - state.output
    before = jnp.where(jnp.isfinite(state.output_slow), state.output_slow, grown)
    return renewed | {
        "output": level,
        "output_change": grown,
        "output_slow": jnp.asarray(drifting.slow_mean(before, grown)),
        "output_variance": _variance("growth", state.output_variance, grown),
    }


def _spread(law: str, variance: Grid) -> dict[str, Grid]:
    return {"volatility": jnp.asarray(drifting.volatility(variance, drifting.USUAL_CHANGE[law]))}


def _variance(law: str, variance: Grid, change: Grid) -> Grid:
    """Carry the past volatility on; a gap starts it anew."""
    known = jnp.isfinite(change)
    kept = jnp.where(known, change, 0.0)
    new = drifting.remember_variance(variance, kept, drifting.LARGEST_CHANGE[law])
    return jnp.where(known, new, drifting.USUAL_CHANGE[law] ** 2)


def step_ideal(
    state: State,
    setting: Setting,
    parameters: Parameters,
    effects: Sequence[Effect],
    now: Now,
) -> Renewed:
    """Step ideal points by the law of affinity."""
    inputs = drifting.look_back(state.ideal, state.ideal_change, state.ideal_slow)
    spread = _spread("affinity", state.ideal_variance)
    change, renewed = _draw_change(
        LAWS["affinity"], inputs, spread, state, setting, parameters, effects, now
    )
    return renewed | _moved("ideal", "affinity", change, state, setting, now)


def step_trade(
    state: State,
    setting: Setting,
    parameters: Parameters,
    effects: Sequence[Effect],
    now: Now,
) -> Renewed:
    """Step trade by the law of exchange."""
    inputs = dict(drifting.look_back(state.trade, state.trade_change, state.trade_slow))
    grown = state.output_change
    inputs["economies"] = grown[jnp.asarray(setting.one)] + grown[jnp.asarray(setting.two)]
    spread = _spread("exchange", state.trade_variance)
    change, renewed = _draw_change(
        LAWS["exchange"], inputs, spread, state, setting, parameters, effects, now
    )
    return renewed | _moved("trade", "exchange", change, state, setting, now)


def _moved(name: str, law: str, change: Grid, state: State, setting: Setting, now: Now) -> Renewed:
    old, slow = getattr(state, name), getattr(state, f"{name}_slow")
    level = _observed(name, old + change, setting, now)
    before = jnp.where(jnp.isfinite(slow), slow, level)
    return {
        name: level,
        f"{name}_change": level - old,
        f"{name}_slow": jnp.asarray(drifting.slow_mean(before, level)),
        f"{name}_variance": _variance(law, getattr(state, f"{name}_variance"), level - old),
    }


def _step_carried(variable: str, name: str) -> Step:
    def step(
        state: State,
        setting: Setting,
        parameters: Parameters,
        effects: Sequence[Effect],
        now: Now,
    ) -> Renewed:
        old = getattr(state, variable)
        if not old.shape[0]:
            return {}
        inputs = {"constant": jnp.ones_like(old)}
        change, renewed = _draw_change(
            LAWS[name], inputs, {}, state, setting, parameters, effects, now
        )
        drawn = old + change
        if variable == "similarity":
            drawn = jnp.clip(drawn, -1.0, 1.0)
        return renewed | {variable: _observed(variable, drawn, setting, now)}

    return step


def step_dispute_terms(
    state: State,
    setting: Setting,
    parameters: Parameters,
    effects: Sequence[Effect],
    now: Now,
) -> Renewed:
    """Renew what the yearly terms say of a pair's rate of onset and of how far a dispute goes."""
    at = now.month - 12 * jnp.asarray(setting.first_year)
    shape = state.ladder.shape
    row = jnp.clip(now.year - setting.first_year, 0, setting.lower_democracy.shape[0] - 1)
    one, two = setting.sides()
    memory = country_memory(state, setting)
    others = jnp.maximum(memory[one] + memory[two] - 2 * state.fast[HAPPENS], 0.0)
    december = now.month - 1.0
    quiet_since = jnp.maximum(state.last, jnp.asarray(setting.begin)[:, None])
    peace_years = jnp.maximum(december - quiet_since, 0.0) / 12

    def wide(values) -> Grid:
        return jnp.broadcast_to(jnp.asarray(values)[:, None], shape)

    inputs = {
        **{name: wide(values) for name, values in setting.fixed.items()},
        "constant": jnp.ones(shape, state.ladder.dtype),
        "imbalance": jnp.abs(state.capability[one] - state.capability[two]),
        "lower democracy": wide(jnp.asarray(setting.lower_democracy)[row]),
        "higher democracy": wide(jnp.asarray(setting.higher_democracy)[row]),
        **disputes.history(
            state.slow, state.fast, peace_years, jnp.broadcast_to(others, state.fast.shape)
        ),
    }
    law, given = LAWS["disputes"], parameters.laws["disputes"]
    own = {term.name: inputs[term.name] for term in law.terms if term.name in inputs}
    year = step_year_level(law.name, state, given, now)
    hazard = part_of_predictor(law, given.coefficients, changed(effects, law, own, at))

    ladder_law, ladder = LAWS["escalation"], parameters.laws["escalation"]
    inputs |= disputes.history(
        state.slow[HAPPENS], state.fast[HAPPENS], peace_years[HAPPENS], others
    )
    inputs["force in the past"] = jnp.asarray(force_share(state.forceful, state.onsets))
    own = {term.name: inputs[term.name] for term in ladder_law.terms}
    ladder_year = step_year_level(ladder_law.name, state, ladder, now)
    reached = predictor(ladder_law, ladder.coefficients, changed(effects, ladder_law, own, at))
    return {
        "hazard": jnp.broadcast_to(hazard + year + given.unit_level, state.fast.shape),
        "ladder": reached + ladder_year + ladder.unit_level,
        "year_level": {law.name: year, ladder_law.name: ladder_year},
    }


QUANTITIES: dict[Step, str] = {
    step_spending: "spending",
    step_output: "output",
    step_ideal: "ideal",
    step_trade: "trade",
    _step_carried("capability", "technology"): "capability",
    _step_carried("similarity", "alignment"): "similarity",
    _step_carried("support", "support"): "support",
    step_dispute_terms: "disputes",
}
"""What moves once a year, with the quantity whose parts of the state each step renews."""
STEPS: tuple[Step, ...] = tuple(QUANTITIES)
