"""The simulator: one law three uses, order, seeds, chunks, courses and strands."""

from dataclasses import replace
from functools import partial
from itertools import permutations

import jax.numpy as jnp
import numpy as np
import pytest

from foedus.compute.executors import run_all
from foedus.compute.uniforms import uniforms_of
from foedus.model.law import predictor
from foedus.model.laws import arming
from foedus.model.order import LAWS
from foedus.simulate import yearly
from foedus.simulate.effects import Effect, checked, same_structure
from foedus.simulate.ensemble import Plan, run_plan
from foedus.simulate.monthly import step_disputes
from foedus.simulate.run import MONTHLY, When, begin, ladder, merged, new_year, slots
from foedus.simulate.state import HAPPENS, Now
from foedus.world.errors import BadInputError

DRAWS = 300
HORIZONS = (3, 12, 24)


@pytest.fixture
def plan(setting, start, parameters) -> Plan:
    return Plan(
        setting=setting,
        start=start,
        parameters=parameters,
        courses=((),),
        seed=11,
        draws=DRAWS,
        origin=int(setting.origin),
        horizons=HORIZONS,
        chunk=128,
    )


@pytest.fixture
def ready(plan):
    draw = jnp.arange(64, dtype=jnp.int32)
    keys = slots(plan.seed, tuple(plan.parameters.laws), tuple(plan.setting.error))
    state, parameters = begin(plan.start, plan.setting, plan.parameters, draw, keys)
    month = jnp.asarray(12 * int(plan.setting.first_year), jnp.int32)
    return state, parameters, When(month, draw, keys)


