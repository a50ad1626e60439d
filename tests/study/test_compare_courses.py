"""Courses against the baseline on the flagship case: paired, labelled, and nothing from nothing."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from foedus.policy.courses import BASELINE, Course, load_course
from foedus.policy.evidence import EVIDENCE
from foedus.record.store import Record
from foedus.study.compare_courses import Comparison, answering_courses, compare, outcome_table
from foedus.study.weigh_courses import (
    adds_table,
    answers_table,
    cost_of,
    deterrence_outcome,
    escalation_outcome,
    frontier_table,
    in_words,
    meetings,
    parts_of,
    ranking_table,
    tipping_table,
)
from foedus.world.cases import load_case
from foedus.world.errors import BadInputError, HindsightError, UnknownNameError

DRAWS = 640


def at_zero(course: Course) -> Course:
    steps = tuple(step.model_copy(update={"level": 0.0}) for step in course.steps)
    return course.model_copy(update={"name": f"{course.name} at zero", "steps": steps})


@pytest.fixture(scope="module")
def found(record: Record) -> Comparison:
    upgrade = load_course("april-2024-upgrade")
    courses = [upgrade, at_zero(upgrade), "restraint-first", "economic-security-only", "probing"]
    return compare("japan-us", courses, horizons=(12, 60), draws=DRAWS, record=record)


def test_a_course_with_every_lever_at_zero_is_the_baseline_bit_for_bit(found: Comparison):
    zero = found.names.index("april-2024-upgrade at zero")
    np.testing.assert_array_equal(found.values[:, :, zero], found.values[:, :, 0])
    moved = found.names.index("april-2024-upgrade")
    assert (found.values[:, :, moved] != found.values[:, :, 0]).any()


def test_a_look_back_starts_where_its_courses_do_and_knows_nothing_later(found: Comparison):
    assert found.study == "retrospective"
    assert found.origin == dt.date(2024, 3, 31)
    for fit in found.manifest["fits"].values():
        assert fit["trained_to"] <= "2024-03-31"


def test_every_outcome_stands_beside_its_baseline_with_shares_that_add_up(found: Comparison):
    table = outcome_table(found)
    assert set(table["course"]) == set(found.names)
    base = table.filter(pl.col("course") == BASELINE)
    assert (base["difference"].drop_nulls() == 0).all()
    moving = table.filter(pl.col("difference_lo90") < pl.col("difference_hi90"))
    shares = moving.select([f"share_{name}" for name in (*EVIDENCE, "chance")])
    np.testing.assert_allclose(shares.sum_horizontal().to_numpy(), 1.0, atol=1e-6)
    assert (moving["share_identified"] == 0).all()


def test_the_monte_carlo_error_of_every_difference_given_is_below_a_tenth_of_its_interval(
    found: Comparison,
):
    table = outcome_table(found)
    given = table.drop_nulls("difference")
    width = given["difference_hi90"] - given["difference_lo90"]
    assert (given["monte_carlo_error"] <= 0.1 * width).all()
    blank = table.filter(pl.col("difference").is_null() & pl.col("mean").is_not_null())
    assert set(blank["verdict"]) <= {"too small to tell"}
    led = pl.col("outcome").is_in(["dispute:allies", "force:allies"])
    assert given.filter(led & (pl.col("course") == "restraint-first")).height == 4


def test_levers_do_what_they_say(found: Comparison):
    traded = found.difference("trade:USA", 60, "economic-security-only")
    assert 0.7 < traded.mean < 0.95
    assert traded.baseline == 1.0
    spent = found.draws_of("spending:JPN", 60, "april-2024-upgrade")
    usual = found.draws_of("spending:JPN", 60, BASELINE)
    ratio = np.median(spent / usual)
    assert 1.04**4 < ratio < 1.09**4
    counted = found.difference("incidents:scs_incidents", 12, "probing")
    assert 1.3 < counted.mean / counted.baseline < 1.7


def test_what_rests_on_assumptions_alone_cannot_be_told(found: Comparison):
    words = in_words(found, "april-2024-upgrade", 60)
    assert len(words) == 2
    assert all("it cannot be told" in sentence for sentence in words)


def test_the_frontier_marks_nobody_beaten_by_what_cannot_be_told(found: Comparison):
    table = frontier_table(found, 60)
    assert table["course"].to_list() == list(found.names)
    upgrade = table.filter(pl.col("course") == "april-2024-upgrade").row(0, named=True)
    assert upgrade["beaten_by"] == ""
    assert "Command integration" in upgrade["not_costed"]
    assert upgrade["cost_high"] == 100


def test_tipping_values_lie_inside_their_ranges(found: Comparison):
    table = tipping_table(found, "restraint-first", 60).drop_nulls("tips_at")
    assert table.height
    assert (table["tips_at"] > table["low"]).all()
    assert (table["tips_at"] < table["high"]).all()
    assert set(table["outcome"]) <= {deterrence_outcome(found), escalation_outcome(found)}


def test_the_ranking_is_in_order_and_turns_only_inside_the_ranges(found: Comparison):
    courses = ["restraint-first", "economic-security-only", "probing"]
    table = ranking_table(found, courses, 60)
    assert (table["lead"] <= 0).all()
    for outcome in (deterrence_outcome(found), escalation_outcome(found)):
        part = table.filter(pl.col("outcome") == outcome)
        steps = part.select("better", "worse").unique(maintain_order=True).rows()
        order = [steps[0][0], *(worse for _, worse in steps)]
        assert sorted(order) == sorted([BASELINE, *courses])
        means = [found.draws_of(outcome, 60, name).mean() for name in order]
        assert means == sorted(means)
    turned = table.drop_nulls("tips_at")
    assert turned.height
    assert (turned["tips_at"] > turned["low"]).all()
    assert (turned["tips_at"] < turned["high"]).all()
    assert (turned["at_low"] * turned["at_high"] < 0).all()


def test_costs_that_are_not_known_are_named_and_not_zero():
    cost = cost_of(load_course("restraint-first"))
    assert cost.not_costed
    assert cost.low == cost.high == 0


def test_each_instrument_is_left_out_and_stands_alone_and_every_course_meets_every_answer(
    record: Record,
):
    case, drift = load_case("japan-us"), load_course("drift")
    answers = answering_courses(case)
    courses = [drift, *meetings([drift], [load_course(one) for one in answers]), *parts_of(drift)]
    found = compare(case, courses, horizons=(12,), draws=128, record=record)
    table = adds_table(found, drift, 12)
    assert set(table["instrument"]) == {step.instrument for step in drift.steps}
    assert np.isfinite(table.select(pl.col(pl.Float64)).to_numpy()).all()
    met = answers_table(found, ["drift"], answers, 12)
    assert set(met.table["against"]) == {"no answer", *answers}
    assert sum(one.best_in for one in met.robust) == pytest.approx(1.0)
    assert met.robust_table["course"].to_list() == [BASELINE, "drift"]
    for row in met.robust_table.iter_rows(named=True):
        part = met.table.filter(
            (pl.col("outcome") == deterrence_outcome(found)) & (pl.col("course") == row["course"])
        )
        assert row["worst"] == part["mean"].max()


def test_views_of_depth_pull_apart(record: Record):
    deep = Course.model_validate(
        {
            "name": "deep",
            "title": "Deep",
            "study": "either",
            "relative_to": "now",
            "summary": "All the way.",
            "step": [{"instrument": "command-integration", "level": 1.0, "ramp_months": 0}],
        }
    )
    means = {}
    for view in ("deters", "none", "emboldens"):
        one = compare("japan-us", [deep], horizons=(12,), draws=256, record=record, view=view)
        means[view] = one.difference("dispute:allies", 12, "deep").difference
    assert means["deters"] < means["none"] == 0 < means["emboldens"]


@pytest.mark.parametrize(
    ("courses", "said"),
    [
        (["april-2024-upgrade", "upgrade-completed"], "different studies"),
        (["drift", "drift"], "more than once"),
        ([], "0 courses"),
    ],
)
def test_courses_that_cannot_stand_together_are_refused(courses: list[str], said: str):
    with pytest.raises(BadInputError, match=said):
        compare("japan-us", courses)


def test_a_course_of_another_case_is_refused():
    with pytest.raises(BadInputError, match="is a course of japan-us"):
        compare("china-north-korea", ["upgrade-stalled"])


def test_an_unknown_course_is_refused():
    with pytest.raises(UnknownNameError, match="no course is called 'victory'"):
        compare("japan-us", ["victory"])


def test_a_fit_that_knows_more_than_the_origin_is_refused(record: Record):
    from foedus.estimate.posterior import SHIPPED

    with pytest.raises(HindsightError):
        compare("japan-us", ["april-2024-upgrade"], draws=64, record=record, fits=SHIPPED)


def test_a_step_that_acts_on_nothing_is_refused(record: Record):
    away = Course.model_validate(
        {
            "name": "away",
            "title": "Away",
            "study": "either",
            "relative_to": "now",
            "summary": "Elsewhere.",
            "step": [{"instrument": "tariffs", "level": 5, "by": ["BRA"], "toward": ["ARG"]}],
        }
    )
    with pytest.raises(BadInputError, match="acts on nothing in japan-us"):
        compare("japan-us", [away], draws=64, record=record)
