"""The questions of the ledger, made from a case by templates, and what is left out and why."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from foedus.present.words import called, month
from foedus.record.store import AsOf, Record
from foedus.study.ledger_parts.lines import Criterion, Form, Source, Statistic, as_text
from foedus.study.ledger_parts.series import PUBLISHED, Observed, Published, Subject, source
from foedus.world.cases import Case
from foedus.world.countries import country
from foedus.world.months import add_months, month_end

STALE_MONTHS = 24
LEAST_MONTHS = 12
LEAST_YEARS = 11


@dataclass(frozen=True)
class Monthly:
    """A window of whole months.

    Args:
        ahead: Months from the month of the issue to the window's first.
        months: Length.
    """

    ahead: int
    months: int = 1


@dataclass(frozen=True)
class Yearly:
    """A window that comes once a year.

    Args:
        first: First month.
        last: Last month.
        begun: A window that has begun but not ended may still be asked about.
    """

    first: int
    last: int
    begun: bool


@dataclass(frozen=True)
class Template:
    """One kind of question.

    Args:
        series: Series among those that go on being published.
        asks: The question; `{window}`, `{year}`, `{subject}`, `{base}`, `{threshold}` are filled.
        settles: What settles it, in words.
        window: When.
        statistic: What is taken from the window.
        comparison: How it is held against the threshold; None for a quantity.
        threshold: The threshold, or `highest` for the largest of the last twelve known months.
    """

    series: str
    asks: str
    settles: str
    window: Monthly | Yearly
    statistic: Statistic = Statistic.VALUE
    comparison: Literal["more than", "at least"] | None = None
    threshold: float | Literal["highest"] | None = None


_PLA_DAYS = (
    "Sum of the daily figures of Taiwan's Ministry of National Defense for the month; a month with "
    "a day unreported settles nothing."
)
_LAUNCHES = "Days, universal time, with a launch of a missile able to carry 500 kg over 300 km."
_PLA = (
    ("pla_aircraft", "aircraft of the People's Liberation Army", "aircraft"),
    ("pla_vessels", "vessels of the People's Liberation Army Navy", "vessels"),
)
_AHEAD = (1, 3, 12)

TEMPLATES: tuple[Template, ...] = (
    *(
        Template(
            series,
            f"How many {what} will be reported around Taiwan in {{window}}?",
            _PLA_DAYS,
            Monthly(ahead),
            Statistic.SUM,
        )
        for series, what, _ in _PLA
        for ahead in _AHEAD
    ),
    *(
        Template(
            series,
            f"Will a month of {{window}} see more than {{threshold}} {what} reported around "
            "Taiwan, the most in the last twelve known months, each scaled to its length?",
            f"{_PLA_DAYS} The largest month of the window is held against {{threshold}} {short}.",
            Monthly(1, 3),
            Statistic.LARGEST,
            "more than",
            "highest",
        )
        for series, what, short in _PLA
    ),
    *(
        Template(
            "nk_launch_days",
            "On how many days will North Korea launch a missile in {window}?",
            _LAUNCHES,
            Monthly(ahead),
            Statistic.SUM,
        )
        for ahead in _AHEAD
    ),
    Template(
        "nk_launch_days",
        "Will North Korea launch a missile in {window}?",
        f"{_LAUNCHES} At least one such day makes it true.",
        Monthly(1),
        Statistic.SUM,
        "at least",
        1,
    ),
    Template(
        "military_spending",
        "How high will SIPRI put the military spending of {subject} in {year}, in constant prices "
        "with {base} = 100?",
        "Figures of both years in constant prices, from one edition; the producer's own estimates "
        "count.",
        Yearly(1, 12, begun=True),
        Statistic.INDEX,
    ),
    Template(
        "us_troops",
        "How many US military personnel on active duty will the report of September {year} list "
        "in {subject}?",
        "Figure of the September report of the Defense Manpower Data Center for the host.",
        Yearly(9, 9, begun=False),
    ),
    Template(
        "un_distance",
        "How far apart will the ideal points of {subject} be in the UN General Assembly's session "
        "of {year}?",
        "Absolute difference of the two published ideal points on foreign-policy votes, from one "
        "release; they are the producer's estimates.",
        Yearly(9, 12, begun=False),
    ),
)
"""Every kind of question. A series is asked about only while its source goes on publishing."""


@dataclass(frozen=True)
class Gap:
    """Something one would ask about, and cannot.

    Args:
        what: What.
        tables: Tables that hold what there is.
        why: Why they do not serve; the tables' ends are added.
        arena: Arena it belongs to; None for every case.
    """

    what: str
    tables: tuple[str, ...]
    why: str
    arena: str | None = None


GAPS: tuple[Gap, ...] = (
    Gap(
        "Announced exercises",
        ("exercises_mme", "exercises_jme"),
        "no series of drills in the record goes on being published",
    ),
    Gap("Onsets of militarised disputes", ("mid5_dispute",), "the source has not gone on since"),
    Gap(
        "Incidents in the South China Sea",
        ("scs_incidents_monthly",),
        "no newer release of the source is in the record",
        "south-china-sea",
    ),
    Gap(
        "Chinese government vessels around the Senkaku/Diaoyu Islands",
        ("senkaku_vessels",),
        "single figures quoted from pages, with years missing; no monthly series",
        "east-china-sea",
    ),
)


@dataclass(frozen=True)
class LeftOut:
    """A question not asked, with the reason."""

    what: str
    why: str


@dataclass(frozen=True)
class Question:
    """One question, with all a forecaster needs to know about it.

    Args:
        id: Digest of what is asked and of the origin.
        text: The question in words.
        settles: The rule of resolution in words.
        case: Name of the case.
        subject: Place, state or pair.
        unit: Unit of the value asked about.
        form: Event or quantity.
        criterion: The rule of resolution as a program reads it.
        source: The public source, as far as known at the issue.
        issued: Date of knowledge.
        origin: Last whole month before the issue, as YYYY-MM.
        due: Day by which the source is expected to settle it.
        template: The kind of question, which says how a threshold is set.
    """

    id: str
    text: str
    settles: str
    case: str
    subject: Subject
    unit: str
    form: Form
    criterion: Criterion
    source: Source
    issued: dt.date
    origin: str
    due: dt.date
    template: Template


def ask(
    record: Record, case: Case, as_of: AsOf
) -> tuple[tuple[Question, ...], tuple[LeftOut, ...]]:
    """Make the questions of a case for a date, and list what is left out.

    Args:
        record: The record.
        case: Case whose arenas, states and pairs are asked about.
        as_of: Date and rule; nothing later is read.
    """
    questions: list[Question] = []
    out: list[LeftOut] = []
    for name, kept in PUBLISHED.items():
        templates = [template for template in TEMPLATES if template.series == name]
        for subject in kept.subjects(record, case, as_of):
            observed = kept.read(record, subject, as_of)
            why = _unfit(record, kept, observed, as_of)
            if why:
                out.append(LeftOut(f"{name}, {subject.name}", why))
                continue
            questions += [
                _question(record, case, as_of, template, kept, subject, observed)
                for template in templates
            ]
    return tuple(questions), tuple(out + _gaps(record, case))


def windowed(values: np.ndarray, months: int, statistic: Statistic) -> np.ndarray:
    """Take the statistic of every run of months; nan where a month is missing."""
    if len(values) < months:
        return np.empty(0)
    runs = np.lib.stride_tricks.sliding_window_view(values, months)
    return runs.max(axis=1) if statistic is Statistic.LARGEST else runs.sum(axis=1)


def threshold(template: Template, values: np.ndarray) -> float | None:
    """Give a template's threshold from the months known at an origin."""
    if template.threshold == "highest":
        return float(np.nanmax(np.round(values[-12:])))
    return template.threshold


