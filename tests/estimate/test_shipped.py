"""The shipped posteriors say what the record says, and refuse what they must."""

import datetime as dt

import polars as pl
import pytest

from foedus.estimate.posterior import SHIPPED, read_posterior
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.latent_measures import LATENT, closeness, label, single_bond_verdict, tension
from foedus.world.errors import HindsightError, OutsideCoverageError

USA, CHINA, TAIWAN, JAPAN = 2, 710, 713, 740


def _value(frame: pl.DataFrame, dimension: str, year: int) -> float:
    row = frame.filter((pl.col("dimension") == dimension) & (pl.col("year") == year))
    return row["value"].item()


def test_japan_is_closer_to_the_united_states_than_to_china_in_opinion(record: Record):
    ally = closeness(record, (JAPAN, USA), 2010, 2020)
    rival = closeness(record, (CHINA, JAPAN), 2010, 2020)
    # Pew 2013: 69 % of Japanese favourable to the United States, 5 % to China.
    assert _value(ally, "opinion", 2013) > 60
    assert _value(rival, "opinion", 2013) < 25


def test_votes_stay_with_the_published_ideal_points(record: Record):
    columns = ["ccode", "year", "idealpointfp"]
    points = record.read("un_ideal_points", columns=columns).filter(pl.col("year") == 2013)
    place = dict(zip(points["ccode"].to_list(), points["idealpointfp"].to_list(), strict=True))
    found = _value(closeness(record, (JAPAN, USA), 2013, 2013), "votes", 2013)
    assert found == pytest.approx(-abs(place[JAPAN] - place[USA]), abs=0.15)


def test_a_year_without_an_indicator_is_blank_and_says_so(record: Record):
    frame = closeness(record, (TAIWAN, USA), 1960, 1980)
    votes = frame.filter(pl.col("dimension") == "votes")
    blank = votes.filter(pl.col("value").is_null() & (pl.col("year") <= 1970))
    # The Assembly of 1964 took no recorded votes.
    assert blank["year"].to_list() == [1964]
    late = votes.filter(pl.col("year") >= 1972)
    assert late["value"].null_count() == late["hi90"].null_count() == late.height
    assert late["state"].unique().to_list() == ["outside coverage"]
    assert late["indicators"].sum() == 0


def test_every_value_has_its_interval_and_no_blank_has_one(record: Record):
    for frame in (
        closeness(record, (JAPAN, USA), 1950, 2025),
        tension(record, "taiwan-strait", 2020, 2025),
    ):
        estimated = frame.filter(pl.col("state") == "estimated")
        assert estimated.height > 20
        assert (estimated["lo90"] <= estimated["value"]).all()
        assert (estimated["value"] <= estimated["hi90"]).all()
        rest = frame.filter(pl.col("state") != "estimated")
        assert rest["lo90"].null_count() == rest["hi90"].null_count() == rest.height


def test_aircraft_around_taiwan_have_a_segment_either_side_of_the_change_of_terms(record: Record):
    frame = tension(record, "taiwan-strait", 2021, 2023).filter(pl.col("series") == "pla_aircraft")
    found = dict(zip(frame["month"].to_list(), frame["segment"].to_list(), strict=True))
    assert found[dt.date(2022, 7, 1)] == 0
    assert found[dt.date(2022, 8, 1)] == 1
    value = dict(zip(frame["month"].to_list(), frame["value"].to_list(), strict=True))
    # The daily reports of August 2022 add up to 820 aircraft.
    assert value[dt.date(2022, 8, 1)] == 820


def test_what_a_posterior_knows_too_early_is_refused(record: Record):
    day = dt.date(2015, 12, 31)
    with pytest.raises(HindsightError, match="foedus fit closeness"):
        closeness(record, (JAPAN, USA), 2000, 2015, AsOf(day, Rule.DATED))
    with pytest.raises(HindsightError, match="foedus fit tension"):
        tension(record, "korea", 2010, 2015, AsOf(day, Rule.KNOWN))


def test_a_pair_or_arena_that_was_not_fitted_is_refused(record: Record):
    with pytest.raises(OutsideCoverageError, match="not fitted"):
        closeness(record, (JAPAN, 220), 2000, 2010)
    with pytest.raises(OutsideCoverageError, match="taiwan-strait"):
        tension(record, "baltic", 2000, 2010)


def test_the_verdict_on_a_single_bond_follows_its_interval():
    found = single_bond_verdict()
    assert found.lo90 <= found.difference <= found.hi90
    assert found.single == (found.hi90 < 0)
    assert ("no single bond" in found.sentence) != found.single
    assert f"{found.cases:,}" in found.sentence


def test_every_shipped_fit_mixed_and_is_small():
    for name in LATENT:
        diagnostics = read_posterior(name).manifest["diagnostics"]
        assert all(entry["passed"] for entry in diagnostics.values()), diagnostics
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*.*")) < 8_000_000


def test_shipped_posteriors_were_fitted_on_this_record(record: Record):
    assert label(record, "closeness") is None
    assert label(record, "tension") is None
