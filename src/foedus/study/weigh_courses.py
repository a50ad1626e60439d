"""What a course's parts add, how it fares against the rival's answers, and what it rests on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from foedus.decide.differences import Floats, difference, verdict
from foedus.decide.frontier import beaten_by
from foedus.decide.rests_on import Basis, Tipping, probability_lower, tipping
from foedus.decide.robustness import Robust, robustness
from foedus.policy.courses import BASELINE, Course, joined
from foedus.policy.evidence import EVIDENCE
from foedus.policy.instruments import load_instrument
from foedus.present.words import points, whole_of_hundred
from foedus.study.compare_courses import Comparison

Kept = dict[str, Any]
TIP = ("size", "evidence", "low", "high", "tips_at", "at_low", "at_high")


def deterrence_outcome(found: Comparison) -> str:
    """Name the outcome that stands for deterrence: a new dispute of either ally and the rival."""
    return _first(found, "dispute:")


def escalation_outcome(found: Comparison) -> str:
    """Name the outcome that stands for escalation: use of force, either ally and the rival."""
    return _first(found, "force:")


def _first(found: Comparison, beginning: str) -> str:
    return next(o.name for o in found.layout.outcomes if o.name.startswith(beginning))


@dataclass(frozen=True)
class Cost:
    """What a course costs, in million US dollars a year at full levels.

    Args:
        low: Lower end of what is costed.
        high: Upper end.
        not_costed: Instruments without a figure.
        sources: Where the figures come from.
    """

    low: float
    high: float
    not_costed: tuple[str, ...]
    sources: tuple[str, ...]


def cost_of(course: Course) -> Cost:
    """Add up what a course's levers cost; what has no figure is named, never counted as zero."""
    low, high, without, sources = 0.0, 0.0, [], []
    for step in course.steps:
        instrument = load_instrument(step.instrument)
        if isinstance(instrument.cost, str):
            if step.level:
                without.append(instrument.title)
            continue
        low += instrument.cost.low * step.level
        high += instrument.cost.high * step.level
        sources.append(f"{instrument.title}: {instrument.cost.source} ({instrument.cost.year})")
    return Cost(low, high, tuple(dict.fromkeys(without)), tuple(dict.fromkeys(sources)))


def parts_of(course: Course) -> list[Course]:
    """Give the courses that show what each instrument adds: without it, and it alone."""
    names = list(dict.fromkeys(step.instrument for step in course.steps))
    found = []
    for name in names:
        others = [other for other in names if other != name]
        found.append(_only(course, others, _without(course.name, name)))
        found.append(_only(course, [name], _alone(course.name, name)))
    return found


def adds_table(found: Comparison, course: Course, horizon: int) -> pl.DataFrame:
    """Take each instrument out of a course, and put each alone on the baseline.

    Args:
        found: A comparison that holds the course and its `parts_of`.
        course: The course.
        horizon: Months after the origin.

    Returns:
        `instrument, title, outcome, left_out, left_out_lo90, left_out_hi90, alone, alone_lo90,
        alone_hi90`: the change that goes when the instrument is left out of the course, and that
        which comes when it stands alone, each on the same draws.
    """
    rows = []
    for outcome in (deterrence_outcome(found), escalation_outcome(found)):
        full = found.draws_of(outcome, horizon, course.name)
        base = found.draws_of(outcome, horizon, BASELINE)
        for name in dict.fromkeys(step.instrument for step in course.steps):
            row: Kept = {
                "instrument": name,
                "title": load_instrument(name).title,
                "outcome": outcome,
            }
            less = found.draws_of(outcome, horizon, _without(course.name, name))
            more = found.draws_of(outcome, horizon, _alone(course.name, name))
            rows.append(row | _spread("left_out", full - less) | _spread("alone", more - base))
    return pl.DataFrame(rows)


def _without(course: str, instrument: str) -> str:
    return f"{course} without {instrument}"


def _alone(course: str, instrument: str) -> str:
    return f"{course}: {instrument} alone"


def _only(course: Course, instruments: Sequence[str], name: str) -> Course:
    kept = tuple(step for step in course.steps if step.instrument in instruments)
    return course.model_copy(update={"name": name, "steps": kept})


