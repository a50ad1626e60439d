"""Codes of political events, and the kind each stands for: one mapping table per source."""

import polars as pl

from foedus.record.raw import Raw

KINDS = {
    1: "verbal cooperation",
    2: "material cooperation",
    3: "verbal conflict",
    4: "material conflict",
}


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Map CAMEO codes to kinds, and PLOVER events by the CAMEO codes that convert to them."""
    kind = pl.col("quad_class").replace_strict(KINDS, return_dtype=pl.String).alias("kind")
    cameo = raw.parquet("events/cameo_codes.parquet").with_columns(
        kind, pl.col("quad_note").replace("", None).is_not_null().alias("disputed")
    )
    bridge = raw.parquet("events/cameo_to_plover_2021.parquet").unique(
        ["cameo_code", "plover_event"], keep="first", maintain_order=True
    )
    modes = raw.parquet("events/plover_event_modes.parquet").with_columns(
        pl.col("mode").fill_null("any")
    )
    return {
        "cameo_codes": cameo,
        "cameo_to_plover_2021": bridge,
        "plover_event_modes": modes.join(
            _plover_kinds(bridge, cameo), left_on="event_type", right_on="plover_event", how="left"
        ),
    }


def _plover_kinds(bridge: pl.DataFrame, cameo: pl.DataFrame) -> pl.DataFrame:
    votes = (
        bridge.join(cameo, left_on="cameo_code", right_on="code")
        .group_by("plover_event", "kind")
        .agg(pl.len(), disputed=pl.col("disputed").mean() > 1 / 2)
        .with_columns(kind_share=pl.col("len") / pl.col("len").sum().over("plover_event"))
    )
    return votes.filter(pl.col("kind_share") > 1 / 2)
