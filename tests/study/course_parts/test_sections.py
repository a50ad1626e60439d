"""Sections about a course: small runs, every number traced to the comparison it came from."""

import datetime as dt
import re
from dataclasses import replace

import numpy as np
import pytest

from foedus.policy.courses import BASELINE, load_course
from foedus.present.page_one import PageOne
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.brief_parts.sections import Section
from foedus.study.course_parts.change import adds_section, change_section, frontier_section
from foedus.study.course_parts.doubt import answers_section, dissent_section, rests_section
from foedus.study.course_parts.front import course_page, spending_sentence
from foedus.study.course_parts.package import constraint_section, elements, package_section
from foedus.study.course_parts.seats import readings_section, ripple_section
from foedus.study.course_parts.words import DASH, size_in_words, unit_of_size
from foedus.study.course_question import LINK_CUT, CourseQuestion, ask
from foedus.study.weigh_courses import deterrence_outcome
from foedus.world.cases import Case, load_case
from foedus.world.errors import BadInputError, UnknownNameError

TODAY = AsOf(dt.date(2026, 10, 31), Rule.KNOWN)


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("japan-us")


@pytest.fixture(scope="module")
def asked(record: Record, case: Case) -> CourseQuestion:
    return ask(case, "restraint-first", TODAY, draws=96, record=record)


@pytest.fixture(scope="module")
def one() -> PageOne:
    row = ("China and Japan", "any dispute", "12 months", "unlikely", "28%", "5% to 73%", "2%")
    return PageOne("?", ("a",), (row,), "moderate", "Why.", ("x", "y"), ("p", "q", "r"))


def words(section: Section) -> str:
    cells = [cell for grid in section.grids for row in grid.rows for cell in row]
    return " ".join([*section.paragraphs, *cells])


def test_a_course_is_asked_with_its_parts_its_answers_and_other_views(asked: CourseQuestion):
    names = asked.found.names
    assert names[:2] == (BASELINE, "restraint-first")
    for step in asked.course.steps:
        assert f"restraint-first without {step.instrument}" in names
        assert f"restraint-first: {step.instrument} alone" in names
    assert {f"restraint-first+{answer}" for answer in asked.answers} <= set(names)
    assert set(asked.views) == {"deters", "none", "emboldens", LINK_CUT}
    assert "april-2024-upgrade" not in asked.beside
    assert "upgrade-completed" in asked.beside


def test_the_views_share_the_draws_of_the_main_run(asked: CourseQuestion):
    name = deterrence_outcome(asked.found)
    base = asked.found.draws_of(name, 36, BASELINE)
    for view in ("deters", "none", "emboldens"):
        assert (asked.views[view].draws_of(name, 36, BASELINE) == base).all()


def test_every_section_stands_on_its_own_and_says_its_numbers(
    record: Record, case: Case, asked: CourseQuestion
):
    made = [
        package_section(record, case, TODAY, asked),
        change_section(asked),
        frontier_section(asked),
        adds_section(asked),
        rests_section(asked),
        answers_section(asked),
        ripple_section(case, asked),
        constraint_section(record, case, TODAY),
        readings_section(case, asked),
        dissent_section(asked),
    ]
    assert len({section.anchor for section in made}) == len(made)
    for section in made:
        text = words(section)
        assert text
        assert not re.search(r"\bnan\b|\bNone\b(?! of)|\+-|--", text), (section.anchor, text)
        for grid in section.grids:
            assert all(len(row) == len(grid.header) for row in grid.rows), grid.caption


def test_the_difference_on_the_page_is_that_of_the_run(asked: CourseQuestion):
    name = deterrence_outcome(asked.found)
    outcome = next(o for o in asked.found.layout.outcomes if o.name == name)
    row = next(r for r in change_section(asked).grids[0].rows if r[0] == outcome.title)
    place = 1 + asked.found.layout.horizons.index(36)
    apart = asked.found.difference(name, 36, "restraint-first")
    start, change = row[place].split("; ")
    assert float(start) == pytest.approx(100 * apart.baseline, abs=0.051)
    shown = [float(text) for text in re.findall(r"[+-]?\d+\.\d", change)]
    wanted = (apart.difference, apart.difference_lo90, apart.difference_hi90)
    assert shown == pytest.approx([100 * value for value in wanted], abs=0.051)


