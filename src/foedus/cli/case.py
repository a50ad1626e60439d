"""`foedus case`: cases, courses of action and instruments, and a check of one's own files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foedus.cli.output import show_frame
from foedus.world.errors import BadInputError

if TYPE_CHECKING:
    from foedus.policy.courses import Course

app = typer.Typer(
    help="Cases, courses of action and instruments; check files of your own.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog="Example: `foedus case check my-course.toml`",
)


@app.command("list", epilog="Example: `foedus case list`")
def list_cases(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the cases and the courses that belong to each."""
    import polars as pl

    from foedus.policy.courses import course_names
    from foedus.world.cases import case_names, load_case

    rows = []
    for name in case_names():
        case = load_case(name)
        rows.append(
            {
                "case": name,
                "title": case.title,
                "rival": case.rival.iso3,
                "arenas": ", ".join(case.arenas),
                "courses": ", ".join(course_names(name)),
            }
        )
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    show_frame(pl.DataFrame(rows), rows=50)


@app.command("courses", epilog="Example: `foedus case courses japan-us`")
def courses(
    case: Annotated[str | None, typer.Argument(help="Name of a case; all courses if none.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the courses that a case can use, with what each does."""
    import polars as pl

    from foedus.policy.courses import course_names, load_course
    from foedus.world.cases import load_case

    name = load_case(case).name if case else None
    found = [load_course(one) for one in course_names(name)]
    if as_json:
        typer.echo(json.dumps([_course(one) for one in found], ensure_ascii=False))
        return
    rows = [
        {
            "course": one.name,
            "study": " ".join((one.study, one.origin)).strip(),
            "steps": len(one.steps),
            "what": one.summary,
        }
        for one in found
    ]
    show_frame(pl.DataFrame(rows), rows=50)


@app.command("instruments", epilog="Example: `foedus case instruments exercise-tempo`")
def instruments(
    name: Annotated[str | None, typer.Argument(help="One instrument, with its effects.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the instruments with their levers, or one with its effects and what they rest on."""
    import polars as pl

    from foedus.policy.instruments import instrument_names, load_instrument

    names = instrument_names() if name is None else (load_instrument(name).name,)
    found = [load_instrument(one) for one in names]
    if as_json:
        typer.echo(json.dumps([one.model_dump(mode="json") for one in found], ensure_ascii=False))
        return
    if name is None:
        rows = [
            {
                "instrument": one.name,
                "unit": one.unit,
                "levels": f"{one.low:g} to {one.high:g}",
                "acts on": ", ".join(dict.fromkeys(effect.law for effect in one.effects)),
                "who": ", ".join(one.who),
            }
            for one in found
        ]
        show_frame(pl.DataFrame(rows), rows=50)
        return
    (one,) = found
    typer.echo(f"{one.title}. {one.what}.")
    typer.echo(f"Lever: {one.lever} ({one.unit}), {one.low:g} to {one.high:g}.")
    typer.echo(f"Ramp: {one.ramp_months} months. Cost: {one.cost}.")
    for effect in one.effects:
        typer.echo(
            f"\n{effect.name}: {effect.law}, {effect.kind} on {effect.on}, "
            f"{effect.low:g} to {effect.high:g} per unit; {effect.evidence}"
        )
        typer.echo(f"  {effect.estimand}. {effect.reason} Source: {effect.source}.")


@app.command("check", epilog="Example: `foedus case check my-course.toml`")
def check(
    file: Annotated[Path, typer.Argument(help="A case file or a course file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a case or course file; errors name the line."""
    from foedus.policy.courses import read_course
    from foedus.world.cases import load_case

    if not file.is_file() or file.suffix != ".toml":
        raise BadInputError(
            f"{file} is not a TOML file",
            expected="the path of a case or course file ending in .toml",
            where="FILE",
            hint="foedus case schema prints what a course file may hold",
        )
    if _is_case(file):
        case = load_case(str(file))
        said = {"case": case.name, "title": case.title, "countries": len(case.countries)}
        typer.echo(json.dumps(said, ensure_ascii=False) if as_json else f"{file}: a case. {said}")
        return
    course = read_course(file)
    if as_json:
        typer.echo(json.dumps(_course(course), ensure_ascii=False))
        return
    typer.echo(f"{file}: a course, {course.study}, {len(course.steps)} steps. {course.title}.")
    for step in course.steps:
        when = step.begins or "the month after the origin"
        typer.echo(
            f"  {step.instrument} at {step.level:g}, by {', '.join(step.by)} toward "
            f"{', '.join(step.toward)}, from {when}"
        )


@app.command("schema", epilog="Example: `foedus case schema > course.schema.json`")
def schema() -> None:
    """Print the JSON Schema of a course file, for editors."""
    from foedus.policy.courses import course_schema

    typer.echo(json.dumps(course_schema(), indent=2))


def _is_case(file: Path) -> bool:
    import tomllib

    try:
        return "focal" in tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False


def _course(course: "Course") -> dict:
    return course.model_dump(mode="json", by_alias=True)
