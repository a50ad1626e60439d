"""`foedus record`: list, show, cite, query, build, extend and verify the record."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foedus.cli.output import progress, show_frame, write_frame
from foedus.world.errors import BadInputError, OutsideCoverageError

if TYPE_CHECKING:
    from foedus.record.schema import Table
    from foedus.record.store import Record

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="The record: what states did, table by table, with source, terms and coverage.",
)

TableName = Annotated[str, typer.Argument(metavar="TABLE", help="Name of a table.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", epilog="Example: `foedus record list --all`")
def list_tables(
    everything: Annotated[
        bool, typer.Option("--all", help="Also tables that are not in this record.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the tables: what a row is about, years, rows, terms."""
    import polars as pl

    from foedus.record.sources import tables

    record = _record()
    here = set(record.names())
    rows = []
    for name, spec in tables().items():
        if name in here or everything:
            rows.append(
                {
                    "table": name,
                    "row": spec.kind,
                    "years": f"{spec.first}-{spec.last}",
                    "rows": record.place(name)[1]["rows"] if name in here else None,
                    "terms": str(spec.terms),
                    "here": name in here,
                    "title": spec.title,
                }
            )
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        typer.echo("No table is here. Build the record: foedus record build --raw FOLDER")
        return
    show_frame(pl.DataFrame(rows).drop([] if everything else ["here"]), rows=len(rows))