def same(one, two) -> None:
    for name in ("rate", "force_rate", "onsets", "forceful", "levels", "counts"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
    for name, values in one.yearly.items():
        np.testing.assert_array_equal(values, two.yearly[name], err_msg=name)


def test_a_seed_fixes_every_bit_and_another_seed_does_not(plan: Plan):
    first = run_plan(plan)
    again = run_plan(plan, execute=partial(run_all, workers=2))
    same(first, again)
    other = run_plan(replace(plan, seed=12))
    assert (first.counts != other.counts).any()


def test_the_size_of_a_chunk_changes_no_count(plan: Plan):
    one, two = run_plan(plan), run_plan(replace(plan, chunk=75))
    np.testing.assert_array_equal(one.onsets, two.onsets)
    np.testing.assert_array_equal(one.counts, two.counts)
    for name, values in one.yearly.items():
        np.testing.assert_allclose(values, two.yearly[name], rtol=1e-5, err_msg=name)


def test_the_first_draws_of_a_longer_run_are_those_of_a_shorter(plan: Plan):
    short, long = run_plan(plan), run_plan(replace(plan, draws=DRAWS + 100))
    np.testing.assert_array_equal(short.onsets, long.onsets[..., :DRAWS])
    np.testing.assert_array_equal(short.counts, long.counts[..., :DRAWS])


def test_processes_give_the_same_bits(plan: Plan):
    there = partial(run_all, place="processes", workers=2)
    same(run_plan(plan), run_plan(plan, execute=there))


def test_the_order_of_the_yearly_laws_cannot_matter(plan: Plan, ready):
    state, parameters, when = ready
    wanted = new_year(state, plan.setting, parameters, (), when)
    for turned in (yearly.STEPS[::-1], yearly.STEPS[3:] + yearly.STEPS[:3]):
        found = new_year(state, plan.setting, parameters, (), when, steps=turned)
        for name in ("spending", "hazard", "ladder", "trade", "support"):
            np.testing.assert_array_equal(getattr(wanted, name), getattr(found, name))


def test_no_part_of_the_state_has_two_authors(plan: Plan, ready):
    state, parameters, when = ready
    units = {name: getattr(state, part).shape[0] for name, part in MONTHLY.items()}
    now = Now(when.month, uniforms_of(when.keys, when.draw, when.month, units))
    fought, _ = step_disputes(state, plan.setting, parameters, (), now)
    with pytest.raises(AssertionError, match="renewed twice"):
        merged(state, [fought, fought])
    for one, two in permutations((fought, {"recent": state.recent}), 2):
        np.testing.assert_array_equal(merged(state, [one, two]).fast, fought["fast"])


def test_a_yearly_step_is_the_law_itself(plan: Plan, ready):
    state, parameters, when = ready
    new = new_year(state, plan.setting, parameters, (), when)
    law, given = LAWS["arming"], parameters.laws["arming"]
    inputs = arming.inputs(
        state.spending_growth,
        state.spending_mean,
        state.output_change,
        yearly.country_memory(state, plan.setting),
    )
    luck = uniforms_of(when.keys, when.draw, when.month, {"arming": 3, "year of arming": 1})
    year = yearly.step_year_level("arming", state, given, Now(when.month, luck))
    eta = predictor(law, given.coefficients, inputs) + year + given.unit_level
    shape = dict(given.shape) | {"volatility": arming.volatility(state.spending_variance)}
    drawn = state.spending + law.draw(luck["arming"], eta, shape)
    # Observed in the first year: what a law draws is replaced by what was seen.
    np.testing.assert_allclose(new.spending[:2], [[1.0] * 64, [2.0] * 64])
    unseen = replace(plan.setting, observed={**plan.setting.observed})
    unseen.observed["spending"] = np.full_like(unseen.observed["spending"], np.nan)
    free = new_year(state, unseen, parameters, (), when)
    np.testing.assert_allclose(free.spending[:2], drawn[:2], rtol=1e-6)


def test_a_unit_outside_the_record_stays_missing_until_it_is_observed(plan: Plan, ready):
    state, parameters, when = ready
    assert np.isnan(state.spending[2]).all()
    seen = new_year(state, plan.setting, parameters, (), when)
    np.testing.assert_allclose(seen.spending[2], 3.0)
    assert np.isnan(seen.spending_growth[2]).all()


def test_disputes_are_drawn_of_the_pairs_asked_and_trade_of_all(plan: Plan):
    found = run_plan(plan)
    assert found.rate.shape[2] == len(plan.setting.asked) == 2
    assert (found.rate > 0).all()
    assert found.yearly["trade"].shape[2] == 3
    memory = yearly.country_memory(plan.start, plan.setting)
    assert np.allclose(memory[:, 0], [0.2 + 0.3, 0.3, 0.1])


def test_a_case_without_a_pair_to_ask_about_runs_all_else(plan: Plan):
    setting = plan.setting
    none = replace(
        setting,
        asked=setting.asked[:0],
        begin=setting.begin[:0],
        fixed={name: values[:0] for name, values in setting.fixed.items()},
        lower_democracy=setting.lower_democracy[:, :0],
        higher_democracy=setting.higher_democracy[:, :0],
        observed_onsets=setting.observed_onsets[:, :0],
        observed_level=setting.observed_level[:, :0],
        link=setting.link[:0],
    )
    start = plan.start
    strands = {name: getattr(start, name)[:, :0] for name in ("slow", "fast", "last", "hazard")}
    pairs = {name: getattr(start, name)[:0] for name in ("onsets", "forceful", "ladder")}
    laws = dict(plan.parameters.laws)
    for name in ("disputes", "escalation"):
        laws[name] = replace(laws[name], unit_level=laws[name].unit_level[:0])
    parameters = replace(plan.parameters, laws=laws)
    found = run_plan(
        replace(plan, setting=none, start=replace(start, **strands, **pairs), parameters=parameters)
    )
    assert found.rate.shape[2] == 0
    assert np.isfinite(found.yearly["output"]).all()


def test_the_chance_along_the_quiet_strand_is_the_share_of_draws(setting, start, parameters):
    plan = Plan(setting, start, parameters, ((),), 3, 20_000, int(setting.origin), HORIZONS, 128)
    found = run_plan(plan)
    for rate, onsets in ((found.rate, found.onsets), (found.force_rate, found.forceful)):
        chance = -np.expm1(-rate[0, :, :2]).mean(axis=-1)
        share = (onsets[0, :, :2] > 0).mean(axis=-1)
        error = np.sqrt(share * (1 - share) / 20_000)
        assert (np.abs(chance - share) < 4 * error).all(), (chance, share)


def test_levels_of_a_dispute_add_up_to_one(plan: Plan, ready):
    state, parameters, when = ready
    np.testing.assert_allclose(
        ladder(state, plan.setting, parameters, (), when.month).sum(axis=0), 1.0, rtol=1e-5
    )


def effect(kind: str, law: str, term: str, value: float, units: int, months: int = 60) -> Effect:
    path = np.full((1, months, units), value, dtype=np.float32)
    return Effect(kind, law, term, path, np.ones((1, 1), np.float32))  # type: ignore[arg-type]


def with_courses(plan: Plan, *courses) -> Plan:
    return replace(plan, courses=same_structure([(), *[checked(c) for c in courses]]))


def test_an_effect_of_nothing_changes_nothing_bit_for_bit(plan: Plan):
    silent = [
        effect("shift", "disputes", "", 0.0, 2),
        effect("add", "arming", "economy", 0.0, 3),
        effect("set", "disputes", "distance", np.nan, 2),
        effect("shift", "incidents", "", 0.0, 2),
    ]
    found = run_plan(with_courses(plan, silent))
    for name in ("rate", "onsets", "counts"):
        values = getattr(found, name)
        np.testing.assert_array_equal(values[0], values[1], err_msg=name)
    alone = run_plan(plan)
    np.testing.assert_array_equal(alone.onsets[0], found.onsets[0])


def test_courses_share_their_luck_and_differ_where_they_should(plan: Plan):
    calm = [effect("shift", "disputes", "", -0.5, 2)]
    found = run_plan(with_courses(plan, calm))
    assert (found.rate[1, :, :2] < found.rate[0, :, :2]).all()
    assert (found.onsets[1].astype(int) <= found.onsets[0]).mean() > 0.99
    np.testing.assert_array_equal(found.yearly["output"][0], found.yearly["output"][1])


def test_a_steady_shift_of_incidents_is_a_steady_change_of_level(plan: Plan):
    more = [effect("shift", "incidents", "", float(np.log(1.5)), 2, months=120)]
    longer = replace(plan, draws=2048, horizons=(12, 60))
    found = run_plan(with_courses(longer, more))
    for months in (slice(0, 12), slice(48, 60)):
        usual = found.counts[:, months].mean(axis=(1, 3))
        np.testing.assert_allclose(usual[1] / usual[0], 1.5, rtol=0.03)


def test_effects_on_one_input_add_up_and_keep_their_own_sizes(plan: Plan):
    half = effect("shift", "disputes", "", -0.25, 2)
    apart = run_plan(with_courses(plan, [half, half]))
    whole = run_plan(with_courses(plan, [effect("shift", "disputes", "", -0.5, 2)]))
    np.testing.assert_allclose(apart.rate[1], whole.rate[1], rtol=1e-5)
    sized = Effect("shift", "disputes", "", np.asarray(half.path), np.array([[0.0, 4.0]], "f4"))
    found = run_plan(with_courses(plan, [sized]))
    still, moved = found.rate[..., ::2], found.rate[..., 1::2]
    np.testing.assert_array_equal(still[1], still[0])
    assert (moved[1, :, :2] < moved[0, :, :2]).all()


def test_a_set_input_is_what_the_law_reads(plan: Plan, ready):
    state, parameters, when = ready
    away = (effect("set", "disputes", "both major powers", 1.0, 2),)
    more = {"both major powers": np.full(64, 2.0, np.float32)}
    laws = dict(parameters.laws)
    laws["disputes"] = replace(laws["disputes"], coefficients=laws["disputes"].coefficients | more)
    held = replace(parameters, laws=laws)
    before = new_year(state, plan.setting, held, (), when).hazard[HAPPENS]
    after = new_year(state, plan.setting, held, away, when).hazard[HAPPENS]
    np.testing.assert_allclose(after - before, 2.0, rtol=1e-5)


def test_effects_that_cannot_be_are_refused():
    twice = effect("set", "disputes", "distance", 1.0, 2)
    with pytest.raises(BadInputError, match="two effects set disputes, 'distance'"):
        checked([twice, twice])
    with pytest.raises(BadInputError, match="no input 'morale'"):
        checked([effect("add", "disputes", "morale", 1.0, 2)])
    with pytest.raises(BadInputError, match="no law is called 'luck'"):
        checked([effect("shift", "luck", "", 1.0, 3)])
    with pytest.raises(BadInputError, match="is set to 9"):
        checked([effect("set", "disputes", "distance", 9.0, 2)])


def test_the_link_moves_the_pairs_of_its_arena_alone(plan: Plan):
    weights = np.array([[1.0, 0.0], [0.0, 0.0]], dtype=np.float32)
    hot = replace(plan.start, recent=plan.start.recent * 4)
    linked = replace(
        plan,
        start=hot,
        setting=replace(plan.setting, link=weights),
        parameters=replace(plan.parameters, link=np.full(4, 0.8, np.float32)),
    )
    cut = replace(linked, parameters=replace(plan.parameters, link=np.zeros(4, np.float32)))
    moved, still = run_plan(linked), run_plan(cut)
    assert (moved.rate[0, 0, 0] != still.rate[0, 0, 0]).any()
    np.testing.assert_allclose(moved.rate[0, 0, 1], still.rate[0, 0, 1], rtol=0.2)
