"""What a course changes: differences, the frontier, what each instrument adds."""

from typing import Any

import polars as pl

from foedus.decide.differences import verdict
from foedus.decide.rests_on import probability_lower
from foedus.policy.courses import BASELINE
from foedus.present import charts
from foedus.study.brief_parts.sections import Figure, Grid, Section
from foedus.study.compare_courses import Comparison
from foedus.study.course_parts.words import (
    DASH,
    TOO_SMALL,
    amount_in_words,
    interval_points,
    level,
    spread,
)
from foedus.study.course_question import CourseQuestion
from foedus.study.outcomes import Outcome
from foedus.study.weigh_courses import (
    adds_table,
    deterrence_outcome,
    escalation_outcome,
    frontier_table,
)

TABLES = ("dyadic_mid", "nmc", "sipri_milex", "icews_monthly")
GROUPS = ("deterrence", "escalation", "arenas", "means", "ties")


def change_section(asked: CourseQuestion) -> Section:
    """Set the course beside the baseline, outcome by outcome, at every horizon."""
    found = asked.found
    shown = [o for o in found.layout.outcomes if o.group in GROUPS and known(found, o)]
    figure = _difference_figure(asked)
    header = (
        "outcome",
        *(f"{horizon} months" for horizon in found.layout.horizons),
        f"verdict, {asked.months} months",
        "of its spread, assumed",
    )
    grids = (
        Grid(
            "Chances out of 100: baseline; difference [90 %] in percentage points",
            header,
            tuple(outcome_row(asked, outcome) for outcome in shown if outcome.event),
        ),
        Grid(
            "Other outcomes: baseline; difference [90 %]",
            header,
            tuple(outcome_row(asked, outcome) for outcome in shown if not outcome.event),
        ),
    )
    text = (
        "Both runs share the same draws and the same luck, so the difference is the course's "
        "alone. Its interval holds what is unsure about the size of every effect and about the "
        "laws. A verdict is given where at least 90 in 100 draws of the assumed sizes put the "
        "expected difference on one side; else it cannot be told. Every number, the course's own "
        "level among them, is in result.json."
    )
    note = (
        "War is left out: the record of these pairs holds too few to speak of a difference. The "
        f"chance of at least one dispute in {found.layout.horizons[-1]} months is high under any "
        "course, since most disputes are short shows of force."
    )
    return Section("change", "What it changes", (text, note), (figure,), grids)


def known(found: Comparison, outcome: Outcome) -> bool:
    """Say whether the record lets an outcome be simulated."""
    import numpy as np

    drawn = found.draws_of(outcome.name, found.layout.horizons[-1], BASELINE)
    return bool(np.isfinite(drawn).all())


def outcome_row(asked: CourseQuestion, outcome: Outcome) -> tuple[str, ...]:
    """Lay out one outcome over the horizons, with the verdict at the one that is judged."""
    found, name = asked.found, asked.course.name
    cells = []
    for horizon in found.layout.horizons:
        apart = found.difference(outcome.name, horizon, name)
        cells.append(
            f"{level(apart.baseline, outcome)}; {'none' if apart.none else spread(apart, outcome)}"
        )
    whole = change_row(found, outcome, asked.months, name)
    return (whole[0], *cells, *whole[6:])


def change_row(found: Comparison, outcome: Outcome, horizon: int, course: str) -> tuple[str, ...]:
    """Lay out one outcome at one horizon in words."""
    apart = found.difference(outcome.name, horizon, course)
    parts = found.explained(outcome.name, horizon, course)
    lower = probability_lower(parts.expected)
    said = verdict(lower, apart)
    assumed = parts.shares["assumed"]
    still = said in (TOO_SMALL, "no difference")
    return (
        outcome.title if outcome.event else f"{outcome.title} ({outcome.unit})",
        str(horizon),
        level(apart.baseline, outcome),
        level(apart.mean, outcome),
        "none" if apart.none else spread(apart, outcome),
        DASH if still else f"{lower:.0%} of draws",
        said,
        DASH if still else f"{assumed:.0%}",
    )


def _difference_figure(asked: CourseQuestion) -> Figure:
    found = asked.found
    events = [o for o in found.layout.outcomes if o.event and o.group in GROUPS]
    rows = []
    for outcome in events:
        for horizon in found.layout.horizons:
            apart = found.difference(outcome.name, horizon, asked.course.name)
            rows.append(
                {
                    "outcome": outcome.title,
                    "within": f"{horizon} months",
                    "value": apart.difference if apart.resolved else None,
                    "lo90": apart.difference_lo90 if apart.resolved else None,
                    "hi90": apart.difference_hi90 if apart.resolved else None,
                    "baseline": apart.baseline,
                }
            )
    frame = _in_points(rows)
    return Figure(
        "course-differences",
        f"{asked.course.title}: difference from the baseline",
        "Dots with 90 % intervals in percentage points, one colour a horizon; the grey line is no "
        "difference.",
        frame,
        TABLES,
        charts.differences(
            frame,
            subject="outcome",
            panel="within",
            x_title="percentage points beside the baseline",
            order=[outcome.title for outcome in events],
        ),
    )


