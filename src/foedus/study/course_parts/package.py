"""The course itself: its steps with what they stand for, and what stands in its way."""

import datetime as dt
from typing import Any

import polars as pl

from foedus.policy.courses import Course, Step, actors
from foedus.policy.instruments import Instrument, load_instrument
from foedus.record.store import AsOf, Record
from foedus.study.brief_parts.sections import Grid, Section
from foedus.study.course_parts.words import DASH, amount_in_words, unbroken
from foedus.study.course_question import CourseQuestion
from foedus.study.weigh_courses import Cost, cost_of
from foedus.world.cases import Case

STRAIN_YEARS = 10
HEADER = (
    "element",
    "instrument, level",
    "by",
    "evidence",
    "announced",
    "funded",
    "in force",
    "since then",
)


def package_section(record: Record, case: Case, as_of: AsOf, asked: CourseQuestion) -> Section:
    """List the course's elements with their instruments, evidence and dates, and its cost."""
    course = asked.course
    facts = elements(record, course, as_of)
    rows: list[tuple[str, ...]] = []
    for step in course.steps:
        rows += _step_rows(step, case, facts)
    grids = [Grid(f"{course.title}: each element with its instrument", HEADER, tuple(rows))]
    used = {name for step in course.steps for name in step.elements}
    without = [fact for name, fact in facts.items() if name not in used]
    if without:
        grids.append(
            Grid(
                f"Elements without an instrument ({len(without)}): listed, and without effect here",
                ("element", "domain", "announced", "since then", "standing"),
                tuple(
                    (f["title"], f["domain"], unbroken(f["date"]), _since(f), _standing(f))
                    for f in without
                ),
            )
        )
    paragraphs = [
        course.summary,
        f"{_study(asked)} The baseline: {course.relative_to} A lever at zero changes nothing.",
        cost_sentence(cost_of(course)),
        "Evidence is the weakest class among an instrument's effects. Assumed means a range of "
        "ours that holds zero and either sign unless a published figure says otherwise; no design "
        "on the record identifies the effect of a military instrument.",
    ]
    return Section("course", f"The course: {course.title}", tuple(paragraphs), (), tuple(grids))


def _study(asked: CourseQuestion) -> str:
    origin = asked.found.origin
    if asked.course.study == "retrospective":
        return (
            f"A look back: the run starts from what was known at the end of {origin:%B %Y}, with "
            "fits that knew no more; what happened since is shown in the last column and used "
            "nowhere."
        )
    return f"A look ahead: the run starts from what was known at the end of {origin:%B %Y}."


def cost_sentence(cost: Cost) -> str:
    """Say what a course costs, with year and source, and what is not costed."""
    said = "No part of it is costed in a source we hold."
    if cost.sources:
        amount = amount_in_words(cost.low, cost.high)
        said = f"Costed parts: {amount} million US dollars a year ({'; '.join(cost.sources)})."
    if cost.sources and cost.not_costed:
        said += f" Not costed: {'; '.join(cost.not_costed)}."
    return said


def elements(record: Record, course: Course, as_of: AsOf) -> dict[str, dict[str, Any]]:
    """Read the facts a course is built from, each with the last status known on the date.

    Returns:
        By identifier: the fact's columns, and `status, status_date`, blank where none is known.
    """
    if not course.elements_of:
        return {}
    known = record.read("fact_steps", as_of=as_of).filter(pl.col("step") == "status").sort("day")
    last = known.group_by("id").agg(status=pl.col("what").last(), status_date=pl.col("date").last())
    table = record.read(course.elements_of, as_of=as_of).join(last, on="id", how="left")
    return {row["id"]: row for row in table.sort("id").iter_rows(named=True)}


def _step_rows(step: Step, case: Case, facts: dict[str, dict[str, Any]]) -> list[tuple[str, ...]]:
    instrument = load_instrument(step.instrument)
    sign = "+" if step.level > 0 else ""
    level = f"{instrument.title}, {sign}{step.level:g} {instrument.unit}"
    by = ", ".join(one.name for one in actors(step.by, case))
    evidence = weakest_evidence(instrument)
    dates = tuple(unbroken(day) or DASH for day in (step.announced, step.funded, step.in_force))
    known = [facts[name] for name in step.elements if name in facts]
    if not known:
        return [(step.note or instrument.what, level, by, evidence, *dates, DASH)]
    return [
        (fact["title"], level, by, evidence, unbroken(fact["date"]), dates[1],
         _in_force(fact, dates[2]), _since(fact))
        for fact in known
    ]  # fmt: skip


def _in_force(fact: dict[str, Any], stated: str) -> str:
    """Date an element's coming into force: when it was done; the step's date where none is told."""
    if fact["status"] == "done":
        return unbroken(fact["status_date"])
    return DASH if fact["status"] else stated


def weakest_evidence(instrument: Instrument) -> str:
    """Give the weakest class of evidence among an instrument's effects."""
    classes = {effect.evidence for effect in instrument.effects}
    return next(name for name in ("assumed", "published", "identified") if name in classes)


def _since(fact: dict[str, Any]) -> str:
    return f"{fact['status']}, {unbroken(fact['status_date'])}" if fact["status"] else DASH


def _standing(fact: dict[str, Any]) -> str:
    return "verified" if fact["verified"] else "unverified"


def constraint_section(record: Record, case: Case, as_of: AsOf) -> Section:
    """List what has strained the pact in the last ten years, dated and with its standing."""
    both = [one.ccode for one in case.focal]
    parties = record.read("fact_members").filter(pl.col("role") == "party")
    shared = (
        parties.filter(pl.col("ccode").is_in(both))
        .group_by("id")
        .agg(pl.col("ccode").n_unique().alias("n"))
        .filter(pl.col("n") == len(both))["id"]
    )
    begin = dt.date(as_of.day.year - STRAIN_YEARS, 1, 1)
    facts = (
        record.read("fact_timeline", as_of=as_of)
        .filter(
            pl.col("id").is_in(shared.implode())
            & (pl.col("direction") == "strain")
            & (pl.col("day") >= begin)
        )
        .sort("dimension", "day")
    )
    pages = record.read("fact_sources").filter(pl.col("number") == pl.col("number").min())
    publisher = dict(zip(pages["id"], pages["publisher"], strict=True))
    rows = tuple(
        (
            row["dimension"],
            unbroken(row["date"]),
            f"{row['title']}. {row['what']}",
            str(publisher.get(row["id"]) or DASH),
            row["confidence"],
        )
        for row in facts.iter_rows(named=True)
    )
    if not rows:
        text = (
            f"The record holds no dated fact of strain between {case.focal[0].name} and "
            f"{case.focal[1].name} since {begin.year}; that is a gap of the record, not a finding."
        )
        return Section("constraints", "Constraints", (text,))
    text = (
        "What has stood in the way of the pact, as dated facts: domestic, economic, legal, "
        "industrial, and priorities that differ. None of it enters a number here. All pages a "
        "fact was read on are in the table fact_sources."
    )
    grid = Grid(
        f"Facts of strain since {begin.year}",
        ("dimension", "date", "what", "first page", "confidence"),
        rows,
    )
    return Section("constraints", "Constraints", (text,), (), (grid,))
