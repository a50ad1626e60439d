"""Depth of alliance treaties, as a model estimates it from their provisions."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the estimates; an end coded zero is a treaty still in force."""
    end = pl.when(pl.col("endyr") > 0).then(pl.col("endyr")).alias("endyr")
    return {
        "alliance_latent_depth": raw.parquet("record/alliance_latent_depth.parquet").with_columns(
            end
        )
    }
