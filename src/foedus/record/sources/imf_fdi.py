"""Direct investment positions of five economies, as they report and as partners report."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import current_numbers

_WORLD = "G001"
_SERIES = {
    ("INWD_D_NETLA_FALL_ALL", "O"): "inward_reported",
    ("INWD_D_NETLA_FALL_ALL", "SCC"): "inward_derived",
    ("OTWD_D_NETAL_FALL_ALL", "O"): "outward_reported",
    ("OTWD_D_NETAL_FALL_ALL", "SCC"): "outward_derived",
}
_MILLION = 1_000_000


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Lay the four series side by side, for partners and for the world.

    Values above the reporter's total with the world are dollars that the source gives as
    millions of dollars (China's reports for two partners); they are divided by a million.
    """
    frame = raw.parquet("record/imf_fdi_positions.parquet")
    series = ["country_id", "indicator_id", "dv_type_id", "year"]
    world = frame.filter(pl.col("counterpart_country_id") == _WORLD)
    total = world.select(*series, total=pl.col("obs_value"))
    frame = frame.join(total, on=series, how="left").with_columns(
        pl.when(pl.col("obs_value") > pl.col("total"))
        .then(pl.col("obs_value") / _MILLION)
        .otherwise("obs_value")
        .alias("obs_value"),
        ccode1=_number("country_id"),
        ccode2=_number("counterpart_country_id"),
    )
    pairs = frame.drop_nulls("ccode2").filter(pl.col("ccode1") != pl.col("ccode2"))
    totals = frame.filter(pl.col("counterpart_country_id") == _WORLD)
    return {
        "imf_fdi_positions": _wide(pairs, ["ccode1", "ccode2", "year"]),
        "imf_fdi_total": _wide(totals.rename({"ccode1": "ccode"}), ["ccode", "year"]),
    }


def _number(iso3: str) -> pl.Expr:
    return pl.col(iso3).replace_strict(current_numbers(), default=None, return_dtype=pl.Int16)


def _wide(frame: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    return frame.group_by(key).agg(
        pl.col("obs_value")
        .filter((pl.col("indicator_id") == indicator) & (pl.col("dv_type_id") == basis))
        .first()
        .alias(name)
        for (indicator, basis), name in _SERIES.items()
    )
