"""Event, incident and fact tables against published figures and their own stated limits."""

import datetime as dt

import polars as pl
import pytest

from foedus.record.schema import Rule, Ship
from foedus.record.sources import tables
from foedus.record.sources.icews import KINDS
from foedus.record.store import AsOf, Record
from foedus.world.arenas import load_arena
from foedus.world.errors import HindsightError

USA, GBR, RUS, TWN, PRK, JPN, CHN = 2, 200, 365, 713, 731, 740, 710
DISPUTED = ("Senkaku", "Dokdo", "Northern Territories", "Spratly", "Paracel", "Scarborough")


def aircraft(record: Record, day: str) -> int:
    frame = record.read("pla_taiwan_daily").filter(pl.col("date") == dt.date.fromisoformat(day))
    return frame["pla_aircraft_sorties"].item()


@pytest.mark.parametrize(
    ("day", "reported"), [("2024-10-14", 153), ("2021-10-04", 56), ("2023-09-17", 103)]
)
def test_days_of_most_aircraft_are_as_the_ministry_reported(
    record: Record, day: str, reported: int
):
    """Source: Ministry of National Defense of Taiwan, reports of the following morning."""
    assert aircraft(record, day) == reported


def test_a_month_sums_its_days_and_counts_those_reported(record: Record):
    month = record.read("pla_taiwan_monthly").filter(pl.col("month") == dt.date(2022, 11, 1))
    days = record.read("pla_taiwan_daily").filter(
        pl.col("date").is_between(dt.date(2022, 11, 1), dt.date(2022, 11, 30))
    )
    assert month["aircraft"].item() == days["pla_aircraft_sorties"].sum()
    assert month["aircraft_days"].item() == days["pla_aircraft_sorties"].count() < 30


def test_vessels_before_they_were_reported_are_missing_not_zero(record: Record):
    early = record.read("pla_taiwan_monthly").filter(pl.col("month") < dt.date(2022, 8, 1))
    assert early["vessels"].null_count() == early.height > 0


def test_the_break_in_the_reports_is_in_the_arena_and_in_the_level(record: Record):
    (known,) = load_arena("taiwan-strait").breaks
    at = dt.date.fromisoformat(f"{known.month}-01")
    frame = record.read("pla_taiwan_monthly").with_columns(
        a_day=pl.col("aircraft") / pl.col("aircraft_days")
    )
    before = frame.filter(pl.col("month").is_between(dt.date(2022, 2, 1), at, closed="left"))
    after = frame.filter(pl.col("month").is_between(at, dt.date(2023, 1, 1), closed="left"))
    assert after["a_day"].min() > 2 * before["a_day"].max()  # pyright: ignore[reportOperatorIssue]


def test_north_korea_launched_most_in_2022_and_days_are_not_missiles(record: Record):
    """Source: CNS North Korea Missile Test Database; Hwasong-15 of 28 November 2017 at 4,475 km."""
    tests = record.read("nk_missile_tests")
    years = tests.group_by(year=pl.col("date").dt.year()).agg(
        pl.len(), days=pl.col("date").n_unique()
    )
    top = years.sort("len", descending=True).row(0, named=True)
    assert top["year"] == 2022
    assert top["days"] < top["len"]
    high = tests.filter(pl.col("date") == dt.date(2017, 11, 28))["apogee"].max()
    assert high == pytest.approx(4475, abs=50)


def test_newspaper_risk_is_on_its_base_and_peaks_where_published(record: Record):
    """Source: Caldara and Iacoviello 2022, section II: bases, and the peaks of their figure 1."""
    risk = record.read("gpr_monthly_global").with_columns(year=pl.col("month").dt.year())
    for column, first in (("gpr", 1985), ("gprh", 1900)):
        base = risk.filter(pl.col("year").is_between(first, 2019))[column].mean()
        assert base == pytest.approx(100, abs=0.01)
    top = risk.sort("gpr", descending=True, nulls_last=True)["month"][:3].to_list()
    assert set(top) == {dt.date(2001, 9, 1), dt.date(2001, 10, 1), dt.date(1991, 1, 1)}
    assert risk.filter(pl.col("year") < 1985)["gpr"].null_count() == 12 * 85


