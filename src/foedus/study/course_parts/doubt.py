"""What an answer rests on: sizes that could turn it, other views, the rival's answers, dissent."""

import numpy as np
import polars as pl

from foedus.decide.differences import verdict
from foedus.decide.rests_on import probability_lower
from foedus.policy.courses import BASELINE
from foedus.policy.depth import deepening, depth_views
from foedus.policy.evidence import EVIDENCE
from foedus.present.words import of_hundred, points
from foedus.study.brief_parts.sections import Grid, Section
from foedus.study.compare_courses import Comparison
from foedus.study.course_parts.words import interval_points, size_in_words, spread
from foedus.study.course_question import LINK_CUT, CourseQuestion
from foedus.study.lever_designs import lever_designs
from foedus.study.outcomes import Outcome
from foedus.study.weigh_courses import (
    answers_table,
    deterrence_outcome,
    escalation_outcome,
    tipping_table,
)

MIXED = "as assumed: three views of depth with equal chances, the link in its range"


def rests_section(asked: CourseQuestion) -> Section:
    """Split the spread of the difference, give tipping values, and switch the views."""
    found, name, months = asked.found, asked.course.name, asked.months
    shares = Grid(
        f"Where the spread of the difference comes from, {months} months",
        ("outcome", *EVIDENCE, "chance and the laws"),
        tuple(_share_row(found, outcome, months, name) for outcome in lead_outcomes(found)),
    )
    table = tipping_table(found, name, months)
    tips = Grid(
        f"Sizes that matter, and the value at which the expected difference turns, {months} months",
        ("outcome", "size", "evidence", "drawn from", "turns at", "difference at the low end",
         "at the high end"),
        tuple(
            (
                _title(found, row["outcome"]),
                size_in_words(row["size"]),
                row["evidence"],
                f"{row['low']:+.2g} to {row['high']:+.2g}",
                "nowhere in the range" if row["tips_at"] is None else f"{row['tips_at']:+.2g}",
                points(row["at_low"]),
                points(row["at_high"]),
            )
            for row in table.iter_rows(named=True)
        ),
    )  # fmt: skip
    paragraphs = [
        "Shares are of the variance of the difference over draws. Chance is luck that does not "
        "cancel between the two runs; the laws are what their posteriors leave open.",
        _views_in_words(),
    ]
    if not tips.rows:
        paragraphs.append(
            "No single size explains enough of the difference to have a tipping value: the answer "
            "is spread over many small assumptions and chance."
        )
    grids = [shares, *([tips] if tips.rows else []), view_grid(asked), design_grid(asked)]
    paragraphs.append(
        "The last table is what the record shows of levers like these: disputes begun in the next "
        "year, between pairs and within them, with the lever two years later as a placebo. None "
        "of it enters a number; it is why the ranges hold either sign."
    )
    return Section("rests", "What it rests on, and what would flip it", tuple(paragraphs), (),
                   tuple(grids))  # fmt: skip


def lead_outcomes(found: Comparison) -> list[Outcome]:
    """Give the outcomes of deterrence and of escalation."""
    names = (deterrence_outcome(found), escalation_outcome(found))
    return [outcome for outcome in found.layout.outcomes if outcome.name in names]


def _share_row(found: Comparison, outcome: Outcome, months: int, name: str) -> tuple[str, ...]:
    shares = found.explained(outcome.name, months, name).shares
    return (outcome.title, *(f"{shares[kind]:.0%}" for kind in (*EVIDENCE, "chance")))


def _title(found: Comparison, name: str) -> str:
    return next(o.title for o in found.layout.outcomes if o.name == name)


def _views_in_words() -> str:
    views = "; ".join(
        f"{view.title} ({view.low_percent:.0f} to {view.high_percent:.0f} % in the rate of "
        f"onset; {view.source})"
        for view in depth_views()
    )
    part = deepening()
    return (
        f"What a deeper pact does is contested, and three views are held: {views}. They are of "
        "having a pact; making one deeper is taken to have none to "
        f"{part.high:.0%} of that, an assumption of ours."
    )


def view_grid(asked: CourseQuestion) -> Grid:
    """Give the difference under each view of depth, and without the assumed link."""
    rows = []
    for words, found in ((MIXED, asked.found), *asked.views.items()):
        name = words if words in (MIXED, LINK_CUT) else f"depth: {words} alone"
        cells = [name]
        for outcome in lead_outcomes(found):
            apart = found.difference(outcome.name, asked.months, asked.course.name)
            expected = found.explained(outcome.name, asked.months, asked.course.name).expected
            cells += [spread(apart, outcome), verdict(probability_lower(expected), apart)]
        rows.append(tuple(cells))
    titles = ("a dispute", "verdict", "a dispute with force", "verdict")
    return Grid(
        f"The difference by view, {asked.months} months, percentage points",
        ("view", *titles),
        tuple(rows),
    )


