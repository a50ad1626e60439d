"""Page one of a brief that asks about a course."""

from dataclasses import replace

import polars as pl

from foedus.policy.courses import Course, actors
from foedus.policy.instruments import load_instrument
from foedus.present.page_one import LITTLE_ASSUMED, SOME_ASSUMED, PageOne
from foedus.present.words import called
from foedus.study.compare_courses import Comparison
from foedus.study.course_parts.change import change_row, known
from foedus.study.course_parts.doubt import lead_outcomes
from foedus.study.course_parts.package import cost_sentence
from foedus.study.course_parts.words import lowered, size_in_words, spread, unit_of_size
from foedus.study.course_question import CourseQuestion
from foedus.study.weigh_courses import cost_of, deterrence_outcome, in_words, tipping_table
from foedus.world.cases import Case
from foedus.world.countries import Country

GRADES = ("low", "moderate", "high")
OUTLOOK = "12 months"
UNTOUCHED = ("no difference", "too small to tell")


def course_page(one: PageOne, case: Case, asked: CourseQuestion) -> PageOne:
    """Turn page one to the question of a course; likelihoods of the outlook stay as they are."""
    found, name = asked.found, asked.course.name
    share = max(
        found.explained(outcome.name, asked.months, name).shares["assumed"]
        for outcome in lead_outcomes(found)
    )
    grade = GRADES[min(GRADES.index(one.confidence), _grade(share))]
    why = (
        f"{one.confidence_why} Of the spread of the difference the course makes {share:.0%} goes "
        f"with assumed sizes of effects (high allows {LITTLE_ASSUMED:.0%}, moderate "
        f"{SOME_ASSUMED:.0%})."
    )
    ally, other = (called(item.name) for item in case.focal)
    return replace(
        one,
        question=(
            f"What would “{asked.course.title}” change for {ally} and {other} beside "
            f"{called(case.rival.name)}: for deterrence, for escalation, for the partners, at what "
            "cost, and how sure is it?"
        ),
        answer=(
            *in_words(found, name, asked.months),
            partner_sentence(case, asked),
            rests_sentence(found, name, asked.months),
            f"{cost_sentence(cost_of(asked.course))}{spending_sentence(case, asked)}",
        ),
        course=tuple(
            change_row(found, outcome, horizon, name)
            for outcome in lead_outcomes(found)
            for horizon in found.layout.horizons
        ),
        likelihood=tuple(row for row in one.likelihood if row[2] == OUTLOOK),
        confidence=grade,
        confidence_why=why,
        would_change=(tipping_sentence(found, name, asked.months), *one.would_change[1:]),
        cannot_say=(
            *one.cannot_say[:1],
            "Whether the effects are as assumed: no design on the record identifies the effect of "
            "a military instrument on disputes.",
            *one.cannot_say[2:],
        ),
    )


def _grade(share: float) -> int:
    if share <= LITTLE_ASSUMED:
        return 2
    return 1 if share <= SOME_ASSUMED else 0


def partner_sentence(case: Case, asked: CourseQuestion) -> str:
    """Say for how many partners the course moves the risk, and which way."""
    found = asked.found
    rows = [
        change_row(found, outcome, asked.months, asked.course.name)
        for outcome in found.layout.outcomes
        if outcome.group == "partners" and outcome.name.startswith("dispute:")
        and outcome.name != "dispute:partners" and known(found, outcome)
    ]  # fmt: skip
    told = {words: sum(row[6] == words for row in rows) for words in ("lower", "higher")}
    same = sum(row[6] in UNTOUCHED for row in rows)
    untold = len(rows) - same - sum(told.values())
    return (
        f"Of the {number_of_partners(len(rows))} whose risk with {called(case.rival.name)} is "
        f"asked, it is lower for {told['lower'] or 'none'}, higher for {told['higher'] or 'none'}, "
        f"cannot be told for {untold or 'none'}, and is hardly or not touched for {same or 'none'}."
    )


def number_of_partners(count: int) -> str:
    """Count the partners."""
    return f"{count} partner{'' if count == 1 else 's'}"


def spending_sentence(case: Case, asked: CourseQuestion) -> str:
    """Say how much more or less an ally spends in the run, where the course sets its spending."""
    said = []
    for ally in _who_spends(case, asked.course):
        outcome = next(o for o in asked.found.layout.outcomes if o.name == f"spending:{ally.iso3}")
        if known(asked.found, outcome):
            apart = asked.found.difference(outcome.name, asked.months, asked.course.name)
            said.append(
                f"military spending of {called(ally.name)} differs by {spread(apart, outcome)} "
                f"{outcome.unit} after {asked.months} months"
            )
    return f" In the run {'; '.join(said)}." if said else ""


def _who_spends(case: Case, course: Course) -> list[Country]:
    """Find the allies whose own spending a step of the course sets."""
    setting = {
        one.ccode
        for step in course.steps
        if step.level
        and any(
            effect.law == "arming" and effect.on == "actors"
            for effect in load_instrument(step.instrument).effects
        )
        for one in actors(step.by, case)
    }
    return [ally for ally in case.focal if ally.ccode in setting]


def rests_sentence(found: Comparison, name: str, months: int) -> str:
    """Say what the spread of the difference comes from."""
    outcome = deterrence_outcome(found)
    shares = found.explained(outcome, months, name).shares
    apart = found.difference(outcome, months, name)
    if apart.none:
        return "The course touches none of the inputs of the chance of a dispute."
    return (
        f"Of the spread of the difference in disputes {shares['identified']:.0%} rests on "
        f"identified effects, {shares['published']:.0%} on published ones, "
        f"{shares['assumed']:.0%} on ranges we assume, and the rest on chance and the laws."
    )


def tipping_sentence(found: Comparison, name: str, months: int) -> str:
    """Name the size that most moves the answer, and where it would turn."""
    table = tipping_table(found, name, months).filter(
        pl.col("outcome") == deterrence_outcome(found)
    )
    if not table.height:
        return (
            "Evidence on the size of an effect: no single assumption among those made decides the "
            "answer."
        )
    row = table.row(0, named=True)
    turns = (
        f"at {row['tips_at']:+.2g} (drawn from {row['low']:+.2g} to {row['high']:+.2g})"
        if row["tips_at"] is not None
        else f"nowhere between {row['low']:+.2g} and {row['high']:+.2g}"
    )
    unit = unit_of_size(row["size"])
    return (
        f"Evidence on “{size_in_words(row['size'])}”, which moves the answer most: the expected "
        f"difference changes sign {turns}{f'; {lowered(unit)}' if unit else ''}."
    )
