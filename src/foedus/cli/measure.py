"""`foedus measure`: one concept, one subject, as a table, a small chart and files."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foedus.cli.output import show_frame, write_frame
from foedus.world.errors import BadInputError, CannotWriteError

if TYPE_CHECKING:
    import polars as pl

    from foedus.study.measure_concept import Measured

_BARS = "▁▂▃▄▅▆▇█"
_SERIES_COLUMNS = ("dimension", "indicator", "domain", "series")


def measure(
    name: Annotated[str | None, typer.Argument(help="Name of a measure; see --list.")] = None,
    pair: Annotated[
        str | None, typer.Option(help="Two countries, joined by a comma: JPN,USA.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="One country.")] = None,
    coalition: Annotated[
        str | None, typer.Option(help="Countries of one side, joined by commas.")
    ] = None,
    against: Annotated[str | None, typer.Option(help="Countries of the other side.")] = None,
    arena: Annotated[str | None, typer.Option(help="Arena, for tension.")] = None,
    first: Annotated[int | None, typer.Option("--from", help="First year.")] = None,
    last: Annotated[int | None, typer.Option("--to", help="Last year.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Use only what is allowed on this date.")
    ] = None,
    rule: Annotated[str, typer.Option(help="Information rule: known or dated.")] = "known",
    output: Annotated[
        Path | None, typer.Option(help="Folder for the figure (SVG, PNG) and its data (CSV).")
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List the measures.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure one concept: a table, a small chart, and on request figure and data.

    Missing years are blank and say why.
    """
    from foedus.study import measure_concept as study

    if show_list or name is None:
        _print_list(as_json)
        return
    subject = [part for part in (pair, country, coalition) if part]
    if len(subject) > 1:
        raise BadInputError(
            "more than one of --pair, --country and --coalition was given",
            expected="one subject",
            where="foedus measure",
            hint=f"foedus measure {name} --pair JPN,USA",
        )
    result = study.measure(
        name,
        countries=[part.strip() for part in subject[0].split(",")] if subject else [],
        against=[part.strip() for part in against.split(",")] if against else [],
        arena=arena,
        first=first,
        last=last,
        as_of=study.read_as_of(as_of, rule),
    )
    if output is not None:
        _write(result, output)
    if as_json:
        typer.echo(_as_json(result))
    else:
        _print(result)


def _print_list(as_json: bool) -> None:
    import polars as pl

    from foedus.study.measure_concept import all_measures

    rows = [
        {"measure": m.name, "of": m.subject, "years": f"{m.first}-{m.last}", "title": m.title}
        for m in all_measures().values()
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
    else:
        show_frame(pl.DataFrame(rows), rows=len(rows))


def _as_json(result: "Measured") -> str:
    rows = json.loads(result.frame.write_json())
    return json.dumps(
        {
            "measure": result.measure.name,
            "subject": result.subject,
            "formula": result.measure.formula,
            "source": result.measure.source,
            "record": result.record_digest,
            "rows": rows,
        },
        ensure_ascii=False,
    )


def _print(result: "Measured") -> None:
    import polars as pl

    frame, found = result.frame, result.measure
    typer.echo(f"{found.title}: {result.subject}")
    shown = [c for c in frame.columns if c not in ("ccode", "ccode1", "ccode2", "lo90", "hi90")]
    if not frame["lo90"].is_null().all():
        shown[shown.index("value") + 1 : shown.index("value") + 1] = ["lo90", "hi90"]
    present = frame.filter(pl.col("value").is_not_null())
    apart = _apart(frame)
    latest = present.group_by(apart, maintain_order=True).tail(6) if apart else present.tail(24)
    show_frame(latest.select(shown), rows=latest.height)
    blank = frame.filter(pl.col("value").is_null())
    if blank.height:
        counts = ", ".join(f"{n} {s}" for s, n in blank["state"].value_counts().iter_rows())
        typer.echo(f"Without a value: {counts}.")
    for label, values in _series(frame):
        if len(values) > 1:
            typer.echo(f"{label:<22}{_spark(values)}")
    typer.echo(f"Formula: {found.formula}")
    typer.echo(f"Source: {found.source} Tables: {', '.join(found.tables)}.")
    typer.echo(f"Valid for: {found.valid_for} Interval: {found.uncertainty}")


def _apart(frame: "pl.DataFrame") -> str | None:
    return next((name for name in _SERIES_COLUMNS if name in frame.columns), None)


def _series(frame: "pl.DataFrame") -> list[tuple[str, list[float | None]]]:
    apart = _apart(frame)
    if apart is None:
        return [("", frame["value"].to_list()[-72:])]
    return [
        (str(key[0]), rows["value"].to_list()[-72:])
        for key, rows in frame.group_by(apart, maintain_order=True)
    ]


def _spark(values: list[float | None]) -> str:
    present = [value for value in values if value is not None]
    if not present:
        return ""
    low, high = min(present), max(present)
    step = (high - low) / (len(_BARS) - 1) or 1.0
    marks = ["·" if value is None else _BARS[round((value - low) / step)] for value in values]
    return f"{''.join(marks)}  {low:.4g} to {high:.4g}"


def _write(result: "Measured", folder: Path) -> None:
    from foedus.present.measure_figure import measure_figure

    name, title = result.measure.name, result.measure.title
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as part:
            measure_figure(result.frame, title, result.subject, Path(part) / name)
            for drawn in Path(part).iterdir():
                drawn.replace(folder / drawn.name)
    except OSError as error:
        raise CannotWriteError(
            f"{folder} could not be written ({error.strerror or error})",
            expected="a folder that exists or can be made, with room and permission",
            where="--output",
            hint="name another folder",
        ) from error
    write_frame(result.frame, folder / f"{name}.csv")
