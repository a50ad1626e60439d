import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.world.errors import BadInputError
from foedus.world.months import add_months, month_end, parse_date


@pytest.mark.parametrize(
    ("text", "end", "expected"),
    [
        ("2024", True, dt.date(2024, 12, 31)),
        ("2024", False, dt.date(2024, 1, 1)),
        ("2024-02", True, dt.date(2024, 2, 29)),
        ("2024-02-10", True, dt.date(2024, 2, 10)),
    ],
)
def test_dates_are_read_whole_or_in_part(text: str, end: bool, expected: dt.date):
    assert parse_date(text, end=end) == expected


@pytest.mark.parametrize("text", ["", "24", "2024-13", "2023-02-29", "March 2024", "0000"])
def test_what_is_no_date_is_refused(text: str):
    with pytest.raises(BadInputError, match="2024-03-31"):
        parse_date(text)


@given(st.dates(dt.date(1816, 1, 1), dt.date(2100, 1, 1)), st.integers(-600, 600))
def test_moving_by_months_keeps_the_calendar(day: dt.date, count: int):
    moved = add_months(day, count)
    assert (moved.year - day.year) * 12 + moved.month - day.month == count
    assert moved.day == min(day.day, month_end(moved.year, moved.month).day)
