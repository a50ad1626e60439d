"""Trade in goods and services between states, and of states with themselves, 2000-2016."""

import polars as pl

from foedus.record.raw import Raw

_VALUE = "value_usd2010"


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Split flows between states from each state's totals and its trade with itself."""
    frame = raw.parquet("record/itpde_trade.parquet").rename(
        {"exporter_ccode": "ccode1", "importer_ccode": "ccode2"}
    )
    abroad = frame.filter(pl.col("exporter") != pl.col("importer"))
    at_home = frame.filter(pl.col("exporter") == pl.col("importer"))
    exports = _total(abroad, "ccode1", "exports_usd2010")
    imports = _total(abroad, "ccode2", "imports_usd2010")
    domestic = _total(at_home, "ccode1", "domestic_usd2010")
    states = exports.join(imports, on=["ccode", "year"], how="full", coalesce=True)
    states = states.join(domestic, on=["ccode", "year"], how="full", coalesce=True)
    return {
        "itpde_trade": abroad.drop_nulls(["ccode1", "ccode2"]),
        "itpde_state": states.drop_nulls("ccode"),
    }


def _total(frame: pl.DataFrame, ccode: str, name: str) -> pl.DataFrame:
    summed = pl.col(_VALUE).cast(pl.Float64).sum().alias(name)
    return frame.group_by(pl.col(ccode).alias("ccode"), "year").agg(summed)
