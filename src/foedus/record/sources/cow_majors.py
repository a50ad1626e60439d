"""Major powers after the Correlates of War Project, by spell."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.cow_system import spells


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Join the parts of each date; an end on the list's last day is no end."""
    return {"cow_majors": spells(raw.parquet("record/cow_majors.parquet"))}
