"""The course from each seat: partners, the two allies, the rival; and what to watch next."""

import datetime as dt

import numpy as np

from foedus.decide.differences import verdict
from foedus.decide.rests_on import probability_lower
from foedus.policy.courses import Course, actors
from foedus.policy.instruments import load_instrument
from foedus.present.words import called, listed, number
from foedus.record.store import AsOf, Record
from foedus.score.scorecard import Scorecard, read_scorecards
from foedus.study.brief_parts.sections import Grid, Section
from foedus.study.course_parts.change import change_row, known
from foedus.study.course_parts.package import elements
from foedus.study.course_parts.words import DASH, level, lowered, spread, unbroken
from foedus.study.course_question import CourseQuestion
from foedus.study.outcomes import Outcome
from foedus.study.outlook import Outlook
from foedus.study.tension_series import SERIES
from foedus.world.arenas import load_arena
from foedus.world.cases import Case
from foedus.world.countries import Country

WATCH_MONTHS = 3
LAW = "law of incidents"


def ripple_section(case: Case, asked: CourseQuestion) -> Section:
    """Show what the course changes for each partner's own risk with the rival."""
    found, months = asked.found, asked.months
    rows, untouched = [], []
    for partner in case.partners():
        pair = [
            outcome
            for kind in ("dispute", "force")
            for outcome in found.layout.outcomes
            if outcome.name == f"{kind}:{partner.iso3}" and known(found, outcome)
        ]
        cells = [change_row(found, outcome, months, asked.course.name) for outcome in pair]
        if cells and all(row[6] in ("no difference", "too small to tell") for row in cells):
            untouched.append(partner.name)
        elif cells:
            rows.append(
                (partner.name, *(text for row in cells for text in (row[2], row[4], row[6])))
            )
    named = {one.name for step in asked.course.steps for one in actors(step.by, case)}
    acting = [called(one.name) for one in case.partners() if one.name in named]
    paragraphs = [
        (
            f"Of the partners, the course has {listed(acting)} act. "
            if acting
            else "The course has no partner act. "
        )
        + "A partner's risk moves only where an instrument acts on its pair or its arenas. Trade "
        "and opinion of partners are not moved by any military instrument here."
    ]
    if untouched:
        paragraphs.append(
            f"Not or hardly touched: {listed(untouched)}. Their risk is in the section on "
            "partners below."
        )
    grid = Grid(
        f"Partners and {case.rival.name}, {months} months, out of 100",
        ("partner", "dispute, baseline", "difference [90 %]", "verdict", "with force, baseline",
         "difference [90 %]", "verdict"),
        tuple(rows),
    )  # fmt: skip
    return Section("ripple", "Ripple to the partners", tuple(paragraphs), (),
                   (grid,) if rows else ())  # fmt: skip


def readings_section(case: Case, asked: CourseQuestion) -> Section:
    """Read the same numbers from three seats, with abandonment and entrapment."""
    one, two = case.focal
    seats = (one, two, case.rival)
    rows = tuple(
        (title, *(_cell(asked, _name(kind, case, seat)) for seat in seats))
        for kind, title in (
            ("dispute", f"own risk of a dispute ({case.rival.name} with either ally)"),
            ("force", "own risk of a dispute with force"),
            ("entrapment", "entrapment: the other ally's dispute with force"),
            ("spending", "own military spending"),
            ("trade", f"own trade with {case.rival.name}"),
        )
    )
    grid = Grid(
        f"The same run from three seats, {asked.months} months: baseline, difference [90 %], "
        "verdict",
        ("", *(seat.name for seat in seats)),
        rows,
    )
    paragraphs = [
        *(
            _ally_reading(case, asked.course, ally, other)
            for ally, other in ((one, two), (two, one))
        ),
        _rival_reading(case, asked),
        "Entrapment is read as the chance that the other ally has a dispute with the rival that "
        "sees force: what one may be drawn into (Snyder 1984, World Politics 36(4), "
        "doi:10.2307/2010183). Abandonment has no number here: the record holds no case of a "
        "refused obligation between these allies, so no chance of one can be estimated; its signs "
        "(personnel, visits, treaty terms, opinion, strains) stand in the sections on the bond and "
        "on constraints.",
    ]
    return Section("readings", "Three readings", tuple(paragraphs), (), (grid,))


def _name(kind: str, case: Case, seat: Country) -> str:
    """Name the outcome a seat looks at; nothing where the question is not one of its own."""
    if kind in ("dispute", "force"):
        return f"{kind}:{'allies' if seat == case.rival else seat.iso3}"
    if kind == "entrapment":
        other = [ally for ally in case.focal if ally != seat]
        return f"force:{other[0].iso3}" if seat != case.rival else ""
    if kind == "trade" and seat == case.rival:
        return ""
    return f"{kind}:{seat.iso3}"


def _cell(asked: CourseQuestion, name: str) -> str:
    found = asked.found
    outcome = next((o for o in found.layout.outcomes if o.name == name), None)
    if outcome is None or not known(found, outcome):
        return DASH
    apart = found.difference(name, asked.months, asked.course.name)
    expected = found.explained(name, asked.months, asked.course.name).expected
    said = verdict(probability_lower(expected), apart)
    start = f"{level(apart.baseline, outcome)}{_unit(outcome)}"
    return f"{start}; no difference" if said == "no difference" else (
        f"{start}; {spread(apart, outcome)}; {said}"
    )  # fmt: skip


