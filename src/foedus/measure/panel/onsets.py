"""Dispute onsets by pair and month."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from foedus.measure.panel.groups import AbstractGroup, Context


@dataclass(frozen=True)
class MonthlyOnsets(AbstractGroup):
    """Onsets of militarised disputes between the pair in the month (MID 5, dyadic)."""

    name: str = "onsets"
    title: str = "dispute onsets by month"
    tables: tuple[str, ...] = ("dyadic_mid",)
    units: tuple[str, ...] = ("dyad-month",)

    def build(self, context: Context) -> pl.DataFrame:
        """Count onsets, 0 where the table covers the year and lists none."""
        frame = context.frame
        table = context.read("dyadic_mid", ["ccode1", "ccode2", "year", "dyad_start"])
        table = table.filter(
            (pl.col("ccode1") < pl.col("ccode2"))
            & (pl.col("year") == pl.col("dyad_start").dt.year())
        )
        began = table["dyad_start"].dt
        period = (began.year().cast(pl.Int64) * 12 + began.month() - 1).to_numpy() - frame.origin
        inside = (period >= 0) & (period < len(frame.starts))
        size = len(frame.axis.codes) + 1
        one, two = (frame.axis.slot[table[name].to_numpy()] for name in ("ccode1", "ccode2"))
        place = (one.astype(np.int64) * size + two) * len(frame.starts) + period
        counts = np.zeros(size * size * len(frame.starts), dtype=np.int8)
        np.add.at(counts, place[inside], 1)
        covered = pl.Series(context.covered("dyadic_mid")[frame.period])
        found = pl.DataFrame({"midonsets": counts[frame.pair]})
        return found.select(pl.when(covered).then(pl.col("midonsets")).alias("midonsets"))

    def source(self, column: str) -> tuple[str, str]:
        """Name the column that dates an onset."""
        return "dyadic_mid", "dyad_start"
