"""Identity frames: which states, pairs and periods exist, in order by construction."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from foedus.record.store import AsOf, Record
from foedus.world.countries import countries as all_countries

FIRST = 1816
_CODES = 1000


@dataclass(frozen=True)
class Axis:
    """The states of a system, and when each was a member.

    Args:
        codes: Numbers of the system, ascending; a slot past the end stands for no state.
        spells: Index of the state, first day, last day, as ordinals.
    """

    codes: np.ndarray
    spells: np.ndarray

    @cached_property
    def slot(self) -> np.ndarray:
        """Give the index of a number, or the slot past the end."""
        found = np.full(_CODES, len(self.codes), dtype=np.int32)
        found[self.codes] = np.arange(len(self.codes), dtype=np.int32)
        return found

    def present(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Say for each state and period whether it was a member on any day of it."""
        found = np.zeros((len(self.codes), len(starts)), dtype=bool)
        for index, first, last in self.spells:
            found[index] |= (starts <= last) & (ends >= first)
        return found


@dataclass(frozen=True)
class Frame:
    """Rows of a panel as indices.

    Args:
        axis: States by COW number, used for looking values up.
        starts: First day of each period, as ordinals.
        years: Calendar year of each period.
        one: Index of the first (or only) state, by row.
        two: Index of the second state; None for state panels.
        period: Index of the period, by row.
        gw: Gleditsch-Ward numbers of the two (or one) states, in that system.
    """

    axis: Axis
    starts: np.ndarray
    years: np.ndarray
    one: np.ndarray
    two: np.ndarray | None
    period: np.ndarray
    gw: tuple[np.ndarray, ...] = ()
    monthly: bool = False

    @property
    def origin(self) -> int:
        """Give the number of the first period: the year, or years times 12 plus the month."""
        return int(self.years[0]) * 12 if self.monthly else int(self.years[0])

    @cached_property
    def year(self) -> np.ndarray:
        """Give the calendar year of each row."""
        return self.years[self.period]

    @cached_property
    def pair(self) -> np.ndarray:
        """Give the position of each row in a dense table of ordered pairs and years."""
        assert self.two is not None
        size = len(self.axis.codes) + 1
        found = self.one.astype(np.int32)
        found *= size
        found += self.two
        found *= len(self.starts)
        found += self.period
        return found.astype(np.intp)

    def keep(self, mask: np.ndarray) -> "Frame":
        """Keep some rows."""
        return Frame(
            self.axis,
            self.starts,
            self.years,
            self.one[mask],
            None if self.two is None else self.two[mask],
            self.period[mask],
            tuple(numbers[mask] for numbers in self.gw),
            self.monthly,
        )

    def identity(self) -> pl.DataFrame:
        """Give the identity columns."""
        sides = [("", self.one)] if self.two is None else [("1", self.one), ("2", self.two)]
        known = all_countries()
        numbers = [*self.axis.codes.tolist(), None]
        codes = pl.Series(numbers, dtype=pl.Int16)
        iso = [known[n].iso3 or None if n in known else None for n in numbers]
        letters = pl.Series(iso, dtype=pl.Enum(sorted({text for text in iso if text})))
        columns = []
        for (suffix, _), gw in zip(sides, self.gw, strict=False):
            columns.append(pl.Series(f"gwcode{suffix}", gw))
        columns += [_gather(codes, index).alias(f"ccode{suffix}") for suffix, index in sides]
        if self.monthly:
            days = pl.Series([dt.date.fromordinal(int(day)) for day in self.starts])
            columns.append(_gather(days, self.period).alias("month"))
        else:
            years = pl.Series(self.years.astype(np.int16))
            columns.append(_gather(years, self.period).alias("year"))
        for suffix, index in sides:
            name = f"iso3_{suffix}" if suffix else "iso3"
            columns.append(_gather(letters, index).alias(name))
        return pl.DataFrame(columns)


def _gather(values: pl.Series, index: np.ndarray) -> pl.Series:
    return values.gather(pl.Series(index.astype(np.uint32)))


def read_axis(record: Record, as_of: AsOf | None, system: str = "cow") -> Axis:
    """Read the members of a state system; open spells continue past the list's end."""
    table, code = ("cow_states", "ccode") if system == "cow" else ("gw_states", "gwcode")
    states = record.read(table, columns=[code, "start", "end"], as_of=as_of)
    codes = states[code].unique().sort().to_numpy()
    index = np.searchsorted(codes, states[code].to_numpy())
    first = [day.toordinal() for day in states["start"]]
    last = [(day or dt.date.max).toordinal() for day in states["end"]]
    return Axis(codes, np.column_stack([index, first, last]))


