"""Dates of spells and special codes, as the conflict sources write them."""

from collections.abc import Iterable

import polars as pl

_LATEST = 31


def first_day(year: str, month: str, day: str) -> pl.Expr:
    """Date a start: where only the month is known, its first day; null where it is not."""
    start = _month(year, month)
    return pl.when(_known(day)).then(start + _after_first(day)).otherwise(start)


def last_day(year: str, month: str, day: str) -> pl.Expr:
    """Date an end: where only the month is known, its last day; null where it is not."""
    start = _month(year, month)
    return pl.when(_known(day)).then(start + _after_first(day)).otherwise(start.dt.month_end())


def _known(day: str) -> pl.Expr:
    return pl.col(day).is_between(1, _LATEST)


def _after_first(day: str) -> pl.Expr:
    return pl.duration(days=pl.col(day).cast(pl.Int32) - 1)


def _month(year: str, month: str) -> pl.Expr:
    known = pl.col(year).gt(0) & pl.col(month).is_between(1, 12)
    return pl.when(known).then(pl.date(pl.col(year), pl.col(month).clip(1, 12), 1))


def open_after(column: str, last: str) -> pl.Expr:
    """Leave an end blank where it is only the last day the table reaches."""
    end = pl.col(column).cast(pl.String).str.to_date()
    return pl.when(end < pl.lit(last).str.to_date()).then(end).alias(column)


def blank(columns: Iterable[str], *codes: float) -> list[pl.Expr]:
    """Turn a source's codes for `missing` into missing values."""
    return [
        pl.when(pl.col(name).is_in(codes)).then(None).otherwise(pl.col(name)).alias(name)
        for name in columns
    ]
