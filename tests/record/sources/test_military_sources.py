"""Military and diplomatic tables of the record, held against published figures."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from foedus.record.raw import Raw
from foedus.record.schema import Rule
from foedus.record.sources import eurepoc, exercises, us_bases, us_troops
from foedus.record.sources.names import in_year, on_day, resolve
from foedus.record.store import AsOf, Record
from foedus.world.cases import case_ccodes
from foedus.world.errors import BadTableError, HindsightError

USA, UK, RUSSIA, CHINA, TAIWAN, NORTH, SOUTH, JAPAN = 2, 200, 365, 710, 713, 731, 732, 740


def _cell(record: Record, table: str, column: str, **where: object) -> object:
    found = record.read(table).filter(*(pl.col(name) == value for name, value in where.items()))
    assert found.height == 1
    return found[column].item()


@pytest.mark.parametrize(
    ("ccode", "percent", "billion"),
    [(JAPAN, 1.37, 55.3), (USA, 3.42, 997.3), (CHINA, 1.71, 313.7), (RUSSIA, 7.05, 149.0)],
)
def test_spending_in_2024_is_what_sipri_announced(
    record: Record, ccode: int, percent: float, billion: float
):
    share = _cell(record, "sipri_milex", "share_gdp", ccode=ccode, year=2024)
    current = _cell(record, "sipri_milex", "current_musd", ccode=ccode, year=2024)
    assert share == pytest.approx(percent / 100, abs=5e-5)
    assert current == pytest.approx(billion * 1000, abs=50)


def test_chinese_spending_is_marked_as_estimate_and_japanese_is_not(record: Record):
    assert _cell(record, "sipri_milex", "current_musd_estimated", ccode=CHINA, year=2024) is True
    assert _cell(record, "sipri_milex", "current_musd_estimated", ccode=JAPAN, year=2024) is False


def test_unreported_spending_is_no_row_and_never_zero(record: Record):
    frame = record.read("sipri_milex")
    assert frame.filter((pl.col("ccode") == RUSSIA) & (pl.col("year") == 1991)).is_empty()
    spent = ["constant_2023_musd", "current_musd", "share_gdp"]
    assert frame.filter(pl.any_horizontal(pl.col(name) == 0 for name in spent)).is_empty()


@pytest.mark.parametrize("table", ["sipri_milex", "sipri_arms_register", "sipri_tiv_dyad"])
def test_sipri_tables_ship_case_countries_only(record: Record, table: str):
    frame = record.read(table)
    for column in ("ccode", "ccode1", "ccode2"):
        if column in frame.columns:
            assert set(frame[column]) <= set(case_ccodes())


def test_japan_received_its_first_f35_in_2016(record: Record):
    frame = record.read("sipri_arms_register").filter(
        (pl.col("ccode1") == USA)
        & (pl.col("ccode2") == JAPAN)
        & pl.col("designation").str.starts_with("F-35")
    )
    assert frame["year"].min() == 2016
    assert frame.filter(pl.col("year") == 2016)["numbers_delivered"].sum() == 1


@pytest.mark.parametrize(
    ("month", "persons"),
    [
        (dt.date(2024, 9, 1), 50_786),
        (dt.date(2018, 9, 1), 54_279),
        (dt.date(2015, 12, 1), 71_567),
        (dt.date(2016, 9, 1), 38_834),
    ],
)
def test_us_troops_in_japan_are_as_printed(record: Record, month: dt.date, persons: int):
    assert _cell(record, "us_troops", "troops_ad", ccode=JAPAN, month=month) == persons


def test_quarters_without_a_report_have_no_rows(record: Record):
    months = set(record.read("us_troops")["month"])
    for absent in (dt.date(2022, 12, 1), dt.date(2023, 3, 1), dt.date(2023, 6, 1)):
        assert absent not in months
    assert dt.date(2023, 9, 1) in months


def test_okinawa_under_us_administration_is_not_counted_as_japan(record: Record):
    japan = record.read("us_troops").filter(pl.col("ccode") == JAPAN)
    assert not set(japan["month"].dt.year()) & {1964, *range(1966, 1973)}
    islands = record.read("us_troops_elsewhere").filter(pl.col("location").str.contains("Ryukyu"))
    assert islands.filter(pl.col("month") == dt.date(1969, 9, 1))["troops_ad"].item() == 44_226
    assert _cell(record, "us_troops_annual", "troops", ccode=JAPAN, year=1969) == 84_802


def test_forces_printed_in_another_table_are_not_zero(record: Record):
    frame = record.read("us_troops").filter(pl.col("month").dt.year().is_between(2003, 2007))
    assert frame.filter((pl.col("ccode") == 645) & (pl.col("troops_ad") == 0)).is_empty()
    assert _cell(record, "us_troops_annual", "troops", ccode=645, year=2007) == 170_000


def test_divided_states_have_the_number_of_their_time(record: Record):
    months = record.read("us_troops")
    germany = months.filter(pl.col("ccode").is_in([255, 260]))
    assert germany.filter(pl.col("ccode") == 260)["month"].max() == dt.date(1990, 9, 1)
    assert germany.filter(pl.col("ccode") == 255)["month"].min() == dt.date(1991, 9, 1)
    parts = record.read("exercises_mme_long")
    assert parts.filter(pl.col("ccode") == 260)["year"].max() == 1990
    travels = record.read("us_leader_travels")
    saigon = travels.filter(pl.col("locale").str.contains("Saigon"))
    assert set(saigon["ccode"]) == {817}


def test_joint_exercises_of_a_pair_are_a_self_join(record: Record):
    parts = record.read("exercises_mme_long")
    pair = parts.filter(pl.col("ccode") == USA).join(
        parts.filter(pl.col("ccode") == JAPAN), on="exercise"
    )
    assert pair.height == 212
    sword = pair.filter(pl.col("ex_name").str.to_lowercase().str.contains("keen sword"))
    assert {2004, 2007, 2010} <= set(sword["year"].to_list())
    spirit = parts.filter(pl.col("ex_name").str.contains("Team Spirit"))
    assert set(spirit["ccode"]) == {USA, SOUTH}


@pytest.mark.parametrize(
    ("ccode", "year", "warheads"),
    [(USA, 1967, 31_255), (RUSSIA, 1986, 40_159), (USA, 2010, 5_066), (CHINA, 2022, 350)],
)
def test_stockpiles_are_those_published(record: Record, ccode: int, year: int, warheads: int):
    found = _cell(record, "nuclear_warheads", "warheads_stockpile", ccode=ccode, year=year)
    assert found == warheads


def test_warheads_begin_where_the_source_begins_to_count(record: Record):
    frame = record.read("nuclear_warheads").filter(pl.col("warheads_stockpile") > 0)
    first = dict(frame.group_by("ccode").agg(pl.col("year").min()).iter_rows())
    assert {c: first[c] for c in (USA, RUSSIA, UK, CHINA)} == {
        USA: 1945,
        RUSSIA: 1949,
        UK: 1953,
        CHINA: 1964,
    }


def test_a_quoted_yearbook_figure_is_unknown_until_the_yearbook(record: Record):
    january = {"ccode": CHINA, "measure": "total_inventory", "year": 2025}
    assert _cell(record, "nuclear_warheads_sipri_quoted", "warheads", **january) == 600
    for day, years in ((dt.date(2025, 5, 31), 0), (dt.date(2025, 7, 31), 1)):
        frame = record.read("nuclear_warheads_sipri_quoted", as_of=AsOf(day, Rule.KNOWN))
        assert frame.filter(pl.col("year") == 2025).select("year").n_unique() == years


def test_presidents_went_to_japan_on_the_days_in_the_news(record: Record):
    trips = record.read("us_leader_travels").filter(
        (pl.col("ccode") == JAPAN) & (pl.col("role") == "president")
    )
    assert {dt.date(1974, 11, 18), dt.date(2022, 5, 21), dt.date(2023, 5, 18)} <= set(trips["date"])
    assert dt.date(2022, 5, 22) not in set(trips["date"])
    talks = record.read("us_leader_travels").filter(
        (pl.col("ccode") == JAPAN) & pl.col("two_plus_two")
    )
    assert dt.date(2013, 10, 2) in set(talks["date"])


def test_trips_that_stand_twice_are_counted_once(record: Record):
    blinken = record.read("us_leader_travels").filter(
        (pl.col("ccode") == JAPAN) & (pl.col("date") == dt.date(2021, 3, 15))
    )
    assert blinken.height == 1


def test_emperors_paid_two_state_visits(record: Record):
    visits = record.read("us_incoming_visits").filter(
        (pl.col("ccode") == JAPAN) & (pl.col("kind") == "state")
    )
    assert visits["date"].sort().to_list() == [dt.date(1975, 10, 2), dt.date(1994, 6, 11)]


def test_visits_from_taipei_and_from_beijing_are_told_apart(record: Record):
    visits = record.read("us_incoming_visits")
    assert visits.filter(pl.col("ccode") == TAIWAN)["date"].max() == dt.date(1970, 10, 24)
    assert visits.filter(pl.col("ccode") == CHINA, pl.col("date") > dt.date(1950, 1, 1))[
        "date"
    ].min() == dt.date(1979, 1, 29)


def test_list_of_bases_holds_japan_and_no_position_finer_than_a_tenth(record: Record):
    sites = record.read("us_bases")
    assert sites.filter(pl.col("ccode") == JAPAN).height == 42
    assert sites.filter(pl.col("basename").str.contains("Kadena")).height == 1
    off = (pl.col("lat") * 10 - (pl.col("lat") * 10).round()).abs() > 1e-6
    assert sites.filter(off).is_empty()


def test_agreements_join_two_states_and_open_ends_stay_open(record: Record):
    frame = record.read("dca_agreements")
    assert frame.filter(pl.col("ccode1") >= pl.col("ccode2")).is_empty()
    assert frame["end_year"].max() == 2009
    early = record.read("dca_agreements", as_of=AsOf(dt.date(1995, 12, 31), Rule.DATED))
    assert early["year"].max() == 1995
    assert early.filter(pl.col("end_year") > 1995).is_empty()


def test_first_satellites_belong_to_their_makers(record: Record):
    objects = record.read("space_objects").filter(pl.col("objects_launched") > 0)
    first = dict(objects.group_by("ccode").agg(pl.col("year").min()).iter_rows())
    assert {c: first[c] for c in (RUSSIA, USA, JAPAN, CHINA)} == {
        RUSSIA: 1957,
        USA: 1958,
        JAPAN: 1970,
        CHINA: 1970,
    }


def test_satellites_and_launches_are_counted_whole(record: Record):
    own = record.read("satellites_ucs").filter(~pl.col("shared"))
    assert own["satellites"].sum() == 7553 - 126 - 44
    assert record.read("space_launches")["launches"].sum() == 6336


def test_shares_of_power_projection_add_to_one(record: Record):
    sums = (
        record.read("power_projection").group_by("year").agg(pl.col("power_projection_share").sum())
    )
    assert sums.height == 203
    assert sums["power_projection_share"].to_list() == pytest.approx([1] * 203, abs=1e-9)


def test_exercises_not_coded_are_missing_and_not_zero(record: Record):
    frame = record.read("major_power_signals")
    outside = frame.filter(~pl.col("year").is_between(1974, 2010))
    assert outside["us_ex"].null_count() == outside.height
    assert frame.filter(pl.col("year").is_between(1974, 2010))["us_ex"].null_count() == 0


def test_later_knowledge_is_refused_under_known(record: Record):
    rule = AsOf(dt.date(2020, 1, 1), Rule.KNOWN)
    for table, column in (
        ("major_power_support", "median_us"),
        ("eurepoc_dyads_2024", "ccode1"),
        ("us_excess_defense_articles", "status"),
        ("cyber_incidents", "concession"),
    ):
        with pytest.raises(HindsightError):
            record.read(table, columns=[column], as_of=rule)


def test_unattributed_incidents_keep_a_row_without_initiator(record: Record):
    frame = record.read("eurepoc_dyads_2024")
    assert frame["id"].n_unique() == 2465
    assert frame["ccode1"].null_count() > 0


def test_counts_under_copyright_do_not_ship(record: Record):
    assert record.spec("rdmc_units").ship.value == "none"
    assert "rdmc_units" not in record.names()


def test_a_name_nobody_listed_stops_the_build():
    frame = pl.DataFrame({"name": ["Japan", "Atlantis", "NATO"]})
    with pytest.raises(BadTableError, match="Atlantis"):
        resolve(frame, "name", "ccode", aside=["NATO"])
    kept = resolve(frame.filter(pl.col("name") != "Atlantis"), "name", "ccode", aside=["NATO"])
    assert kept["ccode"].to_list() == [JAPAN, None]


def test_numbers_follow_division_and_reunion():
    years = pl.DataFrame(
        {"ccode": [255, 255, 255, 260, 679, 679], "year": [1938, 1970, 1991, 2000, 1989, 1990]},
        schema={"ccode": pl.Int16, "year": pl.Int16},
    )
    numbers = years.select(in_year("ccode", pl.col("year")))["ccode"].to_list()
    assert numbers == [255, 260, 255, 255, 678, 679]
    days = pl.DataFrame(
        {
            "ccode": [255, 255, 816, 816],
            "day": [
                dt.date(1990, 10, 2),
                dt.date(1990, 10, 3),
                dt.date(1975, 4, 30),
                dt.date(1975, 5, 1),
            ],
        },
        schema_overrides={"ccode": pl.Int16},
    )
    assert days.select(on_day("ccode", pl.col("day")))["ccode"].to_list() == [260, 255, 817, 816]


class TestAgainstTheRawFiles:
    """Full comparisons, where the raw folder is at hand."""

    @pytest.fixture
    def raw(self, raw_folder: Path | None) -> Raw:
        if raw_folder is None:
            pytest.skip("the raw tables are not here")
        return Raw(raw_folder, {})

    def test_every_state_named_in_an_exercise_has_a_row(self, raw: Raw):
        names = raw.parquet("record/exercises_mme.parquet")["participants"].str.split("; ")
        built = exercises.build(raw)["exercises_mme_long"]
        no_state = 208 + 2 + 2 + 1 + 1 + 1 + 1
        assert names.list.unique().list.len().sum() >= built.height
        assert names.list.len().sum() - no_state - built.height < 100

    def test_no_report_of_troops_is_lost(self, raw: Raw):
        reports = raw.parquet("record/us_troops.parquet").filter(pl.col("quarter") == 3)
        total = reports.filter(pl.col("year") == 2024)["troops_ad"].sum()
        built = us_troops.build(raw)
        september = pl.col("month") == dt.date(2024, 9, 1)
        kept = sum(
            built[name].filter(september)["troops_ad"].sum()
            for name in ("us_troops", "us_troops_elsewhere")
        )
        assert kept == total

    def test_both_copies_of_the_bases_agree(self, raw: Raw):
        assert us_bases.build(raw)["us_bases"].height == 413

    def test_every_incident_is_there_once(self, raw: Raw):
        built = eurepoc.build(raw)
        assert built["eurepoc_incidents_v11"]["id"].is_unique().all()
        assert built["eurepoc_incidents_v11"].height == 1643
