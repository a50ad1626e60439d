"""Months of disputes from a record of seven incidents made by hand, and from the bundled one."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from foedus.record.schema import Rule
from foedus.record.store import BUNDLE, AsOf, Record
from foedus.study.law_cases.disputes import PairMonths, everything, pair_months
from foedus.study.law_cases.within_dispute import (
    Episodes,
    LadderRows,
    episodes,
    force_before,
    ladder_cases,
    ladder_rows,
    meetings,
    pasts,
    pauses,
)

USA, CANADA, CHINA, JAPAN, SOUTH_KOREA = 2, 20, 710, 740, 732
Day = dt.date


def month(year: int, number: int) -> int:
    return 12 * year + number - 1


# Incident, dispute, start, end, side A with what each did, side B with what each did.
INCIDENTS = [
    # One dispute: a display, two quiet months, then force that lasts into the month after.
    (1, 10, Day(2000, 1, 30), Day(2000, 1, 31), {JAPAN: 3}, {CHINA: 1}),
    (2, 10, Day(2000, 4, 2), Day(2000, 5, 3), {CHINA: 4}, {JAPAN: 4}),
    # The same dispute, more than six months on: the two begin anew. The United States joins.
    (3, 10, Day(2001, 3, 1), None, {CHINA: 2}, {JAPAN: 1, USA: 1}),
    # A war between a pair, in the last month of the record.
    (4, 20, Day(2014, 12, 30), Day(2015, 2, 1), {USA: 5}, {CANADA: 5}),
    # A dispute that began before 1993, one without a month, one nobody is listed for.
    (5, 30, Day(1992, 12, 1), Day(1993, 2, 1), {USA: 3}, {CHINA: 1}),
    (6, 40, None, None, {SOUTH_KOREA: 3}, {JAPAN: 1}),
    (7, 40, Day(2005, 6, 1), Day(2005, 6, 1), {}, {}),
]


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory, record: Record) -> Record:
    folder = tmp_path_factory.mktemp("little")
    incidents, parts = [], []
    for number, dispute, start, end, side_a, side_b in INCIDENTS:
        year = start.year if start else 2005
        dated = {"start": start, "end": end, "styear": year}
        incidents.append({"incidnum": number, "dispnum": dispute, **dated})
        for inside, side in ((1, side_a), (0, side_b)):
            for code, level in side.items():
                whose = {"ccode": code, "insidea": inside, "hostlev": level}
                parts.append({"incidnum": number, "dispnum": dispute, **dated, **whose})
    manifest = {}
    for name, rows in (("mid5_incident", incidents), ("mid5_incident_participant", parts)):
        frame = pl.DataFrame(rows, schema_overrides={"start": pl.Date, "end": pl.Date})
        frame.write_parquet(folder / f"{name}.parquet")
        manifest[name] = {"sha256": name, "rows": frame.height, "bytes": 1}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return Record(BUNDLE, folder)


@pytest.fixture(scope="module")
def found(little: Record) -> Episodes:
    return episodes(meetings(little, everything()))


def test_a_dispute_is_followed_pair_by_pair_and_anew_after_six_quiet_months(found: Episodes):
    listed = list(
        zip(found.dispute.tolist(), found.codes.tolist(), found.first.tolist(), strict=True)
    )
    assert listed == [
        (10, [CHINA, JAPAN], month(2000, 1)),
        (10, [USA, CHINA], month(2001, 3)),
        (10, [CHINA, JAPAN], month(2001, 3)),
        (20, [USA, CANADA], month(2014, 12)),
    ]
    assert found.again.tolist() == [False, False, True, False]


def test_levels_are_the_higher_of_both_and_last_as_long_as_the_incident(found: Episodes):
    assert found.level[0, :5].tolist() == [2, 0, 0, 3, 3]
    assert found.last[0] == month(2000, 5)
    assert found.months[0] == 5 + 6
    assert found.level[0, 5:].sum() == 0


def test_an_incident_without_a_known_end_lasts_its_month(found: Episodes):
    assert found.level[1, :2].tolist() == [1, 0]
    assert found.months[1] == 7


def test_war_counts_as_force_and_nothing_is_followed_past_the_record(found: Episodes):
    assert found.level[3, 0] == 3
    assert found.months[3] == 1
    assert found.last_month == month(2014, 12)


def test_what_cannot_be_followed_is_counted(found: Episodes):
    assert found.left_out == {
        "incidents: no participants recorded": 1,
        "incidents: month unknown": 1,
        "pairs of disputes that began before 1993": 1,
    }


def test_each_month_knows_the_months_before_it_alone(found: Episodes):
    past = pasts(found)
    assert past.level[0, :6].tolist() == [0, 2, 0, 0, 3, 3]
    assert past.highest[0, :6].tolist() == [0, 2, 2, 2, 3, 3]
    assert past.quiet[0, :11].tolist() == [0, 0, 1, 2, 0, 0, 1, 2, 3, 4, 5]
    assert past.active[0, :6].tolist() == [0, 1, 1, 1, 2, 3]
    assert past.age[0, :3].tolist() == [0, 1, 2]


def test_a_cut_record_gives_the_same_months_and_no_later_one(little: Record, found: Episodes):
    cut = episodes(meetings(little, AsOf(Day(2000, 12, 31), Rule.DATED)))
    assert cut.dispute.tolist() == [10]
    assert cut.months[0] == 11
    assert (cut.level[0, :11] == found.level[0, :11]).all()
    early = episodes(meetings(little, AsOf(Day(2001, 6, 30), Rule.DATED)))
    assert early.last_month == month(2000, 12)
    known = episodes(meetings(little, AsOf(Day(2006, 12, 31), Rule.KNOWN)))
    assert known.last_month == month(2000, 12)


@pytest.fixture(scope="module")
def panel(record: Record) -> PairMonths:
    return pair_months(record, everything())


@pytest.fixture(scope="module")
def whole(record: Record, panel: PairMonths) -> LadderRows:
    return ladder_rows(record, everything(), panel)


def test_rows_take_the_pairs_terms_of_the_year_before_the_onset(little: Record, panel: PairMonths):
    rows = ladder_rows(little, everything(), panel)
    number = panel.names.index(f"{CHINA}-{JAPAN}")
    at = 1999 - int(panel.years[0])
    force = force_before(little, everything(), panel)
    for episode in (0, 2):
        assert rows.pair[episode] == number
    assert rows.standing["force in the past"][0] == force[number, at]
    assert rows.standing["force in the past"][2] == force[number, at + 1]
    assert rows.standing["distance"][0] == panel.terms["distance"][number, at]


def test_a_dispute_counts_as_past_force_only_once_it_was_over(record: Record, panel: PairMonths):
    early = pair_months(record, AsOf(Day(2003, 12, 31), Rule.DATED))
    then = force_before(record, AsOf(Day(2003, 12, 31), Rule.DATED), early)
    now = force_before(record, everything(), panel)
    where = [panel.names.index(name) for name in early.names]
    np.testing.assert_allclose(then, now[where][:, : then.shape[1]])


def test_every_month_of_the_record_is_a_row_or_is_counted(whole: LadderRows):
    cases = ladder_cases(whole)
    inside = int(whole.episodes.inside.sum())
    assert len(cases.value) == inside > 8000
    assert whole.left_out["meetings with an input missing"] == 0
    first = cases.extra["first"] > 0
    assert (cases.value[first] > 0).all()
    assert first.sum() == len(whole.pair)
    assert set(np.unique(cases.value)) == {0.0, 1.0, 2.0, 3.0}


def test_a_last_year_cuts_months_and_can_leave_out_disputes_still_going_on(whole: LadderRows):
    until, over = ladder_cases(whole, 1999), ladder_cases(whole, 1999, over_alone=True)
    assert until.years == over.years == tuple(range(1993, 2000))
    assert len(over.value) < len(until.value) < len(ladder_cases(whole).value)
    assert until.year.max() == 6


def test_six_quiet_months_end_a_dispute_in_the_record_itself(record: Record):
    """Of all pauses between the incidents of a dispute hardly any is longer than six months."""
    quiet = pauses(meetings(record, everything()))
    assert len(quiet) > 400
    assert (quiet > 6).mean() < 0.01


def test_the_folder_of_the_little_record_overlays_two_tables(little: Record, record: Record):
    assert little.digest(["nmc"]) == record.digest(["nmc"])
    assert isinstance(little.path("mid5_incident"), Path)
