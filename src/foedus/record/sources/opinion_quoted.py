"""Yearly opinion figures quoted from pages on Japanese, Chinese and Taiwanese surveys."""

import polars as pl

from foedus.record.raw import Raw
from foedus.world.countries import find_country


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep the figure, whose it is, about whom, and the page it was read on."""
    frame = raw.parquet("record/opinion_quoted.parquet")
    codes = set(frame["respondents"].to_list()) | set(frame["target"].to_list())
    numbers = {code: find_country(code).ccode for code in codes}
    frame = frame.with_columns(
        pl.col("respondents").replace_strict(numbers, return_dtype=pl.Int16).alias("ccode1"),
        pl.col("target").replace_strict(numbers, return_dtype=pl.Int16).alias("ccode2"),
    )
    return {"opinion_quoted": frame}
