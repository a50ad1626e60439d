"""Threat to a state's territory, as a model estimates it."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read both estimates and their intervals."""
    return {"territorial_threat": raw.parquet("record/territorial_threat.parquet")}
