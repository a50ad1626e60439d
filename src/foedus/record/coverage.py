"""What stands behind a cell: observed, carried, estimated, unreported, outside coverage."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from foedus.record.schema import Rule, State, Table
from foedus.record.store import AsOf, Record
from foedus.world.months import add_months, month_end

STATES = pl.Enum([str(state) for state in State])
_CODE = {state: index for index, state in enumerate(State)}


def covered_years(
    spec: Table, column: str | None = None, as_of: AsOf | None = None
) -> tuple[int, int]:
    """Give the first and last year a table, or one column, covers, as far as a date allows.

    Under a date, the last year is the last one complete and usable by then.
    """
    first, last = spec.first, spec.last
    if column is not None:
        first = spec.columns[column].first or first
        last = spec.columns[column].last or last
    if as_of is not None:
        lag = spec.lag_months if as_of.rule is Rule.KNOWN else 0
        day = add_months(as_of.day, -lag)
        last = min(last, day.year if day == month_end(day.year, 12) else day.year - 1)
    return first, last


def cell_states(
    spec: Table,
    column: str,
    years: np.ndarray,
    present: np.ndarray,
    *,
    as_of: AsOf | None = None,
    applicable: np.ndarray | None = None,
    flagged: np.ndarray | None = None,
) -> pl.Series:
    """Say for each cell what stands behind it.

    Args:
        spec: The table.
        column: Column of that table.
        years: Year of each cell.
        present: Whether the cell has a value.
        as_of: Date and rule the values were cut to.
        applicable: False where the question does not arise, such as the side in no dispute.
        flagged: True where the source marks the value as an estimate.

    Returns:
        One categorical state a cell.
    """
    first, last = covered_years(spec, column, as_of)
    about = spec.columns[column]
    inside = (years >= first) & (years <= last)
    found = np.where(inside, _CODE[State.UNREPORTED], _CODE[State.OUTSIDE]).astype(np.uint8)
    if applicable is not None:
        found[inside & ~applicable] = _CODE[State.NOT_APPLICABLE]
    valued = State.ESTIMATED if about.estimated is True else State.OBSERVED
    found[present] = _CODE[valued]
    if flagged is not None:
        found[present & flagged] = _CODE[State.ESTIMATED]
    carried_after = last if about.carried_after is None else min(last, about.carried_after)
    found[present & (years > carried_after)] = _CODE[State.CARRIED]
    return pl.Series(f"{column}_state", list(State)).cast(STATES).gather(found)


def cells(
    record: Record,
    table: str,
    column: str,
    *,
    countries: Sequence[int],
    first: int,
    last: int,
    as_of: AsOf | None = None,
) -> pl.DataFrame:
    """Give value and state of one column of a state-year table, for every country and year asked.

    Returns:
        `ccode, year, value, state`; a year before the state existed, or after it ended, is not
        applicable.
    """
    spec = record.spec(table)
    about = spec.columns[column]
    flag = about.estimated if isinstance(about.estimated, str) else None
    wanted = ["ccode", "year", column, *([flag] if flag else [])]
    values = record.read(table, columns=wanted, as_of=as_of)
    grid = pl.DataFrame({"ccode": list(countries)}, schema={"ccode": pl.Int16}).join(
        pl.DataFrame({"year": range(first, last + 1)}, schema={"year": pl.Int16}), how="cross"
    )
    grid = grid.join(values, on=["ccode", "year"], how="left", maintain_order="left")
    alive = np.zeros(grid.height, dtype=bool)
    years = grid["year"].to_numpy()
    codes = grid["ccode"].to_numpy()
    spells = record.read("cow_states", columns=["ccode", "start", "end"], as_of=as_of)
    for code, start, end in spells.iter_rows():
        stop = (end or dt.date.max).year
        alive |= (codes == code) & (years >= start.year) & (years <= stop)
    states = cell_states(
        spec,
        column,
        years,
        grid[column].is_not_null().to_numpy(),
        as_of=as_of,
        applicable=alive,
        flagged=grid[flag].fill_null(False).to_numpy() if flag else None,
    )
    return grid.select("ccode", "year", value=pl.col(column)).with_columns(states.alias("state"))
