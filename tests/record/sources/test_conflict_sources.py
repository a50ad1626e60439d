"""Known facts about states, pledges, disputes, rivalries, crises and leaders."""

import datetime as dt

import polars as pl
import pytest

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.world.errors import OutsideCoverageError

USA, JPN, CHN, TWN, RUS = 2, 740, 710, 713, 365


def pledges(record: Record, holder: int, target: int) -> pl.DataFrame:
    frame = record.read("atop_dyad").filter(
        (pl.col("ccode1") == holder) & (pl.col("ccode2") == target)
    )
    return frame.filter(pl.col("year") >= 1951)


def test_the_united_states_is_pledged_to_defend_japan_from_1951(record: Record):
    held = pledges(record, USA, JPN)
    assert held.filter("atop_defense")["year"].to_list() == list(range(1951, 2019))


def test_japan_is_not_pledged_to_defend_the_united_states(record: Record):
    held = pledges(record, JPN, USA)
    assert held["year"].to_list() == list(range(1951, 2019))
    assert not held["atop_defense"].any()


def test_the_two_japan_us_treaties_follow_each_other(record: Record):
    treaty = record.read("atop_treaty").filter(pl.col("atopid").is_in([3220, 3375]))
    assert treaty["start"].to_list() == [dt.date(1951, 9, 8), dt.date(1960, 1, 19)]
    assert treaty["end"].to_list() == [dt.date(1960, 1, 19), None]


def test_japan_has_two_spells_as_a_major_power(record: Record):
    spells = record.read("cow_majors").filter(pl.col("ccode") == JPN)
    assert spells["start"].to_list() == [dt.date(1895, 4, 1), dt.date(1991, 12, 11)]
    assert spells["end"].to_list() == [dt.date(1945, 8, 14), None]


def test_taiwan_is_in_the_system_from_december_1949(record: Record):
    spell = record.read("cow_states").filter(pl.col("ccode") == TWN)
    assert spell["start"].to_list() == [dt.date(1949, 12, 8)]
    assert spell["end"].to_list() == [None]


def test_unified_germany_has_different_numbers_in_the_two_systems(record: Record):
    panel = record.read("cow_gw_panel").filter(pl.col("ccode") == 255, pl.col("year") == 2000)
    assert panel["gwcode"].to_list() == [260]


def test_china_and_japan_lie_within_400_miles_from_1952(record: Record):
    spells = record.read("cow_contiguity").filter(
        (pl.col("ccode1") == CHN) & (pl.col("ccode2") == JPN), pl.col("end").is_null()
    )
    assert spells.select("conttype", "start").rows() == [(5, dt.date(1952, 4, 1))]


def test_land_neighbours_touch_on_the_map(record: Record):
    distance = record.read("cow_mindist").filter(
        (pl.col("ccode1") == 2) & (pl.col("ccode2") == 20), pl.col("year") == 2000
    )
    assert distance["mindist"].to_list() == [0]


def test_the_capital_of_japan_moved_in_1869(record: Record):
    capitals = record.read("cow_capitals").filter(pl.col("ccode") == JPN)
    assert capitals["capital"].to_list() == ["Kyoto", "Tokyo"]
    assert capitals["start"][1] == dt.date(1869, 4, 5)


def test_taiwan_strait_crises(record: Record):
    crises = record.read("icb_crisis").filter(pl.col("crisname").str.starts_with("TAIWAN STRAIT"))
    assert crises["start"].dt.year().to_list() == [1954, 1958, 1962, 1995]
    pairs = record.read("icb_dyad").filter(
        pl.col("crisno").is_in(crises["crisno"].implode()), pl.col("ccode1") == CHN
    )
    assert set(pairs["ccode2"]) == {TWN}


def test_mid5_counts_and_last_day(record: Record):
    disputes = record.read("mid5_dispute")
    assert disputes.height == 2436
    assert disputes["ongo2014"].sum() == disputes["end"].null_count() == 33
    assert disputes["outcome"].min() == 1


def test_a_dispute_does_not_tell_its_outcome_before_it_ends(record: Record):
    day = dt.date(1937, 12, 31)
    seen = record.read("mid5_dispute", as_of=AsOf(day, Rule.DATED))
    later = record.read("mid5_dispute").filter(pl.col("start") <= day, pl.col("end") > day)
    assert later.height > 0
    open_then = seen.filter(pl.col("dispnum").is_in(later["dispnum"].implode()))
    for column in ("end", "hostlev", "outcome", "fatality", "hiact"):
        assert open_then[column].null_count() == open_then.height
    ended = seen.join(record.read("mid5_dispute").filter(pl.col("end") <= day), on="dispnum")
    assert ended["hostlev"].equals(ended["hostlev_right"].rename("hostlev"))


def test_participants_of_one_dispute_are_on_two_sides(record: Record):
    sides = record.read("mid5_participant").group_by("dispnum").agg(pl.col("sidea").n_unique())
    assert (sides["sidea"] == 2).all()


@pytest.mark.parametrize("name", ["gml_mid_dyad", "dyadic_mid"])
def test_each_disputing_pair_appears_in_both_orders(record: Record, name: str):
    frame = record.read(name).select("dispnum", "ccode1", "ccode2", "year")
    turned = frame.rename({"ccode1": "ccode2", "ccode2": "ccode1"}).select(frame.columns)
    assert frame.sort(frame.columns).equals(turned.sort(frame.columns))


def test_world_war_ii_deaths_are_kept_exactly(record: Record):
    war = record.read("cow_war_participant").filter(
        (pl.col("warnum") == 139) & (pl.col("ccode") == RUS)
    )
    assert 7_500_000 in war["batdeath"].to_list()


def test_the_rivalry_of_the_us_and_the_soviet_union_begins_in_1945(record: Record):
    spells = record.read("rivalry_tss").filter(
        (pl.col("ccode1") == USA) & (pl.col("ccode2") == RUS), pl.col("principal")
    )
    assert 1945 in spells["start"].to_list()


def test_the_first_day_of_a_war_and_the_end_of_2024_are_in_ucdp(record: Record):
    conflicts = record.read("ucdp_conflict")
    war = conflicts.filter(
        pl.col("type_of_conflict") == "interstate",
        pl.col("ccode_a") == RUS,
        pl.col("ccode_b") == 369,
    )
    assert set(war["year"]) == {2022, 2023, 2024}
    assert (war["intensity_level"] == 2).all()


def test_leaders_in_office_at_the_end_have_no_end(record: Record):
    leaders = record.read("leaders_archigos")
    abe = leaders.filter(pl.col("leader").str.contains("Abe"), pl.col("ccode") == JPN)
    assert abe["start"].max() == dt.date(2012, 12, 26)
    assert abe.sort("start")["end"].to_list()[-1] is None


def test_joint_memberships_never_exceed_either_state(record: Record):
    pairs = record.read("igo_dyad").filter(pl.col("ccode1") == USA, pl.col("year") == 2014)
    states = record.read("igo_state").filter(pl.col("year") == 2014)
    both = pairs.join(states, left_on="ccode2", right_on="ccode")
    assert both.height > 150
    assert (both["dyadigos"] <= both["sum_igo_full"]).all()


def test_cow_alliances_do_not_ship(record: Record):
    with pytest.raises(OutsideCoverageError, match="does not ship"):
        record.read("cow_alliance_dyad")
