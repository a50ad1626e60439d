"""Artificial intelligence: publications, patents, private investment and large systems."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import resolve

_NOT_STATES = ("HKG",)
_KOSOVO = "OWID_KOS"


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep states; regions, organisations and territories are left out."""
    frame = raw.parquet("record/ai_indicators.parquet")
    kosovo = pl.col("iso3") == _KOSOVO
    group = pl.col("iso3").is_null() | (pl.col("iso3").str.starts_with("OWID") & ~kosovo)
    coded = resolve(frame.filter(~group), "iso3", "ccode", known={_KOSOVO: 347}, aside=_NOT_STATES)
    return {"ai_indicators": coded.filter(pl.col("ccode").is_not_null())}
