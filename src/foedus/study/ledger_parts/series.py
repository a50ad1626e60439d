"""The series the ledger asks about: those whose source goes on publishing.

Each is read twice over: the values a forecast may learn from, and the values that may settle a
question. The second leaves out whatever was not reported in full.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from foedus.measure import ideal_points
from foedus.record.schema import Rule, Table
from foedus.record.store import AsOf, Record
from foedus.score.rivals import Floats
from foedus.study import tension_series
from foedus.study.ledger_parts.lines import Criterion, Source, Statistic
from foedus.world.arenas import load_arena
from foedus.world.cases import Case
from foedus.world.countries import country, find_country
from foedus.world.months import add_months, month_end

LEAST_SHARE_REPORTED = 0.75


@dataclass(frozen=True)
class Subject:
    """What a series is about.

    Args:
        name: Name in output.
        place: Arena, where the series is counted in one.
        countries: COW numbers of the state or pair.
    """

    name: str
    place: str | None = None
    countries: tuple[int, ...] = ()


@dataclass(frozen=True)
class Observed:
    """One series as known on a date, one value a step.

    Args:
        monthly: A step is a month, counted as 12 x year + month - 1; otherwise a year.
        first: First step.
        values: What a forecast may learn from; missing is nan.
        settled: What may settle a question; missing is nan.
        estimated: Whether the producer marks the value as its own estimate.
        closes: Month a yearly value closes with.
    """

    monthly: bool
    first: int
    values: Floats
    settled: Floats
    estimated: np.ndarray
    closes: int = 12

    @property
    def last(self) -> int | None:
        """Give the last step with a value."""
        seen = np.flatnonzero(~np.isnan(self.values))
        return self.first + int(seen[-1]) if len(seen) else None

    def at(self, step: int) -> float:
        """Give the value that may settle a question at a step; nan where there is none."""
        inside = 0 <= step - self.first < len(self.settled)
        return float(self.settled[step - self.first]) if inside else float("nan")

    def marked(self, step: int) -> bool:
        """Say whether the value at a step is the producer's estimate."""
        return bool(self.estimated[step - self.first])

    def step(self, day: dt.date) -> int:
        """Give the step a day lies in."""
        return day.year * 12 + day.month - 1 if self.monthly else day.year

    def end(self, step: int) -> dt.date:
        """Give the last day of a step."""
        year, month = divmod(step, 12) if self.monthly else (step, self.closes - 1)
        return month_end(year, month + 1)


@dataclass(frozen=True)
class Published:
    """A series whose source goes on publishing.

    Args:
        name: Name in the ledger.
        table: Table of the record.
        unit: Unit of the value asked about.
        subjects: The subjects a case asks about.
        read: The series of a subject as known on a date.
        logarithm: Yearly changes are taken of the logarithm.
        pooled: Yearly changes are pooled over the countries of the case.
    """

    name: str
    table: str
    unit: str
    subjects: Callable[[Record, Case, AsOf], list[Subject]]
    read: Callable[[Record, Subject, AsOf], Observed]
    logarithm: bool = True
    pooled: bool = False


def known_to(spec: Table, as_of: AsOf) -> dt.date:
    """Give the last day a table covers that counts as known on a date."""
    last = spec.last_date or month_end(spec.last, 12)
    return min(last, add_months(as_of.day, -_lag(spec, as_of)))


def source(record: Record, table: str, covered: dt.date) -> Source:
    """Say where a table's figures are published, how far they were known, and since when."""
    spec = record.spec(table)
    return Source(
        table=table,
        producer=spec.producer,
        address=spec.address,
        version=spec.version,
        last_covered=covered,
        published_by=add_months(covered, spec.lag_months),
    )


@dataclass(frozen=True)
class Settled:
    """What the record in use says about a question.

    Args:
        value: Value of the statistic; None where a figure is missing.
        estimated: Whether the producer marks any of it as its own estimate.
        missing: Periods without a whole figure.
        covered: Last day with a figure of the series.
    """

    value: float | None
    estimated: bool
    missing: str
    covered: dt.date


