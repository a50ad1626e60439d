"""What page one says: numbers gathered once, so that prose, tables and results agree."""

import datetime as dt
from dataclasses import dataclass

import polars as pl

from foedus.measure.balance import balance
from foedus.measure.effort import effort
from foedus.record.store import AsOf, Record
from foedus.study.latent_measures import closeness
from foedus.study.outlook import Outlook
from foedus.study.tension_series import SERIES, monthly
from foedus.world.arenas import load_arena
from foedus.world.cases import Case
from foedus.world.errors import HindsightError, OutsideCoverageError
from foedus.world.months import add_months


@dataclass(frozen=True)
class Seen:
    """One number with what a reader needs beside it.

    Args:
        label: What it is of.
        value: The value.
        when: Period it stands for.
        unit: Unit.
        source: Table it comes from.
        lo90: Lower end of its interval, where it has one.
        hi90: Upper end.
        before: An earlier value to hold it against.
        before_when: Period of that value.
    """

    label: str
    value: float
    when: str
    unit: str
    source: str
    lo90: float | None = None
    hi90: float | None = None
    before: float | None = None
    before_when: str = ""


@dataclass(frozen=True)
class Findings:
    """The numbers behind page one.

    Args:
        obligations: For each ally in the order of the case, whether it owes the other defence.
        obligations_year: Year of that coding.
        effort: Last value of each effort indicator.
        closeness: Last level of each dimension of closeness.
        balance: Last balance of each domain, the allies' share.
        unbalanced: Domains without any sum, because a member has no value.
        arenas: Last twelve known months of each located series, against the twelve before.
        disputes: Forecast rows of the pairs of each ally with the rival.
        newest_dispute_year: Last year of the dispute record in use.
    """

    obligations: tuple[bool, bool]
    obligations_year: int
    effort: tuple[Seen, ...]
    closeness: tuple[Seen, ...]
    balance: tuple[Seen, ...]
    unbalanced: tuple[str, ...]
    arenas: tuple[Seen, ...]
    disputes: pl.DataFrame
    newest_dispute_year: int


def gather(record: Record, case: Case, as_of: AsOf, outlook: Outlook) -> Findings:
    """Collect the numbers of page one for a case."""
    one, two = (item.ccode for item in case.focal)
    pledges = record.read("atop_dyad", as_of=as_of)
    year = pledges["year"].max()
    assert isinstance(year, int)
    latest = pledges.filter((pl.col("year") == year) & (pl.col("atop_defense") == 1))
    owed = {(a, b) for a, b in latest.select("ccode1", "ccode2").iter_rows()}
    allies = {one, two}
    pairs = outlook.rows.filter(
        (pl.col("ccode1").is_in(allies) & (pl.col("ccode2") == case.rival.ccode))
        | (pl.col("ccode2").is_in(allies) & (pl.col("ccode1") == case.rival.ccode))
    ).filter(pl.col("unit") == "probability")
    ends = pairs["record_end"].max() if pairs.height else None
    shares = balance(record, [one, two], [case.rival.ccode], as_of)
    return Findings(
        obligations=((one, two) in owed, (two, one) in owed),
        obligations_year=year,
        effort=_latest(effort(record, one, two, as_of), "indicator", "effort", 5),
        closeness=_closeness(record, one, two, as_of),
        balance=_latest(shares, "domain", "balance", 20, "share of both sides"),
        unbalanced=_unbalanced(shares),
        arenas=_arenas(record, case, as_of),
        disputes=pairs,
        newest_dispute_year=ends.year if isinstance(ends, dt.date) else year,
    )


def _latest(
    frame: pl.DataFrame, apart: str, source: str, years_back: int, unit: str | None = None
) -> tuple[Seen, ...]:
    """Give the last value of each part of a measure, and one at least some years older."""
    found = []
    for (name,), rows in frame.drop_nulls("value").group_by(apart, maintain_order=True):
        last = rows.row(-1, named=True)
        earlier = rows.filter(pl.col("year") <= last["year"] - years_back)
        before = earlier.row(-1, named=True) if earlier.height else None
        found.append(
            Seen(
                label=str(name),
                value=last["value"],
                when=str(last["year"]),
                unit=unit or last["unit"],
                source=source,
                lo90=last["lo90"],
                hi90=last["hi90"],
                before=before["value"] if before else None,
                before_when=str(before["year"]) if before else "",
            )
        )
    return tuple(found)


def _unbalanced(shares: pl.DataFrame) -> tuple[str, ...]:
    """Name the domains in which no year has a sum of both sides."""
    whole = shares.group_by("domain", maintain_order=True).agg(pl.col("value").is_null().all())
    return tuple(whole.filter(pl.col("value"))["domain"])


def _closeness(record: Record, one: int, two: int, as_of: AsOf) -> tuple[Seen, ...]:
    try:
        frame = closeness(record, (one, two), 1946, as_of.day.year, as_of)
    except (OutsideCoverageError, HindsightError):
        return ()
    return _latest(frame, "dimension", "closeness", 10)


def _arenas(record: Record, case: Case, as_of: AsOf) -> tuple[Seen, ...]:
    found = []
    for name in case.arenas:
        for series in SERIES:
            if series.name not in load_arena(name).series:
                continue
            frame = monthly(record, series, name, as_of).drop_nulls("count")
            frame = frame.filter(pl.col("segment") == pl.col("segment").max())
            if frame.height < 24 or add_months(frame["month"][-24], 23) != frame["month"][-1]:
                continue
            last, before = frame.tail(12), frame.tail(24).head(12)
            found.append(
                Seen(
                    label=f"{series.title} ({load_arena(name).title})",
                    value=float(last["count"].sum()),
                    when=f"{last['month'][0]:%B %Y} to {last['month'][-1]:%B %Y}",
                    unit=f"{series.unit}, twelve months added",
                    source=series.table,
                    before=float(before["count"].sum()),
                    before_when=f"{before['month'][0]:%B %Y} to {before['month'][-1]:%B %Y}",
                )
            )
    return tuple(found)
