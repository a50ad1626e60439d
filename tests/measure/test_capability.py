"""Capability against the published index, its closed form, and known values."""

import polars as pl
import pytest

from foedus.measure.capability import COMPONENTS, component_shares, composite, shares
from foedus.record.store import Record
from foedus.study.measure_concept import measure


def _components(**columns: list[float | None]) -> pl.DataFrame:
    rows = {name: columns.get(name, [1.0, 3.0]) for name in COMPONENTS}
    return pl.DataFrame({"ccode": [1, 2], "year": [1900, 1900], **rows})


def test_the_index_recomputed_from_components_is_the_published_one(record: Record):
    nmc = record.read("nmc")
    both = composite(nmc).join(nmc.select("ccode", "year", "cinc"), on=["ccode", "year"])
    both = both.drop_nulls("value")
    assert both.height > 14_000
    assert both.select((pl.col("value") - pl.col("cinc")).abs().max()).item() < 1e-7


@pytest.mark.parametrize(
    ("name", "year", "published"),
    [("JPN", 1990, 0.0507), ("CHN", 2012, 0.2204), ("USA", 2012, 0.1392)],
)
def test_known_values(record: Record, name: str, year: int, published: float):
    found = measure("cinc", countries=[name], first=year, last=year, record=record)
    assert found.frame["value"].item() == pytest.approx(published, abs=5e-5)


def test_published_shares_of_2022_sum_to_more_than_one_as_published(record: Record):
    total = record.read("nmc").filter(pl.col("year") == 2022)["cinc"].sum()
    assert total == pytest.approx(1.007, abs=5e-4)


def test_a_missing_component_is_left_out_of_the_total_and_leaves_no_index():
    parts = shares(_components(pec=[None, 3.0]))
    assert parts["pec"].to_list() == [None, 1.0]
    assert composite(_components(pec=[None, 3.0]))["value"].to_list() == [None, (5 * 0.75 + 1) / 6]


def test_the_mean_of_a_states_component_shares_is_its_index(record: Record):
    parts = component_shares(record, 740).filter(pl.col("year") == 1990)
    assert parts["indicator"].to_list() == list(COMPONENTS)
    assert parts["value"].mean() == pytest.approx(0.050748, abs=1e-6)
