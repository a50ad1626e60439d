"""Leaders of states: spells in office, willingness to use force, change of support."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.gw_system import with_ccode


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the three tables; leaders get the COW number of their state at the start."""
    panel = raw.parquet("record/gw_cow_panel.parquet")
    spells = raw.parquet("record/leaders_archigos.parquet").with_columns(
        pl.col("startdate").str.to_date().alias("start"),
        pl.when(pl.col("exit") != "Still in Office")
        .then(pl.col("enddate").str.to_date())
        .alias("end"),
    )
    spells = with_ccode(
        spells.with_columns(pl.col("start").dt.year().cast(pl.Int16).alias("year")),
        panel,
        "gwcode",
        "ccode",
    )
    willing = raw.parquet("record/leader_willingness.parquet").drop("gwcode", "leader")
    willing = willing.join(spells.select("obsid", "ccode", "start"), on="obsid")
    support = raw.parquet("record/leader_support_change.parquet")
    return {
        "leaders_archigos": spells,
        "leader_willingness": willing.drop_nulls("theta1_mean"),
        "leader_support_change": support,
    }
