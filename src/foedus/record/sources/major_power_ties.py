"""Signals of support from the major powers to other states, and their latent level."""

import polars as pl

from foedus.record.raw import Raw

_POWERS = ("us", "uk", "fra", "rus", "chi")
_FIRST_EXERCISES = 1974
_LAST_EXERCISES = 2010
_LAST_WORDS = 2010


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read signals and level; zeros in years that a column does not cover are missing."""
    signals = raw.parquet("record/major_power_signals.parquet")
    trained = pl.col("year").is_between(_FIRST_EXERCISES, _LAST_EXERCISES)
    signals = signals.with_columns(
        *(pl.when(trained).then(pl.col(f"{power}_ex")).alias(f"{power}_ex") for power in _POWERS),
        pl.when(pl.col("year") <= _LAST_WORDS).then(pl.col("us_words")).alias("us_words"),
    )
    support = raw.parquet("record/major_power_support.parquet")
    return {"major_power_signals": signals, "major_power_support": support}
