"""Months and days as the program counts them: one integer a month, no time zones."""

import calendar
import datetime as dt
import re

from foedus.world.errors import BadInputError

_DATE = re.compile(r"^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$")


def parse_date(text: str, *, where: str = "date", end: bool = True) -> dt.date:
    """Read `2024`, `2024-03` or `2024-03-31` as a day.

    Args:
        text: Year, year and month, or full ISO date.
        where: The option or field the text came from, for the error.
        end: Take the last day of a year or month given alone; the first day otherwise.

    Returns:
        The day.

    Raises:
        BadInputError: The text is no such date.
    """
    match = _DATE.match(text.strip())
    try:
        if match is None:
            raise ValueError(text)
        year = int(match[1])
        month = int(match[2]) if match[2] else (12 if end else 1)
        if match[3]:
            return dt.date(year, month, int(match[3]))
        first = dt.date(year, month, 1)
        return month_end(year, month) if end else first
    except ValueError:
        raise BadInputError(
            f"{text!r} is not a date",
            expected="a year, a month or a day written as 2024, 2024-03 or 2024-03-31",
            where=where,
            hint="write the date in ISO order, for example 2024-03-31",
        ) from None


def month_end(year: int, month: int) -> dt.date:
    """Give the last day of a month."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def add_months(day: dt.date, count: int) -> dt.date:
    """Move a day by whole months, to the last day of the month where the day does not exist."""
    index = day.year * 12 + day.month - 1 + count
    year, month = index // 12, index % 12 + 1
    return min(dt.date(year, month, 1) + dt.timedelta(days=day.day - 1), month_end(year, month))
