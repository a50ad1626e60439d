"""Similarity of alliance portfolios as columns of a pair panel."""

from dataclasses import dataclass

import polars as pl

from foedus.measure.panel.groups import PAIRS, AbstractGroup, Context
from foedus.measure.panel.tables import pair_values
from foedus.measure.similarity import alliance_similarity
from foedus.record.coverage import covered_years

_NAMES = {
    "s": "atop_s",
    "s_weighted": "atop_s_weighted",
    "kappa": "atop_kappa",
    "pi": "atop_pi",
}


@dataclass(frozen=True)
class Portfolios(AbstractGroup):
    """S, S weighted by capability, Cohen's kappa and Scott's pi of alliance portfolios."""

    name: str = "similarity"
    title: str = "similarity of alliance portfolios"
    tables: tuple[str, ...] = ("atop_dyad", "nmc")
    units: tuple[str, ...] = PAIRS

    def build(self, context: Context) -> pl.DataFrame:
        """Score every pair of the years alliances cover; later years are missing."""
        first, last = covered_years(context.record.spec("atop_dyad"), None, context.as_of)
        years = context.frame.years
        begin, end = max(int(years.min()), first, 1816), min(int(years.max()), last)
        covered = context.covered("atop_dyad")
        if begin > end:
            empty = {"ccode1": pl.Int16, "ccode2": pl.Int16, "year": pl.Int16}
            table = pl.DataFrame(schema=empty | dict.fromkeys(_NAMES.values(), pl.Float32))
        else:
            table = alliance_similarity(context.record, first=begin, last=end, as_of=context.as_of)
            table = table.rename(_NAMES)
        return pair_values(context.frame, table, absent={}, covered=covered, ordered=False)

    def source(self, column: str) -> tuple[str, str]:
        """Name the column that limits the coverage."""
        return "atop_dyad", "atop_defense"
