"""Trade between states and of states with the world, to 2014."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the tables as published; blanks stay missing."""
    return {
        "cow_trade_dyad": raw.parquet("record/cow_trade_dyad.parquet"),
        "cow_trade_state": raw.parquet("record/cow_trade_state.parquet"),
    }
