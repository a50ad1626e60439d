"""Panels against figures of the R package peacesciencer: equal, or unlike for a named reason."""

from pathlib import Path

import polars as pl
import pytest

from foedus.record.store import Record
from foedus.study.build_panel import panel

EXTRACT = Path(__file__).parents[1] / "data" / "peacesciencer"
DOCS = Path(__file__).parents[2] / "docs" / "howto" / "panels.md"
TOLERANCE = 1e-5
GROUPS = [
    "nmc",
    "atop",
    "contiguity",
    "majors",
    "disputes",
    "peace_years",
    "democracy",
    "gdp",
    "capital_distance",
    "minimum_distance",
    "rivalry",
]
STATE_GROUPS = ["nmc", "democracy", "majors", "gdp", "igo"]
# Column, cells that differ in the full comparison, and why.
DIFFERENCES = {
    "conttype": (
        100,
        "Two spells of a pair fall in one year. The package takes the one listed first, which can "
        "be the type 0 that means no contiguity, or a wider gap than later in the year (Denmark "
        "and Sweden, joined by a bridge in July 2000); here the closest of the year counts.",
    ),
    "relevant pairs": (
        140,
        "Years in which the rule for contiguity above adds pairs; with the package's rule every "
        "count is equal.",
    ),
}


def _panel(record: Record, **request: object) -> pl.LazyFrame:
    found = panel(record=record, **request)  # pyright: ignore[reportArgumentType]
    assert isinstance(found, pl.LazyFrame)
    return found


def _unlike(ours: pl.DataFrame, theirs: pl.DataFrame, keys: list[str]) -> dict[str, pl.DataFrame]:
    both = theirs.with_columns(pl.col(keys).cast(pl.Int64)).join(
        ours.with_columns(pl.col(keys).cast(pl.Int64)), on=keys, how="left", suffix="_ours"
    )
    found = {}
    for name in theirs.columns:
        if name in keys or name not in ours.columns:
            continue
        a, b = pl.col(f"{name}_ours").cast(pl.Float64), pl.col(name).cast(pl.Float64)
        near = ((a - b).abs() <= TOLERANCE * pl.max_horizontal(b.abs(), 1.0)).fill_null(False)
        bad = both.filter(~(near | (a.is_null() & b.is_null())))
        if bad.height:
            found[name] = bad.select(*keys, name, f"{name}_ours")
    return found


def _first_listed(record: Record, cells: pl.DataFrame) -> list[int]:
    """Give the contiguity type of the first spell listed that touches the year."""
    spells = record.read("cow_contiguity").sort("ccode1", "ccode2", "start")
    types = []
    for one, two, year in cells.select("ccode1", "ccode2", "year").iter_rows():
        touching = spells.filter(
            (pl.col("ccode1") == min(one, two))
            & (pl.col("ccode2") == max(one, two))
            & (pl.col("start").dt.year() <= year)
            & (pl.col("end").dt.year().fill_null(9999) >= year)
        )
        types.append(touching["conttype"][0])
    return types


def test_extract_of_directed_pairs_is_equal_but_for_named_contiguity(record: Record):
    theirs = pl.read_csv(EXTRACT / "directed_dyad_years.csv", infer_schema_length=None)
    years = theirs["year"].unique().to_list()
    asked = _panel(record, unit="directed-dyad-year", last=2016, add=GROUPS)
    ours = asked.filter(pl.col("year").is_in(years)).collect()
    unlike = _unlike(ours, theirs, ["ccode1", "ccode2", "year"])
    assert set(unlike) == {"conttype"}
    cells = unlike["conttype"]
    assert cells["conttype"].to_list() == _first_listed(record, cells)
    assert theirs.height * (theirs.width - 3) > 300


def test_extract_of_states_is_equal(record: Record):
    theirs = pl.read_csv(EXTRACT / "state_years.csv", infer_schema_length=None)
    ours = _panel(record, unit="state-year", last=2016, add=STATE_GROUPS).collect()
    assert _unlike(ours, theirs, ["ccode", "year"]) == {}