def _unfit(record: Record, kept: Published, observed: Observed, as_of: AsOf) -> str | None:
    """Say why a series cannot be asked about on a date, if it cannot."""
    known = int(np.count_nonzero(~np.isnan(observed.values)))
    least = LEAST_MONTHS if observed.monthly else LEAST_YEARS
    if observed.last is None:
        return f"{kept.table} has no figure known by {as_of.day}"
    end = observed.end(observed.last)
    limit = add_months(end, STALE_MONTHS + record.spec(kept.table).lag_months)
    if limit < as_of.day:
        return f"the last figure known is of {end}; the source may have stopped"
    if known < least:
        what = "months" if observed.monthly else "years"
        return f"{known} {what} on the present terms are known by {as_of.day}; {least} are needed"
    if (
        kept.logarithm
        and not observed.monthly
        and observed.values[observed.last - observed.first] <= 0
    ):
        return "the last figure is zero, to which no ratio can be taken"
    if observed.monthly and np.count_nonzero(~np.isnan(observed.values[-12:])) < 6:
        return "fewer than six of the last twelve months are known"
    return None


def _question(
    record: Record,
    case: Case,
    as_of: AsOf,
    template: Template,
    kept: Published,
    subject: Subject,
    observed: Observed,
) -> Question:
    first, last = _window(template.window, as_of.day)
    assert observed.last is not None
    base = observed.last if template.statistic is Statistic.INDEX else None
    limit = threshold(template, observed.values)
    origin = f"{_origin(as_of.day):%Y-%m}"
    criterion = Criterion(
        series=kept.name,
        table=kept.table,
        place=subject.place,
        countries=subject.countries,
        first=first,
        last=last,
        statistic=template.statistic,
        base=base,
        comparison=template.comparison,
        threshold=limit,
    )
    fill = {
        "window": month(first) if first.month == last.month else f"{month(first)} to {month(last)}",
        "year": first.year,
        "subject": _said(subject),
        "base": base,
        "threshold": "" if limit is None else f"{limit:,.0f}",
    }
    return Question(
        id=_identity(criterion, origin),
        text=template.asks.format(**fill),
        settles=template.settles.format(**fill),
        case=case.name,
        subject=subject,
        unit=kept.unit,
        form=Form.QUANTITY if limit is None else Form.EVENT,
        criterion=criterion,
        source=source(record, kept.table, observed.end(observed.last)),
        issued=as_of.day,
        origin=origin,
        due=add_months(last, record.spec(kept.table).lag_months),
        template=template,
    )


