"""Ask one course everything a brief says about it: the same draws, read in many ways."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from foedus.policy.courses import Course, course_names, load_course
from foedus.policy.depth import VIEWS
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.compare_courses import (
    HORIZONS,
    Comparison,
    answering_courses,
    run_courses,
)
from foedus.study.forecast import SEED, last_month_before, prepare
from foedus.study.weigh_courses import meetings, parts_of
from foedus.world.cases import Case
from foedus.world.errors import BadInputError
from foedus.world.months import parse_date

DRAWS = 1_024
LEAD_MONTHS = 36
"""Long enough for most steps to be in force, too short for a dispute to be all but certain."""
LINK_CUT = "link from incidents to disputes cut"


@dataclass(frozen=True)
class CourseQuestion:
    """A course with all that was run to judge it.

    Args:
        course: The course.
        beside: Courses shown beside it.
        answers: The rival's courses it is held against.
        found: All of these, what each instrument adds, and the meetings, on the same draws.
        views: The course alone by view: each view of depth, and without the assumed link.
        months: Horizon at which it is judged.
    """

    course: Course
    beside: tuple[str, ...]
    answers: tuple[str, ...]
    found: Comparison
    views: dict[str, Comparison]
    months: int = LEAD_MONTHS

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the course and those beside it."""
        return (self.course.name, *self.beside)


def ask(
    case: Case,
    name: str,
    as_of: AsOf,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    record: Record | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> CourseQuestion:
    """Run a course, those beside it, its parts, the rival's answers and the other views.

    Args:
        case: Case.
        name: Course, by name or path.
        as_of: Date of knowledge and rule: a prospective course starts from the last month complete
            by then, a retrospective one from its own origin.
        draws: Draws.
        seed: Seed of all random numbers.
        record: Record; the one that is open by default.
        progress: Called with the share that is done.

    Raises:
        UnknownNameError: No such course.
        BadInputError: The course is of another case, begins after the date of knowledge, or acts
            on nothing in the case.
    """
    course = load_course(name)
    if course.case not in ("", case.name):
        raise BadInputError(
            f"{course.name} is a course of {course.case}",
            expected=f"a course of {case.name}: {', '.join(course_names(case.name))}",
            where="--course",
            hint=f"foedus brief {course.case} --course {course.name}",
        )
    origin = last_month_before(as_of.day)
    if course.study == "retrospective":
        origin = parse_date(course.origin)
        if origin > as_of.day:
            raise BadInputError(
                f"{course.name} starts from {origin}, which is after {as_of.day}",
                expected=f"a date of knowledge from {origin} on",
                where="--as-of",
                hint="leave --as-of out",
            )
    beside = _beside(case, course)
    answers = tuple(one for one in answering_courses(case) if one != course.name)
    ready = prepare(
        case,
        origin=origin,
        horizons=HORIZONS,
        draws=draws,
        seed=seed,
        rule=Rule(as_of.rule),
        record=record,
    )
    met = meetings([course], [load_course(one) for one in answers])
    given = [course, *(load_course(one) for one in beside), *met, *parts_of(course)]
    found = run_courses(ready, given, progress=progress)
    views = {view: run_courses(ready, [course], view=view) for view in VIEWS if view != VIEWS[0]}
    parameters = ready.plan.parameters
    unlinked = replace(parameters, link=np.zeros_like(parameters.link))
    cut = replace(ready, plan=replace(ready.plan, parameters=unlinked))
    views[LINK_CUT] = run_courses(cut, [course])
    return CourseQuestion(course, beside, answers, found, views)


def _beside(case: Case, course: Course) -> tuple[str, ...]:
    """Name the courses that can stand beside one: those of its study and origin, or of either."""
    rival = answering_courses(case)
    kind = ("prospective", "") if course.study == "either" else (course.study, course.origin)
    found = []
    for name in course_names(case.name):
        one = load_course(name)
        if name not in (course.name, *rival) and (one.study, one.origin) in (("either", ""), kind):
            found.append(name)
    return tuple(found)
