"""Armed conflicts with at least 25 battle deaths in a year."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.gw_system import with_ccode

_PARTIES = ("gwno_a", "gwno_a_2nd", "gwno_b", "gwno_b_2nd")


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read conflict-years and number the parties within each; states get COW numbers."""
    panel = raw.parquet("record/gw_cow_panel.parquet")
    frame = raw.parquet("record/ucdp_conflict.parquet").sort(
        "conflict_id", "year", *_PARTIES, nulls_last=False
    )
    for name in _PARTIES:
        frame = with_ccode(frame, panel, name, name.replace("gwno", "ccode"))
    frame = frame.with_columns(
        pl.int_range(pl.len()).over("conflict_id", "year").add(1).alias("party"),
        *(pl.col(name).str.to_date() for name in ("start_date", "start_date2", "ep_end_date")),
    )
    return {"ucdp_conflict": frame}
