"""`foedus forecast`: run a case forward and say what is likely, beside a simple baseline."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foedus.cli.output import share_progress, show_frame, write_frame
from foedus.present.words import number
from foedus.world.errors import BadInputError

if TYPE_CHECKING:
    import polars as pl

    from foedus.world.cases import Case

TABLE_ENDINGS = (".csv", ".parquet")
ROWS = 60


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
    from foedus.world.cases import load_case

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
    there = load_case(case)
    with share_progress("forecast") as step:
        found = study.forecast(
            there,
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
    answers = [] if start else answers_at(found, there)
    table = found.ages if start else forecast_table(found, there, answers=answers)
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
    show_frame(table if start else _printed(table, there), rows=200 if start else ROWS)
    if not start and table.height > ROWS:
        typer.echo("All rows, with every digit: --output FILE.csv, or --json.")
    for note in notes:
        typer.echo(f"- {note}")


def _printed(table: "pl.DataFrame", case: "Case") -> "pl.DataFrame":
    """Put what the case is about first, and write each number with the digits it bears."""
    import polars as pl

    focal, rival = [one.ccode for one in case.focal], case.rival.ccode
    one, two = pl.col("ccode1"), pl.col("ccode2")
    with_rival = (one == rival) | (two == rival)
    between = with_rival & (one.is_in(focal) | two.is_in(focal))
    place = pl.when(between.fill_null(value=False)).then(0).when(two.is_null()).then(1)
    ordered = table.sort(place.when(with_rival).then(2).otherwise(3), maintain_order=True)
    rows = []
    for row in ordered.iter_rows(named=True):
        say, unit = SAID.get(row["unit"], (_count, row["unit"]))
        rows.append(
            {
                "question": row["question"],
                "subject": row["subject"],
                "months": row["horizon_months"],
                "answer": say(row["value"]),
                "90 % interval": f"{say(row['lo90'])} to {say(row['hi90'])}",
                "ensemble": say(row["ensemble_value"]),
                "simple rule": say(row["baseline_value"]),
                "unit": unit.removesuffix(" reported in the month").removesuffix(" in the month"),
                "answered by": row["method"],
            }
        )
    return pl.DataFrame(rows)


def _share(chance: float | None) -> str:
    if chance is None:
        return "–"
    if chance < 0.01:
        return "<1"
    return ">99" if chance > 0.99 else f"{100 * chance:.0f}"


def _billions(millions: float | None) -> str:
    return "–" if millions is None else number(millions / 1000)


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


SAID: dict[str, tuple[Callable[[float | None], str], str]] = {
    "probability": (_share, "in a hundred"),
    "million constant 2023 USD": (_billions, "billion USD of 2023"),
}


def _print_json(found, table: "pl.DataFrame", notes: list[str], start: bool) -> None:
    whole = {
        "fingerprint": json.loads(found.dataset.attrs["manifest"]),
        "origin": found.dataset.attrs["origin"],
        "rule": found.dataset.attrs["rule"],
        "start" if start else "outcomes": json.loads(table.write_json()),
        "notes": notes,
    }
    typer.echo(json.dumps(whole, ensure_ascii=False))