def _unit(outcome: Outcome) -> str:
    if outcome.event:
        return " of 100"
    return f" {outcome.unit}"


def _ally_reading(case: Case, course: Course, ally: Country, other: Country) -> str:
    mine = _instruments(case, course, ally)
    theirs = [title for title in _instruments(case, course, other) if title not in mine]
    asks = f"the course asks it for {listed(mine)}" if mine else "the course asks it for nothing"
    gives = f", and brings from {called(other.name)} besides {listed(theirs)}" if theirs else ""
    return (
        f"Read from {called(ally.name)}: {asks}{gives}. What it can lose is its own dispute with "
        f"{called(case.rival.name)}, and being drawn into that of {called(other.name)}."
    )


def _rival_reading(case: Case, asked: CourseQuestion) -> str:
    rivals = ("rival",)
    answers = [
        lowered(one.title)
        for one in asked.found.courses
        if one.name in asked.answers and all(step.by == rivals for step in one.steps)
    ]
    steps = [
        lowered(load_instrument(step.instrument).title)
        for step in asked.course.steps
        if step.level and case.rival not in actors(step.by, case)
    ]
    faced = listed(list(dict.fromkeys(steps))) or "nothing new"
    return (
        f"Read from {called(case.rival.name)}: it faces {faced}. Whether it takes that for defence "
        "or for encirclement is what the wide ranges stand for; the answers it could give that are "
        f"run here are: {listed(answers) or 'none'}."
    )


def _instruments(case: Case, course: Course, who: Country) -> list[str]:
    titles = [
        lowered(load_instrument(step.instrument).title)
        for step in course.steps
        if step.level and who in actors(step.by, case)
    ]
    return list(dict.fromkeys(titles))


def watch_section(record: Record, case: Case, as_of: AsOf, outlook: Outlook,
                  asked: CourseQuestion) -> Section:  # fmt: skip
    """Give thresholds for the next months, and the elements that have yet to come into force."""
    grids = []
    if outlook.ensemble is not None:
        rows = _thresholds(as_of, outlook)
        if rows:
            grids.append(
                Grid(
                    f"Months outside these bounds would be news, next {WATCH_MONTHS} months",
                    ("series", "90 % bounds of a month", "rule",
                     "months outside on past origins [90 %]"),
                    rows,
                )
            )  # fmt: skip
    pending = _pending(record, as_of, asked.course)
    if pending:
        grids.append(Grid("Elements not in force yet", ("element", "status", "as of"), pending))
    text = (
        "The bounds are the ensemble's. They are descriptive: no event is defined that a month "
        "outside them would foretell, so no false-alarm or miss rate can be given, only how often "
        "months fell outside such bounds before. Ten in a hundred should."
    )
    more = (
        "Dated questions on these series can be issued and scored: "
        f"foedus ledger issue {case.name}."
    )
    return Section("watch", "What to watch next", (text, more), (), tuple(grids))


def _thresholds(as_of: AsOf, outlook: Outlook) -> tuple[tuple[str, ...], ...]:
    assert outlook.ensemble is not None
    data = outlook.ensemble.dataset["incidents"].isel(course=0)
    months = np.array([dt.date.fromisoformat(str(m)[:10]) for m in data["month"].values])
    ahead = np.flatnonzero(months > as_of.day)[:WATCH_MONTHS]
    cards, _ = read_scorecards("arenas")
    rows = []
    for series in SERIES:
        if series.name not in data["series"].values or not len(ahead):
            continue
        one = data.sel(series=series.name)
        drawn = one.values[:, ahead].astype(np.float64)
        low, high = np.quantile(drawn, [0.05, 0.95])
        arena = load_arena(str(one["arena"].values)).title
        rows.append(
            (
                f"{series.title} ({arena})",
                f"{number(low)} to {number(high)} {series.unit}",
                "descriptive",
                _outside(cards, series.name),
            )
        )
    return tuple(rows)


def _outside(cards: list[Scorecard], series: str) -> str:
    """Say how often months fell outside the law's 90 % interval on the test origins."""
    wanted = f"({series}), {WATCH_MONTHS} months ahead"
    card = next((c for c in cards if wanted in c.question and c.split == "test"), None)
    score = next((s for s in card.scores if s.forecaster == LAW), None) if card else None
    if score is None or "coverage" not in score.measures:
        return "not scored"
    held = score.measures
    return (
        f"{1 - held['coverage']:.0%} [{1 - held['coverage, hi90']:.0%} to "
        f"{1 - held['coverage, lo90']:.0%}] of {score.cases}, {WATCH_MONTHS} months ahead"
    )


def _pending(record: Record, as_of: AsOf, course: Course) -> tuple[tuple[str, ...], ...]:
    """List elements with an instrument whose status is neither done nor dropped."""
    used = {name for step in course.steps for name in step.elements}
    return tuple(
        (fact["title"], fact["status"], unbroken(fact["status_date"]))
        for name, fact in elements(record, course, as_of).items()
        if name in used and fact["status"] not in (None, "done", "dropped")
    )
