"""`foedus brief`: the main job."""

import json
from pathlib import Path
from typing import Annotated

import typer

from foedus.cli.output import progress


def brief(
    case: Annotated[str, typer.Argument(help="Name of a case, or path of a case file.")],
    course: Annotated[
        str | None, typer.Option(help="Course of action to ask about, by name or path.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder to write; briefs/CASE by default.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="Date of knowledge; today by default.")] = None,
    rule: Annotated[str, typer.Option(help="Information rule: known or dated.")] = "known",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Write the brief of a case: a page that opens offline, figures with data, a result file.

    `foedus case list` names the cases that come with the program, and their courses.
    """
    from foedus.study.measure_concept import read_as_of
    from foedus.study.write_brief import brief as write

    when = read_as_of(as_of or "2000", rule)
    assert when is not None
    with progress("brief", 0) as step:
        done = write(
            case,
            output=output,
            as_of=when.day if as_of else None,
            rule=when.rule,
            course=course,
            progress=step,
        )
    if as_json:
        typer.echo(json.dumps(done.result, ensure_ascii=False))
    else:
        typer.echo(f"{done.page}")
        typer.echo(f"confidence {done.result['page_one']['confidence']}")
        for line in done.result["page_one"]["answer"]:
            typer.echo(f"- {line}")
