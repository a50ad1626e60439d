"""Build a panel: identity frame, added columns, coverage states, as one lazy table."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from foedus.measure.panel.frames import FIRST, build_frame
from foedus.measure.panel.groups import Context
from foedus.measure.panel.registry import ALIASES, GROUPS, UNITS
from foedus.record.coverage import covered_years
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record, open_record
from foedus.world.countries import find_country
from foedus.world.errors import BadInputError, CannotWriteError, UnknownNameError
from foedus.world.months import parse_date

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ENDINGS = (".parquet", ".csv", ".dta")


@dataclass(frozen=True)
class Request:
    """A panel as asked for, checked.

    Args:
        unit: Who and when a row is about.
        first: First year.
        last: Last year.
        countries: COW numbers kept; None for all.
        add: Names of the groups added, in order.
        as_of: What may be used.
        system: `cow` or `gw`.
        relevant: Keep politically relevant pairs only.
        states: Add a coverage column beside each added column.
    """

    unit: str
    first: int
    last: int
    countries: tuple[int, ...] | None
    add: tuple[str, ...]
    as_of: AsOf | None
    system: str = "cow"
    relevant: bool = False
    states: bool = False


def panel(
    unit: str,
    *,
    first: int = FIRST,
    last: int | None = None,
    countries: Sequence[str | int] | None = None,
    add: Sequence[str] = (),
    as_of: str | dt.date | None = None,
    rule: str = "known",
    system: str = "cow",
    relevant: bool = False,
    states: bool = False,
    format: str = "polars",
    record: Record | None = None,
) -> "pl.LazyFrame | pd.DataFrame | xr.Dataset":
    """Build a panel of states, pairs or disputes.

    Args:
        unit: `state-year`, `dyad-year`, `directed-dyad-year`, `dyad-month` or `dispute`.
        first: First year.
        last: Last year; the year of `as_of`, or the last finished year, by default.
        countries: Countries by number, code or name; a pair needs both. All by default.
        add: Groups of columns, such as `nmc`, `atop`, `contiguity`, `majors`.
        as_of: Use only what is allowed on this date.
        rule: `known` or `dated`.
        system: `cow` or `gw` (Gleditsch and Ward).
        relevant: Keep politically relevant pairs: contiguous, or with a major power.
        states: Add `<column>_state` beside each added column.
        format: `polars` (lazy), `pandas` or `xarray`.
        record: The record; the bundled and local one by default.

    Returns:
        The panel. A Polars table builds only the groups whose columns are used.

    Raises:
        FoedusError: Something asked for does not exist or is not covered.

    Example:
        ```python
        from foedus.study.build_panel import panel
        panel("directed-dyad-year", first=1951, last=2018, countries=["USA", "JPN"],
              add=["atop"]).collect()
        ```
    """
    asked = request(
        unit,
        first=first,
        last=last,
        countries=countries,
        add=add,
        as_of=as_of,
        rule=rule,
        system=system,
        relevant=relevant,
        states=states,
    )
    if format not in ("polars", "pandas", "xarray"):
        raise BadInputError(
            f"no format is called {format!r}",
            expected="polars, pandas or xarray",
            where="format",
            hint="leave it out for a lazy Polars table",
        )
    found = lazy_panel(asked, record or open_record())
    if format == "polars":
        return found
    frame = found.collect().to_pandas()
    if format == "pandas":
        return frame
    key = [
        name for name in ("ccode", "ccode1", "ccode2", "year", "month", "dispnum") if name in frame
    ]
    return frame.set_index(key).to_xarray()


def request(
    unit: str,
    *,
    first: int = FIRST,
    last: int | None = None,
    countries: Sequence[str | int] | None = None,
    add: Sequence[str] = (),
    as_of: str | dt.date | None = None,
    rule: str = "known",
    system: str = "cow",
    relevant: bool = False,
    states: bool = False,
    today: dt.date | None = None,
) -> Request:
    """Check what was asked for and complete it."""
    _choice(unit, UNITS, "the unit of the panel", "foedus panel --help")
    _choice(system, ("cow", "gw"), "--system", "cow is the Correlates of War list")
    _choice(rule, tuple(str(one) for one in Rule), "--rule", "foedus panel --help")
    day = parse_date(as_of, where="--as-of") if isinstance(as_of, str) else as_of
    now = today or dt.date.today()
    latest = min(now.year, day.year) if day else now.year
    end = last if last is not None else (latest if day else now.year - 1)
    for year, option in ((first, "--from"), (end, "--to")):
        if not FIRST <= year <= latest:
            raise BadInputError(
                f"the year {year} is outside the panels",
                expected=f"a year from {FIRST} to {latest}",
                where=option,
                hint="the state system list starts in 1816; a date of knowledge ends the panel",
            )
    if first > end:
        raise BadInputError(
            f"the first year {first} is after the last, {end}",
            expected="a first year no later than the last",
            where="--from and --to",
            hint=f"--from {end} --to {first}",
        )
    names = tuple(dict.fromkeys(_group(name, unit) for name in add))
    if relevant and unit not in GROUPS["contiguity"].units:
        raise BadInputError(
            f"a {unit} panel has no pairs to call relevant",
            expected="dyad-year, directed-dyad-year or dyad-month",
            where="--relevant",
            hint="leave the option out",
        )
    codes = None
    if countries is not None:
        codes = tuple(sorted({find_country(one, where="--countries").ccode for one in countries}))
    found = AsOf(day, Rule(rule)) if day else None
    return Request(unit, first, end, codes, names, found, system, relevant, states)


def _choice(given: str, choices: Sequence[str], where: str, hint: str) -> None:
    if given not in choices:
        raise UnknownNameError(
            f"{given!r} is none of the choices",
            expected=", ".join(choices),
            where=where,
            hint=hint,
        )


def _group(name: str, unit: str) -> str:
    wanted = ALIASES.get(name, name)
    fitting = [one for one, group in GROUPS.items() if unit in group.units]
    if wanted not in GROUPS:
        raise UnknownNameError(
            f"no group of columns is called {name!r}",
            expected=", ".join(fitting) or "none for this unit",
            where="--add",
            hint="foedus panel --help lists what can be added",
        )
    if wanted not in fitting:
        raise BadInputError(
            f"{name} does not fit a {unit} panel",
            expected=", ".join(fitting) or "no added columns for this unit",
            where="--add",
            hint="yearly values are not spread over months, and values of pairs need pairs",
        )
    return wanted


def lazy_panel(asked: Request, record: Record) -> pl.LazyFrame:
    """Give the panel as a lazy table that builds only the groups it needs."""
    if asked.unit == "dispute":
        return _disputes(asked, record).lazy()
    kept: dict[tuple[str, ...], pl.DataFrame] = {}
    sample = _build(asked, record, kept, rows=0)
    schema = {name: frame.schema[name] for frame in sample.values() for name in frame.columns}
    homes = {column: name for name, frame in sample.items() for column in frame.columns}

    def source(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        needed = {homes[name] for name in columns} if columns is not None else set(sample)
        found = pl.concat(_build(asked, record, kept, needed=needed).values(), how="horizontal")
        if columns is not None:
            found = found.select(columns)
        if predicate is not None:
            found = found.filter(predicate)
        yield found if rows is None else found.head(rows)

    return register_io_source(source, schema=schema)


def _build(
    asked: Request,
    record: Record,
    kept: dict[tuple[str, ...], pl.DataFrame],
    *,
    needed: set[str] | None = None,
    rows: int | None = None,
) -> dict[str, pl.DataFrame]:
    names = [name for name in asked.add if needed is None or name in needed]
    peace = "peace_years" in names and asked.first > FIRST and rows is None
    start = FIRST if peace else asked.first
    end = asked.first if rows == 0 else asked.last
    full = build_frame(
        record,
        asked.unit,
        first=start,
        last=end,
        countries=asked.countries,
        as_of=asked.as_of,
        system=asked.system,
    )
    frame, history, shown = full, None, None
    if peace:
        shown = full.year >= asked.first
        frame = build_frame(
            record,
            asked.unit,
            first=asked.first,
            last=end,
            countries=asked.countries,
            as_of=asked.as_of,
            system=asked.system,
        )
        history = (full, shown)
    directed = asked.unit.startswith("directed")
    relevant = None
    if asked.relevant:
        relevant = _relevant(Context(record, frame, asked.as_of, directed))
        frame = frame.keep(relevant)
        if history is None and "peace_years" in names:
            history = (full, relevant)
        elif history is not None and shown is not None:
            visible = shown.copy()
            visible[shown] = relevant
            history = (full, visible)
    if rows is not None:
        frame = frame.keep(np.zeros(len(frame.one), dtype=bool))
        history = None
    context = Context(record, frame, asked.as_of, directed, history, kept)
    parts = {}
    if needed is None or "" in needed or not names:
        parts[""] = frame.identity()
    for name in names:
        values = GROUPS[name].build(context)
        if asked.states:
            marks = GROUPS[name].states(context, values)
            values = pl.concat([values, marks], how="horizontal")
        parts[name] = values
    return parts


def _relevant(context: Context) -> np.ndarray:
    contiguous = GROUPS["contiguity"].build(context)["conttype"]
    majors = GROUPS["majors"].build(context)
    return (
        (contiguous.fill_null(0) > 0)
        | (majors["cowmaj1"].fill_null(0) == 1)
        | (majors["cowmaj2"].fill_null(0) == 1)
    ).to_numpy()


def _disputes(asked: Request, record: Record) -> pl.DataFrame:
    """Give one row a dispute of MID 5, with its participants on either side."""
    disputes = record.read("mid5_dispute", as_of=asked.as_of)
    columns = ["dispnum", "ccode", "sidea"]
    sides = record.read("mid5_participant", columns=columns, as_of=asked.as_of)
    lists = sides.group_by("dispnum").agg(
        pl.col("ccode").filter(pl.col("sidea") == side).unique().sort().cast(pl.String).alias(name)
        for name, side in (("sidea", 1), ("sideb", 0))
    )
    if asked.countries is not None:
        chosen = sides.filter(pl.col("ccode").is_in(asked.countries))["dispnum"].unique()
        disputes = disputes.filter(pl.col("dispnum").is_in(chosen.to_list()))
    return (
        disputes.with_columns(pl.col("start").dt.year().cast(pl.Int16).alias("year"))
        .filter(pl.col("year").is_between(asked.first, asked.last))
        .join(lists, on="dispnum", how="left")
        .with_columns(pl.col("sidea", "sideb").list.join(";"))
        .select("dispnum", "year", pl.exclude("dispnum", "year"))
        .sort("dispnum")
    )


def metadata(asked: Request, record: Record) -> dict[str, Any]:
    """Say what a panel was made from: coverage of each column, citations, rule, record."""
    groups = [GROUPS[name] for name in asked.add]
    tables = list(dict.fromkeys(table for group in groups for table in group.tables))
    tables += [] if asked.unit != "dispute" else ["mid5_dispute", "mid5_participant"]
    base = "gw_states" if asked.system == "gw" else "cow_states"
    sources = {}
    for name in dict.fromkeys([base, *tables]):
        spec = record.spec(name)
        first, last = covered_years(spec, None, asked.as_of)
        columns = spec.columns.items()
        sources[name] = {
            "title": spec.title,
            "version": spec.version,
            "covers": [first, last],
            "columns_covering_less": {
                column: [about.first or first, about.last or last]
                for column, about in columns
                if about.first or about.last
            },
            "hindsight": [column for column, about in columns if about.hindsight],
            "citation": spec.citation,
        }
    return {
        "unit": asked.unit,
        "years": [asked.first, asked.last],
        "as_of": asked.as_of.day.isoformat() if asked.as_of else None,
        "rule": str(asked.as_of.rule) if asked.as_of else None,
        "system": asked.system,
        "groups": list(asked.add),
        "carried": "open spells of system members, contiguity and majors continue past their end",
        "tables": sources,
        "record": record.digest([name for name in (base, *tables) if name in record.names()]),
    }


def check_output(path: Path) -> None:
    """Refuse an output name before any work is done for it."""
    if path.suffix not in ENDINGS:
        raise BadInputError(
            f"{path.name} ends in {path.suffix or 'nothing'}",
            expected=", ".join(ENDINGS),
            where="--output",
            hint="name the file with one of these endings",
        )
    if not path.parent.is_dir():
        raise CannotWriteError(
            f"the folder {path.parent} does not exist",
            expected="a folder that exists, with space and write permission",
            where="--output",
            hint="make the folder first, or name another place",
        )


def write_panel(frame: pl.DataFrame, about: dict[str, Any], path: Path) -> None:
    """Write a panel whole or not at all, with its coverage in (Parquet) or beside the file."""
    check_output(path)
    text = json.dumps(about, ensure_ascii=False, indent=1)
    partial = path.with_name(f"{path.name}.partial")
    beside = path.with_name(f"{path.name}.about.json")
    try:
        if path.suffix == ".parquet":
            frame.write_parquet(partial, metadata={"foedus": text})
        elif path.suffix == ".csv":
            frame.write_csv(partial)
        else:
            _write_stata(frame, partial)
        if path.suffix != ".parquet":
            beside.write_text(text + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise CannotWriteError(
            f"cannot write {path} ({error.strerror or error})",
            expected="a folder with space and write permission",
            where="--output",
            hint="name another place",
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _write_stata(frame: pl.DataFrame, path: Path) -> None:
    texts = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Enum)]
    whole = [
        name
        for name, dtype in frame.schema.items()
        if dtype.is_integer() and frame[name].null_count()
    ]
    flat = frame.with_columns(pl.col(texts).cast(pl.String), pl.col(whole).cast(pl.Float64))
    dates = [name for name, dtype in frame.schema.items() if dtype == pl.Date]
    table = flat.with_columns(pl.col(dates).cast(pl.Datetime("ms"))).to_pandas()
    with path.open("wb") as file:
        table.to_stata(
            file, write_index=False, version=118, convert_dates=dict.fromkeys(dates, "td")
        )
