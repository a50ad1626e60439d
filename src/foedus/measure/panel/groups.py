"""What can be added to a panel: one object a group of columns, all with the same interface."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from foedus.measure.panel.frames import Frame
from foedus.measure.panel.tables import state_values
from foedus.record.coverage import cell_states, covered_years
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.world.errors import HindsightError

YEARLY = ("state-year", "dyad-year", "directed-dyad-year")
PAIRS = ("dyad-year", "directed-dyad-year")


@dataclass(frozen=True)
class Context:
    """What a group needs to build its columns.

    Args:
        record: The record.
        frame: Rows of the panel.
        as_of: What may be used.
        directed: Whether rows are ordered pairs.
        history: The same pairs from the start of the system on, for what depends on the past, and
            which of its rows the panel shows; the panel's own rows where None.
    """

    record: Record
    frame: Frame
    as_of: AsOf | None
    directed: bool = False
    history: tuple[Frame, np.ndarray] | None = None
    kept: dict[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)

    def read(self, table: str, columns: list[str]) -> pl.DataFrame:
        """Read a table once."""
        key = (table, *columns)
        if key not in self.kept:
            self.kept[key] = self.record.read(table, columns=columns, as_of=self.as_of)
        return self.kept[key]

    def allowed(self, table: str, columns: list[str]) -> list[str]:
        """Drop columns coded with hindsight under the rule `known`.

        Raises:
            HindsightError: Nothing would be left.
        """
        about = self.record.spec(table).columns
        if self.as_of is None or self.as_of.rule is Rule.DATED:
            return columns
        left = [name for name in columns if not about[name].hindsight]
        if not left:
            raise HindsightError(
                f"every column of {table} asked for is coded with knowledge of what came later",
                expected="columns that could be known at the time",
                where="the information rule `known`",
                hint="leave the group out, or use the rule `dated`, which lists them",
            )
        return left

    def covered(self, table: str) -> np.ndarray:
        """Say which periods of the frame a table covers."""
        first, last = covered_years(self.record.spec(table), None, self.as_of)
        return (self.frame.years >= first) & (self.frame.years <= last)


class AbstractGroup(ABC):
    """A named group of columns a panel can take."""

    name: str
    title: str
    tables: tuple[str, ...]
    units: tuple[str, ...]

    @abstractmethod
    def build(self, context: Context) -> pl.DataFrame:
        """Build the columns for the rows of the context's frame."""

    @abstractmethod
    def source(self, column: str) -> tuple[str, str]:
        """Give table and column that stand behind a column of this group."""

    def states(self, context: Context, values: pl.DataFrame) -> pl.DataFrame:
        """Say for each cell what stands behind it."""
        columns = []
        years = context.frame.year
        for name in values.columns:
            table, column = self.source(name)
            columns.append(
                cell_states(
                    context.record.spec(table),
                    column,
                    years,
                    values[name].is_not_null().to_numpy(),
                    as_of=context.as_of,
                    applicable=self.applicable(context, values, name),
                ).alias(f"{name}_state")
            )
        return pl.DataFrame(columns)

    def applicable(self, context: Context, values: pl.DataFrame, name: str) -> np.ndarray | None:
        """Say where the question of a column arises; None where it always does."""
        return None


@dataclass(frozen=True)
class StateColumns(AbstractGroup):
    """Columns of a state-year table, once for each side of a pair (suffix 1 and 2).

    Args:
        name: Name of the group.
        title: What it adds.
        table: Table of the record.
        columns: Columns by the name they get.
    """

    name: str
    title: str
    table: str
    columns: dict[str, str]
    units: tuple[str, ...] = YEARLY

    @cached_property
    def tables(self) -> tuple[str, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Name the table read."""
        return (self.table,)

    def build(self, context: Context) -> pl.DataFrame:
        """Gather the table's columns for one side or both."""
        allowed = context.allowed(self.table, list(self.columns.values()))
        table = context.read(self.table, ["ccode", "year", *allowed])
        table = table.rename({old: new for new, old in self.columns.items() if old in allowed})
        if context.frame.two is None:
            return state_columns(context.frame, table, ("",))
        return state_columns(context.frame, table, ("1", "2"))

    def source(self, column: str) -> tuple[str, str]:
        """Name the table's column behind a column."""
        return self.table, self.columns.get(column) or self.columns[column[:-1]]


def state_columns(frame: Frame, table: pl.DataFrame, suffixes: tuple[str, ...]) -> pl.DataFrame:
    """Gather a state table for each side, naming columns with the side's suffix."""
    parts = [
        state_values(frame, table, side).rename(lambda name, end=suffix: f"{name}{end}")
        for side, suffix in enumerate(suffixes, start=1)
    ]
    return pl.concat(parts, how="horizontal")
