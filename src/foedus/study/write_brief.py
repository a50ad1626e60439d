"""Write a brief: one page that opens offline, its figures with their data, and a result file."""

import datetime as dt
import json
import platform
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import foedus
from foedus.present.page import PageSection, render
from foedus.present.page_one import (
    PageOne,
    arena_sentence,
    balance_sentence,
    bond_sentence,
    confidence,
    likelihood_rows,
    obligation_sentence,
    outlook_sentence,
)
from foedus.present.words import date
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record, open_record
from foedus.study.brief_parts.ahead import outlook_sections, start_section
from foedus.study.brief_parts.background import age_section, limit_section, map_section
from foedus.study.brief_parts.bond import bond_section
from foedus.study.brief_parts.findings import Findings, Seen, gather
from foedus.study.brief_parts.fitted import (
    parameter_section,
    predictive_section,
    theory_section,
)
from foedus.study.brief_parts.order import partner_section, ties_section
from foedus.study.brief_parts.sections import Section
from foedus.study.brief_parts.threat import arena_section, rival_section
from foedus.study.brief_parts.within import within, within_section
from foedus.study.compare_courses import outcome_table
from foedus.study.course_parts.change import adds_section, change_section, frontier_section
from foedus.study.course_parts.doubt import answers_section, dissent_section, rests_section
from foedus.study.course_parts.front import course_page
from foedus.study.course_parts.package import constraint_section, package_section
from foedus.study.course_parts.seats import readings_section, ripple_section, watch_section
from foedus.study.course_question import CourseQuestion, ask
from foedus.study.forecast import SEED, Forecast, forecast, last_month_before
from foedus.study.outlook import Outlook, outlook, track_record
from foedus.study.page_folder import page_figure, page_folder
from foedus.study.within_dispute import WithinDispute
from foedus.world.cases import Case, load_case
from foedus.world.errors import BadInputError

DRAWS = 4_000
EARLIEST = dt.date(1990, 1, 1)
WRITTEN = frozenset({"brief.html", "figures", "result.json"})


@dataclass(frozen=True)
class BriefResult:
    """What a brief wrote and what it says.

    Args:
        folder: Folder written.
        page: The HTML page.
        result: Everything on page one and every forecast, as plain data.
    """

    folder: Path
    page: Path
    result: dict[str, Any]


