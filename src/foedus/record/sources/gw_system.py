"""States after Gleditsch and Ward, and the two panels that match them with COW states."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.spells import open_after


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the list and both panels; a panel keeps only rows of its own system."""
    states = raw.parquet("record/gw_states.parquet").with_columns(
        pl.col("start").str.to_date(), open_after("end", "2020-12-31"), pl.col("microstate") == 1
    )
    cow = raw.parquet("record/cow_gw_panel.parquet").drop_nulls("ccode")
    gw = raw.parquet("record/gw_cow_panel.parquet").drop_nulls("gwcode")
    return {"gw_states": states, "cow_gw_panel": cow, "gw_cow_panel": gw}


def with_ccode(frame: pl.DataFrame, panel: pl.DataFrame, gwcode: str, ccode: str) -> pl.DataFrame:
    """Add the COW number that matches a Gleditsch-Ward number in the row's year.

    Where the two systems do not overlap in that year, the number itself is taken if COW uses it
    for the same state in other years.
    """
    matches = panel.drop_nulls(["gwcode", "ccode"]).select(
        pl.col("gwcode").alias(gwcode), "year", pl.col("ccode").alias(ccode)
    )
    same = matches.filter(pl.col(gwcode) == pl.col(ccode))[gwcode].unique()
    joined = frame.join(matches, on=[gwcode, "year"], how="left", maintain_order="left")
    fallback = pl.when(pl.col(gwcode).is_in(same.implode())).then(pl.col(gwcode))
    return joined.with_columns(pl.coalesce(ccode, fallback).alias(ccode))
