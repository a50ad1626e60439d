"""International Crisis Behavior: crises, their actors, and the pairs that faced each other."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.spells import blank, first_day, last_day
from foedus.world.countries import countries


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the three tables; days known only as early, middle or late keep the month."""
    crisis = raw.parquet("record/icb_crisis.parquet").drop_nulls("yrtrig")
    crisis = crisis.with_columns(
        first_day("yrtrig", "motrig", "datrig").alias("start"),
        last_day("yrterm", "moterm", "daterm").alias("end"),
    )
    actor = raw.parquet("record/icb_actor.parquet").with_columns(
        pl.when(pl.col("cracid").is_in(list(countries()))).then(pl.col("cracid")).alias("ccode"),
        first_day("yrtrig", "motrig", "datrig").alias("start"),
        last_day("yrterm", "moterm", "daterm").alias("end"),
        *blank(["sizedu", "strcdu"], -99),
    )
    dyad = raw.parquet("record/icb_dyad.parquet").rename({"statea": "ccode1", "stateb": "ccode2"})
    dyad = dyad.with_columns(
        first_day("trgyrdy", "trgmody", "trgdady").alias("dyad_start"),
        last_day("trmyrdy", "trmmody", "trmdady").alias("dyad_end"),
        (pl.col("ongoing") == 0).alias("onset"),
    )
    return {"icb_crisis": crisis, "icb_actor": actor, "icb_dyad": dyad}