def _spread(name: str, apart: Floats) -> dict[str, float | None]:
    """Give a difference with its interval, blank where the draws are too few to tell it."""
    found = difference(apart, np.zeros_like(apart))
    values = (found.difference, found.difference_lo90, found.difference_hi90)
    names = (name, f"{name}_lo90", f"{name}_hi90")
    return dict(zip(names, values if found.resolved else (None,) * 3, strict=True))


def tipping_table(found: Comparison, course: str, horizon: int) -> pl.DataFrame:
    """Say for each size that matters where the expected difference changes its sign.

    Returns:
        `outcome, size, evidence, low, high, tips_at, at_low, at_high`; `tips_at` is blank where
        no value of the range turns the sign.
    """
    rows = []
    for outcome in (deterrence_outcome(found), escalation_outcome(found)):
        apart = found.draws_of(outcome, horizon, course) - found.draws_of(
            outcome, horizon, BASELINE
        )
        rows += [{"outcome": outcome} | _tip(one) for one in tipping(apart, found.sizes(course))]
    columns = ("outcome", *TIP)
    return pl.DataFrame(rows, infer_schema_length=None) if rows else pl.DataFrame(schema=columns)


def ranking_table(found: Comparison, courses: Sequence[str], horizon: int) -> pl.DataFrame:
    """Put the courses in order, and say at which size each two neighbours would change places.

    Args:
        found: The comparison.
        courses: Courses to rank with the baseline.
        horizon: Months after the origin.

    Returns:
        `outcome, better, worse, lead, lower_in` and the columns of `tipping_table`: `lead` is the
        mean difference of two neighbours in the order of their mean chance, `lower_in` the share
        of draws of the unsure sizes in which the better is expected lower. A row for each size
        that turns the order inside its range; one with blanks where none does.
    """
    rows = []
    for outcome in (deterrence_outcome(found), escalation_outcome(found)):
        drawn = {name: found.draws_of(outcome, horizon, name) for name in (BASELINE, *courses)}
        order = sorted(drawn, key=lambda name, drawn=drawn: float(drawn[name].mean()))
        for better, worse in pairwise(order):
            apart = drawn[better] - drawn[worse]
            sizes = {one.name: one for name in (better, worse) for one in found.sizes(name)}
            expected = Basis(list(sizes.values()), EVIDENCE).explain(apart).expected
            row: Kept = {"outcome": outcome, "better": better, "worse": worse}
            row |= {"lead": float(apart.mean()), "lower_in": probability_lower(expected)}
            turned = [one for one in tipping(apart, list(sizes.values())) if one.value is not None]
            rows += [row | _tip(one) for one in turned] or [row | dict.fromkeys(TIP)]
    return pl.DataFrame(rows, infer_schema_length=None)


def _tip(one: Tipping) -> Kept:
    values = (one.size, one.evidence, one.low, one.high, one.value, one.at_low, one.at_high)
    return dict(zip(TIP, values, strict=True))


def frontier_table(
    found: Comparison, horizon: int, courses: Sequence[str] | None = None
) -> pl.DataFrame:
    """Put the courses on deterrence and on escalation, with cost, and mark those that are beaten.

    Args:
        found: The comparison.
        horizon: Months after the origin.
        courses: Courses to put beside the baseline; all by default.

    Returns:
        `course, title, dispute, dispute_lo90, dispute_hi90, force, force_lo90, force_hi90,
        cost_low, cost_high, not_costed, beaten_by`: changes against the baseline in chances.
    """
    names = (BASELINE, *(found.names[1:] if courses is None else courses))
    ways = {"dispute": deterrence_outcome(found), "force": escalation_outcome(found)}
    expected = {
        way: {name: found.explained(outcome, horizon, name).expected for name in names}
        for way, outcome in ways.items()
    }
    beaten = beaten_by(expected["dispute"], expected["force"])
    titles = {course.name: course.title for course in found.courses} | {BASELINE: "Baseline"}
    rows = []
    for name in names:
        row: Kept = {"course": name, "title": titles[name]}
        for way, outcome in ways.items():
            apart = found.draws_of(outcome, horizon, name) - found.draws_of(
                outcome, horizon, BASELINE
            )
            row |= _spread(way, apart)
        course = next((one for one in found.courses if one.name == name), None)
        cost = cost_of(course) if course else Cost(0.0, 0.0, (), ())
        row["cost_low"], row["cost_high"] = cost.low, cost.high
        row["not_costed"] = "; ".join(cost.not_costed)
        row["beaten_by"] = "; ".join(beaten[name])
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


