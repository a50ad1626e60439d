"""Compare courses of action: the same start, draws and luck under each, the baseline beside all."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.compute.executors import run_all
from foedus.decide.differences import Difference, difference, verdict
from foedus.decide.rests_on import Basis, Explained, Size, probability_lower
from foedus.policy.courses import BASELINE, Course, course_names, load_course
from foedus.policy.depth import VIEWS, View
from foedus.policy.evidence import EVIDENCE
from foedus.record.schema import Rule
from foedus.record.store import Record
from foedus.study.course_effects import CourseEffects, Driver, course_effects
from foedus.study.forecast import DRAWS, SEED, LinkView, Ready, last_month_before, prepare
from foedus.study.outcomes import Layout, Outcome, layout, outcomes_of
from foedus.world.cases import Case, load_case
from foedus.world.errors import BadInputError
from foedus.world.months import parse_date

HORIZONS = (3, 12, 36, 60)
LINK = "link from incidents to disputes"
MOST_COURSES = 64


@dataclass(frozen=True)
class Comparison:
    """Courses side by side.

    Args:
        case: Case.
        origin: Last day known.
        study: `retrospective` or `prospective`.
        courses: Courses beside the baseline.
        layout: Outcomes and horizons.
        values: Shape (outcome, horizon, course, draw); the first course is the baseline.
        drivers: What the effects of each course rest on.
        link: Size of the assumed link by draw.
        notes: What a reader has to know.
        manifest: Fingerprint.
    """

    case: Case
    origin: dt.date
    study: str
    courses: tuple[Course, ...]
    layout: Layout
    values: NDArray[np.float32]
    drivers: tuple[tuple[Driver, ...], ...]
    link: NDArray[np.float64]
    notes: tuple[str, ...]
    manifest: dict[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the courses, the baseline first."""
        return (BASELINE, *(course.name for course in self.courses))

    def draws_of(self, outcome: str, horizon: int, course: str) -> NDArray[np.float64]:
        """Give one outcome of one course by draw."""
        names = [item.name for item in self.layout.outcomes]
        place = names.index(outcome), self.layout.horizons.index(horizon), self.names.index(course)
        return self.values[place].astype(np.float64)

    def sizes(self, course: str) -> list[Size]:
        """Give the sizes a course's difference can rest on, the assumed link among them."""
        number = self.names.index(course) - 1
        own = self.drivers[number] if number >= 0 else ()
        found = [Size(driver.name, driver.evidence, driver.size) for driver in own]
        return [*found, Size(LINK, "assumed", self.link)]

    def explained(self, outcome: str, horizon: int, course: str) -> Explained:
        """Split the variance of a course's difference among the sizes it rests on."""
        apart = self.draws_of(outcome, horizon, course) - self.draws_of(outcome, horizon, BASELINE)
        return self._bases[course].explain(apart)

    @cached_property
    def _bases(self) -> dict[str, Basis]:
        return {name: Basis(self.sizes(name), EVIDENCE) for name in self.names}

    def difference(self, outcome: str, horizon: int, course: str) -> Difference:
        """Compare one outcome of one course with the baseline."""
        ours, theirs = (self.draws_of(outcome, horizon, name) for name in (course, BASELINE))
        return difference(ours, theirs)


