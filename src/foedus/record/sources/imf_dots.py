"""Goods trade by reporter and partner, as reported to the International Monetary Fund."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import current_numbers, in_year


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Split flows between states from each state's total with the world."""
    frame = raw.parquet("record/imf_dots_trade.parquet").with_columns(
        ccode1=_number("reporter_iso3"), ccode2=_number("partner_iso3")
    )
    frame = frame.drop_nulls("ccode1").with_columns(
        in_year("ccode1", pl.col("year")), in_year("ccode2", pl.col("year"))
    )
    pairs = frame.drop_nulls("ccode2").filter(pl.col("ccode1") != pl.col("ccode2"))
    total = frame.filter(pl.col("partner_iso3") == "WLD").rename({"ccode1": "ccode"})
    china = raw.parquet("record/imf_dots_china_imports.parquet").with_columns(
        ccode1=pl.lit(710, pl.Int16), ccode2=_number("partner_iso3")
    )
    return {
        "imf_dots_trade": pairs,
        "imf_dots_total": total,
        "imf_dots_china_imports": china.drop_nulls("ccode2"),
    }


def _number(iso3: str) -> pl.Expr:
    living = current_numbers()
    return pl.col(iso3).replace_strict(living, default=None, return_dtype=pl.Int16)
