"""Courses of action: dated sets of lever levels, each a file, relative to a stated baseline."""

import datetime as dt
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from foedus.policy.checked_file import Written, read_written
from foedus.policy.instruments import instrument_names, load_instrument
from foedus.world.arenas import arena_names
from foedus.world.cases import Case
from foedus.world.countries import Country, country, find_country
from foedus.world.errors import BadInputError, FoedusError, UnknownNameError
from foedus.world.months import parse_date

ROLES = ("allies", "first ally", "second ally", "rival", "partners")
BASELINE = "baseline"
HINT = "foedus case schema prints what a course file may hold, for an editor"


class Step(Written):
    """One lever set to a level, from a month on.

    Args:
        instrument: Instrument.
        level: Level of the lever, in its unit; zero is what there is at the origin.
        by: Who acts: countries, or roles of the case.
        toward: Toward whom.
        arenas: Arenas acted in; those of the case by default.
        begins: First month, as 2024-07; the month after the origin by default.
        until: Last month; to the end by default.
        ramp_months: Months to the full level; the instrument's by default.
        announced: Date it was announced, for the reader.
        funded: Date money was voted or signed.
        in_force: Date it came into force.
        elements: Facts of the record it stands for.
        note: What a reader has to know.
    """

    instrument: str
    level: float
    by: tuple[str, ...] = ("allies",)
    toward: tuple[str, ...] = ("rival",)
    arenas: tuple[str, ...] = ()
    begins: str = ""
    until: str = ""
    ramp_months: int | None = Field(default=None, ge=0, le=240)
    announced: str = ""
    funded: str = ""
    in_force: str = ""
    elements: tuple[str, ...] = ()
    note: str = ""

    @field_validator("begins", "until", "announced", "funded", "in_force")
    @classmethod
    def _date(cls, text: str) -> str:
        if text:
            try:
                parse_date(text)
            except BadInputError as error:
                raise ValueError(error.expected) from None
        return text

    @field_validator("instrument")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in instrument_names():
            raise ValueError(f"one of {', '.join(instrument_names())}")
        return name

    @field_validator("by", "toward")
    @classmethod
    def _actors(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in ROLES:
                try:
                    find_country(name)
                except FoedusError as error:
                    raise ValueError(
                        f"a country ({error.hint}), or one of {', '.join(ROLES)}"
                    ) from None
        return names

    @field_validator("arenas")
    @classmethod
    def _arenas(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in arena_names():
                raise ValueError(f"one of {', '.join(arena_names())}")
        return names

    @model_validator(mode="after")
    def _held(self) -> "Step":
        found = load_instrument(self.instrument)
        if not found.low <= self.level <= found.high:
            raise ValueError(
                f"a level of {found.low:g} to {found.high:g} ({found.unit}) of {self.instrument}"
            )
        if self.begins and self.until and parse_date(self.begins) > parse_date(self.until):
            raise ValueError("`until` not before `begins`")
        return self


class Course(Written):
    """One course of action.

    Args:
        name: File name without ending.
        title: Name in output.
        case: Case it belongs to; any where empty.
        study: `retrospective` from a past origin, with nothing later known; `prospective` from the
            last complete month; `either` where no step has a date.
        origin: Last month known, of a retrospective course.
        relative_to: What the baseline is.
        summary: What is done, in a sentence or two.
        base: Course whose steps are taken over first.
        drop: Instruments of the base that are left out.
        elements_of: Table of the record whose facts the steps stand for.
        steps: Lever levels.
    """

    name: str
    title: str
    case: str = ""
    study: Literal["retrospective", "prospective", "either"]
    origin: str = ""
    relative_to: str
    summary: str
    base: str = ""
    drop: tuple[str, ...] = ()
    elements_of: str = ""
    steps: tuple[Step, ...] = Field(alias="step", default=())

    @model_validator(mode="after")
    def _held(self) -> "Course":
        if (self.study == "retrospective") != bool(self.origin):
            raise ValueError("`origin`, as 2024-03, in a retrospective course and in no other")
        if self.study == "either" and any(step.begins or step.until for step in self.steps):
            raise ValueError("no dated step in a course for either study")
        return self


def course_names(case: str | None = None) -> tuple[str, ...]:
    """Name the courses that come with the program, or those a case can use."""
    files = resources.files("foedus.policy.courses").iterdir()
    names = sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml"))
    if case is None:
        return tuple(names)
    return tuple(name for name in names if load_course(name).case in ("", case))


def load_course(name: str, *, above: tuple[str, ...] = ()) -> Course:
    """Load a course by name, or from a path to a TOML file, with the steps of its base.

    `one+other` is both together, as where a course is met by a rival's.

    Args:
        name: Name or path.
        above: Courses that build on this one, which it may not build on.

    Raises:
        UnknownNameError: No such course.
        BadInputError: The file is not a course; the error names line and field.
    """
    if "+" in name:
        return joined([load_course(part) for part in name.split("+")])
    if name in _bundled():
        return _bundled_course(name)
    path = Path(name)
    if path.suffix == ".toml" and path.is_file():
        return read_course(path, above=above)
    raise UnknownNameError(
        f"no course is called {name!r}",
        expected=", ".join(_bundled()),
        where="--courses",
        hint="give one of these, or the path of a course file ending in .toml",
    )


def read_course(path: Path, *, above: tuple[str, ...] = ()) -> Course:
    """Read a course file.

    Args:
        path: The file.
        above: Courses that build on this one.

    Raises:
        BadInputError: It cannot be read, or is not a course.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(
            f"{path} cannot be read ({error})",
            expected="a TOML file in UTF-8",
            where=str(path),
            hint=HINT,
        ) from None
    return _parse(text, str(path), path.stem, above)


def course_schema() -> dict[str, Any]:
    """Give the JSON Schema of a course file, for editors."""
    schema = Course.model_json_schema(by_alias=True)
    schema["properties"].pop("name")
    schema["required"] = [name for name in schema["required"] if name != "name"]
    schema["$defs"]["Step"]["properties"]["instrument"]["enum"] = list(instrument_names())
    schema["title"] = "A foedus course of action"
    return json.loads(json.dumps(schema))


def actors(names: tuple[str, ...], case: Case) -> tuple[Country, ...]:
    """Find who acts: countries by name, or roles of the case."""
    roles = {
        "allies": case.focal,
        "first ally": case.focal[:1],
        "second ally": case.focal[1:],
        "rival": (case.rival,),
        "partners": case.partners(),
    }
    found: dict[int, Country] = {}
    for name in names:
        for one in roles.get(name) or (find_country(name),):
            found[one.ccode] = one
    return tuple(country(ccode) for ccode in found)


def beginning(step: Step, origin: dt.date) -> dt.date:
    """Give the day a step begins: the first of its month, or of the month after the origin."""
    if step.begins:
        return parse_date(step.begins).replace(day=1)
    return (origin + dt.timedelta(days=1)).replace(day=1)


@cache
def _bundled() -> tuple[str, ...]:
    return course_names()


@cache
def _bundled_course(name: str) -> Course:
    place = resources.files("foedus.policy.courses").joinpath(f"{name}.toml")
    return _parse(place.read_text("utf-8"), f"{name}.toml", name)


def _parse(text: str, where: str, name: str, above: tuple[str, ...] = ()) -> Course:
    course = read_written(Course, text, where, hint=HINT, name=name)
    if not course.base:
        return course
    if course.base in (name, where, *above):
        raise BadInputError(
            f"{course.base} is its own base",
            expected="another course",
            where=where,
            hint=HINT,
        )
    base = load_course(course.base, above=(*above, name, where))
    absent = set(course.drop) - {step.instrument for step in base.steps}
    if absent:
        raise BadInputError(
            f"{', '.join(sorted(absent))} cannot be dropped",
            expected=f"an instrument of {base.name}: "
            + ", ".join(dict.fromkeys(step.instrument for step in base.steps)),
            where=f"{where}, drop",
            hint=HINT,
        )
    kept = tuple(step for step in base.steps if step.instrument not in course.drop)
    return course.model_copy(
        update={
            "steps": (*kept, *course.steps),
            "elements_of": course.elements_of or base.elements_of,
        }
    )


def joined(courses: Sequence[Course]) -> Course:
    """Put courses together, as where one is met by a rival's; the first dated one leads.

    Raises:
        BadInputError: They are of different studies.
    """
    name = "+".join(one.name for one in courses)
    dated = [one for one in courses if one.study != "either"]
    kinds = {(one.study, one.origin) for one in dated}
    if len(kinds) > 1:
        raise BadInputError(
            f"{name} joins courses of different studies",
            expected="courses of one study and one origin",
            where="--courses",
            hint="; ".join(f"{one.name}: {one.study} {one.origin}".strip() for one in dated),
        )
    lead = dated[0] if dated else courses[0]
    return lead.model_copy(
        update={
            "name": name,
            "title": ", with ".join(one.title for one in courses),
            "summary": " ".join(one.summary for one in courses),
            "steps": tuple(step for one in courses for step in one.steps),
        }
    )
