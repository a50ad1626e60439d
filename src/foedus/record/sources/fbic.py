"""Formal Bilateral Influence Capacity between seventeen states."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import resolve

_NOT_STATES = ("HKG",)


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep pairs of states, in both directions."""
    frame = raw.parquet("record/fbic_asia_dyad.parquet")
    frame = resolve(frame, "iso3a", "ccode1", aside=_NOT_STATES)
    frame = resolve(frame, "iso3b", "ccode2", aside=_NOT_STATES)
    return {"fbic_asia_dyad": frame.drop_nulls(["ccode1", "ccode2"])}