def settle(record: Record, criterion: Criterion, as_of: AsOf) -> Settled:
    """Read what settles a question; nothing is filled in."""
    kept = PUBLISHED[criterion.series]
    observed = kept.read(record, Subject("", criterion.place, criterion.countries), as_of)
    covered = known_to(record.spec(kept.table), as_of)
    if observed.last is not None:
        covered = observed.end(observed.last)
    steps = list(range(observed.step(criterion.first), observed.step(criterion.last) + 1))
    if criterion.statistic is Statistic.INDEX:
        assert criterion.base is not None
        steps = [criterion.base, *steps]
    found = np.asarray([observed.at(step) for step in steps])
    missing = [_period(observed, step) for step in np.asarray(steps)[np.isnan(found)]]
    if missing:
        return Settled(None, False, ", ".join(missing), covered)
    estimated = any(observed.marked(step) for step in steps)
    if criterion.statistic is Statistic.INDEX:
        value = float(100 * found[-1] / found[0])
    elif criterion.statistic is Statistic.LARGEST:
        value = float(found.max())
    else:
        value = float(found.sum())
    return Settled(value, estimated, "", covered)


def changed_terms(criterion: Criterion, last_covered: dt.date) -> str | None:
    """Name the month from which a series was reported on other terms, if that lies in between."""
    if criterion.place is None:
        return None
    first = f"{add_months(last_covered, 1):%Y-%m}"
    last = f"{criterion.last:%Y-%m}"
    months = [item.month for item in load_arena(criterion.place).breaks]
    return next((month for month in months if first <= month <= last), None)


def _period(observed: Observed, step: int) -> str:
    return f"{observed.end(step):%Y-%m}" if observed.monthly else str(step)


def _lag(spec: Table, as_of: AsOf) -> int:
    return spec.lag_months if as_of.rule is Rule.KNOWN else 0


def _of_arenas(name: str) -> Callable[[Record, Case, AsOf], list[Subject]]:
    def subjects(record: Record, case: Case, as_of: AsOf) -> list[Subject]:
        arenas = [load_arena(arena) for arena in case.arenas]
        return [Subject(item.title, item.name) for item in arenas if name in item.series]

    return subjects


def _monthly(
    name: str, days: str | None = None, first: str | None = None
) -> Callable[[Record, Subject, AsOf], Observed]:
    """Read a monthly count; with a column of days reported, a month counts by these.

    A month with a day unreported settles nothing. For forecasting it is scaled to its length if at
    least three quarters of its days were reported, and missing otherwise.
    """
    found = next(item for item in tension_series.SERIES if item.name == name)
    begun = replace(found, first=first) if first else found

    def read(record: Record, subject: Subject, as_of: AsOf) -> Observed:
        assert subject.place is not None
        frame = tension_series.monthly(record, begun, subject.place, as_of)
        if frame.height:
            frame = frame.filter(pl.col("segment") == frame["segment"][-1])
        settled = values = frame["count"].cast(pl.Float64).to_numpy().astype(np.float64)
        if days is not None:
            reported = record.read(
                found.table, columns=["month", days, "days_in_month"], as_of=as_of
            )
            joined = frame.join(reported, on="month", how="left", maintain_order="left")
            share = (joined[days] / joined["days_in_month"]).to_numpy().astype(np.float64)
            settled = np.where(share == 1, values, np.nan)
            enough = share >= LEAST_SHARE_REPORTED
            values = np.where(enough, values / np.where(enough, share, 1), np.nan)
        start = frame["month"][0] if frame.height else as_of.day
        return Observed(
            True, start.year * 12 + start.month - 1, values, settled, np.zeros(len(values), bool)
        )

    return read


def _yearly(frame: pl.DataFrame, spec: Table, column: str) -> Observed:
    """Lay a table of `year, value, estimated` out year by year; absent years are nan.

    A value the source only carries on settles nothing.
    """
    frame = frame.drop_nulls("value").sort("year")
    if not frame.height:
        return Observed(False, 0, np.empty(0), np.empty(0), np.zeros(0, bool))
    years = frame["year"].to_numpy().astype(np.int64)
    values = np.full(int(years[-1] - years[0]) + 1, np.nan)
    values[years - years[0]] = frame["value"].to_numpy()
    estimated = np.zeros(len(values), bool)
    estimated[years - years[0]] = frame["estimated"].to_numpy()
    settled = values.copy()
    carried = spec.columns[column].carried_after
    if carried is not None:
        settled[max(carried + 1 - int(years[0]), 0) :] = np.nan
    return Observed(False, int(years[0]), values, settled, estimated)


