"""Known facts about votes, democracy, output, trade, investment, opinion and sanctions."""

import datetime as dt

import polars as pl
import pytest

from foedus.record.schema import Rule, Ship
from foedus.record.sources import tables
from foedus.record.store import AsOf, Record
from foedus.world.errors import HindsightError, OutsideCoverageError

USA, JPN, CHN, TWN, KOR, PRK, DNK = 2, 740, 710, 713, 732, 731, 390


def value(record: Record, table: str, column: str, **where: int | str) -> float:
    return record.read(table).filter(**where)[column].item()


@pytest.mark.parametrize(
    ("exporter", "importer", "year", "million"),
    [
        pytest.param(USA, JPN, 2019, 74_400, id="US Census: to Japan 2019"),
        pytest.param(USA, CHN, 2018, 120_300, id="US Census: to China 2018"),
        pytest.param(JPN, CHN, 2019, 134_700, id="JETRO: Japan to China 2019"),
        pytest.param(KOR, CHN, 2018, 162_100, id="KITA: South Korea to China 2018"),
    ],
)
def test_goods_exports_match_national_figures(
    record: Record, exporter: int, importer: int, year: int, million: float
):
    found = value(
        record, "imf_dots_trade", "export_fob", ccode1=exporter, ccode2=importer, year=year
    )
    assert found == pytest.approx(million, rel=0.01)


def test_us_imports_from_japan_in_2014_match_the_census(record: Record):
    found = value(record, "cow_trade_dyad", "flow1", ccode1=USA, ccode2=JPN, year=2014)
    assert found == pytest.approx(134_500, rel=0.01)


def test_partners_explain_most_of_a_total_and_never_more(record: Record):
    trade, total = record.read("imf_dots_trade"), record.read("imf_dots_total")
    shipped = trade.group_by(ccode="ccode1", year="year").agg(pl.col("export_fob").sum())
    both = shipped.join(total, on=["ccode", "year"], suffix="_world")
    assert both.height > 400
    assert (both["export_fob"] <= both["export_fob_world"] * 1.001).all()


def test_china_bought_more_from_taiwan_than_from_japan_in_2022(record: Record):
    imports = record.read("imf_dots_china_imports").filter(pl.col("year") == 2022)
    billion = {c: v / 1e9 for c, v in imports.select("ccode2", "import_cif_usd").iter_rows()}
    assert billion[TWN] == pytest.approx(238.1, rel=0.02)
    assert billion[JPN] == pytest.approx(184.5, rel=0.02)


def test_home_sales_are_kept_apart_from_trade(record: Record):
    trade, state = record.read("itpde_trade"), record.read("itpde_state")
    assert trade.filter(pl.col("ccode1") == pl.col("ccode2")).is_empty()
    japan = state.filter(pl.col("ccode") == JPN, pl.col("year") == 2010)
    assert japan["domestic_usd2010"].item() > 5 * japan["exports_usd2010"].item()
    shipped = trade.group_by(ccode="ccode1", year="year").agg(pl.col("value_usd2010").sum())
    both = shipped.join(state, on=["ccode", "year"])
    assert (both["value_usd2010"] < both["exports_usd2010"]).all()


@pytest.mark.parametrize(
    ("ccode", "year", "trillion"),
    [(CHN, 2010, 6.087), (JPN, 2010, 5.759), (USA, 2010, 15.05), (CHN, 2019, 14.28)],
)
def test_world_bank_output(record: Record, ccode: int, year: int, trillion: float):
    found = value(record, "wb_gdp_pop", "gdp_current_usd", ccode=ccode, year=year)
    assert found / 1e12 == pytest.approx(trillion, abs=0.005)


def test_china_overtook_japan_in_output_in_2010(record: Record):
    gdp = record.read("wb_gdp_pop").filter(pl.col("ccode").is_in([CHN, JPN]))
    wide = gdp.pivot("ccode", index="year", values="gdp_current_usd").drop_nulls().sort("year")
    ahead = wide.filter(pl.col(str(CHN)) > pl.col(str(JPN)), pl.col("year") > 1970)
    assert ahead["year"].min() == 2010


@pytest.mark.parametrize(("ccode", "filed"), [(CHN, 1_393_815), (JPN, 253_630), (USA, 285_095)])
def test_resident_patent_applications_of_2018_as_wipo_states_them(
    record: Record, ccode: int, filed: int
):
    found = value(
        record, "wb_science_tech", "patent_applications_residents", ccode=ccode, year=2018
    )
    assert found == filed


def test_latent_output_keeps_its_uncertainty(record: Record):
    frame = record.read("gdp_pop_cow")
    assert frame.filter(pl.col("pwtrgdp").is_not_null() & pl.col("sd_pwtrgdp").is_null()).is_empty()
    assert record.spec("gdp_pop_cow").columns["pwtrgdp"].estimated is True


