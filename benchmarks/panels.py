"""The full directed panel 1816-2016 against the R package and against plain joins.

The seconds of the R package peacesciencer 1.2.9 were recorded once, on a two-core x86 machine with
24 GB, and are not measured here; the joins are, in turn with ours.
"""

import resource
import statistics
import time
from collections.abc import Callable

import polars as pl

from benchmarks.report import Row, show
from foedus.record.store import BUNDLE, Record
from foedus.study.build_panel import panel

RECORDED_R_SECONDS = {"pipeline": 7.9, "with peace years": 17.7}
BARS = {"pipeline": (15, 25), "with peace years": (30, 55)}
MEMORY_BAR_GB = 1.5
ROUNDS = 5
GROUPS = ["nmc", "atop", "contiguity", "disputes", "majors"]


def ours(record: Record, groups: list[str]) -> pl.DataFrame:
    found = panel("directed-dyad-year", last=2016, add=groups, record=record)
    assert isinstance(found, pl.LazyFrame)
    return found.collect()


def joins(record: Record) -> pl.DataFrame:
    """Build the pipeline with hash joins, as one would write it first."""
    years = pl.col("start").dt.year(), pl.col("end").dt.year().fill_null(2016) + 1

    def by_year(table: str) -> pl.DataFrame:
        spells = record.read(table).with_columns(year=pl.int_ranges(*years))
        return spells.explode("year").with_columns(pl.col("year").cast(pl.Int16))

    states = by_year("cow_states").select("ccode", "year").unique()
    frame = states.rename({"ccode": "ccode1"}).join(states.rename({"ccode": "ccode2"}), on="year")
    frame = frame.filter(pl.col("ccode1") != pl.col("ccode2"))
    nmc, majors = (
        record.read("nmc"),
        by_year("cow_majors").select("ccode", "year", cowmaj=pl.lit(1)),
    )
    for side in ("1", "2"):
        for table in (nmc, majors):
            names = {name: f"{name}{side}" for name in table.columns if name != "year"}
            frame = frame.join(table.rename(names), on=[f"ccode{side}", "year"], how="left")
    keys = ["ccode1", "ccode2", "year"]
    contiguity = by_year("cow_contiguity").filter(pl.col("conttype") > 0)
    contiguity = contiguity.group_by(keys).agg(pl.col("conttype").min())
    turned = contiguity.rename({"ccode1": "ccode2", "ccode2": "ccode1"})
    contiguity = pl.concat([contiguity, turned.select(contiguity.columns)])
    disputes = record.read("gml_mid_dyad", columns=[*keys, "midonset", "midongoing"])
    for table in (record.read("atop_dyad"), contiguity, disputes.group_by(keys).max()):
        frame = frame.join(table, on=keys, how="left")
    return frame.sort(keys)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> list[Row]:
    record = Record(BUNDLE, BUNDLE / "no-local-record")
    rows = ours(record, [*GROUPS, "peace_years"]).height
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    runs: dict[str, list[float]] = {"pipeline": [], "with peace years": [], "joins": []}
    for _ in range(ROUNDS):
        runs["pipeline"].append(_seconds(lambda: ours(record, GROUPS)))
        runs["with peace years"].append(_seconds(lambda: ours(record, [*GROUPS, "peace_years"])))
        runs["joins"].append(_seconds(lambda: joins(record)))
    found = []
    for name, recorded in RECORDED_R_SECONDS.items():
        ratios = sorted(recorded / seconds for seconds in runs[name])
        label = f"{rows} directed pair-years, {name}: recorded R over ours"
        median = statistics.median(ratios)
        found.append(show(Row(label, median, ratios[0], ratios[-1], *BARS[name])))
    each = sorted(b / a for a, b in zip(runs["pipeline"], runs["joins"], strict=True))
    joined = Row("plain joins over ours", statistics.median(each), each[0], each[-1])
    memory = Row("peak memory (GB)", peak, must=MEMORY_BAR_GB, less=True)
    return [*found, show(joined), show(memory)]


if __name__ == "__main__":
    main()