def compare(
    case: str | Case,
    courses: Sequence[str | Course] | None = None,
    *,
    origin: dt.date | None = None,
    horizons: tuple[int, ...] = HORIZONS,
    draws: int = DRAWS,
    seed: int = SEED,
    rule: Rule = Rule.KNOWN,
    link: LinkView = "assumed",
    view: View = "mixture",
    record: Record | None = None,
    fits: Path | None = None,
    place: str = "here",
    workers: int | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Comparison:
    """Run a case under several courses, and keep every outcome draw by draw.

    Args:
        case: Case, or its name.
        courses: Courses, by name, path or loaded; `one+other` joins two. By default those that
            come with the case for the study of the first.
        origin: Last day known, of a prospective study; the last complete month by default.
        horizons: Months after the origin, rising.
        draws: Draws.
        seed: Seed of all random numbers.
        rule: Information rule.
        link: View of the link from incidents to disputes.
        view: View of what a deeper pact does.
        record: Record; the one that is open by default.
        fits: Folder of posteriors.
        place: Where to run.
        workers: Workers.
        progress: Called with the share that is done.

    Raises:
        BadInputError: Courses of different studies, of another case, or too many; a step that
            acts on nothing in the case.
        UnknownNameError: No such course or case.
    """
    there = load_case(case) if isinstance(case, str) else case
    given = default_courses(there) if courses is None else courses
    loaded = [load_course(one) if isinstance(one, str) else one for one in given]
    _, when = _study(there, loaded, origin)
    ready = prepare(
        there,
        origin=when,
        horizons=horizons,
        draws=draws,
        seed=seed,
        rule=rule,
        link=link,
        record=record,
        fits=fits,
    )
    return run_courses(ready, loaded, view=view, place=place, workers=workers, progress=progress)


def run_courses(
    ready: Ready,
    courses: Sequence[Course],
    *,
    view: View = "mixture",
    place: str = "here",
    workers: int | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Comparison:
    """Run courses on a run that is laid out, the baseline beside them.

    Args:
        ready: The run, from the origin of the courses.
        courses: Courses.
        view: View of what a deeper pact does.
        place: Where to run.
        workers: Workers.
        progress: Called with the share that is done.

    Raises:
        BadInputError: A step acts on nothing in the case.
    """
    study, _ = _study(ready.case, courses, None)
    plan = ready.plan
    made = course_effects(
        courses,
        ready.case,
        ready.start,
        origin=ready.origin,
        months=plan.horizons[-1],
        draws=plan.draws,
        seed=plan.seed,
        view=view,
    )
    asked = layout(ready.case, ready.start, plan.horizons)
    values = _run(ready, made, asked, place, workers, progress)
    link_size = np.asarray(plan.parameters.link)
    return Comparison(
        ready.case,
        ready.origin,
        study,
        tuple(courses),
        asked,
        values,
        tuple(one.drivers for one in made),
        link_size[np.arange(plan.draws) % len(link_size)],
        (*ready.notes, *_notes(courses, view)),
        ready.manifest | {"courses": [_fingerprint(one) for one in courses], "depth": view},
    )


def _run(
    ready: Ready,
    made: Sequence[CourseEffects],
    asked: Layout,
    place: str,
    workers: int | None,
    progress: Callable[[float], None],
) -> NDArray[np.float32]:
    from foedus.simulate.effects import same_structure
    from foedus.simulate.ensemble import Chunk

    held = same_structure([(), *(one.effects for one in made)])
    plan = replace(ready.plan, courses=held, ladders=tuple(range(len(asked.horizons))))
    count = -(-plan.draws // plan.chunk)
    jobs = [(Chunk(plan, number), asked) for number in range(count)]
    shape = (len(asked.outcomes), len(asked.horizons), len(held), plan.draws)
    values = np.empty(shape, np.float32)
    done = 0
    for part in run_all(outcomes_of, jobs, place=place, workers=workers):
        values[..., done : done + part.shape[-1]] = part
        done += part.shape[-1]
        progress(done / plan.draws)
    return values


def default_courses(case: Case) -> list[str]:
    """Name the courses compared when none is named: the case's own look back, and any case's."""
    names = course_names(case.name)
    own = [name for name in names if load_course(name).study == "retrospective"]
    either = [name for name in names if load_course(name).study == "either"]
    return [*own, *(name for name in either if not _of_others(load_course(name)))]


def answering_courses(case: Case) -> list[str]:
    """Name the courses of the rival and of the partners, against which others are held."""
    return [name for name in course_names(case.name) if _of_others(load_course(name))]


def _of_others(course: Course) -> bool:
    """Say whether every step of a course is the rival's, or every one the partners'."""
    who = {step.by for step in course.steps}
    return who in ({("rival",)}, {("partners",)})


def _study(
    case: Case, courses: Sequence[Course], origin: dt.date | None
) -> tuple[str, dt.date | None]:
    """Settle the study and the origin that all courses share."""
    if not courses or len(courses) > MOST_COURSES:
        raise BadInputError(
            f"{len(courses)} courses cannot be compared",
            expected=f"1 to {MOST_COURSES}",
            where="--courses",
            hint=f"courses of {case.name}: {', '.join(course_names(case.name))}",
        )
    names = [course.name for course in courses]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or BASELINE in names:
        raise BadInputError(
            f"the course {', '.join(twice) or BASELINE} is named more than once",
            expected="each course once; the baseline is always there",
            where="--courses",
            hint="leave one out",
        )
    for course in courses:
        if course.case not in ("", case.name):
            raise BadInputError(
                f"{course.name} is a course of {course.case}",
                expected=f"a course of {case.name}: {', '.join(course_names(case.name))}",
                where="--courses",
                hint=f"foedus compare {course.case} --courses {course.name}",
            )
    dated = {
        (course.study, course.origin): course.name for course in courses if course.study != "either"
    }
    if len(dated) > 1:
        raise BadInputError(
            "courses of different studies cannot stand beside one baseline",
            expected="all retrospective from one origin, or all prospective",
            where="--courses",
            hint="; ".join(f"{name}: {' '.join(key).strip()}" for key, name in dated.items()),
        )
    study, text = next(iter(dated), ("prospective", ""))
    if study == "retrospective":
        fixed = parse_date(text)
        if origin is not None and origin != fixed:
            raise BadInputError(
                f"the origin {origin} is not that of the courses",
                expected=f"{fixed}, since they are retrospective",
                where="--origin",
                hint="leave --origin out",
            )
        return study, fixed
    return study, last_month_before(origin) if origin is not None else None


def _notes(courses: Sequence[Course], view: View) -> list[str]:
    notes = [
        "A course changes only what its instruments say it changes; a coefficient with which a law "
        "forecasts is never taken for the effect of a lever.",
        "Every effect of a military instrument is an assumed range that holds either sign: no "
        "design on the record reaches more.",
        "War is outside the record of these pairs: no difference between courses is given for it.",
    ]
    if view != VIEWS[0]:
        notes.append(f"A deeper pact is taken by one view alone: {view}.")
    dated = [course for course in courses if course.study != "either"]
    begun = {course.relative_to for course in dated or courses}
    return [*notes, *(f"Baseline: {text}" for text in sorted(begun))]


def _fingerprint(course: Course) -> dict[str, Any]:
    return course.model_dump(mode="json", by_alias=True)


def outcome_table(found: Comparison, courses: Sequence[str] | None = None) -> pl.DataFrame:
    """List every outcome at every horizon under every course, the baseline among them.

    Args:
        found: The comparison.
        courses: Courses to list beside the baseline; all by default.

    Returns:
        `outcome, title, group, unit, horizon, course, mean, lo90, hi90, difference,
        difference_lo90, difference_hi90, baseline, monte_carlo_error, probability_lower, verdict,
        share_identified, share_published, share_assumed, share_chance`. A difference that is too
        small for so many draws to tell is blank.
    """
    rows = []
    names = (BASELINE, *(found.names[1:] if courses is None else courses))
    for outcome in found.layout.outcomes:
        for horizon in found.layout.horizons:
            for course in names:
                rows.append(_row(found, outcome, horizon, course))
    return pl.DataFrame(rows, infer_schema_length=None)


def _row(found: Comparison, outcome: Outcome, horizon: int, course: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "outcome": outcome.name,
        "title": outcome.title,
        "group": outcome.group,
        "unit": outcome.unit,
        "horizon": horizon,
        "course": course,
    }
    numbers = ("mean", "lo90", "hi90", "difference", "difference_lo90", "difference_hi90",
               "baseline", "monte_carlo_error")  # fmt: skip
    base = found.draws_of(outcome.name, horizon, BASELINE)
    if not np.isfinite(base).all():
        return row | dict.fromkeys((*numbers, "probability_lower", "verdict", *_shares({})), None)
    apart = found.difference(outcome.name, horizon, course)
    parts = found.explained(outcome.name, horizon, course)
    lower = probability_lower(parts.expected)
    given = {name: getattr(apart, name) for name in numbers}
    if not apart.resolved:
        given |= dict.fromkeys(("difference", "difference_lo90", "difference_hi90"))
    return (
        row
        | given
        | {"probability_lower": lower, "verdict": verdict(lower, apart)}
        | _shares(parts.shares)
    )


def _shares(shares: dict[str, float]) -> dict[str, float]:
    return {f"share_{name}": shares.get(name, 0.0) for name in (*EVIDENCE, "chance")}