def build_frame(
    record: Record,
    unit: str,
    *,
    last: int,
    first: int = FIRST,
    countries: Sequence[int] | None = None,
    as_of: AsOf | None = None,
    system: str = "cow",
) -> Frame:
    """Build the rows of a panel.

    A row of a pair exists where both were members on a common day of the period.

    Args:
        record: The record.
        unit: `state-year`, `dyad-year`, `directed-dyad-year` or `dyad-month`.
        last: Last year.
        first: First year.
        countries: COW numbers to keep; all by default.
        as_of: What may be used.
        system: `cow` or `gw`.
    """
    monthly = unit == "dyad-month"
    starts, ends, years = _periods(first, last, monthly)
    axis = read_axis(record, as_of, system)
    present = axis.present(starts, ends)
    if countries is not None and system == "cow":
        present &= np.isin(axis.codes, list(countries))[:, None]
    if unit == "state-year":
        one, period = np.nonzero(present)
        rows = Frame(axis, starts, years, one.astype(np.int32), None, period.astype(np.int32))
    else:
        rows = _pairs(axis, present, starts, ends, years, directed=unit.startswith("directed"))
    rows = Frame(rows.axis, starts, years, rows.one, rows.two, rows.period, (), monthly)
    if system == "gw":
        rows = _by_cow_number(record, rows, countries, as_of)
    return rows


def _periods(first: int, last: int, monthly: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    months = range(1, 13) if monthly else (1,)
    days = [dt.date(year, month, 1) for year in range(first, last + 1) for month in months]
    starts = np.array([day.toordinal() for day in days], dtype=np.int64)
    close = dt.date(last + 1, 1, 1).toordinal()
    ends = np.append(starts[1:], close) - 1
    years = np.array([day.year for day in days], dtype=np.int32)
    return starts, ends, years


def _pairs(
    axis: Axis,
    present: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    years: np.ndarray,
    *,
    directed: bool,
) -> Frame:
    members = np.flatnonzero(present.any(axis=1)).astype(np.int32)
    inside = present[members]
    both = inside[:, None, :] & inside[None, :, :]
    if directed:
        both[np.arange(len(members)), np.arange(len(members))] = False
    else:
        both[np.tril_indices(len(members))] = False
    for left, right, period in _apart(axis, members, inside, starts, ends):
        both[left, right, period] = False
    flat = np.flatnonzero(both).astype(np.int32)
    pair, period = np.divmod(flat, np.int32(len(starts)))
    one, two = np.divmod(pair, np.int32(max(len(members), 1)))
    return Frame(axis, starts, years, members[one], members[two], period)


def _apart(
    axis: Axis, members: np.ndarray, inside: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> list[tuple[int, int, int]]:
    """Find pairs that were both members in a period, but on no common day."""
    spells: dict[int, list[tuple[int, int]]] = {}
    for index, first, last in axis.spells:
        spells.setdefault(int(index), []).append((int(first), int(last)))
    found = []
    for period, (start, end) in enumerate(zip(starts, ends, strict=True)):
        partial = [
            row
            for row in np.flatnonzero(inside[:, period])
            if not any(a <= start and end <= z for a, z in spells[int(members[row])])
        ]
        for left in partial:
            for right in partial:
                if not any(
                    max(a, b, start) <= min(y, z, end)
                    for a, y in spells[int(members[left])]
                    for b, z in spells[int(members[right])]
                ):
                    found.append((int(left), int(right), period))
    return found


def _by_cow_number(
    record: Record, rows: Frame, countries: Sequence[int] | None, as_of: AsOf | None
) -> Frame:
    """Keep the Gleditsch-Ward numbers and look values up by the COW number of the year."""
    cow = read_axis(record, as_of)
    table = record.read("gw_cow_panel", columns=["gwcode", "year", "ccode"]).drop_nulls()
    size = len(rows.axis.codes) + 1
    to_cow = np.full((size, int(rows.years.max()) - FIRST + 1), len(cow.codes), dtype=np.int32)
    for number, year, ccode in table.sort("year").iter_rows():
        if year >= FIRST and year - FIRST < to_cow.shape[1]:
            to_cow[rows.axis.slot[number], year - FIRST] = cow.slot[ccode]
    end = record.spec("gw_cow_panel").last - FIRST
    if end + 1 < to_cow.shape[1]:
        to_cow[:, end + 1 :] = to_cow[:, [end]]
    at = rows.year - FIRST
    codes = rows.axis.codes.astype(np.int16)
    sides = [rows.one] if rows.two is None else [rows.one, rows.two]
    indices = [to_cow[side, at] for side in sides]
    found = Frame(
        cow,
        rows.starts,
        rows.years,
        indices[0],
        indices[1] if len(indices) > 1 else None,
        rows.period,
        tuple(codes[side] for side in sides),
        rows.monthly,
    )
    if countries is None:
        return found
    wanted = np.append(np.isin(cow.codes, list(countries)), False)
    mask = np.logical_and.reduce([wanted[index] for index in indices])
    return found.keep(mask)
