"""`foedus check`: a text held against the record."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foedus.cli.output import progress, show_frame
from foedus.world.errors import BadInputError

if TYPE_CHECKING:
    from foedus.study.check_text import Checked


def check(
    file: Annotated[
        str | None,
        typer.Argument(
            help="A text in English: .txt, .md, .html, .pdf, .eml, or - for standard input."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="Folder for the report; checks/NAME by default, none with --json."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Use only what was known on this date; all by default.")
    ] = None,
    rule: Annotated[str, typer.Option(help="Information rule: known or dated.")] = "known",
    as_json: Annotated[bool, typer.Option("--json", help="Print the claims as JSON.")] = False,
    show: Annotated[bool, typer.Option("--list", help="List the propositions and stop.")] = False,
) -> None:
    """Find what a text claims, and say of every claim what the record makes of it.

    Statements are matched with a library of propositions, each with its measure and its rule.
    The answer is supported, contested, contradicted or not testable here, with estimate, interval,
    N and years. Nothing in the text is followed or run.
    """
    if show:
        _list(as_json=as_json)
        return
    if file is None:
        raise BadInputError(
            "no text was given",
            expected="a file, or - for standard input",
            where="foedus check",
            hint="foedus check essay.txt",
        )
    from foedus.record.store import open_record
    from foedus.study.check_report import write_report
    from foedus.study.check_text import check_text
    from foedus.study.measure_concept import read_as_of

    when = read_as_of(as_of, rule) if as_of is not None else None
    record = open_record()
    with progress("check", 0) as step:
        checked = check_text(file, stdin=sys.stdin.buffer, as_of=when, record=record, progress=step)
        target = output
        if target is None and not as_json:
            target = Path("checks") / (Path(file).stem if file != "-" else "standard-input")
        page = write_report(checked, target, record, step) if target is not None else None
    if as_json:
        typer.echo(json.dumps(checked.as_dict(), ensure_ascii=False))
    else:
        _say(checked)
    if page is not None:
        typer.echo(str(page), err=as_json)


def _say(checked: "Checked") -> None:
    import polars as pl

    from foedus.study.check_report import estimate, summary

    rows = [
        {
            "the text says": question.worded,
            "the record": question.answer.verdict,
            "estimate [90 %]": estimate(shown) if (shown := question.answer.shown) else None,
            "unit": question.proposition.unit or None,
            "N": shown.n if shown else None,
            "years": f"{shown.first}-{shown.last}" if shown else None,
            "sentences": sum(claim.question is question for claim in checked.claims),
            "denied": sum(
                claim.question is question and claim.statement.negated for claim in checked.claims
            ),
        }
        for question in checked.questions
    ]
    if rows:
        show_frame(pl.DataFrame(rows), rows=60)
    for line in summary(checked):
        typer.echo(line)


def _list(*, as_json: bool) -> None:
    import polars as pl

    from foedus.claim.proposition import propositions

    every = list(propositions().values())
    if as_json:
        typer.echo(json.dumps([item.model_dump() for item in every], ensure_ascii=False))
        return
    rows = [
        {
            "proposition": item.name,
            "domain": item.domain,
            "statement": item.worded({}),
            "put to the record": item.test.kind,
            "specifications": len(item.test.ways) or None,
        }
        for item in every
    ]
    show_frame(pl.DataFrame(rows), rows=len(rows))
