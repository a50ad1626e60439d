"""Distance, dependence and burden against closed forms and published figures."""

import math

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm

from foedus.measure.burden import burden, pact_share
from foedus.measure.dependence import dependence, dependence_cow, trade_to_gdp
from foedus.measure.foreign_policy import pair_similarity
from foedus.measure.ideal_points import distance
from foedus.measure.similarity import SCORES, similarity
from foedus.record.store import Record


def _value(frame: pl.DataFrame, year: int) -> float:
    return frame.filter(pl.col("year") == year)["value"].item()


@pytest.mark.parametrize("scale", ["fp", "all"])
def test_distance_is_the_difference_of_published_points_on_one_scale(record: Record, scale: str):
    points = record.read("un_ideal_points").filter(pl.col("year") == 2020)
    by_state = dict(points.select("ccode", f"idealpoint{scale}").iter_rows())
    expected = abs(by_state[2] - by_state[740])
    assert _value(distance(record, 2, 740, scale=scale), 2020) == pytest.approx(expected, abs=1e-6)


def test_distance_is_symmetric_and_inside_its_interval(record: Record):
    one, two = distance(record, 2, 710), distance(record, 710, 2)
    assert one.equals(two)
    assert (one["lo90"] < one["value"]).all()
    assert (one["value"] < one["hi90"]).all()


def test_the_interval_holds_nine_tenths_of_the_folded_normal(record: Record):
    row = distance(record, 2, 710).filter(pl.col("year") == 2000)
    points = record.read("un_ideal_points").filter(pl.col("year") == 2000)
    widths = points.filter(pl.col("ccode").is_in([2, 710])).select(
        (pl.col("q95fp") - pl.col("q5fp")) / (2 * 1.6448536269514722)
    )
    sd = math.hypot(*widths.to_series())
    gap, low, high = row["value"].item(), row["lo90"].item(), row["hi90"].item()
    cover = norm.cdf([high, -high, low, -low], loc=gap, scale=sd)
    assert (cover[0] - cover[1]) - (cover[2] - cover[3]) == pytest.approx(0.9, abs=1e-6)


def test_dependence_is_the_partners_part_of_all_reported_trade(record: Record):
    pair = record.read("imf_dots_trade").filter(
        pl.col("ccode1") == 740, pl.col("ccode2") == 710, pl.col("year") == 2020
    )
    total = record.read("imf_dots_total").filter(pl.col("ccode") == 740, pl.col("year") == 2020)
    expected = (pair["export_fob"].item() + pair["import_cif"].item()) / (
        total["export_fob"].item() + total["import_cif"].item()
    )
    found = _value(dependence(record, 740, 710), 2020)
    assert found == pytest.approx(expected)
    assert found == pytest.approx(0.239, abs=0.002), "23.9 % by Japan's customs statistics"


def test_dependence_is_directed(record: Record):
    assert _value(dependence(record, 740, 710), 2020) > 3 * _value(
        dependence(record, 710, 740), 2020
    )


def test_taiwan_is_blank_where_no_source_has_its_total_trade(record: Record):
    assert dependence(record, 713, 710)["value"].drop_nulls().is_empty()
    books = dependence_cow(record, 713, 740)
    assert books.filter(pl.col("year") > 1955)["value"].drop_nulls().is_empty()
    assert books.filter(pl.col("year") > 1955).height > 50
    assert set(books.filter(pl.col("value").is_null())["state"]) == {"unreported"}


def test_dependence_by_the_cow_books_is_the_two_flows_over_the_total(record: Record):
    flows = record.read("cow_trade_dyad").filter(
        pl.col("ccode1") == 710, pl.col("ccode2") == 740, pl.col("year") == 2014
    )
    total = record.read("cow_trade_state").filter(pl.col("ccode") == 740, pl.col("year") == 2014)
    expected = (flows["flow1"].item() + flows["flow2"].item()) / (
        total["imports"].item() + total["exports"].item()
    )
    assert _value(dependence_cow(record, 740, 710), 2014) == pytest.approx(expected)


def test_trade_over_output_is_dependence_times_openness(record: Record):
    total = record.read("imf_dots_total").filter(pl.col("ccode") == 740, pl.col("year") == 2019)
    output = (
        record.read("imf_weo")
        .filter(pl.col("ccode") == 740, pl.col("year") == 2019, pl.col("concept") == "NGDPD")[
            "value"
        ]
        .item()
    )
    openness = (total["export_fob"].item() + total["import_cif"].item()) / (1000 * output)
    assert 0.2 < openness < 0.4
    found = _value(trade_to_gdp(record, 740, 710), 2019)
    assert found == pytest.approx(_value(dependence(record, 740, 710), 2019) * openness)


def test_japan_spent_1_37_percent_of_output_on_defence_in_2024(record: Record):
    assert _value(burden(record, 740), 2024) == pytest.approx(0.0137, abs=5e-5)


def test_estimated_spending_says_so(record: Record):
    assert set(burden(record, 710).drop_nulls("value")["state"]) == {"estimated"}


def test_shares_of_a_pact_sum_to_one(record: Record):
    one, two = pact_share(record, 740, 2), pact_share(record, 2, 740)
    assert one.height > 60
    assert (one["value"] + two["value"]).to_list() == pytest.approx([1.0] * one.height)


def test_similarity_of_two_portfolios_worked_out_by_hand():
    levels = np.array([[3, 0, 1], [0, 3, 1], [1, 1, 3]], dtype=np.int8)
    found = similarity(levels, np.array([0.5, 0.25, 0.25]))
    assert found.s[0, 1] == pytest.approx(1 - 2 * (3 + 3 + 0) / (3 * 3))
    assert found.s_weighted[0, 1] == pytest.approx(1 - 2 * (0.75 * 3) / 3)
    # Both portfolios hold 0, 1 and 3 once: mean squared difference 18/3, expected 28/9.
    assert found.kappa[0, 1] == pytest.approx(1 - 6 / (28 / 9))
    assert found.pi[0, 1] == pytest.approx(1 - 6 / (28 / 9))


def test_similarity_of_a_pair_has_four_scores_a_year(record: Record):
    found = pair_similarity(record, 740, 2)
    recent = found.filter(pl.col("year") == 2018)
    assert recent["indicator"].to_list() == list(SCORES)
    assert recent["value"].is_between(-1, 1).all()
    assert found["year"].min() == 1860
