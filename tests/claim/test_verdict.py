"""The rule that turns estimates into a verdict: closed forms, and how often it errs."""

import numpy as np
import pytest
from scipy.stats import t as student

from foedus.claim.verdict import Answer, Estimate, Missing, answer


def _estimate(value: float, error: float = 0.1, freedom: float = 30.0) -> Estimate:
    return Estimate("one way", value, error, freedom, 40, 1990, 2020)


def _judged(values: list[float], error: float = 0.1) -> Answer:
    found = [_estimate(value, error) for value in values]
    return answer(found, asked=len(found), smallest=0.5, sign=1)


def test_the_interval_and_the_chances_are_those_of_a_student_t():
    one = _estimate(1.0, 0.5, 4.0)
    assert one.interval() == pytest.approx((1 - 2.13185 * 0.5, 1 + 2.13185 * 0.5), abs=1e-4)
    assert one.beyond(1.0, 1) == pytest.approx(0.5)
    assert one.beyond(0.2, 1) == pytest.approx(1 - one.beyond(-0.2, -1))
    assert one.beyond(0.2, 1) == pytest.approx(student.cdf(0.8 / 0.5, 4))


def test_power_is_the_chance_to_be_sure_of_no_effect_if_there_is_none():
    draws = np.random.default_rng(5).normal(0, 0.1, 40_000)
    error, smallest = 0.1, 0.2
    sure = [1 - _estimate(v, error, 1e6).beyond(smallest, 1) >= 0.9 for v in draws[:4000]]
    power = _estimate(0.0, error, 1e6).power(smallest)
    assert power == pytest.approx(0.7637, abs=1e-3)
    assert np.mean(sure) == pytest.approx(power, abs=0.02)


def test_all_sure_of_it_is_supported_and_all_of_the_contrary_contradicted():
    assert _judged([2.0] * 10).verdict == "supported"
    assert _judged([0.0] * 10).verdict == "contradicted"
    assert _judged([-2.0] * 10).verdict == "contradicted"


def test_nine_in_ten_are_enough_and_eight_in_ten_are_not():
    assert _judged([2.0] * 9 + [0.5]).verdict == "supported"
    assert _judged([2.0] * 8 + [0.5] * 2).verdict == "contested"
    assert "fewer than nine in ten" in _judged([2.0] * 8 + [0.5] * 2).why
    assert "disagree" in _judged([2.0] * 5 + [0.0] * 5).why


def test_estimates_that_are_not_precise_are_not_testable():
    found = _judged([0.6] * 10, error=3.0)
    assert found.verdict == "not testable here"
    assert "too thin" in found.why
    assert found.power < 0.8


def test_the_sign_of_a_proposition_turns_its_verdict():
    falls = [_estimate(-2.0) for _ in range(10)]
    assert answer(falls, asked=10, smallest=0.5, sign=-1).verdict == "supported"
    assert answer(falls, asked=10, smallest=0.5, sign=1).verdict == "contradicted"


def test_what_could_not_be_run_is_counted_and_said():
    found = [*[_estimate(2.0)] * 6, *[Missing("another", "three points are on record")] * 4]
    judged = answer(found, asked=10, smallest=0.5, sign=1)
    assert judged.verdict == "supported"
    assert "4 could not be run: three points are on record" in judged.why
    assert len(judged.estimates) + len(judged.missing) == judged.asked
    few = answer(found[2:], asked=10, smallest=0.5, sign=1)
    assert few.verdict == "not testable here"
    assert "only 4 of 10" in few.why
    none = answer(found[6:], asked=10, smallest=0.5, sign=1)
    assert none.why == "three points are on record"


def test_an_error_that_cannot_be_estimated_is_missing():
    found = [_estimate(2.0), _estimate(2.0, float("nan"))]
    judged = answer(found, asked=2, smallest=0.5, sign=1)
    assert len(judged.estimates) == 1
    assert judged.missing[0].why == "its error could not be estimated"


@pytest.mark.parametrize(
    ("effect", "wrong"), [(0.0, "supported"), (1.0, "contradicted"), (-1.0, "supported")]
)
def test_the_rule_seldom_says_the_contrary_of_the_truth(effect: float, wrong: str):
    """Ten ways share most of their noise; each error is right. At most 1 in 50 may be wrong."""
    draw = np.random.default_rng(11)
    told = []
    for _ in range(300):
        values = effect + draw.normal(0, 0.18) + draw.normal(0, 0.08, 10)
        told.append(_judged(list(values), error=0.2).verdict)
    assert told.count(wrong) <= 6


def test_at_the_smallest_effect_the_rule_takes_sides_one_time_in_ten_at_most():
    draw = np.random.default_rng(12)
    told = []
    for _ in range(400):
        values = 0.5 + draw.normal(0, 0.18) + draw.normal(0, 0.08, 10)
        told.append(_judged(list(values), error=0.2).verdict)
    assert told.count("supported") <= 40
    assert told.count("contradicted") <= 40
