"""World Economic Outlook: observed years and the IMF's forecasts, told apart."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import current_numbers

_OUTPUT = "NGDP_R"


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Mark as forecast every value after the last year of actual data.

    Series at purchasing power parity state no such year; they follow from real output, and take
    its year.
    """
    living = current_numbers()
    frame = raw.parquet("record/imf_weo.parquet").with_columns(
        ccode=pl.col("ref_area").replace_strict(living, default=None, return_dtype=pl.Int16),
        last_actual=pl.col("lastactualdate").str.extract(r"(\d{4})").cast(pl.Int16),
    )
    output = frame.filter(pl.col("concept") == _OUTPUT).group_by("ccode")
    frame = frame.join(output.agg(of_output=pl.col("last_actual").first()), on="ccode", how="left")
    frame = frame.with_columns(pl.coalesce("last_actual", "of_output").alias("last_actual"))
    frame = frame.drop_nulls(["ccode", "value"]).with_columns(
        forecast=(pl.col("year") > pl.col("last_actual")).fill_null(True)
    )
    return {"imf_weo": frame.drop("unit").rename({"scale": "power_of_ten"})}
