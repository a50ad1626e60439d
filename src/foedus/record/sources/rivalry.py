"""Strategic rivalries, after two books that name and date them."""

import polars as pl

from foedus.record.raw import Raw
from foedus.world.countries import countries

_TYPES = ("positional", "spatial", "ideological", "interventionary", "principal", "aprin")


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read both lists; an end in the list's last year is no end, a flag left blank is no."""
    tss = _known(raw.parquet("record/rivalry_tss.parquet")).with_columns(
        pl.when(pl.col("end") < 2020).then(pl.col("end")).alias("end"),
        *(pl.col(name).fill_null(0).eq(1).alias(name) for name in _TYPES),
    )
    td = _known(raw.parquet("record/rivalry_td.parquet")).with_columns(
        pl.col("styear").alias("start"),
        pl.when(pl.col("endyear") < 2010).then(pl.col("endyear")).alias("end"),
    )
    return {"rivalry_tss": tss, "rivalry_td": td}


def _known(frame: pl.DataFrame) -> pl.DataFrame:
    codes = list(countries())
    return frame.filter(pl.col("ccode1").is_in(codes) & pl.col("ccode2").is_in(codes))
