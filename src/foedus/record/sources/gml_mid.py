"""Militarised disputes as revised by Gibler, Miller and Little."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.spells import blank, first_day, last_day

_CODED = (
    *("revstate1", "revstate2", "revtype11", "revtype12", "revtype21", "revtype22"),
    *("fatality1", "fatality2", "fatalpre1", "fatalpre2", "outcome", "settle"),
    *("fatality", "fatalpre"),
)


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read both tables; missing codes and impossible months become missing values."""
    dyad = raw.parquet("record/gml_mid_dyad.parquet").with_columns(
        *blank(_CODED, -9),
        *(pl.when(pl.col(c).is_between(1, 12)).then(pl.col(c)) for c in ("stmon", "endmon")),
    )
    participant = raw.parquet("record/gml_participant.parquet").with_columns(
        first_day("styear", "stmon", "stday").alias("start"),
        last_day("endyear", "endmon", "endday").alias("end"),
        *blank(["stday", "endday"], -9),
    )
    return {"gml_mid_dyad": dyad, "gml_participant": participant}