def _in_points(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Turn chances into percentage points; what the draws cannot tell stays blank."""
    frame = pl.DataFrame(rows, infer_schema_length=None)
    numbers = [name for name in ("value", "lo90", "hi90", "baseline") if name in frame.columns]
    return frame.with_columns(pl.col(numbers).cast(pl.Float64) * 100)


def frontier_section(asked: CourseQuestion) -> Section:
    """Put the course and those beside it on deterrence and escalation, with cost."""
    found, months = asked.found, asked.months
    table = frontier_table(found, months, asked.shown)
    frame = table.select(
        course="title",
        x=100 * pl.col("dispute"),
        x_lo90=100 * pl.col("dispute_lo90"),
        x_hi90=100 * pl.col("dispute_hi90"),
        y=100 * pl.col("force"),
        y_lo90=100 * pl.col("force_lo90"),
        y_hi90=100 * pl.col("force_hi90"),
        beaten=pl.col("beaten_by") != "",
    )
    figure = Figure(
        "course-frontier",
        f"Deterrence and escalation within {months} months",
        "Each course as a point with both its 90 % intervals; lower and to the left is better on "
        "both. A cross marks a course that another beats on both counts in nine of ten draws.",
        frame,
        TABLES,
        charts.frontier(
            frame,
            name="course",
            x_title="chance of a dispute, percentage points beside the baseline",
            y_title="chance of a dispute with force, percentage points",
        ),
    )
    rows = tuple(
        (
            row["title"],
            interval_points(row, "dispute"),
            interval_points(row, "force"),
            _money(row),
            row["beaten_by"] or "no",
        )
        for row in table.iter_rows(named=True)
    )
    grid = Grid(
        f"Courses beside the baseline, {months} months, percentage points",
        ("course", "a dispute", "a dispute with force", "cost a year", "beaten by"),
        rows,
    )
    beaten = [row["title"] for row in table.iter_rows(named=True) if row["beaten_by"]]
    text = (
        f"Beaten on both counts: {', '.join(beaten)}."
        if beaten
        else "No course is beaten on both counts: the intervals do not let one be told from "
        "another. The choice among them is one of values and of cost, not of this record."
    )
    return Section("frontier", "The trade-off", (text,), (figure,), (grid,))


def _money(row: dict) -> str:
    if row["course"] == BASELINE:
        return DASH
    if not row["cost_high"]:
        return "not costed"
    amount = f"{amount_in_words(row['cost_low'], row['cost_high'])} million US dollars"
    return f"{amount}, part not costed" if row["not_costed"] else amount


def adds_section(asked: CourseQuestion) -> Section:
    """Show what each instrument adds: left out of the course, and alone."""
    table = adds_table(asked.found, asked.course, asked.months)
    ways = {"left_out": "goes when left out", "alone": "comes when alone"}
    first = deterrence_outcome(asked.found)
    rows = [
        {
            "instrument": row["title"],
            "how": words,
            "value": row[way],
            "lo90": row[f"{way}_lo90"],
            "hi90": row[f"{way}_hi90"],
        }
        for row in table.filter(pl.col("outcome") == first).iter_rows(named=True)
        for way, words in ways.items()
    ]
    frame = _in_points(rows)
    figure = Figure(
        "course-parts",
        f"What each instrument adds to the chance of a dispute, {asked.months} months",
        "Dots with 90 % intervals: what goes when the instrument is left out of the course, and "
        "what comes when it stands alone on the baseline.",
        frame,
        TABLES,
        charts.differences(
            frame,
            subject="instrument",
            panel="how",
            x_title="percentage points",
            order=list(dict.fromkeys(frame["instrument"])),
        ),
    )
    force = table.filter(pl.col("outcome") == escalation_outcome(asked.found))
    grid = Grid(
        f"The same for a dispute with force, {asked.months} months, percentage points",
        ("instrument", *ways.values()),
        tuple(
            (
                row["title"],
                *(interval_points(row, way) for way in ways),
            )
            for row in force.iter_rows(named=True)
        ),
    )
    text = (
        "Both ways of counting are shown because effects through one law need not add up. An "
        "instrument at level zero, or without an effect on disputes, adds nothing."
    )
    return Section("adds", "What each element adds", (text,), (figure,), (grid,))