def test_outlook_marks_every_year_after_the_last_actual_one(record: Record):
    outlook = record.read("imf_weo")
    assert (outlook["forecast"] == (outlook["year"] > outlook["last_actual"])).all()
    assert record.spec("imf_weo").columns["value"].estimated == "forecast"
    assert value(
        record, "imf_weo", "value", ccode=JPN, concept="NGDPD", year=2024
    ) == pytest.approx(4_020, abs=5)
    price_adjusted = outlook.filter(pl.col("concept") == "PPPGDP", pl.col("year") == 2010)
    assert not price_adjusted["forecast"].any()


def test_japan_votes_nearer_to_the_united_states_than_china_does_on_every_scale(record: Record):
    points = record.read("un_ideal_points").filter(pl.col("year") >= 1972)
    for scale in ("idealpointfp", "idealpointall", "idealpointlegacy"):
        wide = points.filter(pl.col("ccode").is_in([USA, JPN, CHN])).pivot(
            "ccode", index="year", values=scale
        )
        wide = wide.drop_nulls()
        assert wide.height >= 50
        near = (wide[str(USA)] - wide[str(JPN)]).abs()
        far = (wide[str(USA)] - wide[str(CHN)]).abs()
        assert (near < far).all(), scale


def test_ideal_points_lie_inside_their_intervals(record: Record):
    points = record.read("un_ideal_points").drop_nulls(["q5fp", "q95fp", "idealpointfp"])
    inside = points["idealpointfp"].is_between(points["q5fp"], points["q95fp"])
    assert points.height > 9_000
    assert inside.all()


def test_the_seat_of_china_changed_hands_in_1971(record: Record):
    points = record.read("un_ideal_points")
    assert points.filter(pl.col("ccode") == TWN)["year"].max() == 1971
    assert points.filter(pl.col("ccode") == CHN)["year"].min() == 1971


def test_denmark_is_the_most_and_north_korea_among_the_least_liberal_of_2024(record: Record):
    ranked = record.read("vdem_indices").filter(pl.col("year") == 2024).sort("v2x_libdem")
    assert ranked["ccode"].to_list()[-1] == DNK
    assert ranked["v2x_libdem"].to_list()[-1] == pytest.approx(0.88, abs=0.005)
    assert PRK in ranked["ccode"].head(3).to_list()


def test_bounds_of_indices_enclose_them(record: Record):
    frame = record.read("vdem_indices")
    for name in ("polyarchy", "libdem", "partipdem", "delibdem", "egaldem"):
        index = pl.col(f"v2x_{name}")
        low, high = pl.col(f"v2x_{name}_codelow"), pl.col(f"v2x_{name}_codehigh")
        assert frame.filter((index < low) | (index > high)).is_empty()


@pytest.mark.parametrize(
    ("ccode", "year", "score"),
    [(USA, 2018, 8), (USA, 2020, 5), (JPN, 2018, 10), (CHN, 2018, -7), (PRK, 2018, -10)],
)
def test_polity_scores(record: Record, ccode: int, year: int, score: int):
    assert value(record, "polity5", "polity2", ccode=ccode, year=year) == score


def test_occupied_japan_has_no_polity_score(record: Record):
    years = record.read("polity5").filter(
        pl.col("ccode") == JPN, pl.col("year").is_between(1945, 1951)
    )
    assert years["broken"].to_list() == [-66] * 7
    assert years["polity"].null_count() == years["polity2"].null_count() == 7


def test_polity_scores_filled_afterwards_are_refused_under_known(record: Record):
    as_of = AsOf(dt.date(2019, 12, 31), Rule.KNOWN)
    with pytest.raises(HindsightError):
        record.read("polity5", columns=["polity2"], as_of=as_of)
    assert record.read("polity5", columns=["year", "polity"], as_of=as_of)["year"].max() == 2017


@pytest.mark.parametrize(
    ("asked", "judged", "year", "column", "share"),
    [
        pytest.param(JPN, CHN, 2020, "unfav", 0.86, id="Pew, October 2020"),
        pytest.param(USA, CHN, 2020, "unfav", 0.73, id="Pew, July 2020"),
        pytest.param(JPN, USA, 2020, "fav", 0.41, id="Pew, September 2020"),
        pytest.param(JPN, USA, 2022, "fav", 0.70, id="Pew, June 2022"),
        pytest.param(JPN, CHN, 2022, "unfav", 0.87, id="Pew, June 2022"),
    ],
)
def test_shares_are_within_two_points_of_published_toplines(
    record: Record, asked: int, judged: int, year: int, column: str, share: float
):
    found = value(record, "pew_favourability", column, ccode1=asked, ccode2=judged, year=year)
    assert found == pytest.approx(share, abs=0.02)


