"""Foreign naval transits of the Taiwan Strait and the days around them."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Number the transits of a day; the flag is left as text, since the carrier's is unsound."""
    frame = raw.parquet("events/taiwan_strait_foreign_transits.parquet")
    frame = frame.select(
        date="date_iso", ships="Ships", country_as_given="Country", source_text="Source"
    ).drop_nulls("date")
    return {
        "taiwan_strait_foreign_transits": frame.with_columns(
            transit_of_day=pl.int_range(1, pl.len() + 1).over("date")
        )
    }
