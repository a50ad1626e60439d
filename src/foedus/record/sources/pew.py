"""Views of other countries in Pew's surveys, as weighted shares."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import current_numbers


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep views of states; views of organisations and persons have no country number."""
    numbers = current_numbers()
    frame = raw.parquet("record/pew_favourability.parquet").with_columns(
        ccode1=pl.col("iso3")
        .cast(pl.String)
        .replace_strict(numbers, default=None, return_dtype=pl.Int16),
        ccode2=pl.col("target").replace_strict(numbers, default=None, return_dtype=pl.Int16),
    )
    return {"pew_favourability": frame.drop_nulls(["ccode1", "ccode2"])}
