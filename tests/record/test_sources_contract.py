"""Every bundled table keeps what its TOML file promises."""

import importlib
from pathlib import Path

import polars as pl
import pytest

from foedus.record.build import conform
from foedus.record.raw import Raw
from foedus.record.schema import Rule
from foedus.record.sources import SOURCES, source_of, tables
from foedus.record.store import BUNDLE, AsOf, Record
from foedus.world.countries import countries
from foedus.world.errors import HindsightError
from foedus.world.months import parse_date

BUNDLED = Record(BUNDLE, BUNDLE / "no-local-record").names()
COUNTRY = ("ccode", "ccode1", "ccode2")
SPELLS = [name for name in BUNDLED if tables()[name].until]
HINDSIGHT = [name for name in BUNDLED if any(c.hindsight for c in tables()[name].columns.values())]


def years(frame: pl.DataFrame, column: str) -> pl.Series:
    series = frame[column].drop_nulls()
    return series if series.dtype.is_integer() else series.dt.year()


@pytest.mark.parametrize("name", BUNDLED)
def test_a_table_conforms_to_its_schema(record: Record, name: str):
    spec = record.spec(name)
    stored = pl.read_parquet(record.path(name))
    assert stored.columns == list(spec.columns)
    assert conform(stored, spec).equals(stored)


@pytest.mark.parametrize("name", BUNDLED)
def test_countries_are_known(record: Record, name: str):
    frame = record.read(name)
    for column in COUNTRY:
        if column in frame.columns:
            assert set(frame[column].drop_nulls()) <= set(countries())


@pytest.mark.parametrize("name", BUNDLED)
def test_pairs_are_ordered_where_the_table_says_so(record: Record, name: str):
    spec = record.spec(name)
    if spec.kind.startswith("pair-"):
        frame = record.read(name, columns=["ccode1", "ccode2"])
        assert (frame["ccode1"] < frame["ccode2"]).all()


@pytest.mark.parametrize("name", BUNDLED)
def test_rows_lie_inside_the_stated_coverage(record: Record, name: str):
    spec = record.spec(name)
    if spec.when is None:
        return
    found = years(record.read(name, columns=[spec.when]), spec.when)
    assert found.len(), name
    first, last = found.min(), found.max()
    assert isinstance(first, int)
    assert isinstance(last, int)
    assert spec.first <= first
    assert last <= spec.last
    if spec.when == "year" and spec.absent == "unreported":
        assert (first, last) == (spec.first, spec.last)


@pytest.mark.parametrize("name", SPELLS)
def test_spells_end_after_they_start(record: Record, name: str):
    spec = record.spec(name)
    assert spec.until is not None
    frame = record.read(name)
    assert frame.filter(pl.col(spec.until) < pl.col(spec.when or "start")).is_empty()


@pytest.mark.parametrize("name", HINDSIGHT)
def test_hindsight_is_refused_under_known(record: Record, name: str):
    columns = [n for n, column in record.spec(name).columns.items() if column.hindsight]
    with pytest.raises(HindsightError):
        record.read(name, columns=columns[:1], as_of=AsOf(parse_date("2020-12-31"), Rule.KNOWN))


@pytest.mark.parametrize("name", tuple(tables()))
def test_a_table_says_where_it_comes_from_and_what_to_beware_of(name: str):
    spec = tables()[name]
    assert spec.citation
    assert spec.lag_basis
    assert spec.cautions
    assert spec.changes
    assert all(file.sha256 for file in spec.raw)
    assert set(spec.key) <= set(spec.columns)
    assert {spec.when, spec.until} - {None} <= set(spec.columns)
    assert spec.until or not any(column.at_end for column in spec.columns.values())


@pytest.mark.parametrize("name", BUNDLED)
def test_values_are_plausible(record: Record, name: str):
    spec = record.spec(name)
    frame = record.read(name)
    for column, meta in spec.columns.items():
        values = frame[column].drop_nulls()
        if meta.minimum is not None:
            assert (values >= meta.minimum).all(), column
        if meta.maximum is not None:
            assert (values <= meta.maximum).all(), column


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_builds_from_the_raw_files(raw_folder: Path | None, source: str):
    if raw_folder is None:
        pytest.skip("the raw tables are not beside this checkout")
    specs = {name: spec for name, spec in tables().items() if source_of(name) == source}
    if not any(spec.raw for spec in specs.values()):
        pytest.skip("the user's own, built from no raw file")
    raw = Raw(raw_folder, {f.path: f.sha256 for spec in specs.values() for f in spec.raw})
    frames = importlib.import_module(f"foedus.record.sources.{source}").build(raw)
    assert set(frames) == set(specs)
    assert {f.path for spec in specs.values() for f in spec.raw} == set(raw.read)
    for name, spec in specs.items():
        assert conform(frames[name], spec).height > 0
