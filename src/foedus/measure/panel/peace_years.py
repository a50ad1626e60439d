"""Peace years of pairs by the standard spell rule."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from foedus.measure.panel.frames import Frame
from foedus.measure.panel.groups import PAIRS, AbstractGroup, Context
from foedus.measure.panel.tables import pair_values
from foedus.record.coverage import covered_years


def peace_spells(frame: Frame, event: np.ndarray) -> np.ndarray:
    """Count the rows of a pair since its last event, or since its first row.

    The first row of a pair counts 0; a row after one with an event counts 0. Years in which a
    state of the pair was out of the system are not counted.

    Args:
        frame: Rows sorted by pair and year.
        event: Whether an event was under way, by row.

    Source:
        Beck, N., J. N. Katz and R. Tucker. 1998. Taking Time Seriously. American Journal of
        Political Science 42(4): 1260-1288.
    """
    assert frame.two is not None
    size = len(event)
    rows = np.arange(size, dtype=np.int32)
    new = np.ones(size, dtype=bool)
    if size:
        new[1:] = (frame.one[1:] != frame.one[:-1]) | (frame.two[1:] != frame.two[:-1])
        new[1:] |= event[:-1]
    start = np.where(new, rows, np.int32(0))
    np.maximum.accumulate(start, out=start)
    return rows - start


@dataclass(frozen=True)
class PeaceYears(AbstractGroup):
    """Years since a pair's last dispute, counted over its whole history in the system."""

    name: str = "peace_years"
    title: str = "years since the last dispute (Gibler, Miller and Little)"
    tables: tuple[str, ...] = ("gml_mid_dyad",)
    units: tuple[str, ...] = PAIRS

    def build(self, context: Context) -> pl.DataFrame:
        """Count peace years; missing outside the disputes' coverage."""
        frame, shown = context.history or (context.frame, None)
        columns = ["ccode1", "ccode2", "year", "midongoing"]
        table = context.read("gml_mid_dyad", columns)
        table = table.unique(["ccode1", "ccode2", "year"])
        everywhere = np.ones(len(frame.starts), dtype=bool)
        found = pair_values(frame, table, absent={"midongoing": 0}, covered=everywhere)
        event = (found["midongoing"].fill_null(0) == 1).to_numpy()
        spells = peace_spells(frame, event)
        first, last = covered_years(context.record.spec("gml_mid_dyad"), None, context.as_of)
        year = frame.year
        values = pl.Series("gmlmidspell", spells.astype(np.int16))
        inside = (year >= first) & (year <= last)
        if not inside.all():
            values = values.set(pl.Series(~inside), None)
        if shown is not None:
            values = values.filter(pl.Series(shown))
        return pl.DataFrame({"gmlmidspell": values})

    def source(self, column: str) -> tuple[str, str]:
        """Name the column the count is made from."""
        return "gml_mid_dyad", "midongoing"
