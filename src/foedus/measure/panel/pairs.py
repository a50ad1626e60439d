"""Groups about pairs: alliances, contiguity, distance, trade, organisations, rivalry."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from foedus.measure.panel.groups import PAIRS, YEARLY, AbstractGroup, Context, state_columns
from foedus.measure.panel.tables import pair_values, spell_periods, state_values
from foedus.record.coverage import covered_years

EARTH_RADIUS_KM = 6378.137
_PLEDGES = ["atop_defense", "atop_offense", "atop_neutral", "atop_nonagg", "atop_consul"]
_TYPES = ["positional", "spatial", "ideological", "interventionary"]
_PAIR_UNITS = (*PAIRS, "dyad-month")


@dataclass(frozen=True)
class Alliances(AbstractGroup):
    """ATOP pledges; directed rows say what the first state pledged to the second.

    An undirected row says whether either pledged to the other. `atop_alliance` is 1 for both where
    an alliance joins them, even if only one made a pledge. After the table's end nothing is
    known, so cells are missing, not zero.
    """

    name: str = "atop"
    title: str = "alliance pledges"
    tables: tuple[str, ...] = ("atop_dyad",)
    units: tuple[str, ...] = PAIRS

    def build(self, context: Context) -> pl.DataFrame:
        """Gather the five pledges, and whether there is any."""
        read = context.read("atop_dyad", ["ccode1", "ccode2", "year", *_PLEDGES])
        table = read.with_columns(
            pl.col(_PLEDGES).cast(pl.Int8),
            atop_alliance=pl.lit(1, dtype=pl.Int8),
        ).select("ccode1", "ccode2", "year", "atop_alliance", *_PLEDGES)
        frame = context.frame
        if not context.directed:
            turned = table.rename({"ccode1": "ccode2", "ccode2": "ccode1"}).select(table.columns)
            either = pl.concat([table, turned]).filter(pl.col("ccode1") < pl.col("ccode2"))
            table = either.group_by("ccode1", "ccode2", "year").max()
        zeros: dict[str, int | None] = dict.fromkeys(["atop_alliance", *_PLEDGES], 0)
        return pair_values(frame, table, absent=zeros, covered=context.covered("atop_dyad"))

    def source(self, column: str) -> tuple[str, str]:
        """Name the pledge behind a column."""
        return "atop_dyad", "atop_defense" if column == "atop_alliance" else column


@dataclass(frozen=True)
class Contiguity(AbstractGroup):
    """COW direct contiguity: the closest type of the period, 0 where not contiguous.

    Spells open at the table's end are carried.
    """

    name: str = "contiguity"
    title: str = "direct contiguity"
    tables: tuple[str, ...] = ("cow_contiguity",)
    units: tuple[str, ...] = _PAIR_UNITS

    def build(self, context: Context) -> pl.DataFrame:
        """Gather the contiguity type."""
        columns = ["ccode1", "ccode2", "conttype", "start", "end"]
        spells = context.read("cow_contiguity", columns).filter(pl.col("conttype") > 0)
        table = spell_periods(context.frame, spells)
        table = table.group_by("ccode1", "ccode2", "year").agg(pl.col("conttype").min())
        everywhere = np.ones(len(context.frame.starts), dtype=bool)
        return pair_values(
            context.frame, table, absent={"conttype": 0}, covered=everywhere, ordered=False
        )

    def source(self, column: str) -> tuple[str, str]:
        """Name the column."""
        return "cow_contiguity", column


@dataclass(frozen=True)
class Majors(AbstractGroup):
    """COW major powers; spells open at the table's end are carried."""

    name: str = "majors"
    title: str = "major powers"
    tables: tuple[str, ...] = ("cow_majors",)
    units: tuple[str, ...] = (*YEARLY, "dyad-month")

    def build(self, context: Context) -> pl.DataFrame:
        """Gather 1 for major powers, 0 for others."""
        spells = context.read("cow_majors", ["ccode", "start", "end"])
        table = spell_periods(context.frame, spells).unique(["ccode", "year"])
        table = table.with_columns(cowmaj=pl.lit(1, dtype=pl.Int8))
        suffixes = ("",) if context.frame.two is None else ("1", "2")
        found = state_columns(context.frame, table, suffixes)
        absent = len(context.frame.axis.codes)
        sides = [context.frame.one, context.frame.two]
        known = [pl.Series(side != absent) for side in sides if side is not None]
        return found.select(
            pl.when(there).then(pl.col(name).fill_null(0)).alias(name)
            for name, there in zip(found.columns, known, strict=True)
        )

    def source(self, column: str) -> tuple[str, str]:
        """Name the column the spells are read from."""
        return "cow_majors", "ccode"