@app.command("show", epilog="Example: `foedus record show nmc`")
def show(
    table: TableName,
    rows: Annotated[int, typer.Option(min=0, help="Rows to print.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Show a table: meaning, unit and coverage of each column, cautions, first rows."""
    import polars as pl

    record = _record()
    spec = record.spec(table)
    if as_json:
        typer.echo(spec.model_dump_json())
        return
    typer.echo(f"{spec.name}: {spec.title}\n")
    for label, text in _facts(record, spec):
        typer.echo(f"{label:<13}{text}")
    columns = [
        {
            "column": name,
            "type": column.type,
            "unit": column.unit or "",
            "meaning": column.meaning,
            "note": _note(spec, name),
        }
        for name, column in spec.columns.items()
    ]
    typer.echo("")
    show_frame(pl.DataFrame(columns), rows=len(columns))
    if spec.cautions:
        typer.echo("\nCautions")
        for caution in spec.cautions:
            typer.echo(f"  - {caution}")
    if rows and spec.name in record.names():
        typer.echo("")
        show_frame(record.read(table).tail(rows), rows=rows)


@app.command("cite", epilog="Example: `foedus record cite atop_dyad`")
def cite(table: TableName, as_json: AsJson = False) -> None:
    """Say how to cite a table, and under what terms it is here."""
    spec = _record().spec(table)
    if as_json:
        fields = {"name", "citation", "producer", "version", "address", "licence", "terms"}
        typer.echo(spec.model_dump_json(include=fields))
        return
    typer.echo(spec.citation)
    typer.echo(f"Version {spec.version}. {spec.address}")
    typer.echo(f"Terms: {spec.licence}")


@app.command(
    "sql", epilog='Example: `foedus record sql "select year, cinc from nmc where ccode = 740"`'
)
def sql(
    query_text: Annotated[str, typer.Argument(metavar="QUERY", help="One SELECT.")],
    output: Annotated[
        Path | None, typer.Option(help="Write the answer to a .csv or .parquet file.")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows to print.")] = 40,
    as_json: AsJson = False,
) -> None:
    """Query the record with SQL; `tidy_TABLE` gives a table in long form with cell states.

    The connection reads the record's tables and nothing else: no files, no network, no settings.
    """
    from foedus.record.connection import query

    answer = query(_record(), query_text)
    if output is not None:
        write_frame(answer, output)
    elif as_json:
        typer.echo(answer.write_json())
    else:
        show_frame(answer, rows=rows)


@app.command("coverage", epilog="Example: `foedus record coverage --country JPN`")
def coverage(
    country: Annotated[str | None, typer.Option(help="Count only rows about this country.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show each table's years, last day, age rule and, on request, a country's last period."""
    import polars as pl

    from foedus.record.coverage_table import coverage_table

    frame: pl.DataFrame = coverage_table(_record(), country)
    if as_json:
        typer.echo(frame.write_json())
    else:
        show_frame(frame, rows=frame.height)


@app.command("build", epilog="Example: `foedus record build --raw ~/raw`")
def build(
    raw: Annotated[
        Path, typer.Option(help="Folder of raw tables: record/, events/, geo/, facts/.")
    ],
    source: Annotated[
        list[str] | None, typer.Option(help="Build only this source (may be repeated).")
    ] = None,
    bundle: Annotated[
        bool, typer.Option("--bundle", help="Rebuild what ships inside the package.")
    ] = False,
    renew_digests: Annotated[
        bool, typer.Option("--renew-digests", help="Accept changed raw files.")
    ] = False,
) -> None:
    """Build tables from raw files into your own record; rerun to go on where it stopped."""
    from foedus.record.build import build_record
    from foedus.record.sources import SOURCES
    from foedus.record.store import BUNDLE, local_folder

    if not raw.is_dir():
        raise BadInputError(
            f"{raw} is not a folder",
            expected="the folder that holds record/, events/ and geo/",
            where="--raw",
            hint="check the path",
        )
    target = BUNDLE if bundle else local_folder()
    names = source or SOURCES
    with progress("building", len(list(names))) as step:
        written = build_record(
            raw,
            target,
            bundle=bundle,
            names=names,
            renew_digests=renew_digests,
            progress=step,
        )
    typer.echo(f"{len(written)} tables written to {target}")


@app.command("add", epilog="Example: `foedus record add milex.csv --mapping milex.toml`")
def add(
    path: Annotated[Path, typer.Argument(help="CSV or Parquet file, or a folder of raw tables.")],
    table: Annotated[str | None, typer.Option("--as", help="Table the file is a copy of.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="TOML file of names and units.")] = None,
) -> None:
    """Add your own copy of a table, checked row by row, or build all a raw folder holds."""
    from foedus.record.add import add_copy, read_mapping
    from foedus.record.store import local_folder

    if path.is_dir():
        build(raw=path)
        return
    names = read_mapping(mapping) if mapping else None
    target = table or (names.table if names else None)
    if target is None:
        raise BadInputError(
            "the table the file is a copy of is not named",
            expected="--as TABLE, or a mapping file with table = ...",
            where="foedus record add",
            hint="foedus record list --all",
        )
    rows = add_copy(path, _record().spec(target), local_folder(), names)
    typer.echo(f"{rows} rows added as {target} in {local_folder()}")


@app.command("verify", epilog="Example: `foedus record verify`")
def verify_record(as_json: AsJson = False) -> None:
    """Check digests, schemas, ranges and published facts; exits with 2 if any fails."""
    from dataclasses import asdict

    from foedus.record.verify import verify

    checks = verify(_record())
    failed = [check for check in checks if not check.passed]
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    else:
        for kind in ("digest", "schema", "range", "fact"):
            total = [check for check in checks if check.kind == kind]
            held = sum(check.passed for check in total)
            typer.echo(f"{kind:<8}{held} of {len(total)} hold")
        for check in failed:
            typer.echo(f"FAILED {check.kind} {check.subject}: {check.detail}")
    if failed:
        raise typer.Exit(2)


def _record() -> "Record":
    from foedus.record.store import open_record

    return open_record()


def _facts(record: "Record", spec: "Table") -> list[tuple[str, str]]:
    facts = [
        ("Row", f"{spec.kind}, identified by {', '.join(spec.key)}"),
        (
            "Years",
            f"{spec.first}-{spec.last}" + (f" (to {spec.last_date})" if spec.last_date else ""),
        ),
        ("Countries", spec.countries),
        ("Absent row", "no such event or tie" if spec.absent == "none" else "nothing is known"),
        ("Known after", f"{spec.lag_months} months. {spec.lag_basis}"),
        ("Source", f"{spec.producer}, version {spec.version}"),
        ("Terms", spec.licence),
        ("Ships", f"{spec.ship}. {spec.ship_why}".strip()),
        ("Changed", spec.changes),
    ]
    try:
        entry = record.place(spec.name)[1]
        facts.append(("Here", f"{entry['rows']} rows, SHA-256 {str(entry['sha256'])[:12]}"))
    except OutsideCoverageError as absent:
        facts.append(("Here", f"no: {absent.expected}"))
    return facts


def _note(spec: "Table", name: str) -> str:
    column = spec.columns[name]
    notes = []
    if column.hindsight:
        notes.append("coded with hindsight")
    if column.estimated:
        notes.append(
            "estimated" if column.estimated is True else f"estimated where {column.estimated}"
        )
    if column.first or column.last:
        notes.append(f"{column.first or spec.first}-{column.last or spec.last}")
    if column.codes:
        notes.append("; ".join(f"{code} {text}" for code, text in list(column.codes.items())[:8]))
    return ", ".join(notes)