def _identity(criterion: Criterion, origin: str) -> str:
    """Digest what is asked; a threshold or base does not make it another question."""
    what = criterion.model_dump(mode="json", exclude={"threshold", "base"})
    what |= {"countries": sorted(criterion.countries), "origin": origin}
    return hashlib.sha256(as_text(what).encode()).hexdigest()[:12]


def _window(window: Monthly | Yearly, day: dt.date) -> tuple[dt.date, dt.date]:
    """Give the first and last day of the window that is asked about on a day."""
    if isinstance(window, Monthly):
        first = add_months(day.replace(day=1), window.ahead)
        final = add_months(first, window.months - 1)
        return first, month_end(final.year, final.month)
    for year in (day.year, day.year + 1):
        first, last = dt.date(year, window.first, 1), month_end(year, window.last)
        if (last if window.begun else first) > day:
            break
    return first, last


def _origin(day: dt.date) -> dt.date:
    """Give the last month that is over on a day."""
    return day if day == month_end(day.year, day.month) else add_months(day.replace(day=1), -1)


def _said(subject: Subject) -> str:
    names = [called(country(code).name) for code in subject.countries]
    return " and ".join(names) if names else subject.name


def _gaps(record: Record, case: Case) -> list[LeftOut]:
    found = []
    for gap in GAPS:
        if gap.arena is None or gap.arena in case.arenas:
            ends = ", ".join(f"{name} ends in {record.spec(name).last}" for name in gap.tables)
            found.append(LeftOut(gap.what, f"{gap.why} ({ends})"))
    return found
