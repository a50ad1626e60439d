"""`foedus panel`: states, pairs or disputes by period, as a file for any statistics program."""

from pathlib import Path
from typing import Annotated

import typer

from foedus.cli.output import show_frame

SHOWN_ROWS = 20
SHOWN_WIDTH = 150


def panel(
    unit: Annotated[
        str,
        typer.Argument(
            help="state-year, dyad-year, directed-dyad-year, dyad-month or dispute.",
        ),
    ],
    first: Annotated[int, typer.Option("--from", help="First year.")] = 1816,
    last: Annotated[
        int | None, typer.Option("--to", help="Last year; the last finished one by default.")
    ] = None,
    countries: Annotated[
        str | None,
        typer.Option(help="Countries, joined by commas; a pair needs both. All by default."),
    ] = None,
    add: Annotated[
        str | None,
        typer.Option(
            help="Columns to add, joined by commas: nmc, atop, contiguity, majors, disputes, "
            "peace_years, democracy, gdp, capital_distance, minimum_distance, trade, trade_total, "
            "rivalry, territorial_threat, ideal_points, igo, igo_shared."
        ),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Use only what is allowed on this date.")
    ] = None,
    rule: Annotated[str, typer.Option(help="Information rule: known or dated.")] = "known",
    system: Annotated[str, typer.Option(help="State system: cow or gw.")] = "cow",
    relevant: Annotated[
        bool, typer.Option("--relevant", help="Keep politically relevant pairs only.")
    ] = False,
    states: Annotated[
        bool, typer.Option("--states", help="Say beside each column what stands behind its cells.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="File to write: .parquet, .csv or .dta.")
    ] = None,
) -> None:
    """Build a panel: identity columns, added columns, coverage.

    Example: foedus panel directed-dyad-year --from 1951 --to 2018 --add atop,nmc --output p.dta
    """
    from foedus.record.store import open_record
    from foedus.study import build_panel as study

    asked = study.request(
        unit,
        first=first,
        last=last,
        countries=_parts(countries) if countries is not None else None,
        add=_parts(add),
        as_of=as_of,
        rule=rule,
        system=system,
        relevant=relevant,
        states=states,
    )
    if output is not None:
        study.check_output(output)
    record = open_record()
    frame = study.lazy_panel(asked, record).collect()
    about = study.metadata(asked, record)
    if output is None:
        fitting = _fitting(frame.columns)
        show_frame(frame.select(fitting), rows=SHOWN_ROWS)
        if len(fitting) < frame.width:
            typer.echo(f"(also: {', '.join(frame.columns[len(fitting) :])})")
    else:
        study.write_panel(frame, about, output)
        typer.echo(f"{output}: {frame.height} rows, {frame.width} columns")
    for name, table in about["tables"].items():
        from_year, to_year = table["covers"]
        typer.echo(f"{name} covers {from_year}-{to_year}", err=True)
        used = asked.as_of is not None and table["hindsight"]
        if used:
            typer.echo(f"  coded with hindsight: {', '.join(table['hindsight'])}", err=True)


def _fitting(names: list[str]) -> list[str]:
    """Keep the first columns whose names fit on one line."""
    width, fitting = 0, []
    for name in names:
        width += len(name) + 2
        if width > SHOWN_WIDTH:
            break
        fitting.append(name)
    return fitting


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