def _relevant_counts(record: Record) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Count relevant directed pairs a year, by our rule and by the package's."""
    asked = _panel(record, unit="directed-dyad-year", last=2016, add=["contiguity", "majors"])
    frame = asked.select("ccode1", "ccode2", "year", "conttype", "cowmaj1", "cowmaj2").collect()
    major = (pl.col("cowmaj1") == 1) | (pl.col("cowmaj2") == 1)
    ours = frame.filter((pl.col("conttype") > 0) | major).group_by("year").len()
    spells = record.read("cow_contiguity").sort("ccode1", "ccode2", "start")
    first_year = pl.col("start").dt.year()
    last_year = pl.col("end").dt.year().fill_null(2016)
    listed = (
        spells.with_columns(year=pl.int_ranges(first_year, last_year + 1))
        .explode("year")
        .unique(["ccode1", "ccode2", "year"], keep="first", maintain_order=True)
        .select("ccode1", "ccode2", pl.col("year").cast(pl.Int16), listed="conttype")
    )
    turned = listed.rename({"ccode1": "ccode2", "ccode2": "ccode1"}).select(listed.columns)
    theirs = frame.join(
        pl.concat([listed, turned]), on=["ccode1", "ccode2", "year"], how="left"
    ).filter((pl.col("listed").fill_null(0) > 0) | major)
    return ours, theirs.group_by("year").len()


def test_extract_of_relevant_counts_is_reproduced_by_the_packages_rule(record: Record):
    counts = pl.read_csv(EXTRACT / "relevant_counts.csv").with_columns(
        pl.col("year").cast(pl.Int16)
    )
    ours, theirs = _relevant_counts(record)
    joined = counts.join(theirs, on="year").join(ours, on="year", suffix="_ours")
    assert joined.height == counts.height
    assert (joined["n"] == joined["len"]).all()
    assert (joined["len_ours"] >= joined["n"]).all()


def test_every_difference_of_the_full_comparison_is_counted_and_explained(
    record: Record, raw_folder: Path | None
):
    folder = raw_folder / "reference" if raw_folder else None
    if folder is None or not folder.is_dir():
        pytest.skip("the full reference files lie beside the checkout only")
    pairs = pl.read_parquet(folder / "peacesciencer_directed_dyad_years.parquet")
    years = pairs["year"].unique().to_list()
    asked = _panel(record, unit="directed-dyad-year", last=2016, add=GROUPS)
    ours = asked.filter(pl.col("year").is_in(years)).collect()
    assert ours.height == pairs.height == 188_076
    unlike = _unlike(ours, pairs, ["ccode1", "ccode2", "year"])
    assert {name: cells.height for name, cells in unlike.items()} == {
        "conttype": DIFFERENCES["conttype"][0]
    }
    cells = unlike["conttype"]
    assert cells["conttype"].to_list() == _first_listed(record, cells)
    states = pl.read_parquet(folder / "peacesciencer_state_years.parquet")
    ours = _panel(record, unit="state-year", last=2016, add=STATE_GROUPS).collect()
    assert ours.height == states.height
    assert _unlike(ours, states, ["ccode", "year"]) == {}
    counts = pl.read_parquet(folder / "peacesciencer_prd_counts.parquet")
    ours, theirs = _relevant_counts(record)
    joined = counts.with_columns(pl.col("year").cast(pl.Int16)).join(theirs, on="year")
    joined = joined.join(ours, on="year", suffix="_ours")
    assert joined.height == 201
    assert (joined["n"] == joined["len"]).all()
    assert (joined["n"] != joined["len_ours"]).sum() == DIFFERENCES["relevant pairs"][0]


def test_the_page_on_panels_lists_exactly_these_differences():
    text = " ".join(DOCS.read_text("utf-8").split())
    for name, (count, why) in DIFFERENCES.items():
        assert f"| {name} | {count} | {why} |" in text
