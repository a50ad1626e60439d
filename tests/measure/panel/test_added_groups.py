import datetime as dt

import polars as pl

from foedus.measure.similarity import alliance_similarity
from foedus.record.schema import Rule
from foedus.record.store import Record
from foedus.study.build_panel import panel


def collected(*args, **options) -> pl.DataFrame:
    found = panel(*args, **options)
    assert isinstance(found, pl.LazyFrame)
    return found.collect()


def test_similarity_in_a_panel_is_the_score_of_the_pair_both_ways(record: Record):
    rows = collected("directed-dyad-year", first=2000, last=2001, add=["similarity"], record=record)
    scores = alliance_similarity(record, first=2000, last=2001)
    for one, two in (("ccode1", "ccode2"), ("ccode2", "ccode1")):
        turned = scores.rename({"ccode1": one, "ccode2": two})
        both = rows.join(turned, on=["ccode1", "ccode2", "year"])
        assert both.height == scores.height
        assert both["atop_s"].equals(both["s"].alias("atop_s"))


def test_similarity_after_the_alliances_end_is_missing(record: Record):
    rows = collected(
        "dyad-year", first=2018, last=2020, countries=[2, 740], add=["similarity"], record=record
    )
    assert rows["atop_s"].is_null().to_list() == [False, True, True]


def test_monthly_onsets_add_up_to_the_onsets_of_the_record(record: Record):
    rows = collected(
        "dyad-month", first=1990, last=2014, countries=[710, 740], add=["onsets"], record=record
    )
    mids = record.read("dyadic_mid", columns=["ccode1", "ccode2", "year", "dyad_start"]).filter(
        (pl.col("ccode1") == 710)
        & (pl.col("ccode2") == 740)
        & (pl.col("year") >= 1990)
        & (pl.col("dyad_start").dt.year() == pl.col("year"))
    )
    assert rows.height == 300
    assert rows["midonsets"].sum() == mids.height > 8
    months = mids["dyad_start"].dt.truncate("1mo").unique()
    assert set(rows.filter(pl.col("midonsets") > 0)["month"]) == set(months)


def test_months_after_coverage_have_no_count(record: Record):
    rows = collected(
        "dyad-month", first=2014, last=2015, countries=[710, 740], add=["onsets"], record=record
    )
    assert rows.filter(pl.col("month").dt.year() == 2015)["midonsets"].is_null().all()
    assert rows.filter(pl.col("month").dt.year() == 2014)["midonsets"].is_not_null().all()


def test_known_hides_the_onsets_not_yet_published(record: Record):
    options = {"countries": [710, 740], "add": ["onsets"], "record": record}
    day = dt.date(2015, 1, 31)
    rows = collected("dyad-month", first=2000, last=2014, as_of=day, rule=Rule.KNOWN, **options)
    last = rows.drop_nulls("midonsets")["month"].max()
    assert isinstance(last, dt.date)
    assert last.year <= 2015 - record.spec("dyadic_mid").lag_months // 12