@dataclass(frozen=True)
class CapitalDistance(AbstractGroup):
    """Kilometres between capitals on a sphere, each year by the capitals of 1 January."""

    name: str = "capital_distance"
    title: str = "distance between capitals (km)"
    tables: tuple[str, ...] = ("cow_capitals",)
    units: tuple[str, ...] = PAIRS

    def build(self, context: Context) -> pl.DataFrame:
        """Compute the great-circle distance."""
        columns = ["ccode", "start", "end", "lat", "lng"]
        spells = context.read("cow_capitals", columns).sort("ccode", "start")
        table = spell_periods(context.frame, spells).unique(["ccode", "year"], keep="first")
        one, two = (
            {name: np.radians(values[name].to_numpy()) for name in values.columns}
            for values in (state_values(context.frame, table, side) for side in (1, 2))
        )
        turn = two["lng"] - one["lng"]
        across = np.cos(two["lat"]) * np.sin(turn)
        along = np.cos(one["lat"]) * np.sin(two["lat"])
        along -= np.sin(one["lat"]) * np.cos(two["lat"]) * np.cos(turn)
        down = np.sin(one["lat"]) * np.sin(two["lat"])
        down += np.cos(one["lat"]) * np.cos(two["lat"]) * np.cos(turn)
        distance = EARTH_RADIUS_KM * np.arctan2(np.hypot(across, along), down)
        return pl.DataFrame({"capdist": pl.Series(distance).fill_nan(None)})

    def source(self, column: str) -> tuple[str, str]:
        """Name the column distances are computed from."""
        return "cow_capitals", "lat"


@dataclass(frozen=True)
class PairColumns(AbstractGroup):
    """Columns of a table that holds each pair once.

    Args:
        name: Name of the group.
        title: What it adds.
        table: Table of the record.
        columns: Its columns.
        swapped: Columns to exchange where the first state has the higher number.
        units: Panels it fits.
    """

    name: str
    title: str
    table: str
    columns: tuple[str, ...]
    swapped: tuple[tuple[str, str], ...] = ()
    units: tuple[str, ...] = PAIRS

    @property
    def tables(self) -> tuple[str, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Name the table read."""
        return (self.table,)

    def build(self, context: Context) -> pl.DataFrame:
        """Gather the columns; a pair-year without a row is missing."""
        allowed = context.allowed(self.table, list(self.columns))
        table = context.read(self.table, ["ccode1", "ccode2", "year", *allowed])
        found = pair_values(
            context.frame, table, absent={}, covered=context.covered(self.table), ordered=False
        )
        if not self.swapped:
            return found
        higher = pl.Series(context.frame.one > context.frame.two)
        expressions = {}
        for one, two in self.swapped:
            expressions[one] = pl.when(higher).then(pl.col(two)).otherwise(pl.col(one))
            expressions[two] = pl.when(higher).then(pl.col(one)).otherwise(pl.col(two))
        return found.with_columns(**expressions)

    def source(self, column: str) -> tuple[str, str]:
        """Name the column."""
        return self.table, column


@dataclass(frozen=True)
class Rivalry(AbstractGroup):
    """Strategic rivalries after Thompson, Sakuwa and Suhas: hindsight in every column."""

    name: str = "rivalry"
    title: str = "strategic rivalries"
    tables: tuple[str, ...] = ("rivalry_tss",)
    units: tuple[str, ...] = PAIRS

    def build(self, context: Context) -> pl.DataFrame:
        """Gather the rivalry's number, its types, and whether one was under way."""
        columns = ["ccode1", "ccode2", "start", "end", "tssr_id", *_TYPES]
        context.allowed("rivalry_tss", ["tssr_id", *_TYPES])
        last = covered_years(context.record.spec("rivalry_tss"), None, context.as_of)[1]
        spells = context.read("rivalry_tss", columns).with_columns(
            pl.col("end").fill_null(last), pl.col(_TYPES).cast(pl.Int8)
        )
        table = spell_periods(context.frame, spells).with_columns(
            pl.when((pl.col(code) == 300) & (pl.col("year") >= 1919))
            .then(pl.lit(305, dtype=pl.Int16))
            .otherwise(pl.col(code))
            .alias(code)
            for code in ("ccode1", "ccode2")
        )
        table = table.unique(["ccode1", "ccode2", "year"], keep="first", maintain_order=True)
        table = table.with_columns(ongoingrivalry=pl.lit(1, dtype=pl.Int8))
        zeros: dict[str, int | None] = dict.fromkeys([*_TYPES, "ongoingrivalry"], 0)
        covered = context.covered("rivalry_tss")
        return pair_values(context.frame, table, absent=zeros, covered=covered, ordered=False)

    def applicable(self, context: Context, values: pl.DataFrame, name: str) -> np.ndarray | None:
        """A rivalry's number arises only where there is one."""
        if name != "tssr_id":
            return None
        return (values["ongoingrivalry"].fill_null(0) == 1).to_numpy()

    def source(self, column: str) -> tuple[str, str]:
        """Name the column."""
        return "rivalry_tss", "tssr_id" if column == "ongoingrivalry" else column
