"""North Korean missile launches, and older provocations as a research centre listed them."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Number the missiles of a day; distances that are blank or not numbers stay missing."""
    tests = raw.parquet("events/nk_missile_tests.parquet").with_columns(
        pl.col("date").cast(pl.String).str.to_date(strict=False),
        pl.col("apogee").cast(pl.String).str.strip_chars().cast(pl.Float32, strict=False),
        pl.col("distance").cast(pl.String).str.strip_chars().cast(pl.Float32, strict=False),
    )
    tests = tests.drop_nulls("date").with_columns(
        missile_of_day=pl.int_range(1, pl.len() + 1).over("date")
    )
    events = raw.parquet("events/nk_provocations_csis_1958_2017.parquet").with_columns(
        pl.col("date").cast(pl.String).str.to_date(strict=False)
    )
    events = events.drop_nulls("date").with_columns(
        event_of_day=pl.int_range(1, pl.len() + 1).over("date")
    )
    return {"nk_missile_tests": tests, "nk_provocations": events}
