"""Monthly series of acts, by dyad and by arena: rows of the law of incidents.

A series is one kind of act from one state to another in one carrier file, or one series of an
arena between two known breaks of its terms. Only series that pass the coverage test are used; the
list of those that do, and of those that do not with the reason, is part of every fit.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.estimate.laplace import Cases
from foedus.model.laws import incidents as law
from foedus.record.store import AsOf, Record
from foedus.study.law_cases.disputes import held
from foedus.study.tension_series import SERIES, monthly
from foedus.world.arenas import arena_names, load_arena
from foedus.world.countries import country

Floats = NDArray[np.float64]
LEAST_MONTHS = 24
LEAST_MEAN = 0.2
BURN_IN = 6
EXAMPLES = 3
REPORTING_FROM = 2012
GROWING = ("scs_incidents",)
DYAD_KINDS = {
    "cooperation in words": ("verbcoop",),
    "conflict in words": ("verbconf",),
    "acts": ("matlcoop", "matlconf"),
}
OWN = "own_texts_monthly"
READ = (
    "icews_monthly",
    "icews_coverage",
    "icews_nodes",
    "pla_taiwan_monthly",
    "scs_incidents_monthly",
    "nk_missile_tests",
)


@dataclass(frozen=True)
class MonthlySeries:
    """One monthly series of counts.

    Args:
        name: Unit of the law: series, file and segment.
        series: Name without file and segment, the same across files.
        kind: Kind of act, one of the law's.
        months: Months counted from year zero, consecutive.
        counts: Counts; nan where the month is not covered.
        effort: Log of facts of all states in the file that month, centred; zero for arenas.
        reporting: Decades since 2012 where reporting grows, else zero.
        answered_by: Name of the series of the other side, or empty.
        last: Whether it is the newest series of its name, the one a forecast goes on from.
    """

    name: str
    series: str
    kind: str
    months: NDArray[np.int64]
    counts: Floats
    effort: Floats
    reporting: Floats
    answered_by: str
    last: bool


@dataclass(frozen=True)
class Refused:
    """A series that fails the coverage test.

    Args:
        series: Name, or `every series` where the whole file fails.
        file: Carrier file or table.
        reason: The test it fails, the same words for every series that fails it.
        found: What was found.
    """

    series: str
    file: str
    reason: str
    found: str


def refused_counts(refused: Iterable[Refused]) -> list[dict[str, str | int | list[str]]]:
    """Count refused series by file and reason, with a few of their names."""
    groups: dict[tuple[str, str], list[str]] = {}
    for item in refused:
        groups.setdefault((item.file, item.reason), []).append(f"{item.series} ({item.found})")
    return [
        {"file": file, "reason": reason, "count": len(names), "examples": names[:EXAMPLES]}
        for (file, reason), names in sorted(groups.items())
    ]


def monthly_series(record: Record, as_of: AsOf) -> tuple[list[MonthlySeries], list[Refused]]:
    """Collect all series that pass the coverage test, and say why the others do not.

    The test: at least 24 covered months in the file or segment, a mean of at least .2 acts a
    month, and, between states, both named in the file and months that are whole and not sampled.
    """
    dyads, refused = _dyad_series(record, as_of)
    own, left_out = own_series(record, as_of)
    arenas, too_short = arena_series(record, as_of)
    return [*arenas, *dyads, *own], [*too_short, *refused, *left_out]


def arena_series(record: Record, as_of: AsOf) -> tuple[list[MonthlySeries], list[Refused]]:
    """Collect the series of the arenas, one a segment, and say why others are not used."""
    found, refused = [], []
    for arena in arena_names():
        for series in SERIES:
            if series.name not in load_arena(arena).series:
                continue
            frame = monthly(record, series, arena, as_of)
            if frame.is_empty():
                refused.append(
                    Refused(series.name, series.table, "no month is covered at this date", "none")
                )
                continue
            newest = frame["segment"].max()
            for (segment,), part in frame.group_by("segment", maintain_order=True):
                months = np.array([12 * d.year + d.month - 1 for d in part["month"]])
                counts = part["count"].to_numpy().astype(np.float64)
                name = f"{series.name} {segment}"
                failed = _failed(counts)
                if failed:
                    refused.append(Refused(name, series.table, *failed))
                    continue
                decades = (months - 12 * REPORTING_FROM) / 120
                found.append(
                    MonthlySeries(
                        name=name,
                        series=series.name,
                        kind="arena",
                        months=months,
                        counts=counts,
                        effort=np.zeros(len(months)),
                        reporting=decades * (series.name in GROWING),
                        answered_by="",
                        last=segment == newest,
                    )
                )
    return found, refused


def _failed(counts: Floats) -> tuple[str, str] | None:
    """Give the reason for which a series is refused and what was found; None where it passes."""
    covered = int(np.isfinite(counts).sum())
    if covered < LEAST_MONTHS:
        return f"fewer than {LEAST_MONTHS} months covered", f"{covered} months"
    mean = float(np.nanmean(counts))
    if mean < LEAST_MEAN:
        return f"fewer than {LEAST_MEAN} acts a month on average", f"{mean:.2f} a month"
    return None


def _dyad_series(record: Record, as_of: AsOf) -> tuple[list[MonthlySeries], list[Refused]]:
    coverage = record.read("icews_coverage", as_of=as_of).filter(pl.col("absent_is_zero"))
    nodes = record.read("icews_nodes").filter(pl.col("named"))
    counted = record.read("icews_monthly", as_of=as_of)
    found, refused = [], []
    for (file, part), whole in coverage.sort("month").group_by("file", "part", maintain_order=True):
        first, last = whole["month"].min(), whole["month"].max()
        assert isinstance(first, dt.date)
        assert isinstance(last, dt.date)
        months = np.arange(12 * first.year + first.month - 1, 12 * last.year + last.month)
        at = {12 * d.year + d.month - 1: f for d, f in whole.select("month", "facts").iter_rows()}
        facts = np.array([float(at.get(int(m), np.nan)) for m in months])
        covered = np.isfinite(facts)
        if covered.sum() < LEAST_MONTHS:
            reason = f"fewer than {LEAST_MONTHS} whole months, not sampled"
            refused.append(
                Refused("every series", f"{file}, {part}", reason, f"{int(covered.sum())} months")
            )
            continue
        own = (pl.col("file") == file) & (pl.col("part") == part)
        named = nodes.filter(own)["ccode"].sort().to_list()
        passed, failed = _between(counted.filter(own), named, months, facts, file, part)
        found += passed
        refused += failed
    return found, refused


def own_series(record: Record, as_of: AsOf) -> tuple[list[MonthlySeries], list[Refused]]:
    """Collect the series of the user's own texts, where such are in the record.

    A month is covered if the texts hold any event in it; they are a file of their own, with a
    level and an effort of their own. Only states that act on one another in them are asked about.
    """
    if OWN not in record.names():
        return [], []
    rows = record.read(OWN, as_of=as_of)
    if rows.is_empty():
        return [], [Refused("every series", OWN, "no month is covered at this date", "none")]
    at = np.array([12 * d.year + d.month - 1 for d in rows["month"]])
    months = np.arange(at.min(), at.max() + 1)
    total = rows.select(pl.sum_horizontal("verbcoop", "matlcoop", "verbconf", "matlconf"))
    facts = np.bincount(at - months[0], weights=total.to_series().to_numpy()).astype(np.float64)
    facts[facts == 0] = np.nan
    covered = int(np.isfinite(facts).sum())
    if covered < LEAST_MONTHS:
        reason = f"fewer than {LEAST_MONTHS} months covered"
        return [], [Refused("every series", OWN, reason, f"{covered} months")]
    named = sorted({*rows["ccode1"], *rows["ccode2"]})
    return _between(rows, named, months, facts, OWN, "own texts")


def _between(
    rows: pl.DataFrame,
    named: list[int],
    months: NDArray[np.int64],
    facts: Floats,
    file: str,
    part: str,
) -> tuple[list[MonthlySeries], list[Refused]]:
    """Collect the series between each two states of one file, a level for each file and part."""
    covered = np.isfinite(facts)
    effort = np.log(facts / np.nanmean(facts))
    found, refused = [], []
    where = file if file == OWN else f"{file}, {part}"
    for kind, columns in DYAD_KINDS.items():
        grid = _counts(rows, columns, named, months)
        for i, one in enumerate(named):
            for j, two in enumerate(named):
                if i == j:
                    continue
                counts = np.where(covered, grid[i, j], np.nan)
                series = f"{_iso(one)}>{_iso(two)} {kind}"
                failed = _failed(counts)
                if failed:
                    refused.append(Refused(series, where, *failed))
                    continue
                found.append(
                    MonthlySeries(
                        name=f"{series}, {part}",
                        series=series,
                        kind=kind,
                        months=months,
                        counts=counts,
                        effort=np.where(covered, effort, 0.0),
                        reporting=np.zeros(len(months)),
                        answered_by=f"{_iso(two)}>{_iso(one)} {kind}, {part}",
                        last=True,
                    )
                )
    return found, refused


def _iso(ccode: int) -> str:
    return country(ccode).iso3


def _counts(
    rows: pl.DataFrame, columns: tuple[str, ...], named: list[int], months: NDArray[np.int64]
) -> Floats:
    """Count acts, shape (source, target, month); a named pair without a row in a month did none."""
    index = {code: i for i, code in enumerate(named)}
    grid = np.zeros((len(named), len(named), len(months)))
    inside = rows.filter(pl.col("ccode1").is_in(named) & pl.col("ccode2").is_in(named))
    total = inside.select("ccode1", "ccode2", "month", n=pl.sum_horizontal(*columns))
    for one, two, month, n in total.iter_rows():
        at = 12 * month.year + month.month - 1 - int(months[0])
        if 0 <= at < len(months):
            grid[index[one], index[two], at] += n
    return grid


@dataclass(frozen=True)
class SeriesMemory:
    """What a series remembers: inputs as of the month before each month, and at its end."""

    recent: Floats
    slow: Floats
    end_recent: float
    end_slow: float


def series_memory(counts: Floats) -> SeriesMemory:
    """Run a series' recent and slow means; a month that is not covered leaves them as they are.

    They begin at the mean of the first six covered months, which are therefore not fitted.
    """
    start = float(np.nanmean(counts[np.isfinite(counts)][:BURN_IN]))
    recent, slow = start, start
    recents, slows = np.empty(len(counts)), np.empty(len(counts))
    for t, count in enumerate(counts):
        recents[t], slows[t] = recent, slow
        if np.isfinite(count):
            recent = law.KEEP_FAST * recent + (1 - law.KEEP_FAST) * float(count)
            slow = law.KEEP_SLOW * slow + (1 - law.KEEP_SLOW) * float(count)
    return SeriesMemory(recents, slows, recent, slow)


def incident_cases(found: list[MonthlySeries]) -> Cases:
    """Give the rows of incidents: one a covered month of each series, past its first six."""
    memory = {item.name: series_memory(item.counts) for item in found}
    names = [term.name for term in law.Incidents().terms]
    terms, value, unit, month = [], [], [], []
    beside: dict[str, list[Floats]] = {}
    for number, item in enumerate(found):
        own = memory[item.name]
        other = memory.get(item.answered_by)
        answer = other.recent if other is not None else np.zeros(len(item.counts))
        whole = np.ones(len(item.counts))
        given = law.inputs(answer, item.reporting, whole * (item.kind == "arena"))
        kind = whole * law.KINDS.index(item.kind)
        usable = np.isfinite(item.counts)
        usable[np.flatnonzero(usable)[:BURN_IN]] = False
        terms.append(np.stack([np.asarray(given[name])[usable] for name in names], axis=1))
        value.append(item.counts[usable])
        unit.append(np.full(int(usable.sum()), number))
        month.append(item.months[usable])
        for name, part in law.around(own.recent, own.slow, item.effort, kind).items():
            beside.setdefault(name, []).append(np.asarray(part, dtype=np.float64)[usable])
    months = np.concatenate(month)
    first = int(months.min() // 12)
    return Cases(
        value=np.concatenate(value),
        terms=held(law.Incidents(), np.concatenate(terms).astype(np.float64)),
        offset=np.zeros(len(months)),
        unit=np.concatenate(unit).astype(np.int64),
        units=tuple(item.name for item in found),
        year=(months // 12 - first).astype(np.int64),
        years=tuple(range(first, int(months.max() // 12) + 1)),
        extra={name: np.concatenate(parts) for name, parts in beside.items()},
    )


def dyad_conflict(
    record: Record, as_of: AsOf, part: str = "ICEWS05-15"
) -> list[tuple[NDArray[np.int64], dict[tuple[int, int], Floats]]]:
    """Count the conflict between each two named states of a file, both ways, in words and acts.

    The sampled and the whole months are two segments, whose levels cannot be compared; in the
    sample an absent row means none sampled. A month that mixes the two is left out.

    Args:
        record: The record.
        as_of: What may be used.
        part: Carrier file.

    Returns:
        For each segment its months, counted from year zero, and counts by pair, lower number first.
    """
    whole = record.read("icews_coverage", as_of=as_of).filter(
        (pl.col("part") == part) & pl.col("whole")
    )
    own = pl.col("part") == part
    named = record.read("icews_nodes").filter(own & pl.col("named"))["ccode"].sort().to_list()
    rows = record.read("icews_monthly", as_of=as_of).filter(own)
    segments = []
    for (sampled,), covered in whole.sort("month").group_by("sampled", maintain_order=True):
        months = np.array([12 * d.year + d.month - 1 for d in covered["month"]])
        months = months[:-1] if sampled else months
        grid = _counts(rows, ("verbconf", "matlconf"), named, months)
        found = {
            (one, two): grid[i, j] + grid[j, i]
            for i, one in enumerate(named)
            for j, two in enumerate(named)
            if one < two
        }
        segments.append((months, found))
    return segments
