"""Coded political events between states, counted by month and by year."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import current_numbers

KINDS = {1: "verbcoop", 2: "matlcoop", 3: "verbconf", 4: "matlconf"}
_FILES = (
    "icews_2005_2015",
    "icews_2014",
    "icews_2018",
    "icews_2021",
    "icews_2022",
    "icews_2023",
)
_PARTS = {
    "icews_2005_2015": "ICEWS05-15",
    "icews_2014": "ICEWS14",
    "icews_2018": "ICEWS18",
    "icews_2023": "ICEWS23",
}
_CHOSEN = ("zrLLM ICEWS21-zero", "zrLLM ICEWS22-zero")
_FACT = ("date", "source", "relation", "target")
_PART = ["file", "part"]


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Count distinct facts between states by file, month and kind, and say what a file covers."""
    facts = pl.concat([_facts(raw, file) for file in _FILES])
    return {
        "icews_monthly": _monthly(facts),
        "icews_coverage": _coverage(facts),
        "icews_nodes": _nodes(facts),
        "icews_country_dyad_year": _yearly(raw),
    }


def _facts(raw: Raw, file: str) -> pl.DataFrame:
    frame = raw.parquet(f"events/{file}.parquet")
    if "part" not in frame.columns:
        frame = frame.with_columns(part=pl.lit(_PARTS[file]))
    sampled = pl.lit(False)
    if "coverage_class" in frame.columns:
        sampled = pl.col("coverage_class") == "sample-20pct"
    number = {"default": None, "return_dtype": pl.Int16}
    return frame.unique(["part", *_FACT], maintain_order=True).select(
        pl.lit(file).alias("file"),
        "part",
        "date",
        pl.col("date").dt.truncate("1mo").alias("month"),
        pl.col("source_iso3").replace_strict(current_numbers(), **number).alias("ccode1"),
        pl.col("target_iso3").replace_strict(current_numbers(), **number).alias("ccode2"),
        (pl.col("source_iso3_method") == "country-name").fill_null(value=False).alias("named1"),
        (pl.col("target_iso3_method") == "country-name").fill_null(value=False).alias("named2"),
        "quad_class",
        "goldstein",
        sampled.alias("sampled"),
    )


def _monthly(facts: pl.DataFrame) -> pl.DataFrame:
    between = facts.drop_nulls(["ccode1", "ccode2"]).filter(pl.col("ccode1") != pl.col("ccode2"))
    return between.group_by(*_PART, "ccode1", "ccode2", "month").agg(
        *((pl.col("quad_class") == number).sum().alias(kind) for number, kind in KINDS.items()),
        goldstein=pl.col("goldstein").mean(),
    )


def _coverage(facts: pl.DataFrame) -> pl.DataFrame:
    frame = facts.group_by(*_PART, "month").agg(
        days=pl.col("date").n_unique(),
        days_in_month=pl.col("month").dt.month_end().dt.day().first(),
        facts=pl.len(),
        sampled=pl.col("sampled").any(),
    )
    whole = pl.col("days") == pl.col("days_in_month")
    return frame.with_columns(
        whole=whole, absent_is_zero=whole & ~pl.col("sampled") & ~pl.col("part").is_in(_CHOSEN)
    )


def _nodes(facts: pl.DataFrame) -> pl.DataFrame:
    ends = [
        facts.select(*_PART, ccode=pl.col(f"ccode{end}"), named=pl.col(f"named{end}"))
        for end in (1, 2)
    ]
    found = (
        pl.concat(ends)
        .drop_nulls("ccode")
        .group_by(*_PART, "ccode")
        .agg(
            named=pl.col("named").any(), mentions=pl.len(), by_name=pl.col("named").cast(int).sum()
        )
    )
    parts = found.select(_PART).unique()
    states = pl.DataFrame({"ccode": sorted(current_numbers().values())}, schema={"ccode": pl.Int16})
    return (
        parts.join(states, how="cross")
        .join(found, on=[*_PART, "ccode"], how="left")
        .with_columns(
            pl.col("named").fill_null(value=False), pl.col("mentions", "by_name").fill_null(0)
        )
    )


def _yearly(raw: Raw) -> pl.DataFrame:
    frame = raw.parquet("events/icews_country_dyad_year_2002_2014.parquet")
    number = {"default": None, "return_dtype": pl.Int16}
    return (
        frame.rename(str.lower)
        .with_columns(
            ccode1=pl.col("i_iso3c").replace_strict(current_numbers(), **number),
            ccode2=pl.col("j_iso3c").replace_strict(current_numbers(), **number),
        )
        .drop_nulls(["ccode1", "ccode2"])
        .with_columns(pl.col("year", *KINDS.values()).cast(pl.Int32))
    )
