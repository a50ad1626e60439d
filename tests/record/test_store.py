import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record, visible
from foedus.world.errors import (
    DamagedRecordError,
    HindsightError,
    OutsideCoverageError,
    UnknownNameError,
)


def test_unknown_table_and_column_name_the_choices(record: Record):
    with pytest.raises(UnknownNameError, match="atop_dyad"):
        record.read("atopp")
    with pytest.raises(UnknownNameError, match="milper"):
        record.read("nmc", columns=["milpers"])


def test_a_table_that_does_not_ship_is_an_error_not_an_empty_table(record: Record):
    with pytest.raises(OutsideCoverageError, match="does not ship"):
        record.read("cow_alliance_dyad")


def test_dated_keeps_the_complete_years_before_the_day(record: Record):
    at_march = record.read("nmc", as_of=AsOf(dt.date(2010, 3, 31), Rule.DATED))
    at_end = record.read("nmc", as_of=AsOf(dt.date(2010, 12, 31), Rule.DATED))
    assert at_march["year"].max() == 2009
    assert at_end["year"].max() == 2010


def test_known_waits_for_the_stated_lag(record: Record):
    lag = record.spec("nmc").lag_months
    day = dt.date(2010, 12, 31)
    frame = record.read("nmc", as_of=AsOf(day, Rule.KNOWN))
    assert frame["year"].max() == 2010 - lag // 12


def test_hindsight_columns_are_refused_by_name_and_left_out_otherwise(record: Record):
    day = AsOf(dt.date(2012, 12, 31), Rule.KNOWN)
    hindsight = [n for n, c in record.spec("rivalry_tss").columns.items() if c.hindsight]
    assert hindsight
    with pytest.raises(HindsightError, match="known"):
        record.read("rivalry_tss", columns=hindsight[:1], as_of=day)
    assert not set(hindsight) & set(record.read("rivalry_tss", as_of=day).columns)


def test_the_end_of_a_spell_after_the_date_is_masked(record: Record):
    spec = record.spec("cow_contiguity")
    assert spec.when is not None
    assert spec.until is not None
    frame = pl.DataFrame(
        {
            spec.when: [dt.date(1990, 1, 1), dt.date(1995, 1, 1), dt.date(2003, 1, 1)],
            spec.until: [dt.date(1992, 1, 1), dt.date(2005, 1, 1), None],
        }
    )
    cut = visible(frame, spec, AsOf(dt.date(2000, 12, 31), Rule.DATED))
    assert cut[spec.until].to_list() == [dt.date(1992, 1, 1), None]


@given(st.dates(dt.date(1950, 1, 1), dt.date(2026, 1, 1)), st.integers(0, 4000))
def test_an_earlier_date_never_shows_more(day: dt.date, days: int):
    record = Record(*_folders())
    later = day + dt.timedelta(days=days)
    for rule in Rule:
        early = record.read("nmc", columns=["ccode", "year"], as_of=AsOf(day, rule))
        late = record.read("nmc", columns=["ccode", "year"], as_of=AsOf(later, rule))
        assert early.height <= late.height


def _folders():
    from foedus.record.store import BUNDLE

    return BUNDLE, BUNDLE / "no-local-record"


def test_a_damaged_file_is_an_error_that_names_it(record: Record, tmp_path):
    (tmp_path / "manifest.json").write_text('{"nmc": {"sha256": "0", "rows": 1, "bytes": 1}}')
    (tmp_path / "nmc.parquet").write_bytes(record.path("nmc").read_bytes()[:1000])
    with pytest.raises(DamagedRecordError, match=r"nmc\.parquet"):
        Record(record.bundle, tmp_path).read("nmc")


def test_a_local_table_replaces_the_bundled_one_and_changes_the_digest(record: Record, tmp_path):
    from foedus.record.build import write_table

    frame = record.read("nmc").filter(pl.col("ccode") == 740)
    write_table(frame, "nmc", tmp_path)
    overlaid = Record(record.bundle, tmp_path)
    assert overlaid.read("nmc").height == frame.height
    assert overlaid.digest() != record.digest()
    assert overlaid.digest(["atop_dyad"]) == record.digest(["atop_dyad"])
