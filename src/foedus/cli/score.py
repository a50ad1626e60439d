"""`foedus score`: what every forecaster earned, scored anew on request, and prediction files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from foedus.cli.output import check_target, show_frame, write_frame
from foedus.world.errors import BadInputError

if TYPE_CHECKING:
    from foedus.score.scorecard import Scorecard, Split

SHOW = "tasks"
MANY = 9999
COUNTS = (
    "expected",
    "events",
    "expected force",
    "force",
    "expected incidents",
    "incidents",
    "recorded",
)


class _TasksOrExport(TyperGroup):
    """Takes names of tasks where no subcommand is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = [SHOW, *args]
        return list(super().parse_args(ctx, args))


app = typer.Typer(
    cls=_TasksOrExport,
    no_args_is_help=False,
    rich_markup_mode="markdown",
    help="What every forecaster earned on past years, simple rivals first. "
    "`foedus score [TASK]...` prints it, `foedus score export TASK` writes a prediction file.",
    epilog="Example: `foedus score disputes --json`",
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Population = Annotated[str | None, typer.Option(help="Pairs of disputes: relevant or all.")]
Target = Annotated[str | None, typer.Option(help="Onsets of disputes: onset, hostile or fatal.")]
Source = Annotated[str | None, typer.Option(help="Record of disputes: gml or cow.")]


@app.command(SHOW, epilog="Example: `foedus score disputes escalation --split choice`")
def show(
    tasks: Annotated[
        list[str] | None,
        typer.Argument(
            help="disputes, escalation, ladder, spending, pacts, events, arenas, ensemble; all by "
            "default."
        ),
    ] = None,
    split: Annotated[str, typer.Option(help="Split: test, choice or both.")] = "test",
    again: Annotated[bool, typer.Option("--again", help="Score anew; takes minutes.")] = False,
    store: Annotated[
        bool, typer.Option("--store", help="With --again: replace the scores that ship.")
    ] = False,
    population: Population = None,
    target: Target = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Print the stored scorecards; with --again, refit and score every forecaster.

    A star marks the forecaster chosen on the choice years alone. The last column is its lead score
    less that of the row, case by case, with a 90 % interval: below zero the starred one is better.
    """
    from foedus.study import score_laws as study

    if store and not again:
        raise BadInputError(
            "--store was given without --again",
            expected="--again --store",
            where="foedus score",
            hint="foedus score disputes --again --store",
        )
    splits = study.splits(split)
    options = _given(population=population, target=target, source=source)
    if again:
        found = study.score(
            tasks or (),
            split="both" if store else split,
            store=store,
            options=options,
            progress=_tell,
        )
    else:
        found = study.stored(tasks or (), options=options)
    if as_json:
        whole = {
            name: {**given, "cards": study.as_data(c for c in cards if c.split in splits)}
            for name, (cards, given) in found.items()
        }
        typer.echo(json.dumps(whole, ensure_ascii=False))
        return
    for name, (cards, given) in found.items():
        _print_task(name, cards, given, splits, study.other_record(given))


@app.command("export", epilog="Example: `foedus score export disputes --output onsets.csv`")
def export(
    task: Annotated[str, typer.Argument(help="The task.")],
    output: Annotated[Path, typer.Option(help="File to write: .csv or .parquet.")],
    population: Population = None,
    target: Target = None,
    source: Source = None,
    series: Annotated[
        str | None, typer.Option(help="Series of spending: nmc (by default) or sipri.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the chosen forecaster's predictions on a task's test set, for others to score."""
    from foedus.study import score_laws as study

    check_target(output)
    options = _given(population=population, target=target, source=source, series=series)
    frame = study.export(task, options=options, progress=_tell)
    write_frame(frame, output)
    if as_json:
        done = {"task": task, "output": str(output), "rows": frame.height, "columns": frame.columns}
        typer.echo(json.dumps(done, ensure_ascii=False))
        return
    typer.echo(f"{frame.height:,} forecasts of {task} in {output}")


def _given(**options: str | None) -> dict[str, str]:
    return {name: value for name, value in options.items() if value is not None}


def _tell(what: str) -> None:
    typer.echo(what, err=True)


def _print_task(
    name: str,
    cards: "list[Scorecard]",
    given: dict[str, Any],
    splits: "tuple[Split, ...]",
    differs: bool,
) -> None:
    typer.echo(f"== {name} ==")
    looks = int(given["test_evaluations"])
    typer.echo(f"Test sets looked at {_times(looks)} in all; a card counts its own looks.")
    if differs:
        typer.echo("Scored on another record than the one in use: --again scores this one.")
    shown = [card for card in cards if card.split in splits]
    for card in shown:
        _print_card(card)
    if not shown:
        typer.echo("No such question is stored: --again scores it.")


def _print_card(card: "Scorecard") -> None:
    import polars as pl

    cases = max(score.cases for score in card.scores)
    counted = f"{cases:,} of {card.promised:,} cases scored"
    if card.events is not None:
        counted += f", {card.events:,} events"
    typer.echo(f"\n{card.question}")
    looked = f"; test set looked at {_times(card.looks)}" if card.split == "test" else ""
    typer.echo(
        f"Split {card.split} {card.first} to {card.last}; rule {card.rule}; {counted}{looked}; "
        f"lead score {card.lead}"
    )
    chosen = next((score for score in card.scores if score.forecaster == card.chosen), None)
    measures = list(dict.fromkeys(m for score in card.scores for m in score.measures))
    label = "* less this [90 %]"
    rows = []
    for score in card.scores:
        star = " *" if score.forecaster == card.chosen else ""
        gap = chosen.against.get(score.forecaster) if chosen else None
        rows.append(
            {"forecaster": score.forecaster + star}
            | {m: _figure(m, score.measures.get(m)) for m in measures}
            | {label: f"{gap.mean:+.5f} [{gap.lo90:+.5f}, {gap.hi90:+.5f}]" if gap else None}
        )
    show_frame(pl.DataFrame(rows, infer_schema_length=None), rows=MANY)
    for note in card.notes:
        typer.echo(f"- {note}")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _figure(measure: str, value: float | None) -> str | None:
    if value is None:
        return None
    if abs(value) >= 10 or measure in COUNTS:
        return f"{value:.0f}"
    return f"{value:.5f}" if abs(value) < 0.1 else f"{value:.3f}"
