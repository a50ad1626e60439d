"""Memberships in intergovernmental organisations, counted by pair and by state."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read both tables of counts."""
    return {
        "igo_dyad": raw.parquet("record/igo_dyad.parquet"),
        "igo_state": raw.parquet("record/igo_state.parquet"),
    }