def test_senkaku_days_are_as_the_coast_guard_counted(record: Record):
    """Source: Japan Coast Guard; 282 days of 2019, 333 of 2020, 355 of 2024 in the outer zone."""
    days = record.read("senkaku_vessels").filter(
        (pl.col("zone") == "contiguous_zone") & (pl.col("measure") == "days")
    )
    found = dict(days.select("period", "value").iter_rows())
    assert (found["2019"], found["2020"], found["2024"]) == (282, 333, 355)
    assert "2026" not in found


def test_reporting_effort_in_the_south_china_sea_grows(record: Record):
    reports = record.read("scs_incidents_scsdi")
    years = dict(reports.group_by("year").len().iter_rows())
    assert (years[2011], years[2023]) == (13, 343)
    spec = record.spec("scs_incidents_scsdi")
    assert any("effort grows" in caution for caution in spec.cautions)
    monthly = record.read("scs_incidents_monthly")["reports"].sum()
    assert monthly == reports["date"].count()


def test_scrambles_of_a_fiscal_year_count_from_its_end_in_march(record: Record):
    """Source: Joint Staff of Japan; 1,168 scrambles in FY2016, the most since 1958."""
    name = "quoted_official_series"
    total = record.read(name).filter(pl.col("series") == "asdf_scrambles_total")
    top = total.sort("value", descending=True).row(0, named=True)
    assert (top["period"], top["value"], top["end"]) == ("FY2016", 1168, dt.date(2017, 3, 31))
    before = record.read(name, as_of=AsOf(dt.date(2017, 3, 30), Rule.DATED))
    assert "FY2016" not in before["period"]


def test_no_country_label_of_a_transit_is_offered_without_a_warning():
    column = tables()["taiwan_strait_foreign_transits"].columns["country_as_given"]
    assert "unsound" in column.meaning


def test_events_of_allies_are_mostly_cooperative_and_of_rivals_less_so(record: Record):
    events = record.read("icews_country_dyad_year")

    def friendly(one: int, other: int) -> float:
        pair = events.filter((pl.col("ccode1") == one) & (pl.col("ccode2") == other))
        sums = pair.select(pl.col(*KINDS.values()).sum()).row(0, named=True)
        return (sums["verbcoop"] + sums["matlcoop"]) / sum(sums.values())

    assert friendly(USA, JPN) > 0.9
    assert friendly(USA, JPN) > friendly(USA, CHN) > friendly(USA, PRK)
    assert friendly(USA, PRK) == pytest.approx(friendly(PRK, USA), abs=0.15)


def test_taiwan_is_absent_from_the_yearly_events_as_the_table_says(record: Record):
    spec = record.spec("icews_country_dyad_year")
    events = record.read("icews_country_dyad_year")
    assert TWN not in set(events["ccode1"]) | set(events["ccode2"])
    assert spec.absent == "unreported"
    assert any("Taiwan has no row" in caution for caution in spec.cautions)


def test_events_never_ship_one_by_one(record: Record):
    monthly = record.read("icews_monthly")
    key = ["file", "part", "ccode1", "ccode2", "month"]
    assert monthly.select(key).is_unique().all()
    assert (monthly["month"].dt.day() == 1).all()
    assert record.spec("icews_monthly").ship is Ship.CASE_COUNTRIES


def test_states_without_a_node_are_named(record: Record):
    """The United States and others occur in the early files through persons and agencies alone."""
    nodes = record.read("icews_nodes")
    for file in ("icews_2005_2015", "icews_2014"):
        absent = set(nodes.filter((pl.col("file") == file) & ~pl.col("named"))["ccode"])
        assert {USA, GBR, RUS, TWN} <= absent
        assert not {JPN, CHN} & absent
    late = nodes.filter(pl.col("file") == "icews_2018")
    assert set(late.filter(pl.col("ccode").is_in([USA, RUS, TWN, PRK]))["named"]) == {True}


def test_zero_is_claimed_only_for_whole_unsampled_months(record: Record):
    coverage = record.read("icews_coverage")
    zero = coverage.filter("absent_is_zero")
    assert (zero["days"] == zero["days_in_month"]).all()
    assert not zero["sampled"].any()
    sampled = coverage.filter("sampled")["month"]
    assert (sampled.min(), sampled.max()) == (dt.date(2005, 1, 1), dt.date(2011, 10, 1))
    last = coverage.sort("month").row(-1, named=True)
    assert (last["month"], last["days"], last["whole"]) == (dt.date(2023, 4, 1), 10, False)


