"""Direct contiguity by land and across water, by spell."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep one row a pair; months of the source become whole months."""
    end = pl.col("enddate").str.to_date().dt.month_end()
    frame = (
        raw.parquet("record/cow_contiguity.parquet")
        .filter(pl.col("ccode1") < pl.col("ccode2"))
        .with_columns(
            pl.col("stdate").str.to_date().alias("start"),
            pl.when(end < pl.date(2016, 12, 31)).then(end).alias("end"),
        )
    )
    return {"cow_contiguity": frame}