def test_page_one_turns_to_the_course_and_trusts_it_no_more_than_the_outlook(
    case: Case, asked: CourseQuestion, one: PageOne
):
    page = course_page(one, case, asked)
    assert len(page.answer) == 5
    assert asked.course.title in page.question
    assert len(page.course) == 2 * len(asked.found.layout.horizons)
    assert page.confidence in ("low", "moderate")
    assert page.likelihood == one.likelihood


def test_the_package_lists_each_element_once_and_those_without_an_instrument(record: Record):
    course = load_course("april-2024-upgrade")
    facts = elements(record, course, TODAY)
    used = [name for step in course.steps for name in step.elements]
    assert len(used) == len(set(used))
    assert set(used) < set(facts)
    early = elements(record, course, AsOf(dt.date(2024, 5, 1), Rule.KNOWN))
    later = [fact["status_date"] for fact in early.values() if fact["status"]]
    assert all(day <= "2024-05-01" for day in later)


def test_an_element_is_in_force_when_it_was_done_and_not_when_its_step_was(
    record: Record, case: Case, asked: CourseQuestion
):
    upgrade = replace(asked, course=load_course("april-2024-upgrade"))
    rows = {row[0]: row for row in package_section(record, case, TODAY, upgrade).grids[0].rows}
    headquarters = rows["Japan's Joint Operations Command"]
    assert headquarters[6].replace("\u2011", "-") == "2025-03-24"
    command = rows["Command and control upgrade"]
    assert command[7].startswith("in-progress")
    assert command[6] == DASH


def test_sizes_are_named_as_a_reader_would():
    name = "exercise-tempo: rate of disputes with the rival"
    assert size_in_words(name) == "Exercise tempo: rate of disputes with the rival"
    assert "per further exercise a year" in unit_of_size(name)
    assert "as deep as can be" in size_in_words("depth")
    assert unit_of_size("depth")
    assert size_in_words("link from incidents to disputes") == "link from incidents to disputes"


def test_what_a_course_makes_an_ally_spend_stands_with_its_cost(case: Case, asked: CourseQuestion):
    assert spending_sentence(case, asked) == ""
    more = load_course("upgrade-stalled")
    said = spending_sentence(case, replace(asked, course=more))
    assert more.name in asked.beside
    assert "military spending of Japan differs by -" in said


def test_an_ally_whose_spending_is_not_known_has_none_stated(case: Case, asked: CourseQuestion):
    names = [one.name for one in asked.found.layout.outcomes]
    values = asked.found.values.copy()
    values[names.index("spending:JPN")] = np.nan
    blank = replace(asked, found=replace(asked.found, values=values))
    assert spending_sentence(case, replace(blank, course=load_course("upgrade-stalled"))) == ""


def test_the_readings_put_the_same_run_before_each_seat(case: Case, asked: CourseQuestion):
    grid = readings_section(case, asked).grids[0]
    rows = {row[0]: row[1:] for row in grid.rows}
    force = rows["own risk of a dispute with force"]
    drawn_in = rows["entrapment: the other ally's dispute with force"]
    assert (drawn_in[0], drawn_in[1]) == (force[1], force[0])


@pytest.mark.parametrize(
    ("name", "day", "said"),
    [
        ("april-2024-upgrade", dt.date(2024, 1, 31), "starts from 2024-03-31"),
        ("upgrade-of-the-moon", dt.date(2026, 10, 31), "no course is called"),
    ],
)
def test_a_course_that_cannot_be_asked_is_refused(
    record: Record, case: Case, name: str, day: dt.date, said: str
):
    with pytest.raises((BadInputError, UnknownNameError), match=said):
        ask(case, name, AsOf(day, Rule.KNOWN), draws=16, record=record)
    with pytest.raises(BadInputError, match="a course of japan-us"):
        ask(load_case("china-north-korea"), "upgrade-stalled", TODAY, draws=16, record=record)
