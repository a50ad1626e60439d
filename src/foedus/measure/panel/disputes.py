"""Militarised disputes by pair and year: one row a pair-year by documented exclusion rules."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from foedus.measure.panel.groups import PAIRS, AbstractGroup, Context
from foedus.measure.panel.tables import pair_values

_RANK = ["midonset", "fatality", "hostlev", "mindur", "maxdur", "recip", "stmon", "dispnum"]
_DOWN = [True, True, True, True, True, True, False, False]
_SHOWN = ["sidea1", "sidea2", "orig1", "orig2"]


def one_dispute_a_year(disputes: pl.DataFrame) -> pl.DataFrame:
    """Keep one dispute for each ordered pair and year.

    In this order: an onset before a dispute going on; the highest fatality (unknown deaths count
    as half a level, above none); the highest hostility; the longest by the minimum, then by the
    maximum duration; reciprocated before not; the earliest first month; the lowest number.

    Source:
        Miller, S. V. 2022. peacesciencer: An R Package for Quantitative Peace Science Research.
        Conflict Management and Peace Science 39(6): 755-779.
    """
    ranked = disputes.with_columns(pl.col("fatality").cast(pl.Float32).fill_null(0.5))
    order = ranked.select("ccode1", "ccode2", "year", *_RANK).with_row_index("_row")
    order = order.sort(
        ["ccode1", "ccode2", "year", *_RANK],
        descending=[False, False, False, *_DOWN],
        nulls_last=True,
    )
    kept = order.unique(["ccode1", "ccode2", "year"], keep="first", maintain_order=True)["_row"]
    return disputes[kept]


@dataclass(frozen=True)
class Disputes(AbstractGroup):
    """Disputes after Gibler, Miller and Little: onset, under way, sides and originators.

    `init1` and `init2` mark initiators: side A, and all who joined later on either side.

    Under the rule `known`, only onset and under way: choosing one of several disputes of a year
    uses how they ended.
    """

    name: str = "disputes"
    title: str = "militarised disputes (Gibler, Miller and Little)"
    tables: tuple[str, ...] = ("gml_mid_dyad",)
    units: tuple[str, ...] = PAIRS

    def build(self, context: Context) -> pl.DataFrame:
        """Gather onset and continuation, 0 where the table covers the year and lists none."""
        table = self.table(context)
        zeros: dict[str, int | None] = {"gmlmidonset": 0, "gmlmidongoing": 0}
        return pair_values(
            context.frame, table, absent=zeros, covered=context.covered("gml_mid_dyad")
        )

    def table(self, context: Context) -> pl.DataFrame:
        """Reduce the table to one row an ordered pair and year."""
        keys = ["ccode1", "ccode2", "year"]
        names = {"midonset": "gmlmidonset", "midongoing": "gmlmidongoing"}
        if context.allowed("gml_mid_dyad", ["midonset", *_RANK]) != ["midonset", *_RANK]:
            table = context.read("gml_mid_dyad", [*keys, *names])
            return table.group_by(keys).max().rename(names)
        wanted = list(dict.fromkeys([*keys, "midongoing", *_SHOWN, *_RANK]))
        table = one_dispute_a_year(context.read("gml_mid_dyad", wanted))
        return table.select(
            *keys,
            *(pl.col(old).alias(new) for old, new in names.items()),
            *(
                pl.max_horizontal(f"sidea{side}", 1 - pl.col(f"orig{side}")).alias(f"init{side}")
                for side in (1, 2)
            ),
            *_SHOWN,
        )

    def applicable(self, context: Context, values: pl.DataFrame, name: str) -> np.ndarray | None:
        """Sides and originators arise only where a dispute is under way."""
        if name in ("gmlmidonset", "gmlmidongoing"):
            return None
        return (values["gmlmidongoing"].fill_null(0) == 1).to_numpy()

    def source(self, column: str) -> tuple[str, str]:
        """Name the column."""
        names = {"gmlmidonset": "midonset", "gmlmidongoing": "midongoing"}
        return "gml_mid_dyad", names.get(column, column.replace("init", "sidea"))
