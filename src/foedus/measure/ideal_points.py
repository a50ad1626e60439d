"""Distance between ideal points in the UN General Assembly, with its interval."""

import polars as pl
from scipy.stats import foldnorm, norm

from foedus.record.schema import State
from foedus.record.store import AsOf, Record

_TO_SD = 2 * float(norm.ppf(0.95))


def distance(
    record: Record, one: int, two: int, as_of: AsOf | None = None, *, scale: str = "fp"
) -> pl.DataFrame:
    """Give the absolute difference of two ideal points by year.

    The interval treats the two posteriors as independent normals with the published 5 and 95 %
    quantiles; the distance is then folded normal. Errors common to both are not in it.

    Args:
        record: The record.
        one: COW number.
        two: COW number.
        as_of: What may be used.
        scale: `fp` (foreign-policy votes) or `all` (all votes); the scales are never mixed.

    Returns:
        `year, value, lo90, hi90, unit, state`; only years in which both states voted.

    Source:
        Bailey, Strezhnev and Voeten. 2017. Journal of Conflict Resolution 61(2): 430-456.
    """
    columns = ["ccode", "year", f"idealpoint{scale}", f"q5{scale}", f"q95{scale}"]
    points = record.read("un_ideal_points", columns=columns, as_of=as_of)
    points = points.select(
        "ccode",
        "year",
        x=f"idealpoint{scale}",
        sd=(pl.col(f"q95{scale}") - pl.col(f"q5{scale}")) / _TO_SD,
    ).drop_nulls("x")
    both = points.filter(pl.col("ccode") == one).join(
        points.filter(pl.col("ccode") == two), on="year", suffix="2"
    )
    gap = (both["x"] - both["x2"]).abs().cast(pl.Float64)
    spread = ((both["sd"] ** 2 + both["sd2"] ** 2).sqrt()).cast(pl.Float64).to_numpy()
    shape = gap.to_numpy() / spread
    return (
        pl.DataFrame(
            {
                "year": both["year"],
                "value": gap,
                "lo90": foldnorm.ppf(0.05, shape, scale=spread),
                "hi90": foldnorm.ppf(0.95, shape, scale=spread),
            }
        )
        .with_columns(unit=pl.lit("ideal-point units"), state=pl.lit(str(State.ESTIMATED)))
        .sort("year")
    )
