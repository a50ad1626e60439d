"""Laws that see the others as last known: what differs from the coupled run, and what cannot."""

from dataclasses import fields, replace

import jax.numpy as jnp
import numpy as np
import pytest

from foedus.compute.uniforms import uniforms_of
from foedus.simulate import yearly
from foedus.simulate.alone import OWN, hold_month, hold_year, seen_by
from foedus.simulate.ensemble import Plan, run_plan
from foedus.simulate.monthly import step_disputes, step_incidents
from foedus.simulate.run import MONTHLY, begin, slots, year_slots
from foedus.simulate.state import Now, State


@pytest.fixture
def plan(setting, start, parameters) -> Plan:
    origin = int(setting.origin)
    return Plan(setting, start, parameters, ((),), 11, 300, origin, (12, 24, 60), 128)


def with_arming(plan: Plan, **changed: float) -> Plan:
    """Give the plan a law of arming without spread, so that its inputs can be read off."""
    law = plan.parameters.laws["arming"]
    full = np.ones(4, np.float32)
    law = replace(
        law,
        coefficients=law.coefficients | {name: value * full for name, value in changed.items()},
        shape=law.shape | {"scale": 1e-6 * full},
        year_spread=0 * full,
    )
    return replace(
        plan, parameters=replace(plan.parameters, laws=plan.parameters.laws | {"arming": law})
    )


def test_every_part_of_the_state_is_one_quantitys_own():
    listed = [part for parts in OWN.values() for part in parts]
    assert sorted(listed) == sorted(f.name for f in fields(State) if f.name != "year_level")


def test_a_step_renews_what_is_its_quantitys_own(plan: Plan):
    draw = jnp.arange(8, dtype=jnp.int32)
    keys = slots(plan.seed, tuple(plan.parameters.laws), tuple(plan.setting.error))
    state, parameters = begin(plan.start, plan.setting, plan.parameters, draw, keys)
    month = jnp.asarray(12 * int(plan.setting.first_year), jnp.int32)
    units = {name: getattr(state, part).shape[0] for name, part in MONTHLY.items()}
    units |= {name: 1 for name in year_slots(parameters)}
    for name, given in parameters.laws.items():
        units.setdefault(name, given.unit_level.shape[0])
    units["error of ideal"] = 3
    now = Now(month, uniforms_of(keys, draw, month, units))
    renewed = [
        (name, step(state, plan.setting, parameters, (), now))
        for step, name in yearly.QUANTITIES.items()
    ]
    renewed.append(("disputes", step_disputes(state, plan.setting, parameters, (), now)[0]))
    renewed.append(("incidents", step_incidents(state, plan.setting, parameters, (), now)[0]))
    for quantity, parts in renewed:
        assert set(parts) <= {*OWN[quantity], "year_level"}, quantity


def test_laws_that_read_nothing_of_each_other_are_the_same_alone(plan: Plan):
    """Five laws read no other; the weights of the rest on the others are nought in this world.

    Counts are the same; levels agree to rounding, since two programs are compiled.
    """
    coupled, alone = run_plan(plan), run_plan(replace(plan, alone=True))
    for name, values in coupled.yearly.items():
        np.testing.assert_allclose(values, alone.yearly[name], rtol=1e-5, atol=1e-6, err_msg=name)
    np.testing.assert_array_equal(coupled.counts, alone.counts)
    np.testing.assert_array_equal(coupled.onsets, alone.onsets)


def test_alone_a_law_goes_on_with_what_it_last_knew_of_the_others(plan: Plan):
    tied = with_arming(plan, economy=1.0)
    coupled, alone = run_plan(tied), run_plan(replace(tied, alone=True))
    change = np.diff(alone.yearly["spending"][0, :, :2], axis=0)
    # The growth of output at the start is 2 and 3 per cent and nothing is observed since.
    np.testing.assert_allclose(change[..., 0], np.broadcast_to([0.02, 0.03], (5, 2)), atol=1e-4)
    assert change.std(axis=-1).max() < 1e-4
    assert np.diff(coupled.yearly["spending"][0, :, :2], axis=0).std(axis=-1).min() > 1e-3


def test_what_is_held_follows_the_record_and_then_stays(plan: Plan):
    draw = jnp.arange(4, dtype=jnp.int32)
    keys = slots(plan.seed, tuple(plan.parameters.laws), tuple(plan.setting.error))
    state, _ = begin(plan.start, plan.setting, plan.parameters, draw, keys)
    moved = replace(
        state, spending=state.spending + 5, fast=state.fast + 1, recent=state.recent + 7
    )
    first = int(plan.setting.first_year)
    held = hold_year(state, moved, plan.setting, jnp.asarray(first))
    assert held is not None
    np.testing.assert_array_equal(held.spending, moved.spending)
    np.testing.assert_array_equal(held.output, state.output)
    later = hold_year(state, moved, plan.setting, jnp.asarray(first + 1))
    assert later is not None
    np.testing.assert_array_equal(later.spending, state.spending)
    seen = np.array(plan.setting.observed_onsets)
    seen[0, 1] = 0
    setting = replace(plan.setting, observed_onsets=seen)
    held = hold_month(state, moved, setting, jnp.asarray(12 * first))
    assert held is not None
    np.testing.assert_array_equal(held.fast[:, 1], moved.fast[:, 1])
    np.testing.assert_array_equal(held.fast[:, 0], state.fast[:, 0])
    np.testing.assert_array_equal(held.recent, state.recent)


def test_a_coupled_run_holds_nothing(plan: Plan, start):
    assert seen_by("spending", start, None) is start
    assert hold_year(None, start, plan.setting, jnp.asarray(2000)) is None
    assert hold_month(None, start, plan.setting, jnp.asarray(24000)) is None
