"""Five high-level indices of V-Dem with their bounds."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import existing

_SARDINIA = "SPD"


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep states of the COW system from their first day in it; blanks stay missing."""
    frame = raw.parquet("record/vdem_indices.parquet").rename({"cown": "ccode"})
    frame = frame.drop_nulls("ccode").filter(pl.col("country_text_id") != _SARDINIA)
    return {"vdem_indices": existing(frame, "ccode", "year")}
