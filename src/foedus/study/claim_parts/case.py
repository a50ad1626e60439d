"""Of whom a proposition is asked, what may be used, and how rows become points in time."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from foedus.record.coverage import covered_years
from foedus.record.store import AsOf, Record

Points = dict[float, float]


@dataclass(frozen=True)
class Case:
    """Of whom a proposition is asked, and what may be used.

    Args:
        record: The record.
        ally: COW number; None if the text does not say.
        partner: COW number of the partner.
        rival: COW number of the rival.
        as_of: What may be used.
    """

    record: Record
    ally: int | None
    partner: int | None
    rival: int | None
    as_of: AsOf | None

    def read(self, table: str, *columns: str) -> pl.DataFrame:
        """Read a table as allowed."""
        return self.record.read(table, columns=list(columns) or None, as_of=self.as_of)

    def years(self, table: str) -> range:
        """Give the whole years a table covers, as far as allowed."""
        spec = self.record.spec(table)
        first, last = covered_years(spec, as_of=self.as_of)
        end = spec.last_date
        if end is not None and (end.month, end.day) != (12, 31):
            last = min(last, end.year - 1)
        return range(first, last + 1)

    @property
    def pair(self) -> tuple[int, int]:
        """Give the two allies."""
        return self.home, self.friend

    @property
    def home(self) -> int:
        """Give the ally."""
        assert self.ally is not None
        return self.ally

    @property
    def friend(self) -> int:
        """Give its partner."""
        assert self.partner is not None
        return self.partner

    @property
    def foe(self) -> int:
        """Give the rival."""
        assert self.rival is not None
        return self.rival


def logged(points: Points, *, add: float = 0.0) -> Points:
    """Take logs; what is not above zero is left out."""
    return {t: float(np.log(v + add)) for t, v in points.items() if v + add > 0}


def yearly(frame: pl.DataFrame, value: str) -> Points:
    """Give a column by year; missing cells are left out."""
    kept = frame.select("year", value).drop_nulls()
    return {float(year): float(number) for year, number in kept.iter_rows()}


def counts(years: Iterable[int], found: Iterable[int]) -> Points:
    """Give the log of one plus how often each year was found."""
    seen = list(found)
    return {float(y): float(np.log1p(seen.count(y))) for y in years}


def in_years(frame: pl.DataFrame, day: str = "date") -> list[int]:
    """Give the years of a column of days."""
    return frame[day].drop_nulls().dt.year().to_list()
