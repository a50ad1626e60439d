"""Arms races between strategic rivals, by spell."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the spells, in years."""
    names = {"styear": "start", "endyear": "end"}
    return {"arms_races": raw.parquet("record/arms_races.parquet").rename(names)}
