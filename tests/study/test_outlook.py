"""What the outlook says of how its methods were chosen."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import polars as pl

from foedus.study.outlook import choice_notes


def test_what_was_given_what_came_is_not_named_as_what_is_shown():
    last = pl.DataFrame(
        {"variable": ["disputes"], "unit": ["pair"], "last": [dt.date(2014, 12, 31)]}
    )
    found: Any = SimpleNamespace(start=SimpleNamespace(last=last))
    (note,) = choice_notes(found)
    assert "any dispute within 12 months: law ensemble;" in note
    assert "that came" not in note