def test_quoted_poll_of_2024(record: Record):
    found = value(
        record,
        "opinion_quoted",
        "percent",
        survey="Genron NPO Japan-China poll",
        ccode1=CHN,
        ccode2=JPN,
        item="unfavourable",
        year=2024,
    )
    assert found == pytest.approx(87.7, abs=0.05)


def test_no_position_exceeds_the_total_of_its_reporter(record: Record):
    positions, totals = record.read("imf_fdi_positions"), record.read("imf_fdi_total")
    both = positions.join(totals, left_on=["ccode1", "year"], right_on=["ccode", "year"])
    assert both.height == positions.height
    for column in ("inward_reported", "outward_reported"):
        assert both.filter(pl.col(column) > pl.col(f"{column}_right")).is_empty()


def test_two_reports_of_one_position_are_of_one_size(record: Record):
    korea = record.read("imf_fdi_positions").filter(
        pl.col("ccode1") == CHN, pl.col("ccode2") == KOR
    )
    ratio = (korea["inward_reported"] / korea["inward_derived"]).drop_nulls()
    assert ratio.len() >= 10
    assert ratio.is_between(0.5, 2).all()


def test_influence_table_has_both_directions_of_every_pair(record: Record):
    frame = record.read("fbic_asia_dyad")
    back = frame.select(ccode1="ccode2", ccode2="ccode1", year="year")
    assert frame.join(back, on=["ccode1", "ccode2", "year"], how="anti").is_empty()
    ours = value(
        record, "fbic_asia_dyad", "exportsallgoodatob_alldata", ccode1=JPN, ccode2=CHN, year=2010
    )
    assert ours / 1e9 == pytest.approx(149.5, rel=0.05)


def test_chinas_leaders_went_to_the_united_states_and_japan_when_they_did(record: Record):
    travel = record.read("china_leader_travel")
    to_us = travel.filter(pl.col("ccode2") == USA, pl.col("name") == "Xi Jinping")
    assert to_us["year"].to_list() == [2013, 2015, 2016, 2017]
    deng = travel.filter(pl.col("ccode2") == JPN, pl.col("name") == "Deng Xiaoping")
    assert deng["year"].to_list() == [1978]
    assert travel.filter(pl.col("year") == 2020)["ccode2"].to_list() == [775]


def test_an_exercise_not_recorded_is_blank_and_not_none(record: Record):
    exercises = record.read("china_borderlands")["sec_04_joint_exercise_ct"]
    assert exercises.null_count() > 0
    assert not (exercises == 0).any()


def test_visits_to_japan_are_unknown_after_2015(record: Record):
    japan = record.read("china_public_diplomacy").filter(pl.col("ccode2") == JPN)
    assert japan.drop_nulls("government_visits")["year"].max() == 2015


def test_steps_by_partner_add_up_to_the_average_of_the_day(record: Record):
    day = dt.date(2025, 4, 9)
    steps = record.read("us_effective_tariff_2025").filter(pl.col("date") == day)
    weight = pl.col("total_imports_2024") / pl.col("total_imports_2024").sum()
    added = steps.select((pl.col("effective_tariff") * weight).sum()).item()
    daily = record.read("us_average_tariff_2025").filter(pl.col("date") == day)
    average = daily["effective_tariff"].item()
    assert added + 2.3 == pytest.approx(average)


def test_notifications_of_2020_are_the_six_announced_in_that_calendar_year(record: Record):
    announced = (180.0, 620.0, 1_811.3, 2_370.0, 600.0, 280.0)
    found = value(record, "us_arms_sales_taiwan_fy", "notifications_usd", year=2020)
    assert found / 1e6 == pytest.approx(sum(announced), abs=0.5)


def test_years_without_data_on_arms_sales_are_blank_not_zero(record: Record):
    sales = record.read("us_arms_sales_taiwan_fy")
    assert sales.filter(pl.col("year") < 2010)["notifications_usd"].is_null().all()
    assert sales.filter(pl.col("year") >= 2019)["deliveries_usd"].is_null().all()
    assert sales.filter(pl.col("year").is_between(2012, 2014))["notifications_usd"].sum() == 0


def test_five_us_organisations_were_listed_on_2_december_2019(record: Record):
    listings = record.read("prc_countermeasures")
    first = listings.filter(pl.col("date") == dt.date(2019, 12, 2))
    assert first["ccode2"].to_list() == [USA] * 5
    assert first["type"].to_list() == ["organization"] * 5


def test_listings_carry_no_names(record: Record):
    assert not {"name", "chinese_name", "summary"} & set(record.read("prc_countermeasures").columns)


@pytest.mark.parametrize("name", ["gsdb_v3_sanctions", "un_votes"])
def test_tables_that_do_not_ship_are_absent(record: Record, name: str):
    assert tables()[name].ship is Ship.NONE
    with pytest.raises(OutsideCoverageError):
        record.read(name)
