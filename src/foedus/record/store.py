"""The record as the rest of the program sees it: tables by name, as of a date, with digests.

Tables come from the bundle inside the package, overlaid by the user's own build and additions.
"""

import datetime as dt
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
from platformdirs import user_data_path

from foedus.record.build import read_manifest
from foedus.record.schema import Rule, Ship, Table
from foedus.record.sources import tables
from foedus.world.errors import (
    DamagedRecordError,
    HindsightError,
    OutsideCoverageError,
    UnknownNameError,
)
from foedus.world.months import add_months, month_end

BUNDLE = Path(__file__).parent / "bundle"


@dataclass(frozen=True)
class AsOf:
    """A day and the information rule that says what may be used for it."""

    day: dt.date
    rule: Rule = Rule.KNOWN


def local_folder() -> Path:
    """Give the folder of the user's own build: `FOEDUS_RECORD`, or the user data folder."""
    named = os.environ.get("FOEDUS_RECORD")
    return Path(named) if named else user_data_path("foedus", appauthor=False) / "record"


def open_record(folder: Path | None = None) -> "Record":
    """Open the record: the bundle, overlaid by the tables in `folder` (or the user's folder)."""
    return Record(BUNDLE, folder if folder is not None else local_folder())


@dataclass(frozen=True)
class Record:
    """Tables of the record, read-only.

    Args:
        bundle: Folder of the tables that ship with the package.
        local: Folder of the user's own tables; each replaces the bundled one of its name.
    """

    bundle: Path
    local: Path

    @cached_property
    def _places(self) -> dict[str, tuple[Path, dict[str, int | str]]]:
        places = {}
        for folder in (self.bundle, self.local):
            for name, entry in read_manifest(folder).items():
                places[name] = (folder / f"{name}.parquet", entry)
        return places

    def names(self) -> tuple[str, ...]:
        """Name the tables that are here, in the order of the registry."""
        return tuple(name for name in tables() if name in self._places)

    def spec(self, name: str) -> Table:
        """Give a table's specification, whether or not its rows are here."""
        try:
            return tables()[name]
        except KeyError:
            raise UnknownNameError(
                f"no table is called {name!r}",
                expected=", ".join(tables()),
                where="the name of the table",
                hint="foedus record list",
            ) from None

    def place(self, name: str) -> tuple[Path, dict[str, int | str]]:
        """Locate a table's file and its manifest entry (digest, rows, bytes).

        Raises:
            UnknownNameError: No such table.
            OutsideCoverageError: The table does not ship and has not been built here.
        """
        spec = self.spec(name)
        if name not in self._places:
            why = f", because it does not ship: {spec.ship_why}" if spec.ship is Ship.NONE else ""
            raise OutsideCoverageError(
                f"the table {name} is not in this record",
                expected=f"a local build{why}",
                where=f"{self.bundle} and {self.local}",
                hint="foedus record build --raw FOLDER, or foedus record add",
            )
        return self._places[name]

    def path(self, name: str) -> Path:
        """Locate a table's file."""
        return self.place(name)[0]

    def cut_to_case_countries(self, name: str) -> bool:
        """Say whether a table is the bundled part of one that does not ship in full."""
        cut = self.spec(name).ship is Ship.CASE_COUNTRIES
        return cut and self.path(name).parent == self.bundle

    def scan(self, name: str) -> pl.LazyFrame:
        """Open a table lazily, without any as-of cut."""
        return pl.scan_parquet(self.path(name))

    def read(
        self, name: str, *, columns: Sequence[str] | None = None, as_of: AsOf | None = None
    ) -> pl.DataFrame:
        """Read a table, cut to what may be used on a date.

        Args:
            name: Table.
            columns: Columns wanted; all by default (under `known`, all but hindsight columns).
            as_of: Date and rule; everything by default.

        Raises:
            UnknownNameError: No such table or column.
            HindsightError: A hindsight column was asked for by name under `known`.
            DamagedRecordError: The file cannot be read.
        """
        spec = self.spec(name)
        wanted = list(columns) if columns is not None else list(spec.columns)
        unknown = [column for column in wanted if column not in spec.columns]
        if unknown:
            raise UnknownNameError(
                f"{name} has no column {', '.join(unknown)}",
                expected=", ".join(spec.columns),
                where=f"table {name}",
                hint=f"foedus record show {name}",
            )
        if as_of is not None and as_of.rule is Rule.KNOWN:
            hindsight = [column for column in wanted if spec.columns[column].hindsight]
            if hindsight and columns is not None:
                raise HindsightError(
                    f"{name}.{', '.join(hindsight)} is coded with knowledge of what came later",
                    expected="columns that could be known at the time",
                    where="the information rule `known`",
                    hint="leave the column out, or use the rule `dated`, which lists it",
                )
            wanted = [column for column in wanted if column not in hindsight]
        path = self.path(name)
        try:
            frame = pl.read_parquet(path, columns=list(dict.fromkeys([*wanted, *_dating(spec)])))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise DamagedRecordError(
                f"{path.name} cannot be read ({str(error).splitlines()[0]})",
                expected="a whole Parquet file with the digest in manifest.json",
                where=str(path),
                hint="foedus record verify, then build or install again",
            ) from error
        if as_of is not None:
            frame = visible(frame, spec, as_of)
        return frame.select(wanted)

    def digest(self, names: Iterable[str] | None = None) -> str:
        """Fingerprint the tables named, or the whole record, by content."""
        chosen = sorted(names) if names is not None else sorted(self._places)
        text = "\n".join(f"{name} {self._places[name][1]['sha256']}" for name in chosen)
        return hashlib.sha256(text.encode()).hexdigest()


def _dating(spec: Table) -> list[str]:
    return [name for name in (spec.when, spec.until) if name]


def visible(frame: pl.DataFrame, spec: Table, as_of: AsOf) -> pl.DataFrame:
    """Keep the rows that may be used on a date, by the table's dating column and lag.

    A row dated by a year stands for 31 December, by a month for its last day. Under `known` the
    table's lag is added, and a row counts no earlier than that. Rows without a date stay; the end
    of a spell that lies after the date is masked, since it was not yet known, and with it what
    only the end settles.
    """
    if spec.when is None:
        return frame
    lag = spec.lag_months if as_of.rule is Rule.KNOWN else 0
    last = add_months(as_of.day, -lag)
    if frame.schema[spec.when].is_integer():
        limit: int | dt.date = last.year if last == month_end(last.year, 12) else last.year - 1
    elif spec.when == "month" and last != month_end(last.year, last.month):
        limit = dt.date(last.year, last.month, 1) - dt.timedelta(days=1)
    else:
        limit = last
    frame = frame.filter(pl.col(spec.when) <= limit)
    if spec.until and spec.until in frame.columns:
        settled = (pl.col(spec.until) <= limit) | (
            pl.col(spec.until).is_null() & _reached(spec, limit)
        )
        hidden = [spec.until, *(name for name, column in spec.columns.items() if column.at_end)]
        frame = frame.with_columns(
            pl.when(settled).then(pl.col(name)).alias(name)
            for name in hidden
            if name in frame.columns
        )
    return frame


def _reached(spec: Table, limit: int | dt.date) -> bool:
    """Tell whether a date lies at or after the table's end, so that open spells are as it says."""
    if isinstance(limit, int):
        return limit >= spec.last
    return limit >= (spec.last_date or dt.date(spec.last, 12, 31))
