"""Interstate wars: who took part, and who fought whom."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.spells import blank, first_day, last_day


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read both tables; a state's two spells of one war give its first and last day."""
    war = raw.parquet("record/cow_war_participant.parquet")
    war = war.with_columns(
        first_day("startyear1", "startmonth1", "startday1").alias("start"),
        pl.coalesce(
            last_day("endyear2", "endmonth2", "endday2"),
            last_day("endyear1", "endmonth1", "endday1"),
        ).alias("end"),
        pl.when(pl.col("startyear2") > 0)
        .then(last_day("endyear1", "endmonth1", "endday1"))
        .alias("pause_start"),
        first_day("startyear2", "startmonth2", "startday2").alias("pause_end"),
        pl.col("initiator") == 1,
        *blank(["batdeath"], -9, -8),
    )
    dyad = (
        raw.parquet("record/cow_war_dyad.parquet")
        .rename({"disno": "dispnum", "statea": "ccode1", "stateb": "ccode2"})
        .with_columns(
            first_day("warstrtyr", "warstrtmnth", "warstrtday").alias("dyad_start"),
            pl.when(pl.col("warendyr") <= 2003)
            .then(last_day("warendyr", "warendmnth", "warenday"))
            .alias("dyad_end"),
        )
    )
    return {"cow_war_participant": war, "cow_war_dyad": dyad}
