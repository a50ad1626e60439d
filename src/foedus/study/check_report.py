"""The report on a text held against the record: a page that opens offline, figures, a result."""

import json
import platform
from collections.abc import Callable
from pathlib import Path

import polars as pl

import foedus
from foedus.claim.verdict import LEAST_POWER, SHARE, SURE, Estimate
from foedus.present.check_page import (
    CheckPage,
    PageClaim,
    PageQuestion,
    PageQuote,
    PageStatement,
    PageUntested,
    render_check,
)
from foedus.present.claim_figure import behind, specifications, with_series
from foedus.present.page import PageFigure
from foedus.present.words import listed as joined
from foedus.present.words import number
from foedus.record.store import Record
from foedus.study.brief_parts.sections import Figure
from foedus.study.check_text import UNTESTED, Checked, Claim, Question
from foedus.study.page_folder import page_figure, page_folder

WRITTEN = frozenset({"report.html", "figures", "result.json"})
TITLES = {
    "normative": "What ought to be",
    "unfalsifiable": "What nothing could speak against",
    "announcement": "What was said, signed or done",
    "forecast": "What will be",
    "causal": "Causes outside the library",
    "association": "What goes together, outside the library",
    "trend": "Changes outside the library",
    "description": "Descriptions outside the library",
}
RULE = (
    "For every proposition the estimand, the smallest effect that matters and six to twenty "
    "defensible specifications are fixed in its file before any text is read. "
    f"Supported: at least {SHARE:.0%} of them are {SURE:.0%} sure of an effect beyond the smallest "
    f"that matters. Contradicted: at least {SHARE:.0%} are as sure of a smaller one or one of the "
    "other sign. Contested: they are precise but disagree. Not testable here: power is under "
    f"{LEAST_POWER:g}, fewer than half could be run, or the measure is absent.",
    "Nothing on record identifies causes here. Where a sentence says that one thing brings about "
    "another, the verdict is on what goes together, and says so.",
)


def summary(checked: Checked) -> list[str]:
    """Say in a few sentences what was found."""
    made = [claim for claim in checked.claims if claim.question is not None]
    given = checked.verdicts
    counts = [f"{count} {verdict}" for verdict, count in given.items() if count]
    lines = [
        f"Statements in the text that the library has a proposition for: {len(made)}. They raise "
        f"{len(checked.questions)} different questions, of which the record can answer "
        f"{checked.tested}: {joined(counts) or 'none'}."
    ]
    sorts = [claim.statement.sort for claim in checked.claims if claim.question is None]
    ought, empty = sorts.count("normative"), sorts.count("unfalsifiable")
    rest = sum(sort in TITLES for sort in sorts) - ought - empty
    if ought + empty + rest:
        lines.append(
            f"Sentences that say what ought to be: {ought}; that say nothing that could be tested: "
            f"{empty}; that report or claim something the library has no proposition for: {rest}."
        )
    tested = checked.tested
    if tested > 1:
        lines.append(
            f"With {tested} propositions tested at once, one or the other verdict may be owed to "
            "chance."
        )
    return lines


