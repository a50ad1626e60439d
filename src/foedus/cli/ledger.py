"""`foedus ledger`: issue forecasts before the fact, resolve them, report how they did."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from foedus.cli.output import progress, show_frame
from foedus.world.errors import BadInputError

if TYPE_CHECKING:
    import datetime as dt

    from foedus.study.ledger_parts.lines import Numbers

QUESTIONS = 30

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="The ledger: forecasts issued before the fact, resolved from their source, scored.",
)

Folder = Annotated[Path, typer.Option(help="Folder of the ledger.")]
Day = Annotated[str | None, typer.Option(help="Date of knowledge; today by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("issue", epilog="Example: `foedus ledger issue japan-us --folder ledger`")
def issue(
    case: Annotated[str, typer.Argument(help="Name of a case, or path of a case file.")],
    as_of: Day = None,
    folder: Folder = Path("ledger"),
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the random draws.")] = None,
    by: Annotated[
        str, typer.Option(help="Who answers: rules (the best simple rule), or ensemble.")
    ] = "rules",
    as_json: AsJson = False,
) -> None:
    """Issue a forecast and a baseline for every question of a case; rerun to add nothing.

    Only series whose source goes on publishing are asked about; what is left out is listed.
    """
    import polars as pl

    from foedus.study import ledger

    given = ledger.SEED if seed is None else seed
    with progress("ledger", QUESTIONS) as step:
        done = ledger.issue(
            case,
            as_of=_day(as_of),
            folder=folder,
            seed=given,
            forecaster=_forecaster(by, case, _day(as_of), given),
            progress=step,
        )
    if as_json:
        typer.echo(json.dumps(done.as_data(), ensure_ascii=False))
        return
    rows = [
        {
            "id": line.id,
            "question": line.question,
            "forecast": _numbers(line.forecast),
            "baseline": _numbers(line.baseline),
            "due": str(line.due),
        }
        for line in done.lines
    ]
    if rows:
        show_frame(pl.DataFrame(rows), rows=len(rows))
    typer.echo(f"{len(done.lines)} issued, {len(done.already)} already issued for this origin")
    if done.left_out:
        typer.echo("Left out:")
    for item in done.left_out:
        typer.echo(f"- {item.what}: {item.why}")
    _notes(done.notes)


def _forecaster(by: str, case: str, day: "dt.date | None", seed: int):
    if by == "rules":
        return None
    if by != "ensemble":
        raise BadInputError(
            f"nobody called {by!r} answers questions",
            expected="rules or ensemble",
            where="--by",
            hint="--by ensemble",
        )
    from foedus.study.forecast import forecast, last_month_before
    from foedus.study.ledger_parts.by_ensemble import by_ensemble

    origin = last_month_before(day) if day is not None else None
    return by_ensemble(forecast(case, origin=origin, seed=seed))


@app.command("resolve", epilog="Example: `foedus ledger resolve --folder ledger`")
def resolve(folder: Folder = Path("ledger"), as_of: Day = None, as_json: AsJson = False) -> None:
    """Settle the open questions that the record in use covers; the rest stay open or are void."""
    import polars as pl

    from foedus.study import ledger

    done = ledger.resolve(folder, as_of=_day(as_of))
    if as_json:
        typer.echo(json.dumps(done.as_data(), ensure_ascii=False))
        return
    rows = [
        {
            "id": line.id,
            "value": line.value,
            "happened": None if line.outcome is None else ("yes" if line.outcome else "no"),
            "score": "log loss" if line.score.crps is None else "CRPS",
            "forecast": line.score.log_loss if line.score.crps is None else line.score.crps,
            "baseline": line.baseline_score.log_loss
            if line.baseline_score.crps is None
            else line.baseline_score.crps,
            "basis": line.basis,
        }
        for line in done.resolved
    ]
    if rows:
        show_frame(pl.DataFrame(rows, infer_schema_length=None), rows=len(rows))
    typer.echo(f"{len(done.resolved)} resolved, {len(done.void)} void, {len(done.waiting)} open")
    for line in done.void:
        typer.echo(f"- void {line.id}: {line.reason}")
    for line, why in done.waiting:
        if why != ledger.NOT_OVER:
            typer.echo(f"- open {line.id}: {why}")
    _notes(done.notes)


@app.command("report", epilog="Example: `foedus ledger report --folder ledger`")
def report(folder: Folder = Path("ledger"), as_json: AsJson = False) -> None:
    """Count what was issued, and score it against the baselines issued beside it."""
    import polars as pl

    from foedus.study import ledger

    found = ledger.report(folder)
    if as_json:
        typer.echo(json.dumps(found.as_data(), ensure_ascii=False))
        return
    counts = found.counts
    typer.echo(
        f"{counts['issued']} issued, {counts['open']} open ({counts['overdue']} overdue), "
        f"{counts['resolved']} resolved, {counts['void']} void"
    )
    if counts["issued_after_the_fact"]:
        typer.echo(f"{counts['issued_after_the_fact']} of them written after their date of issue")
    for rows in (found.overall, found.by_series):
        if rows:
            typer.echo("")
            shown = pl.DataFrame([_compared(row) for row in rows], infer_schema_length=None)
            show_frame(shown, rows=len(rows))
    if found.overall:
        typer.echo(
            "\nLower scores are better; below zero, the difference favours the forecast. `same` "
            "counts forecasts equal to their baseline, `inside` is the share of values inside the "
            "90 % interval."
        )
    if found.waiting:
        typer.echo("\nOpen:")
    for item in found.waiting:
        typer.echo(f"- {item['id']} due {item['due']}: {item['question']}")
    typer.echo(f"\nSHA-256 of the last line: {found.head}")
    _notes(found.notes)


def _day(text: str | None) -> "dt.date | None":
    from foedus.world.months import parse_date

    return parse_date(text, where="--as-of") if text else None


def _numbers(numbers: "Numbers") -> str:
    """Write a probability, or a median with its 90 % interval."""
    from foedus.present.words import number, percent

    if numbers.probability is not None:
        return f"{percent(numbers.probability)}, {numbers.method}"
    assert numbers.quantiles is not None
    low, _, middle, _, high = (
        f"{value:.0f}" if value.is_integer() and abs(value) < 1000 else number(value)
        for value in numbers.quantiles
    )
    return f"{middle} ({low} to {high}), {numbers.method}"


def _compared(row: dict[str, Any]) -> dict[str, object]:
    """Shorten a row of scores to the width of a terminal."""
    low, high = row["difference_lo90"], row["difference_hi90"]
    return {
        "issued": row["issued"],
        **({"series": row["series"]} if "series" in row else {}),
        "score": row["score"].replace("_", " ").replace("crps", "CRPS"),
        **({"unit": row["unit"]} if "unit" in row else {}),
        "n": row["resolved"],
        "same": row["baseline_method"],
        "forecast": f"{row['forecast']:.4g}",
        "baseline": f"{row['baseline']:.4g}",
        "difference": f"{row['difference']:.3g}",
        "90 % interval": "–" if low is None else f"{low:.3g} to {high:.3g}",
        "inside": None if row["inside_90"] is None else f"{row['inside_90']:.0%}",
    }


def _notes(notes: tuple[str, ...]) -> None:
    for note in notes:
        typer.echo(note, err=True)
