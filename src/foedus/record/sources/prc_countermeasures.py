"""Foreign persons and firms listed by China's ministries under sanctions and export controls."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import resolve

_CHINA = 710
_GROUPS = ("EU",)
_MEASURES = {
    "export.control": "export control",
    "sanction.counter": "countermeasure",
    "sanction": "sanction",
}


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep when, of what country and under what list; names are left out."""
    frame = raw.parquet("events/prc_countermeasures.parquet")
    table = raw.parquet("record/country_codes.parquet").drop_nulls(["iso2c", "cown"])
    numbers = dict(table.select("iso2c", "cown").iter_rows())
    frame = resolve(frame, "country", "ccode2", known=numbers, aside=_GROUPS)
    frame = frame.with_row_index("listing", offset=1).with_columns(
        pl.lit(_CHINA, pl.Int16).alias("ccode1"),
        (pl.col("country") == "EU").fill_null(value=False).alias("european_union"),
        pl.col("type").str.to_lowercase(),
        pl.col("topics").replace_strict(_MEASURES).alias("measure"),
        pl.col("date_iso").str.to_date().alias("date"),
        pl.col("end_date_iso").str.to_date().alias("end"),
        pl.col("end_date_masked").alias("end_withheld"),
    )
    return {"prc_countermeasures": frame}