def _spenders(record: Record, case: Case, as_of: AsOf) -> list[Subject]:
    return [Subject(item.name, None, (item.ccode,)) for item in (*case.focal, case.rival)]


def _spending(record: Record, subject: Subject, as_of: AsOf) -> Observed:
    column = "constant_2023_musd"
    frame = record.read(
        "sipri_milex", columns=["ccode", "year", column, f"{column}_estimated"], as_of=as_of
    )
    own = frame.filter(pl.col("ccode") == subject.countries[0]).select(
        "year", value=pl.col(column), estimated=pl.col(f"{column}_estimated").fill_null(False)
    )
    return _yearly(own, record.spec("sipri_milex"), column)


def _hosts(record: Record, case: Case, as_of: AsOf) -> list[Subject]:
    """Name the countries of a case to which the United States owes defence, in its order."""
    sender = find_country("USA").ccode
    pledges = record.read(
        "atop_dyad", columns=["ccode1", "ccode2", "year", "atop_defense"], as_of=as_of
    )
    if sender not in case.countries or not pledges.height:
        return []
    owed = pledges.filter(
        (pl.col("year") == pl.col("year").max()) & (pl.col("ccode1") == sender)
    ).filter("atop_defense")["ccode2"]
    known = set(owed.to_list())
    return [Subject(country(c).name, None, (c,)) for c in case.countries if c in known]


def _troops(record: Record, subject: Subject, as_of: AsOf) -> Observed:
    frame = record.read(
        "us_troops", columns=["ccode", "month", "september", "troops_ad"], as_of=as_of
    )
    own = frame.filter((pl.col("ccode") == subject.countries[0]) & pl.col("september")).filter(
        pl.col("month").dt.month() == 9
    )
    yearly = own.select(
        year=pl.col("month").dt.year(),
        value=pl.col("troops_ad").cast(pl.Float64),
        estimated=pl.lit(False),
    )
    return replace(_yearly(yearly, record.spec("us_troops"), "troops_ad"), closes=9)


def _pairs(record: Record, case: Case, as_of: AsOf) -> list[Subject]:
    one, two, rival = *case.focal, case.rival
    pairs = ((one, two), (one, rival), (two, rival))
    return [Subject(f"{a.name} and {b.name}", None, (a.ccode, b.ccode)) for a, b in pairs]


def _distance(record: Record, subject: Subject, as_of: AsOf) -> Observed:
    one, two = subject.countries
    frame = ideal_points.distance(record, one, two, as_of)
    yearly = frame.select("year", "value", estimated=pl.lit(True))
    return _yearly(yearly, record.spec("un_ideal_points"), "idealpointfp")


PUBLISHED: dict[str, Published] = {
    item.name: item
    for item in (
        Published(
            "pla_aircraft",
            "pla_taiwan_monthly",
            "aircraft reported in a month",
            _of_arenas("pla_aircraft"),
            _monthly("pla_aircraft", "aircraft_days", first="2022-08"),
        ),
        Published(
            "pla_vessels",
            "pla_taiwan_monthly",
            "vessels reported in a month",
            _of_arenas("pla_vessels"),
            _monthly("pla_vessels", "vessel_days"),
        ),
        Published(
            "nk_launch_days",
            "nk_missile_tests",
            "days with a launch in a month",
            _of_arenas("nk_launch_days"),
            _monthly("nk_launch_days"),
        ),
        Published(
            "military_spending",
            "sipri_milex",
            "index, base year = 100",
            _spenders,
            _spending,
            pooled=True,
        ),
        Published("us_troops", "us_troops", "persons", _hosts, _troops),
        Published(
            "un_distance",
            "un_ideal_points",
            "ideal-point units",
            _pairs,
            _distance,
            logarithm=False,
        ),
    )
}
"""Every series the ledger asks about, by name."""
