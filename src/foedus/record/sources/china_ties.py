"""Ties of China with other states: exercises, meetings, visits, public diplomacy."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import in_year, resolve

_CHINA = 710
_FIRST_SWAP = 2009
_SPELLINGS = {
    "Congo - Brazzaville": 484,
    "Congo - Kinshasa": 490,
    "Germany, East": 265,
    "Korea, North": 731,
    "Korea, South": 732,
    "Micronesia": 987,
}
_NO_STATE = ("Cook Islands", "Palestine")


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the three tables; the state named is the second of the pair, China the first."""
    return {
        "china_borderlands": _borderlands(raw.parquet("record/china_borderlands.parquet")),
        "china_public_diplomacy": _pair(
            raw.parquet("record/china_public_diplomacy.parquet"), "receiving_country"
        ),
        "china_leader_travel": _travel(raw.parquet("record/china_leader_travel.parquet")),
    }


def _pair(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    frame = resolve(frame, name, "ccode2", known=_SPELLINGS, aside=_NO_STATE)
    china = pl.lit(_CHINA, pl.Int16).alias("ccode1")
    return frame.drop_nulls("ccode2").with_columns(china)


def _borderlands(frame: pl.DataFrame) -> pl.DataFrame:
    swap = pl.col("dev_01_currency_swap_line_extant") == "Y"
    return _pair(frame, "recipient").with_columns(
        pl.when(pl.col("year") >= _FIRST_SWAP).then(swap).alias("dev_01_currency_swap_line_extant")
    )


def _travel(frame: pl.DataFrame) -> pl.DataFrame:
    frame = _pair(frame, "country").with_columns(in_year("ccode2", pl.col("year")))
    key = ["ccode1", "ccode2", "year", "name"]
    return frame.group_by(key).agg(pl.len().alias("visits"), pl.col("level").sort().first())
