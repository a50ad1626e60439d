"""Sites of United States forces abroad, and what was spent on building there."""

import polars as pl

from foedus.record.raw import Raw
from foedus.world.errors import BadTableError

_ANTARCTICA = "Antarctica"
_UNITED_STATES = 2
_LAST_YEAR = 2018
_PLACES = {"Georigia": "Georgia", "NIger": "Niger", "Bahamas, The": "Bahamas"}


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the list of sites, checked against its second copy, and the construction lines."""
    sites = raw.parquet("record/us_bases.parquet")
    copy = raw.parquet("geo/us_overseas_bases_vine.parquet")
    if not sites.equals(copy.cast(sites.schema)):
        raise BadTableError(
            "the two copies of the list of bases differ",
            expected="the same rows in record/us_bases and geo/us_overseas_bases_vine",
            where="us_bases",
            hint="compare the two files and choose one in the source module",
        )
    return {
        "us_bases": _sites(sites),
        "us_base_construction": _construction(raw.parquet("record/us_base_construction.parquet")),
    }


def _sites(frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.unique(maintain_order=True).with_row_index("site", offset=1)
    somewhere = pl.col("countryname") != _ANTARCTICA
    return frame.with_columns(
        pl.when(somewhere).then(pl.col("ccode")).alias("ccode"),
        pl.col("countryname").replace(_PLACES).alias("place"),
        pl.lit(_LAST_YEAR, pl.Int16).alias("year"),
        pl.col("lat", "lon").round(1),
        *(pl.col(name).cast(pl.Boolean) for name in ("base", "lilypad", "fundedsite")),
    )


def _construction(frame: pl.DataFrame) -> pl.DataFrame:
    abroad = frame.filter(pl.col("ccode").is_not_null() & (pl.col("ccode") != _UNITED_STATES))
    return abroad.group_by("ccode", "location", "year", maintain_order=True).agg(
        pl.col("spend_construction").sum(), pl.len().alias("lines")
    )
