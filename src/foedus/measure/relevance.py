"""Relevance and peace years of one pair."""

from collections.abc import Sequence

import polars as pl

from foedus.record.schema import State
from foedus.record.store import AsOf, Record
from foedus.world.countries import country


def _years(one: int, two: int, last: int) -> pl.DataFrame:
    """List the years from the first in which both states existed, and say whether both do."""
    first = max(1816, *(country(code).spells[0][0].year for code in (one, two)))
    years: Sequence[int] = range(first, last + 1)
    both = [country(one).exists_in(year) and country(two).exists_in(year) for year in years]
    return pl.DataFrame(
        {"year": list(years), "both": both}, schema={"year": pl.Int32, "both": pl.Boolean}
    )


def relevance(record: Record, one: int, two: int, as_of: AsOf | None = None) -> pl.DataFrame:
    """Say by year whether a pair is politically relevant.

    Relevant: contiguous by land or across at most 400 miles of water, or with a major power.

    Returns:
        `year, value` (1 or 0) with `lo90, hi90, unit, state`, from the first year both
        were states; years after the tables' end carry the last spells and say so, and a year in
        which one of the two was not a state has no value.

    Source:
        Lemke, D. and W. Reed. 2001. Journal of Conflict Resolution 45(1): 126-144.
    """
    last = record.spec("cow_contiguity").last
    low, high = sorted((one, two))
    contiguous = record.read("cow_contiguity", as_of=as_of).filter(
        (pl.col("ccode1") == low) & (pl.col("ccode2") == high) & (pl.col("conttype") > 0)
    )
    major = record.read("cow_majors", as_of=as_of).filter(pl.col("ccode").is_in([one, two]))
    spells = pl.concat([contiguous.select("start", "end"), major.select("start", "end")])
    end = as_of.day.year if as_of else last
    years = _years(one, two, end)
    hit = pl.lit(False)
    for start, stop in spells.iter_rows():
        inside = pl.col("year") >= start.year
        hit = hit | (inside if stop is None else inside & (pl.col("year") <= stop.year))
    return years.select(
        "year",
        value=pl.when("both").then(hit.cast(pl.Float64)),
        lo90=pl.lit(None, dtype=pl.Float64),
        hi90=pl.lit(None, dtype=pl.Float64),
        unit=pl.lit("1 relevant, 0 not"),
        state=pl.when(~pl.col("both"))
        .then(pl.lit(str(State.NOT_APPLICABLE)))
        .when(pl.col("year") > last)
        .then(pl.lit(str(State.CARRIED)))
        .otherwise(pl.lit(str(State.OBSERVED))),
    )


def peace_years(record: Record, one: int, two: int, as_of: AsOf | None = None) -> pl.DataFrame:
    """Count the years since a pair's last militarised dispute, by year.

    A year with a dispute going on counts 0; before the first dispute the count runs from the
    first year both were states, and runs on through years in which one was none, which have no
    value. (The panel's column follows the spell rule instead: 0 also in the year after a dispute.)
    Disputes: the table dyadic_mid, to 2014.

    Source:
        Beck, N., J. N. Katz and R. Tucker. 1998. American Journal of Political Science 42(4).
    """
    columns = ["ccode1", "ccode2", "year"]
    disputes = record.read("dyadic_mid", columns=columns, as_of=as_of)
    pair = disputes.filter((pl.col("ccode1") == one) & (pl.col("ccode2") == two))
    last = disputes["year"].max()
    years = _years(one, two, last if isinstance(last, int) else 0)
    at_dispute = pl.col("year").is_in(pair["year"].cast(pl.Int32).unique().to_list())
    since = (
        pl.when(at_dispute).then(pl.col("year")).forward_fill().fill_null(pl.col("year").first())
    )
    return years.select(
        "year",
        value=pl.when("both").then((pl.col("year") - since).cast(pl.Float64)),
        lo90=pl.lit(None, dtype=pl.Float64),
        hi90=pl.lit(None, dtype=pl.Float64),
        unit=pl.lit("years"),
        state=pl.when("both")
        .then(pl.lit(str(State.OBSERVED)))
        .otherwise(pl.lit(str(State.NOT_APPLICABLE))),
    )
