"""Closeness and tension as measures: read from the shipped posterior, with what stands behind it.

Nothing here fits. A period without an indicator is blank, never a band; a posterior that knows
more than the date asked about is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from foedus.estimate.posterior import Posterior, read_posterior
from foedus.record.schema import Rule, State
from foedus.record.store import AsOf, Record
from foedus.study import closeness_indicators as indicators
from foedus.study import tension_series
from foedus.world.errors import HindsightError, OutsideCoverageError

UNITS = {
    "votes": "ideal points, minus the distance",
    "opinion": "% favourable, mean of both publics",
    "trade": "% of each one's trade, geometric mean",
    "events": "% of verbal events that are co-operative",
}


def closeness(
    record: Record, pair: tuple[int, int], first: int, last: int, as_of: AsOf | None = None
) -> pl.DataFrame:
    """Give the closeness of a pair by dimension and year, with 90 % intervals.

    Args:
        record: The record, for labels; the numbers come from the shipped posterior.
        pair: Two COW numbers in any order.
        first: First year.
        last: Last year.
        as_of: Date and rule; refused where the posterior knows more.

    Returns:
        `dimension, year, value, lo90, hi90, unit, state, indicators`, one row a dimension and
        year. Without an indicator the value is null and the state is `outside coverage`.

    Raises:
        HindsightError: The posterior was trained on what was not yet known.
        OutsideCoverageError: The pair is not among those fitted.
    """
    posterior = read_posterior("closeness")
    _hold_to(posterior, as_of)
    low, high = sorted(pair)
    found = posterior.summary.filter((pl.col("ccode1") == low) & (pl.col("ccode2") == high))
    if found.is_empty():
        raise OutsideCoverageError(
            f"closeness of the pair {low}-{high} is not fitted",
            expected="two different countries of the bundled cases",
            where="the posterior of closeness",
            hint="foedus measure closeness --pair JPN,USA",
        )
    grid = pl.DataFrame({"dimension": list(UNITS)}).join(
        pl.DataFrame({"year": pl.int_range(first, last + 1, dtype=pl.Int16, eager=True)}),
        how="cross",
    )
    joined = grid.join(found, on=["dimension", "year"], how="left", maintain_order="left")
    return joined.select(
        "dimension",
        "year",
        *(pl.col(name).cast(pl.Float64) for name in ("value", "lo90", "hi90")),
        pl.col("dimension").replace_strict(UNITS).alias("unit"),
        _state(State.ESTIMATED),
        pl.col("indicators").fill_null(0),
    )


def tension(
    record: Record, arena: str, first: int, last: int, as_of: AsOf | None = None
) -> pl.DataFrame:
    """Give an arena's monthly series and the level behind each, or its factor where there is one.

    Args:
        record: The record, for labels; the numbers come from the shipped posterior.
        arena: Name of the arena.
        first: First year.
        last: Last year.
        as_of: Date and rule; refused where the posterior knows more.

    Returns:
        `series, month, value, lo90, hi90, unit, state, segment`. Each series comes as observed
        (no interval) and as `<series> level`, estimated, with a 90 % interval. Months outside a
        series' coverage are null. Levels of different segments are not comparable.

    Raises:
        HindsightError: The posterior was trained on what was not yet known.
        OutsideCoverageError: The arena has no monthly series.
    """
    posterior = read_posterior("tension")
    _hold_to(posterior, as_of)
    found = posterior.summary.filter(pl.col("arena") == arena)
    if found.is_empty():
        raise OutsideCoverageError(
            f"no monthly series is located in the arena {arena!r}",
            expected=", ".join(tension_series.arenas()),
            where="the posterior of tension",
            hint="foedus measure tension --arena taiwan-strait",
        )
    units = {series.name: series.unit for series in tension_series.SERIES}
    months = pl.DataFrame(
        {"month": pl.date_range(pl.date(first, 1, 1), pl.date(last, 12, 1), "1mo", eager=True)}
    )
    frames = []
    for (name,), rows in found.group_by("series", maintain_order=True):
        joined = months.join(rows, on="month", how="left", maintain_order="left")
        if name in units:
            frames.append(_observed(joined, str(name), units[str(name)]))
        frames.append(_level(joined, str(name), units.get(str(name))))
    return pl.concat(frames)


def _observed(joined: pl.DataFrame, name: str, unit: str) -> pl.DataFrame:
    none = pl.lit(None, dtype=pl.Float64)
    shown = joined.with_columns(value=pl.col("observed"), lo90=none, hi90=none)
    return _columns(shown, name, unit, State.OBSERVED)


def _level(joined: pl.DataFrame, name: str, unit: str | None) -> pl.DataFrame:
    label = f"{name} level" if unit else name
    return _columns(joined, label, unit or "standard deviations", State.ESTIMATED)


def _columns(frame: pl.DataFrame, name: str, unit: str, present: State) -> pl.DataFrame:
    return frame.select(
        pl.lit(name).alias("series"),
        "month",
        *(pl.col(column).cast(pl.Float64) for column in ("value", "lo90", "hi90")),
        pl.lit(unit).alias("unit"),
        _state(present),
        "segment",
    )


def _state(present: State) -> pl.Expr:
    blank = pl.col("value").is_null()
    return (
        pl.when(blank).then(pl.lit(State.OUTSIDE.value)).otherwise(pl.lit(present.value))
    ).alias("state")


def _hold_to(posterior: Posterior, as_of: AsOf | None) -> None:
    if as_of is None:
        return
    known = as_of.rule is Rule.KNOWN
    needed = posterior.known_from if known else posterior.trained_to
    if as_of.day < needed:
        raise HindsightError(
            f"the posterior of {posterior.name} knows what was not known on {as_of.day}",
            expected=f"a date from {needed} on",
            where=f"the information rule `{as_of.rule.value}`",
            hint=f"foedus fit {posterior.name} --as-of {as_of.day}",
        )


def rows_digest(record: Record, name: str, as_of: AsOf | None = None) -> str:
    """Give a digest of the rows that closeness or tension would be fitted on."""
    if name == "closeness":
        return indicators.digest(indicators.indicators(record, as_of))
    return indicators.digest(tension_series.rows(tension_series.collected(record, as_of)))


def label(record: Record, name: str) -> str | None:
    """Say how a record differs from the one a posterior was fitted on; None where it does not.

    The numbers of a posterior fitted on another record may be used, with this label beside them.
    """
    manifest = read_posterior(name).manifest
    if record.digest(manifest["tables"]) == manifest["table_digest"]:
        return None
    rows = rows_digest(record, name)
    if rows == manifest["rows"]:
        return None
    return (
        f"{name} was fitted on record {manifest['rows'][:12]}; yours differs in the rows it read "
        f"({rows[:12]}). Fit again with: foedus fit {name}"
    )


@dataclass(frozen=True)
class BondVerdict:
    """Whether the record supports a single bond behind the dimensions of closeness.

    Args:
        single: Whether a common factor predicts held-out indicators better, interval below zero.
        difference: Mean log loss of the common bond less that of independent dimensions, nats an
            indicator; below zero the bond is better.
        lo90: Lower end of the paired 90 % interval, bootstrap over pairs.
        hi90: Upper end.
        cases: Held-out indicators scored.
        pairs: Pairs they come from.
        sentence: The finding in one sentence.
    """

    single: bool
    difference: float
    lo90: float
    hi90: float
    cases: int
    pairs: int
    sentence: str


def single_bond_verdict() -> BondVerdict:
    """Give the held-out comparison of a common bond with independent dimensions."""
    heldout = read_posterior("closeness").manifest["heldout"]
    found = heldout["log_loss_difference"]["all dimensions"]["common bond"]
    single = found["hi90"] < 0
    finding = (
        "The record supports a common bond behind the dimensions"
        if single
        else "The record supports no single bond, only a profile by dimension"
    )
    numbers = (
        f"a common factor changes the log loss on {found['cases']:,} held-out indicators of "
        f"{found['pairs']} pairs by {found['difference']:+.4f} nats each "
        f"(90 % interval {found['lo90']:+.4f} to {found['hi90']:+.4f}; below zero is better)"
    )
    return BondVerdict(
        single,
        found["difference"],
        found["lo90"],
        found["hi90"],
        found["cases"],
        found["pairs"],
        f"{finding}: {numbers}.",
    )


LATENT: dict[str, Callable[..., pl.DataFrame]] = {"closeness": closeness, "tension": tension}
