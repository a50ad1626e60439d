"""Effects of courses: ramps, yearly laws, sizes fixed by their names."""

import datetime as dt

import numpy as np
import pytest

from foedus.policy.courses import Step
from foedus.policy.instruments import load_instrument
from foedus.study.course_effects import _Clock, _path, _Sizes

CLOCK = _Clock(12 * 2020, 12 * 2030, dt.date(2024, 3, 31))


def reached(**given) -> np.ndarray:
    return CLOCK.reached(Step.model_validate({"instrument": "exercise-tempo", "level": 1} | given))


def test_a_lever_ramps_up_and_holds():
    share = reached(ramp_months=4)
    begins = 12 * 4 + 3
    assert (share[:begins] == 0).all()
    np.testing.assert_allclose(share[begins : begins + 5], [0.25, 0.5, 0.75, 1, 1])
    assert (share[begins + 4 :] == 1).all()


def test_a_lever_begins_and_ends_when_it_says():
    share = reached(begins="2025-06", until="2026-01", ramp_months=0)
    assert share.sum() == 8
    assert share[12 * 5 + 5] == 1
    assert share[12 * 6 + 1] == 0


def test_a_lever_of_a_level_acts_on_a_yearly_change_once():
    effect = load_instrument("diversification").effects[0]
    assert effect.once
    path = _path(effect, -20, reached(begins="2025-07", ramp_months=12), CLOCK.first)
    assert path.sum() == pytest.approx(np.log(0.8))
    assert set(np.flatnonzero(path)) == {12 * 5, 12 * 6}


def test_a_lever_of_a_growth_acts_every_year_it_is_on():
    effect = load_instrument("spending-target").effects[0]
    path = _path(effect, 10, reached(begins="2025-01", until="2026-12", ramp_months=0), CLOCK.first)
    np.testing.assert_allclose(path[[60, 72]], np.log(1.1))
    assert path.sum() == pytest.approx(2 * np.log(1.1))


def test_sizes_are_a_function_of_seed_name_and_draw_alone():
    few, many = (_Sizes(n, 7, "mixture", {}) for n in (50, 500))
    effect = load_instrument("command-integration").effects[1]
    first, driver = few.of("command-integration", effect)
    longer, _ = many.of("command-integration", effect)
    np.testing.assert_array_equal(first, longer[:50])
    assert driver.evidence == "assumed"
    assert effect.low <= longer.min() < longer.max() <= effect.high
    other, _ = _Sizes(500, 8, "mixture", {}).of("command-integration", effect)
    assert (other != longer).all()


def test_a_size_can_be_held():
    effect = load_instrument("command-integration").effects[1]
    name = f"command-integration: {effect.name}"
    size, _ = _Sizes(10, 7, "mixture", {name: 0.1}).of("command-integration", effect)
    assert (size == 0.1).all()