def design_grid(asked: CourseQuestion) -> Grid:
    """List the designs on the record that bear on the course's instruments."""
    used = {step.instrument for step in asked.course.steps}
    rows = tuple(
        (
            f"{one.lever} ({one.holder})",
            f"{one.first_year}\u2013{one.last_year}, {one.disputes:,}",
            _estimate(one.between, one.between_lo90, one.between_hi90),
            _estimate(one.within, one.within_lo90, one.within_hi90),
            _estimate(one.lead, one.lead_lo90, one.lead_hi90),
            f"{one.lead_power:.2f}",
            f"{one.e_value:.2f}, {one.e_value_end:.2f}",
            one.evidence,
        )
        for one in lever_designs()
        if used & set(one.instruments)
    )
    return Grid(
        "Associations of levers with disputes: change of the log rate per unit [90 %]",
        ("lever (of whom)", "years, disputes", "between pairs", "within pairs",
         "placebo, two years later", "its power", "hidden cause (E-value, its end)", "evidence"),
        rows,
    )  # fmt: skip


def _estimate(value: float, low: float, high: float) -> str:
    return f"{value:+.2f} [{low:+.2f} to {high:+.2f}]"


def answers_section(asked: CourseQuestion) -> Section:
    """Hold the course against the rival's answers, and give its regret over what is assumed."""
    found, name, months = asked.found, asked.course.name, asked.months
    met = answers_table(found, [name], asked.answers, months)
    titles = {c.name: c.title for c in found.courses} | {"no answer": "no answer"}
    outcomes = {o.name: o.title for o in lead_outcomes(found)}
    rows = []
    for outcome, title in outcomes.items():
        part = met.table.filter(pl.col("outcome") == outcome)
        for answer in part["against"].unique(maintain_order=True):
            cells = {row["course"]: row for row in part.filter(pl.col("against") == answer)
                     .iter_rows(named=True)}  # fmt: skip
            ours = cells[name]
            rows.append(
                (
                    title,
                    titles[answer],
                    of_hundred(cells[BASELINE]["mean"]),
                    of_hundred(ours["mean"]),
                    interval_points(ours, "difference"),
                )
            )
    grid = Grid(
        f"Against each answer, out of 100, {months} months",
        ("outcome", "answer", "baseline meets it", "course meets it", "difference [90 %]"),
        tuple(rows),
    )
    robust = Grid(
        "At its worst, and regret: what it costs beside the better of the two in each draw of "
        "what is assumed",
        ("course", "worst chance of a dispute", "against", "mean regret, points",
         "95th percentile of regret", "no worse in"),
        tuple(
            (
                {BASELINE: "Baseline"}.get(one.course, titles.get(one.course, one.course)),
                of_hundred(one.worst),
                titles.get(one.against, one.against),
                points(one.mean_regret),
                points(one.largest_regret),
                f"{one.best_in:.0%} of draws",
            )
            for one in met.robust
        ),
    )  # fmt: skip
    text = (
        "Answers are courses of their own: levels of published behaviour, not predictions. Those "
        "of partners act on the partners' own pairs and on the arenas, so they hardly move the "
        "allies' risk; the sections on partners show theirs."
    )
    return Section("answers", "The rival's and the partners' answers", (text,), (), (grid, robust))


def dissent_section(asked: CourseQuestion) -> Section:
    """Put the strongest case against the answer, from the same draws."""
    found, name, months = asked.found, asked.course.name, asked.months
    outcome = lead_outcomes(found)[0]
    expected = found.explained(outcome.name, months, name).expected
    worst, best = np.quantile(expected, [0.95, 0.05])
    tips = tipping_table(found, name, months).filter(pl.col("outcome") == outcome.name)
    lines = [
        f"That it provokes. In the worst twentieth of what is assumed the course changes the "
        f"chance of a dispute in {months} months by {points(worst)} points or more; a reader who "
        "believes those sizes should oppose it on this ground.",
        f"That it deters. In the best twentieth it changes the chance by {points(best)} points or "
        "more; a reader who believes those sizes should call the verdict too timid.",
    ]
    if tips.height:
        row = tips.row(0, named=True)
        lines.append(
            f"What they would have to argue about is first of all “{size_in_words(row['size'])}”: "
            f"from {points(row['at_low'])} points at one end of its range to "
            f"{points(row['at_high'])} at the other."
        )
    lines.append(
        "That the question is wrong. Disputes are the outcome the record can count; the package "
        "is meant against a war, of which the record holds no case between these states, and a "
        "lower chance of war with more disputes would look like a failure here."
    )
    lines.append(
        "That levels are not behaviour. Our readings of how far an element goes (notes in the "
        "course file) are ours; change a level, run it again, and see."
    )
    return Section("dissent", "Dissent", tuple(lines))
