"""Coalition sums: by hand, mirrored, and never with a member counted as nothing."""

import datetime as dt

import polars as pl
import pytest

from foedus.measure.balance import DOMAINS, balance
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record


def test_sums_are_those_of_the_members(record: Record):
    found = balance(record, [2, 740], [710])
    spent = record.read("sipri_milex").filter(pl.col("year") == 2024)
    by_state = dict(spent.select("ccode", "constant_2023_musd").iter_rows())
    row = found.filter((pl.col("domain") == "military spending") & (pl.col("year") == 2024))
    assert row["side"].item() == pytest.approx(by_state[2] + by_state[740])
    assert row["other"].item() == pytest.approx(by_state[710])
    assert row["state"].item() == "estimated", "SIPRI marks China's spending as its estimate"


def test_warheads_are_those_of_the_states_that_have_them(record: Record):
    found = balance(record, [2, 740], [710])
    row = found.filter((pl.col("domain") == "nuclear warheads") & (pl.col("year") == 2022))
    assert (row["side"].item(), row["other"].item()) == (3708.0, 350.0)


def test_swapped_sides_mirror_the_share(record: Record):
    one, two = balance(record, [2, 740], [710, 731]), balance(record, [710, 731], [2, 740])
    both = one.join(two, on=["domain", "year"], suffix="_swapped").drop_nulls("value")
    assert both.height > 100
    assert both.select((pl.col("value") + pl.col("value_swapped") - 1).abs().max()).item() < 1e-12


def test_a_member_without_a_value_leaves_the_sum_blank_and_is_named(record: Record):
    found = balance(record, [2], [710, 731])
    output = found.filter(pl.col("domain") == "economic output")
    assert output["value"].null_count() == output.height
    assert output["missing"].list.contains(731).all()
    assert (output["state"] == "unreported").all()


def test_no_share_where_both_sums_are_zero(record: Record):
    found = balance(record, [740], [710]).filter(pl.col("domain") == "nuclear warheads")
    row = found.filter(pl.col("year") == 1950)
    assert row["value"].item() is None
    assert row["state"].item() == "not applicable"
    assert not found["value"].is_nan().any()


def test_every_domain_ends_with_its_table(record: Record):
    ends = balance(record, [2], [710]).group_by("domain").agg(pl.col("year").max())
    assert dict(ends.iter_rows()) == {
        "military spending": 2024,
        "economic output": 2024,
        "military personnel": 2022,
        "capability (CINC)": 2022,
        "nuclear warheads": 2022,
    }
    assert set(ends["domain"]) == {domain.name for domain in DOMAINS}


def test_nothing_later_than_the_date_is_used(record: Record):
    found = balance(record, [2], [710], AsOf(dt.date(2000, 6, 30), Rule.DATED))
    assert found["year"].max() == 1999
    assert balance(record, [2], [710], AsOf(dt.date(1700, 1, 1))).is_empty()
