"""Balance of two coalitions, domain by domain: sums, shares, and who is missing from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from foedus.record.schema import State
from foedus.record.store import AsOf, Record


@dataclass(frozen=True)
class Domain:
    """One domain of the balance.

    Args:
        name: Name in output.
        table: Table the values come from.
        column: Column summed.
        unit: Unit of the sum.
        concept: Row filter on the column `concept`, where the table has one.
        observed_only: Leave out the table's forecasts.
        estimated: True where every value is an estimate, or the column that marks them.
    """

    name: str
    table: str
    column: str
    unit: str
    concept: str | None = None
    observed_only: bool = False
    estimated: bool | str = False


DOMAINS = (
    Domain(
        "military spending",
        "sipri_milex",
        "constant_2023_musd",
        "million 2023 USD",
        estimated="constant_2023_musd_estimated",
    ),
    Domain("economic output", "imf_weo", "value", "billion PPP USD", "PPPGDP", True, True),
    Domain("military personnel", "nmc", "milper", "thousand persons"),
    Domain("capability (CINC)", "nmc", "cinc", "share of system"),
    Domain(
        "nuclear warheads",
        "nuclear_warheads",
        "warheads_stockpile",
        "warheads in stockpiles",
        estimated=True,
    ),
)


def balance(
    record: Record, side: Sequence[int], other: Sequence[int], as_of: AsOf | None = None
) -> pl.DataFrame:
    """Sum each domain over two coalitions by year.

    A year in which a member has no value has no sum and no share: a member left out would count
    as nothing. Nuclear warheads are summed over the states the table lists; the others hold none
    by its account.

    Args:
        record: The record.
        side: COW numbers of one coalition.
        other: COW numbers of the other.
        as_of: What may be used.

    Returns:
        `domain, year, side, other, value, lo90, hi90, unit, state, missing`: the two sums, the
        first side's share of both (0 to 1) as value, and the members without a value. A sum with
        an estimate in it is estimated; where both sums are zero there is no share.
    """
    return pl.concat(_domain(record, domain, side, other, as_of) for domain in DOMAINS)


def _domain(
    record: Record,
    domain: Domain,
    side: Sequence[int],
    other: Sequence[int],
    as_of: AsOf | None,
) -> pl.DataFrame:
    frame = record.read(domain.table, as_of=as_of)
    if domain.concept:
        frame = frame.filter(pl.col("concept") == domain.concept)
    if domain.observed_only:
        frame = frame.filter(~pl.col("forecast"))
    members = [*side, *other]
    values = (
        frame.filter(pl.col("ccode").is_in(members))
        .select("ccode", "year", value=pl.col(domain.column).cast(pl.Float64), mark=_mark(domain))
        .drop_nulls("value")
    )
    counted = members
    if domain.table == "nuclear_warheads":
        listed = set(values["ccode"].to_list())
        counted = [member for member in members if member in listed]
    years = values.group_by("year").agg(
        side=pl.col("value").filter(pl.col("ccode").is_in(list(side))).sum(),
        other=pl.col("value").filter(pl.col("ccode").is_in(list(other))).sum(),
        here=pl.col("ccode"),
        mark=pl.col("mark").any(),
    )
    years = years.with_columns(
        missing=pl.col("here").map_elements(
            lambda here: sorted(set(counted) - set(here)), return_dtype=pl.List(pl.Int64)
        )
    )
    whole = pl.col("missing").list.len() == 0
    both = pl.col("side") + pl.col("other")
    return years.select(
        pl.lit(domain.name).alias("domain"),
        "year",
        side=pl.when(whole).then(pl.col("side")),
        other=pl.when(whole).then(pl.col("other")),
        value=pl.when(whole & (both > 0)).then(pl.col("side") / both),
        lo90=pl.lit(None, dtype=pl.Float64),
        hi90=pl.lit(None, dtype=pl.Float64),
        unit=pl.lit(domain.unit),
        state=pl.when(~whole)
        .then(pl.lit(str(State.UNREPORTED)))
        .when(both == 0)
        .then(pl.lit(str(State.NOT_APPLICABLE)))
        .when("mark")
        .then(pl.lit(str(State.ESTIMATED)))
        .otherwise(pl.lit(str(State.OBSERVED))),
        missing="missing",
    ).sort("year")


def _mark(domain: Domain) -> pl.Expr:
    if isinstance(domain.estimated, str):
        return pl.col(domain.estimated).fill_null(False)
    return pl.lit(domain.estimated)
