"""Levers as the record has them: a value by state and year, or by pair and year."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from foedus.record.coverage import covered_years
from foedus.record.store import Record
from foedus.study.theory_parts.estimators import Floats, Ints
from foedus.study.theory_parts.pacts import PactCases

USA = 2
CHANGE_YEARS = 3
Holder = Literal["target", "challenger", "pair", "directed pair"]
Values = dict[tuple[int, ...], float]


@dataclass(frozen=True)
class Lever:
    """One lever on record.

    Args:
        name: Name.
        unit: Unit in which it enters.
        instruments: Instruments of policy it bears on.
        tables: Tables read.
        values: Gives its value by state and year, or by pair (lower number first) and year; what
            is not on record is absent, and never zero unless the table says so.
        holders: Whose lever is asked about.
    """

    name: str
    unit: str
    instruments: tuple[str, ...]
    tables: tuple[str, ...]
    values: Callable[[Record, PactCases], Values]
    holders: tuple[Holder, ...] = ("target", "challenger")


def at(values: Values, cases: PactCases, holder: Holder, ahead: int) -> Floats:
    """Read a lever for each case, some years after that of its terms; nan where not on record."""
    if holder == "pair":
        low = np.minimum(cases.challenger, cases.target)
        high = np.maximum(cases.challenger, cases.target)
        keys = zip(low.tolist(), high.tolist(), (cases.year + ahead).tolist(), strict=True)
    elif holder == "directed pair":
        sides = cases.challenger.tolist(), cases.target.tolist()
        keys = zip(*sides, (cases.year + ahead).tolist(), strict=True)
    else:
        state: Ints = cases.target if holder == "target" else cases.challenger
        keys = zip(state.tolist(), (cases.year + ahead).tolist(), strict=True)
    return np.array([values.get(key, np.nan) for key in keys])


def exercises(record: Record, cases: PactCases) -> Values:
    """Count the multinational exercises a state took part in, as log of one plus the count."""
    frame = record.read("exercises_mme_long", columns=["exercise", "ccode", "year"])
    counted = frame.group_by("ccode", "year").agg(value=pl.col("exercise").n_unique())
    return _none_is_zero(counted, covered_years(record.spec("exercises_mme_long")), cases)


def agreements(record: Record, cases: PactCases) -> Values:
    """Count the defence cooperation agreements a state had signed and not ended, in logs."""
    first, last = covered_years(record.spec("dca_agreements"))
    frame = record.read("dca_agreements", columns=["ccode1", "ccode2", "year", "end_year"])
    both = pl.concat([
        frame.select(ccode=side, signed="year", ended=pl.col("end_year").fill_null(last))
        for side in ("ccode1", "ccode2")
    ])  # fmt: skip
    years = pl.DataFrame({"year": range(first, last + 1)}, schema={"year": pl.Int64})
    held = both.join(years, how="cross").filter(
        (pl.col("signed") <= pl.col("year")) & (pl.col("year") <= pl.col("ended"))
    )
    counted = held.group_by("ccode", "year").agg(value=pl.len())
    return _none_is_zero(counted, (first, last), cases)


def troops(record: Record, cases: PactCases) -> Values:
    """Give the log of one plus US personnel on active duty in a state, as reported."""
    del cases
    frame = record.read("us_troops_annual", columns=["ccode", "year", "troops"]).drop_nulls()
    frame = frame.filter(pl.col("ccode") != USA)
    return _as_values(frame.select("ccode", "year", value=pl.col("troops").log1p()))


def spending_growth(record: Record, cases: PactCases) -> Values:
    """Give the change of the log of military spending over three years."""
    del cases
    frame = record.read("nmc", columns=["ccode", "year", "milex"]).filter(pl.col("milex") > 0)
    now = frame.select("ccode", pl.col("year").cast(pl.Int64), log=pl.col("milex").log())
    before = now.with_columns(year=pl.col("year") + CHANGE_YEARS).rename({"log": "before"})
    joined = now.join(before, on=["ccode", "year"])
    return _as_values(joined.select("ccode", "year", value=pl.col("log") - pl.col("before")))


def pact(record: Record, cases: PactCases) -> Values:
    """Give whether a state holds a defence pledge of any state but the challenger."""
    del record
    keys = zip(cases.challenger.tolist(), cases.target.tolist(), cases.year.tolist(), strict=True)
    return dict(zip(keys, cases.pact.tolist(), strict=True))


def trade(record: Record, cases: PactCases) -> Values:
    """Give the log of one plus a pair's trade in million current US dollars, both ways."""
    del cases
    frame = record.read("cow_trade_dyad", columns=["ccode1", "ccode2", "year", "flow1", "flow2"])
    both = frame.drop_nulls().select(
        "ccode1", "ccode2", "year", value=(pl.col("flow1") + pl.col("flow2")).log1p()
    )
    return _as_values(both)


def visits(record: Record, cases: PactCases) -> Values:
    """Count visits of US presidents and secretaries of state to the other state of a pair."""
    first, last = covered_years(record.spec("us_leader_travels"))
    frame = record.read("us_leader_travels", columns=["ccode", "date", "gathering"])
    frame = frame.drop_nulls("ccode").filter(~pl.col("gathering").fill_null(value=False))
    counted = frame.group_by("ccode", year=pl.col("date").dt.year()).agg(value=pl.len())
    seen = _as_values(counted.select("ccode", "year", pl.col("value").log1p()))
    others = {
        int(state)
        for one, two in zip(cases.challenger, cases.target, strict=True)
        for state in (one, two)
        if USA in (one, two) and state != USA
    }
    return {
        (USA, other, year): seen.get((other, year), 0.0)
        for other in others
        for year in range(first, last)
    }


def _none_is_zero(counted: pl.DataFrame, span: tuple[int, int], cases: PactCases) -> Values:
    """Give the log of one plus a count; a state-year without a row inside the span has none."""
    seen = _as_values(counted.select("ccode", "year", pl.col("value").log1p()))
    states = set(cases.challenger.tolist()) | set(cases.target.tolist())
    years = range(span[0], span[1] + 1)
    return {(state, year): seen.get((state, year), 0.0) for state in states for year in years}


def _as_values(frame: pl.DataFrame) -> Values:
    return {row[:-1]: float(row[-1]) for row in frame.iter_rows()}


LEVERS = (
    Lever("exercises", "log of one plus exercises a year", ("exercise-tempo", "minilaterals"),
          ("exercises_mme_long",), exercises),
    Lever("US personnel", "log of one plus personnel", ("forward-deployment",),
          ("us_troops_annual",), troops),
    Lever("spending growth", "change of the log of spending over three years",
          ("spending-target", "counterstrike", "missile-defence"), ("nmc",), spending_growth),
    Lever("defence agreements", "log of one plus agreements in force",
          ("technology-cooperation", "minilaterals", "intelligence-sharing"),
          ("dca_agreements",), agreements),
    Lever("defence pact", "held or not", ("command-integration", "commitment-clarity"),
          ("atop_dyad",), pact, ("directed pair",)),
    Lever("trade of the pair", "log of one plus million current US dollars",
          ("diversification", "tariffs", "export-controls", "sanctions", "inducement"),
          ("cow_trade_dyad",), trade, ("pair",)),
    Lever("US visits to the other state", "log of one plus visits a year",
          ("dialogue-and-restraint",), ("us_leader_travels",), visits, ("pair",)),
)  # fmt: skip