def write_report(
    checked: Checked,
    target: Path,
    record: Record,
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Write the report and give the path of its page.

    Args:
        checked: The text held against the record.
        target: Folder to write; an earlier report there is replaced.
        record: The record it was held against.
        progress: Called with each figure.

    Raises:
        CannotWriteError: The folder cannot be written.
    """
    with page_folder(target, WRITTEN, "the report") as work:
        folder = work / "figures"
        folder.mkdir()
        anchors = {id(q): f"q{i}" for i, q in enumerate(checked.questions, 1)}
        questions = []
        for question in checked.questions:
            progress(f"figure {question.proposition.name}")
            name = f"{anchors[id(question)]}-{question.proposition.name}"
            figure = _figure(question, name)
            shown = page_figure(figure, folder) if figure is not None else None
            questions.append(_question(question, anchors[id(question)], checked, shown))
        page = CheckPage(
            checked.document.name,
            checked.as_of,
            tuple(summary(checked)),
            RULE,
            tuple(questions),
            tuple(_statements(checked, anchors)),
            tuple(_untested(checked)),
        )
        tables = {t for q in checked.questions for t in q.proposition.test.tables}
        html = render_check(
            page,
            version=foedus.__version__,
            sources=[record.spec(name) for name in sorted(tables & set(record.names()))],
            fingerprint={
                "record": checked.record[:16],
                "foedus": foedus.__version__,
                "used": checked.as_of,
                "platform": f"Python {platform.python_version()}, {platform.system()} "
                f"{platform.machine()}",
            },
        )
        (work / "report.html").write_text(html, encoding="utf-8")
        told = json.dumps(checked.as_dict(), ensure_ascii=False, indent=1)
        (work / "result.json").write_text(told, encoding="utf-8")
    return target / "report.html"


def _question(
    question: Question, anchor: str, checked: Checked, figure: PageFigure | None
) -> PageQuestion:
    item, found = question.proposition, question.answer
    shown = found.shown
    quotes = [
        PageQuote(claim.statement.sentence, claim.note)
        for claim in checked.claims
        if claim.question is question
    ]
    smallest = ""
    if item.test.kind != "absent":
        least = number(item.test.sign * item.test.smallest)
        smallest = f"{least} {item.unit}. {item.test.why_smallest}"
    return PageQuestion(
        anchor=anchor,
        worded=question.worded,
        verdict=found.verdict,
        why=f"{found.why[:1].upper()}{found.why[1:].rstrip('.')}.",
        quotes=tuple(quotes),
        measure=question.measure,
        estimate=estimate(shown) if shown is not None else "",
        unit=item.unit if shown is not None else "",
        n=f"{shown.n:,}" if shown is not None else "",
        years=f"{shown.first}–{shown.last}" if shown is not None else "",
        smallest=smallest,
        supports=item.supports,
        contradicts=item.contradicts,
        limits=item.limits,
        tables=", ".join(item.test.tables),
        literature=item.literature,
        figure=figure,
    )


def estimate(shown: Estimate) -> str:
    """Write an estimate with its 90 % interval."""
    low, high = shown.interval()
    return f"{number(shown.value)} [{number(low)}, {number(high)}]"


def _figure(question: Question, name: str) -> Figure | None:
    estimates = question.answer.estimates
    if not estimates:
        return None
    item = question.proposition
    frame = pl.DataFrame(
        {
            "specification": [e.name for e in estimates],
            "value": [e.value for e in estimates],
            "lo90": [e.interval()[0] for e in estimates],
            "hi90": [e.interval()[1] for e in estimates],
            "n": [e.n for e in estimates],
            "first": [e.first for e in estimates],
            "last": [e.last for e in estimates],
        }
    )
    needed = item.test.sign * item.test.smallest
    chart = specifications(frame, needed=needed, unit=item.unit)
    if question.points:
        times = sorted(question.points)
        series = pl.DataFrame({"year": times, "value": [question.points[t] for t in times]})
        title = str(item.test.ways[0]["series"]).replace("-", " ")
        chart = with_series(behind(series, title=title), chart)
    return Figure(
        name,
        question.worded,
        f"Estimate of every specification with its 90 % interval, in {item.unit or 'its unit'}; "
        f"dashed, none and the smallest effect that matters ({number(needed)}).",
        frame,
        item.test.tables,
        chart,
    )


def _statements(checked: Checked, anchors: dict[int, str]) -> list[PageStatement]:
    by_sentence: dict[int, list[Claim]] = {}
    for claim in checked.claims:
        by_sentence.setdefault(claim.statement.start, []).append(claim)
    rows = []
    for claims in by_sentence.values():
        first = claims[0].statement
        if first.sort == "other" and claims[0].question is None:
            continue
        told = [
            PageClaim(
                anchors[id(claim.question)] if claim.question is not None else "",
                claim.question.worded if claim.question is not None else claim.note,
                claim.statement.negated,
                claim.verdict,
            )
            for claim in claims
        ]
        rows.append(PageStatement(first.sentence, first.sort, tuple(told)))
    return rows


def _untested(checked: Checked) -> list[PageUntested]:
    groups = []
    for sort, title in TITLES.items():
        sentences = [
            claim.statement.sentence
            for claim in checked.claims
            if claim.question is None and claim.statement.sort == sort
        ]
        if sentences:
            groups.append(PageUntested(title, UNTESTED[sort], tuple(sentences)))
    return groups
