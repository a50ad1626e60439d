"""What would follow an onset: chances that rise, a baseline from the record, no later knowledge."""

import datetime as dt

import numpy as np
import pytest

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.brief_parts.within import within, within_section
from foedus.study.law_cases.within_dispute import Episodes
from foedus.study.within_dispute import (
    WITHIN_MONTHS,
    WithinDispute,
    shares,
    track_record,
    within_dispute,
)
from foedus.world.cases import load_case
from foedus.world.errors import HindsightError

USA, CHINA, JAPAN, BOLIVIA, NEPAL = 2, 710, 740, 145, 790
DAY = AsOf(dt.date(2026, 10, 31), Rule.KNOWN)


@pytest.fixture(scope="module")
def found(record: Record) -> WithinDispute:
    return within_dispute(record, DAY, [(CHINA, JAPAN), (USA, CHINA), (BOLIVIA, NEPAL)])


def test_chances_rise_with_the_months_and_force_is_rarer_than_display(found: WithinDispute):
    for row in [*found.rows.iter_rows(named=True), found.baseline, found.by_pair]:
        for name in ("display", "force"):
            chances = [row[f"{name}_{months}"] for months in WITHIN_MONTHS]
            assert chances == sorted(chances)
        assert all(row[f"force_{m}"] < row[f"display_{m}"] <= 1 for m in WITHIN_MONTHS)
        assert row["months"] >= 1


def test_pairs_that_are_not_politically_relevant_are_left_out(found: WithinDispute):
    assert found.rows.select("ccode1", "ccode2").rows() == [(CHINA, JAPAN), (USA, CHINA)]


def test_a_dispute_that_saw_force_last_month_sees_it_sooner_again(record: Record):
    asked = [(CHINA, JAPAN)]
    shown, used = (
        within_dispute(record, DAY, asked, so_far=months).rows.row(0, named=True)
        for months in ((2, 2), (2, 3))
    )
    assert used["force_1"] > shown["force_1"] + 0.1


def episode(dispute: int, *level: int, first: int = 24000, again: bool = False) -> dict:
    last = max(k for k, reached in enumerate(level) if reached)
    return {
        "dispute": dispute,
        "level": level,
        "first": first,
        "last": first + last,
        "again": again,
    }


def laid_out(*items: dict, last_month: int = 24100) -> Episodes:
    width = max(len(item["level"]) for item in items)
    level = np.zeros((len(items), width), dtype=np.int64)
    for row, item in enumerate(items):
        level[row, : len(item["level"])] = item["level"]
    first = np.array([item["first"] for item in items])
    last = np.array([item["last"] for item in items])
    return Episodes(
        dispute=np.array([item["dispute"] for item in items]),
        codes=np.zeros((len(items), 2), dtype=np.int64),
        first=first,
        last=last,
        months=np.minimum(last + 6, last_month) - first + 1,
        level=level,
        again=np.array([item["again"] for item in items]),
        last_month=last_month,
        left_out={},
    )


def test_the_baseline_counts_each_dispute_once_and_only_months_that_are_covered():
    given = laid_out(
        episode(1, 2, 0, 3),
        episode(2, 3),
        episode(2, 1, 0, 0, 2),
        episode(3, 1, first=24090),
        episode(1, 3, again=True),
    )
    assert shares(given, by_pair=True)["force_1"] == pytest.approx(1 / 4)
    found = shares(given)
    assert found["force_1"] == pytest.approx((0 + 0.5 + 0) / 3)
    assert found["force_3"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert found["force_12"] == pytest.approx((1 + 0.5) / 2)
    assert found["display_1"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert found["months"] == pytest.approx((3 + 2.5 + 1) / 3)
    assert found["one_month"] == pytest.approx((0 + 0.5 + 1) / 3)


def test_a_posterior_that_knows_more_than_the_date_is_refused(record: Record):
    with pytest.raises(HindsightError, match="posterior of ladder"):
        within_dispute(record, AsOf(dt.date(2010, 1, 1), Rule.DATED), [(CHINA, JAPAN)])
    said = within(record, load_case("japan-us"), AsOf(dt.date(2010, 1, 1), Rule.DATED))
    assert isinstance(said, str)
    assert "Not shown at this date" in within_section(said).paragraphs[0]


def test_the_track_record_is_blank_before_its_outcomes_were_known():
    assert track_record(2013) == []
    rows = track_record(2014)
    assert len(rows) == 6
    assert all(row["cases"] > 100 and row["looks"] >= 1 for row in rows)


def test_the_section_names_each_pair_the_record_and_no_small_percentage(record: Record):
    case = load_case("japan-us")
    section = within_section(within(record, case, DAY))
    table, record_of = section.grids
    names = [row[0] for row in table.rows]
    assert "China and Japan" in names
    assert [name.split()[-1] for name in names[-2:]] == ["record", "them"]
    cells = [cell for row in table.rows for cell in row[1:]]
    assert not [cell for cell in cells if cell.startswith("0%")]
    assert len(record_of.rows) == 6


def test_chances_of_a_pair_do_not_depend_on_the_other_pairs_asked_for(
    record: Record, found: WithinDispute
):
    again = within_dispute(record, DAY, [(USA, CHINA)])
    assert again.rows.equals(found.rows[1:])
