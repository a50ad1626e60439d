"""Members of the state system after the Correlates of War Project, by spell."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.spells import first_day, last_day, open_after


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Join the parts of each date; an end on the list's last day is no end."""
    return {"cow_states": spells(raw.parquet("record/cow_states.parquet"))}


def spells(frame: pl.DataFrame) -> pl.DataFrame:
    """Give COW spells one start and one end, open where the list itself ends."""
    return frame.with_columns(
        first_day("styear", "stmonth", "stday").alias("start"),
        last_day("endyear", "endmonth", "endday").alias("end"),
    ).with_columns(open_after("end", "2016-12-31"))