def brief(
    case: str,
    *,
    output: str | Path | None = None,
    as_of: dt.date | None = None,
    rule: Rule = Rule.KNOWN,
    course: str | None = None,
    record: Record | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> BriefResult:
    """Write the brief of a case.

    Args:
        case: Name of a case, or path of a case file.
        output: Folder to write; `briefs/<case>` by default. An earlier brief there is replaced.
        as_of: Date of knowledge; today by default.
        rule: Information rule.
        course: Course of action to ask about, by name or path.
        record: The record; the bundle and the user's own by default.
        progress: Called with the name of each step.

    Raises:
        FoedusError: The case or the course is unknown, the date is outside what can be answered,
            the record is damaged, or the folder cannot be written.
    """
    chosen = load_case(case)
    day = as_of or dt.datetime.now(tz=dt.UTC).date()
    if not EARLIEST <= day <= dt.date(2100, 1, 1):
        raise BadInputError(
            f"a brief was asked for as of {day}",
            expected=f"a date from {EARLIEST} on",
            where="--as-of",
            hint="before then too few of the tables had begun",
        )
    source = record or open_record()
    when = AsOf(day, rule)
    target = Path(output) if output is not None else Path("briefs") / chosen.name
    with page_folder(target, WRITTEN, "the brief") as work:
        asked = None
        if course is not None:
            progress("course")
            asked = ask(chosen, course, when, record=source)
        progress("outlook")
        with ThreadPoolExecutor(1) as beside:
            ensemble = beside.submit(_ensemble, source, chosen, when)
            ahead = outlook(source, chosen, when, ensemble.result)
        progress("findings")
        found = gather(source, chosen, when, ahead)
        page_one = _page_one(chosen, found, day, ahead)
        progress("within a dispute")
        inside = within(source, chosen, when)
        sections = _sections(source, chosen, when, ahead, inside, progress)
        if asked is not None:
            progress("course sections")
            page_one = course_page(page_one, chosen, asked)
            sections = [*_course_sections(source, chosen, when, asked, ahead), *sections]
        result = _write(
            source, chosen, when, page_one, sections, ahead, inside, asked, work, progress
        )
    return BriefResult(target, target / "brief.html", result)


def _ensemble(record: Record, case: Case, when: AsOf) -> Forecast:
    """Run the ensemble from the last month that was complete on the day."""
    origin = last_month_before(when.day)
    return forecast(case, origin=origin, draws=DRAWS, rule=when.rule, record=record)


def _page_one(case: Case, found: Findings, day: dt.date, ahead: Outlook) -> PageOne:
    one, two = case.focal
    age = day.year - found.newest_dispute_year
    share = ahead.ensemble.share_assumed if ahead.ensemble is not None else 0.0
    grade, why = confidence(found.disputes, age, share)
    return PageOne(
        question=case.question,
        answer=(
            obligation_sentence((one.name, two.name), found.obligations, found.obligations_year),
            bond_sentence(_plain(found.effort), _plain(found.closeness)),
            balance_sentence(case.rival.name, _plain(found.balance), found.unbalanced),
            arena_sentence(_plain(found.arenas)),
            outlook_sentence(found.disputes),
        ),
        likelihood=likelihood_rows(found.disputes),
        confidence=grade,
        confidence_why=why,
        would_change=(
            f"Dispute data after {found.newest_dispute_year}: the forecast stands {age} years away "
            "from the last covered year.",
            "A change in treaty terms, in who is in force, or in the terms on which arena activity "
            "is reported.",
            "A method that does better on past origins than the one shown.",
        ),
        cannot_say=(
            "No probability of a blockade or an invasion is estimated: the record holds no such "
            "event between these states from which one could be learned.",
            "Whether the alliance lowers or raises the risk: these are forecasts, not effects.",
            "Anything about intentions, plans or timing. Naming of disputed places takes no side.",
        ),
    )


def _plain(items: tuple[Seen, ...]) -> list[dict[str, object]]:
    return [asdict(item) for item in items]


def _sections(
    record: Record,
    case: Case,
    when: AsOf,
    ahead: Outlook,
    inside: WithinDispute | str,
    progress: Callable[[str], None],
) -> list[Section]:
    steps: list[tuple[str, Callable[[], Section]]] = [
        ("ages", lambda: age_section(record, when)),
        ("map", lambda: map_section(record, case, when)),
        ("bond", lambda: bond_section(record, case, when)),
        ("rival", lambda: rival_section(record, case, when)),
        ("arenas", lambda: arena_section(record, case, when)),
        ("partners", lambda: partner_section(record, case, when, ahead)),
        ("ties", lambda: ties_section(record, case, when)),
    ]
    sections = []
    for name, make in steps:
        progress(name)
        sections.append(make())
    progress("outlook")
    sections += [*outlook_sections(record, case, when, ahead), within_section(inside)]
    begun = start_section(ahead)
    if begun is not None:
        sections[1:1] = [begun]
    progress("laws")
    sections += [theory_section(), predictive_section(), parameter_section()]
    progress("limits")
    return [*sections, limit_section(record, case)]


def _course_sections(
    record: Record, case: Case, when: AsOf, asked: CourseQuestion, ahead: Outlook
) -> list[Section]:
    return [
        package_section(record, case, when, asked),
        change_section(asked),
        frontier_section(asked),
        adds_section(asked),
        rests_section(asked),
        answers_section(asked),
        ripple_section(case, asked),
        constraint_section(record, case, when),
        readings_section(case, asked),
        dissent_section(asked),
        watch_section(record, case, when, ahead, asked),
    ]


def _write(
    record: Record,
    case: Case,
    when: AsOf,
    one: PageOne,
    sections: list[Section],
    ahead: Outlook,
    inside: WithinDispute | str,
    asked: CourseQuestion | None,
    work: Path,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    tables = sorted({name for s in sections for f in s.figures for name in f.tables})
    fingerprint = _fingerprint(record, case, when, tables)
    pages = _figures(sections, work / "figures", progress)
    html = render(
        title=case.title,
        seen_from=case.seen_from,
        as_of=date(when.day),
        rule=str(when.rule),
        version=foedus.__version__,
        one=one,
        sections=pages,
        sources=[record.spec(name) for name in tables],
        fingerprint=fingerprint,
    )
    result = {
        "case": case.name,
        "as_of": when.day.isoformat(),
        "rule": str(when.rule),
        "fingerprint": fingerprint,
        "page_one": asdict(one),
        "outlook": json.loads(ahead.rows.write_json()),
        "ensemble": json.loads(ahead.ensemble.dataset.attrs["manifest"])
        if ahead.ensemble is not None
        else None,
        "within_dispute": None
        if isinstance(inside, str)
        else asdict(inside) | {"rows": json.loads(inside.rows.write_json())},
        "course": _course_result(asked),
        "figures": [f.name for s in sections for f in s.figures],
    }
    (work / "brief.html").write_text(html, encoding="utf-8")
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    (work / "result.json").write_text(text, encoding="utf-8")
    work.chmod(0o755)
    return result


def _course_result(asked: CourseQuestion | None) -> dict[str, Any] | None:
    if asked is None:
        return None
    return {
        "fingerprint": asked.found.manifest,
        "course": asked.course.name,
        "origin": asked.found.origin.isoformat(),
        "study": asked.found.study,
        "outcomes": json.loads(outcome_table(asked.found, asked.shown).write_json()),
    }


def _figures(
    sections: list[Section], folder: Path, progress: Callable[[str], None]
) -> list[PageSection]:
    folder.mkdir()
    pages = []
    for section in sections:
        shown = []
        for figure in section.figures:
            progress(f"figure {figure.name}")
            shown.append(page_figure(figure, folder))
        pages.append(
            PageSection(
                section.anchor, section.title, section.paragraphs, tuple(shown), section.grids
            )
        )
    return pages


def _fingerprint(record: Record, case: Case, when: AsOf, tables: list[str]) -> dict[str, str]:
    track = track_record()
    earned = "this record"
    if track["record"] != record.digest(track["tables"]):
        earned = f"record {track['record'][:12]}, which differs from this one"
    return {
        "record": record.digest(tables)[:16],
        "foedus": foedus.__version__,
        "case": case.name,
        "as of": f"{when.day.isoformat()}, rule {when.rule}",
        "seed": str(SEED),
        "draws": f"{DRAWS:,}",
        "track record earned on": earned,
        "platform": f"Python {platform.python_version()}, {platform.system()} {platform.machine()}",
    }