@dataclass(frozen=True)
class Answers:
    """Courses against the rival's courses.

    Args:
        table: `course, against, outcome, mean, difference, difference_lo90, difference_hi90`: the
            difference is from the baseline that meets the same answer.
        robust: Each course at its worst, on the chance of a dispute.
    """

    table: pl.DataFrame
    robust: list[Robust]

    @property
    def robust_table(self) -> pl.DataFrame:
        """Give each course at its worst and its regret as a table, one row a course."""
        return pl.DataFrame([asdict(one) for one in self.robust])


def meetings(courses: Sequence[Course], answers: Sequence[Course]) -> list[Course]:
    """Give the rival's answers, and the courses in which each course meets each of them."""
    return [*answers, *(joined([course, answer]) for course in courses for answer in answers)]


def answers_table(
    found: Comparison, courses: Sequence[str], answers: Sequence[str], horizon: int
) -> Answers:
    """Hold every course against every answer of the rival, and none.

    Args:
        found: A comparison that holds the courses and their `meetings`.
        courses: Courses.
        answers: The rival's courses.
        horizon: Months after the origin.
    """
    rows = []
    outcomes = (deterrence_outcome(found), escalation_outcome(found))
    for outcome in outcomes:
        for answer in ("", *answers):
            base = found.draws_of(outcome, horizon, answer or BASELINE)
            for course in ("", *courses):
                name = "+".join(part for part in (course, answer) if part) or BASELINE
                draws = found.draws_of(outcome, horizon, name)
                rows.append(
                    {
                        "course": course or BASELINE,
                        "against": answer or "no answer",
                        "outcome": outcome,
                        "mean": float(draws.mean()),
                    }
                    | _spread("difference", draws - base)
                )
    table = pl.DataFrame(rows)
    first = table.filter(pl.col("outcome") == outcomes[0])
    means = {
        str(name): dict(zip(part["against"], part["mean"], strict=True))
        for (name,), part in first.group_by("course", maintain_order=True)
    }
    base = found.draws_of(outcomes[0], horizon, BASELINE).mean()
    expected = {
        name: base + found.explained(outcomes[0], horizon, name).expected
        for name in (BASELINE, *courses)
    }
    return Answers(table, robustness(means, expected))


def in_words(found: Comparison, course: str, horizon: int) -> list[str]:
    """Say what a course changes, in sentences; what cannot be told is said to be so."""
    sentences = []
    for outcome in (deterrence_outcome(found), escalation_outcome(found)):
        title = next(o.title for o in found.layout.outcomes if o.name == outcome)
        apart = found.difference(outcome, horizon, course)
        expected = found.explained(outcome, horizon, course).expected
        lower = probability_lower(expected)
        said = verdict(lower, apart)
        levels = (
            f"{whole_of_hundred(apart.mean)} in 100 with it, "
            f"{whole_of_hundred(apart.baseline)} in 100 without; difference "
            f"{points(apart.difference)} percentage points [{points(apart.difference_lo90)} to "
            f"{points(apart.difference_hi90)}]"
        )
        start = f"{title}, within {horizon} months:"
        if said == "cannot tell":
            sentences.append(
                f"{start} it cannot be told whether the course lowers or raises the chance "
                f"({levels}; lower in {lower:.0%} of the draws of what is assumed)."
            )
        elif said in ("no difference", "too small to tell"):
            words = "no difference" if apart.none else "a difference too small to tell"
            sentences.append(f"{start} {words} from {whole_of_hundred(apart.baseline)} in 100.")
        else:
            sentences.append(f"{start} {said} than under the baseline ({levels}).")
    return sentences
