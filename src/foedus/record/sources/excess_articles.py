"""Used defence articles that the United States offered and handed over."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import resolve

_SPELLINGS = {
    "Bosnia-Herzegovina": 346,
    "Congo, Democratic Republic of": 490,
    "Korea (Seoul)": 732,
    "Sultanate of Oman": 698,
    "Trinidad/Tobago": 52,
}


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the lines of the report, numbered in its order."""
    frame = raw.parquet("record/us_excess_defense_articles.parquet")
    frame = resolve(frame, "country_transfer_to", "ccode", known=_SPELLINGS)
    frame = frame.with_row_index("line", offset=1).with_columns(
        pl.col("fiscal_year_of_request").alias("year"),
        pl.col("status_date").str.to_date("%m/%d/%y"),
    )
    return {"us_excess_defense_articles": frame}
