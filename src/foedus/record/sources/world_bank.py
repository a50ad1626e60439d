"""Output, population, science and technology of states, from the World Bank."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import current_numbers


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep states; groups of states and territories are left out, blanks stay missing."""
    science = raw.parquet("record/wb_science_tech.parquet").rename({"country_code": "iso3"})
    values = [name for name in science.columns if name not in ("country_name", "iso3", "year")]
    said = pl.any_horizontal(pl.col(name).is_not_null() for name in values)
    return {
        "wb_gdp_pop": _states(raw.parquet("record/wb_gdp_pop.parquet")),
        "wb_science_tech": _states(science.filter(said)),
    }


def _states(frame: pl.DataFrame) -> pl.DataFrame:
    number = pl.col("iso3").replace_strict(current_numbers(), default=None, return_dtype=pl.Int16)
    return frame.with_columns(number.alias("ccode")).drop_nulls("ccode")
