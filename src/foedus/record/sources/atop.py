"""Alliance Treaty Obligations and Provisions: pledges by dyad, treaty, member and phase."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.spells import blank, first_day, last_day
from foedus.world.countries import countries

_MEMBERS = tuple(f"mem{number}" for number in range(1, 60))


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the four tables; ends coded zero are treaties still in force at the end of 2018."""
    treaty = raw.parquet("record/atop_treaty.parquet").with_columns(
        pl.concat_list(_MEMBERS).list.drop_nulls().list.len().alias("members"),
        first_day("begyr", "begmo", "begday").alias("start"),
        last_day("endyr", "endmo", "endday").alias("end"),
        *blank(["statthr1", "statthr2"], 0),
    )
    member = raw.parquet("record/atop_member.parquet").with_columns(
        pl.when(pl.col("member").is_in(list(countries()))).then(pl.col("member")).alias("ccode"),
        first_day("yrent", "moent", "dayent").alias("start"),
        last_day("yrexit", "moexit", "dayexit").alias("end"),
    )
    begin = treaty.select("atopid", "begyr")
    institution = raw.parquet("record/atop_institution.parquet").join(
        begin, on="atopid", how="left"
    )
    institution = institution.with_columns(
        ((pl.col("atopidphase") - pl.col("atopid")) * 10).round().alias("phase")
    )
    return {
        "atop_dyad": raw.parquet("record/atop_dyad.parquet"),
        "atop_treaty": treaty,
        "atop_member": member,
        "atop_institution": institution,
    }
