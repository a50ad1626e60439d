"""`foedus forecast`: run a case forward and say what is likely, beside a simple baseline."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foedus.cli.output import share_progress, show_frame, write_frame
from foedus.world.errors import BadInputError

if TYPE_CHECKING:
    import polars as pl

TABLE_ENDINGS = (".csv", ".parquet")


def forecast(
    case: Annotated[str, typer.Argument(help="Name of a case, or path of a case file.")],
    origin: Annotated[
        str | None, typer.Option(help="Last month known, as 2024-03; the last complete month.")
    ] = None,
    horizon: Annotated[int, typer.Option(help="Months to run past the origin.")] = 60,
    draws: Annotated[int, typer.Option(help="Draws.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all random numbers.")] = 20240410,
    rule: Annotated[str, typer.Option(help="Information rule: known or dated.")] = "known",
    link: Annotated[
        str, typer.Option(help="Link from incidents to disputes: assumed, or cut.")
    ] = "assumed",
    start: Annotated[
        bool, typer.Option("--start", help="Print how old what is known is, and how wide.")
    ] = False,
    fits: Annotated[
        Path | None, typer.Option(help="Folder of other posteriors than those that are used.")
    ] = None,
    on: Annotated[
        str, typer.Option("--on", help="Where to run: here, processes, ray, or ray://ADDRESS.")
    ] = "here",
    workers: Annotated[int | None, typer.Option(help="Workers; as many as cores.")] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="Ensemble as .nc or .zarr, or the printed table as .csv or .parquet."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Forecast a case: disputes, use of force, incidents, spending, trade, ties.

    Each answer is that of the method which did best on past origins: the ensemble, a simple rule,
    or the mean of both; the ensemble and the best rule stand beside it. The ensemble's intervals
    hold what is unsure about parameters, the start and the way there.
    """
    from foedus.study import forecast as study
    from foedus.study.ensemble_dataset import ENDINGS, save
    from foedus.study.forecast_table import answers_at, forecast_table
    from foedus.study.measure_concept import read_rule
    from foedus.study.outlook import choice_notes
    from foedus.study.outlook_parts.arena_choice import choice_note

    if link not in ("assumed", "cut"):
        raise BadInputError(
            f"{link!r} is not a view of the link",
            expected="assumed or cut",
            where="--link",
            hint="--link cut shows the forecast without any link",
        )
    if output is not None and output.suffix not in (*ENDINGS, *TABLE_ENDINGS):
        raise BadInputError(
            f"{output.name} ends in {output.suffix or 'nothing'}",
            expected=f"{', '.join(ENDINGS)} (ensemble) or {', '.join(TABLE_ENDINGS)} (table)",
            where="--output",
            hint="--output ensemble.nc",
        )
    with share_progress("forecast") as step:
        found = study.forecast(
            case,
            origin=study.read_origin(origin),
            horizon_months=horizon,
            draws=draws,
            seed=seed,
            rule=read_rule(rule),
            link="cut" if link == "cut" else "assumed",
            fits=fits,
            place=on,
            workers=workers,
            progress=step,
        )
    answers = [] if start else answers_at(found, case)
    table = found.ages if start else forecast_table(found, case, answers=answers)
    if output is not None:
        if output.suffix in ENDINGS:
            save(found.dataset, output)
        else:
            write_frame(table, output)
        typer.echo(str(output), err=True)
    notes = list(found.notes)
    if not start:
        notes += [choice_note(answers), *choice_notes(found)]
    if as_json:
        _print_json(found, table, notes, start)
        return
    manifest = json.loads(found.dataset.attrs["manifest"])
    typer.echo(
        f"{manifest['case']}: origin {found.dataset.attrs['origin']}, rule "
        f"{found.dataset.attrs['rule']}, {draws:,} draws, seed {seed}"
    )
    show_frame(table if start else _short(table), rows=200 if start else 60)
    for note in notes:
        typer.echo(f"- {note}")


def _short(table: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    return table.select(
        "question",
        "subject",
        pl.col("horizon_months").alias("months"),
        "value",
        "lo90",
        "hi90",
        "method",
        pl.col("ensemble_value").alias("ensemble"),
        pl.col("baseline_value").alias("rule"),
        pl.col("baseline").alias("which rule"),
        "unit",
    )


def _print_json(found, table: "pl.DataFrame", notes: list[str], start: bool) -> None:
    whole = {
        "fingerprint": json.loads(found.dataset.attrs["manifest"]),
        "origin": found.dataset.attrs["origin"],
        "rule": found.dataset.attrs["rule"],
        "start" if start else "outcomes": json.loads(table.write_json()),
        "notes": notes,
    }
    typer.echo(json.dumps(whole, ensure_ascii=False))
