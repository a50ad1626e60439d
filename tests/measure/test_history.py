"""Relevance, peace years and effort against what the record is known to hold."""

import datetime as dt

import polars as pl
import pytest

from foedus.measure.effort import INDICATORS, effort
from foedus.measure.relevance import peace_years, relevance
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record


def _row(frame: pl.DataFrame, year: int) -> tuple[float | None, str]:
    return frame.filter(pl.col("year") == year).select("value", "state").row(0)


@pytest.mark.parametrize(
    ("one", "two", "year", "relevant"),
    [
        (740, 732, 2000, 1.0),  # across at most 400 miles of water
        (2, 740, 1980, 1.0),  # the United States is a major power
        (740, 900, 1980, 0.0),  # neither neighbours nor, then, a major power
        (740, 900, 2000, 1.0),  # Japan counts as a major power from 1991
        (51, 850, 2000, 0.0),
    ],
)
def test_known_relevant_pairs(record: Record, one: int, two: int, year: int, relevant: float):
    assert _row(relevance(record, one, two), year) == (relevant, "observed")
    assert relevance(record, one, two).equals(relevance(record, two, one))


def test_relevance_begins_with_both_states_and_carries_the_last_spells(record: Record):
    pair = relevance(record, 2, 740, AsOf(dt.date(2020, 12, 31), Rule.DATED))
    assert pair["year"].min() == 1860
    assert _row(pair, 2018) == (1.0, "carried")
    assert _row(pair, 1948) == (None, "not applicable"), "Japan was under occupation"


def test_peace_years_count_from_the_last_dispute(record: Record):
    disputes = record.read("dyadic_mid")
    years = disputes.filter(pl.col("ccode1") == 740, pl.col("ccode2") == 710)["year"].unique()
    found = peace_years(record, 740, 710)
    assert found.equals(peace_years(record, 710, 740))
    for year in (1905, 1960, 1990, 2014):
        past = [y for y in years if y <= year]
        assert _row(found, year)[0] == year - max(past)
    assert _row(found, 2013)[0] == 0


def test_peace_years_are_blank_where_one_was_no_state(record: Record):
    assert _row(peace_years(record, 740, 710), 1948) == (None, "not applicable")
    assert peace_years(record, 740, 710, AsOf(dt.date(1700, 1, 1))).is_empty()


def test_the_flagship_pact_by_indicator(record: Record):
    found = effort(record, 2, 740)
    assert found["indicator"].unique(maintain_order=True).to_list() == list(INDICATORS)
    by = {name: found.filter(pl.col("indicator") == name) for name in INDICATORS}
    assert _row(by["US personnel"], 2024) == (50_786.0, "observed")
    assert [_row(by["defence obligations"], year)[0] for year in (1950, 1951, 2018)] == [0, 1, 1]
    assert _row(by["US personnel"], 1968) == (None, "unreported")
    assert by["joint exercises"]["year"].max() == 2010
    assert by["arms delivered"]["year"].max() == 2024


def test_the_profile_does_not_depend_on_the_order_of_the_pair(record: Record):
    assert effort(record, 2, 740).equals(effort(record, 740, 2))


def test_arms_of_states_whose_rows_do_not_ship_are_blank_not_zero(record: Record):
    arms = effort(record, 255, 220).filter(pl.col("indicator") == "arms delivered")
    assert arms["value"].null_count() == arms.height > 0
    assert set(arms["state"]) == {"outside coverage"}


def test_arms_delivered_are_the_sum_of_the_register(record: Record):
    register = record.read("sipri_arms_register").filter(
        pl.col("ccode1") == 2, pl.col("ccode2") == 740, pl.col("year") == 2019
    )
    arms = effort(record, 2, 740).filter(pl.col("indicator") == "arms delivered")
    assert _row(arms, 2019)[0] == pytest.approx(register["tiv_delivery_values"].sum())
    assert register["tiv_delivery_values"].sum() > 500


def test_a_date_before_every_table_leaves_nothing(record: Record):
    assert effort(record, 2, 740, AsOf(dt.date(1700, 1, 1))).is_empty()