def test_months_between_the_files_have_no_event_rows(record: Record):
    covered = record.read("icews_coverage")["month"]
    for year, month in ((2016, 6), (2019, 6), (2021, 11), (2022, 9)):
        assert dt.date(year, month, 1) not in covered
    assert set(record.read("icews_monthly")["month"]) <= set(covered)


def test_scores_of_news_say_how_many_days_they_sum(record: Record):
    scores = record.read("gdelt_dyad_month_score_2018_2024")
    april = scores.filter(pl.col("month") == dt.date(2023, 4, 1))
    assert set(april["days_in_month_files"]) == {17}
    assert (scores["days_nonzero"] <= scores["days_in_month_files"]).all()


def test_codes_map_to_kinds_by_their_root(record: Record):
    kinds = dict(record.read("cameo_codes").select("code", "kind").iter_rows())
    assert kinds["036"] == "verbal cooperation"
    assert kinds["072"] == "material cooperation"
    assert kinds["112"] == "verbal conflict"
    assert kinds["190"] == "material conflict"
    plover = dict(record.read("plover_event_modes").select("event_type", "kind").iter_rows())
    assert plover["ASSAULT"] == "material conflict"
    assert plover["CONSULT"] == "verbal cooperation"


def test_disputed_places_bear_more_than_one_name(record: Record):
    places = record.read("disputed_places")["place"].to_list()
    assert all("/" in place for place in places)
    for name in DISPUTED:
        assert sum(name in place for place in places) == 1
    outlines = record.read("natural_earth").filter(pl.col("kind") == "disputed area")
    assert outlines["name"].str.contains("/").all()


def test_positions_are_no_finer_than_a_tenth_of_a_degree(record: Record):
    for table, columns in (
        ("disputed_places", ("lon", "lat")),
        ("scs_incidents_scsdi", ("longitude", "latitude")),
    ):
        for column in columns:
            tenths = record.read(table)[column].drop_nulls().cast(pl.Float64) * 10
            assert (tenths - tenths.round()).abs().max() < 1e-3  # pyright: ignore[reportOperatorIssue]


def test_what_became_of_a_commitment_is_not_known_before_it_happened(record: Record):
    origin = AsOf(dt.date(2024, 4, 30), Rule.KNOWN)
    items = record.read("fact_upgrade_april_2024", as_of=origin)
    assert items.height == 78
    assert not {"status", "status_date", "status_note"} & set(items.columns)
    with pytest.raises(HindsightError):
        record.read("fact_upgrade_april_2024", columns=["status"], as_of=origin)
    steps = record.read("fact_steps", as_of=origin)
    assert steps["day"].max() <= origin.day  # pyright: ignore[reportOperatorIssue]
    later = record.read("fact_steps").filter(pl.col("id") == "apr24-01", pl.col("step") == "status")
    assert later["id"].item() not in steps.filter(pl.col("step") == "status")["id"]


def test_a_date_known_to_the_year_counts_from_its_last_day(record: Record):
    steps = record.read("fact_steps")
    yearly = steps.filter(pl.col("date").str.len_chars() == len("2025"))
    assert yearly.height > 0
    assert set(yearly["day"].dt.strftime("%m-%d")) == {"12-31"}


def test_every_verified_fact_has_a_page_and_every_member_a_fact(record: Record):
    names = ("timeline", "upgrade_april_2024", "pacts_2019_2026", "rivals_actions", "cases")
    facts = pl.concat(record.read(f"fact_{name}", columns=["id", "verified"]) for name in names)
    pages = record.read("fact_sources").filter(pl.col("about") == "fact")
    assert set(facts.filter("verified")["id"]) <= set(pages["id"])
    assert pages["url"].str.starts_with("http").all()
    members = record.read("fact_members")
    assert set(members["id"]) == set(facts["id"])
    assert members.filter(pl.col("member") == "JPN")["ccode"].unique().to_list() == [JPN]
