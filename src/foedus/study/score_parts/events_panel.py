"""Monthly events of task 5: 24 directed series among twelve pairs, as the carrier file has them.

The file lacks whole states as actors, so most of the pairs are persons and agencies alone. Three
pairs are scored singly, two are flagged as partial, the others count in the pooled rows alone.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.record.store import AsOf, Record
from foedus.study.law_cases.incidents import MonthlySeries
from foedus.world.countries import country

Floats = NDArray[np.float64]
FILE = "icews_2005_2015"
FIRST = 12 * 2005
MONTHS = 132
NAMED = ((710, 740), (710, 816), (732, 740))
PARTIAL = ((710, 713), (2, 710))
POOLED = ((731, 732), (2, 731), (731, 740), (710, 840), (2, 740), (2, 732), (710, 750))
PAIRS = (*NAMED, *PARTIAL, *POOLED)
CLASSES = {"conflict": ("verbconf", "matlconf"), "verbal cooperation": ("verbcoop",)}
KINDS = {"conflict": "conflict in words", "verbal cooperation": "cooperation in words"}


@dataclass(frozen=True)
class EventPanel:
    """Counts of facts by class, directed series and month.

    Args:
        source: COW number of who acts, shape (series,).
        target: COW number of whom it concerns.
        counts: By class, shape (series, month); a month without a row of the pair counts none,
            which is true of the file and not of the world.
        facts: Facts of all actors in the file, shape (month,).
        whole: Whether the month is whole and not sampled.
    """

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    counts: dict[str, Floats]
    facts: Floats
    whole: NDArray[np.bool_]

    @property
    def answer(self) -> NDArray[np.int64]:
        """For each series, the number of the other side's."""
        return np.arange(len(self.source)) ^ 1

    @property
    def first_whole(self) -> int:
        """Number of the first month from which every month is whole."""
        return int(np.flatnonzero(~self.whole).max()) + 1 if not self.whole.all() else 0

    def until(self, month: int) -> "EventPanel":
        """Give the months before one, by number; nothing later is kept."""
        return EventPanel(
            self.source,
            self.target,
            {name: part[:, :month] for name, part in self.counts.items()},
            self.facts[:month],
            self.whole[:month],
        )


def event_panel(record: Record, as_of: AsOf) -> EventPanel:
    """Count the facts of the carrier file."""
    own = pl.col("file") == FILE
    rows = record.read("icews_monthly", as_of=as_of).filter(own)
    coverage = record.read("icews_coverage", as_of=as_of).filter(own)
    series = [(a, b) for low, high in PAIRS for a, b in ((low, high), (high, low))]
    number = {pair: k for k, pair in enumerate(series)}
    counts = {name: np.zeros((len(series), MONTHS)) for name in CLASSES}
    kinds = [pl.sum_horizontal(*columns).alias(name) for name, columns in CLASSES.items()]
    for one, two, month, *found in rows.select("ccode1", "ccode2", "month", *kinds).iter_rows():
        k = number.get((one, two))
        at = 12 * month.year + month.month - 1 - FIRST
        if k is not None and 0 <= at < MONTHS:
            for name, count in zip(CLASSES, found, strict=True):
                counts[name][k, at] += count
    facts, whole = np.full(MONTHS, np.nan), np.zeros(MONTHS, dtype=bool)
    for month, total, zero in coverage.select("month", "facts", "absent_is_zero").iter_rows():
        at = 12 * month.year + month.month - 1 - FIRST
        facts[at], whole[at] = float(total), zero
    return EventPanel(
        source=np.array([a for a, _ in series], dtype=np.int64),
        target=np.array([b for _, b in series], dtype=np.int64),
        counts=counts,
        facts=facts,
        whole=whole,
    )


def law_series(panel: EventPanel, *, sampled: bool, effort: bool) -> list[MonthlySeries]:
    """Lay out the series as the law reads them: a level of its own before and after the sample.

    Args:
        panel: Months to the origin.
        sampled: With the months in which only a fifth of the facts is there.
        effort: With the facts of all actors of the month as effort, centred on months so far.

    Returns:
        Series of both classes; those that go on come last, by class and then in panel order.
    """
    start = panel.first_whole
    spans = [("whole", slice(start, None))]
    if sampled:
        spans.insert(0, ("sampled", slice(0, start)))
    found = []
    for part, span in spans:
        months = FIRST + np.arange(len(panel.facts))[span]
        facts = panel.facts[span]
        log_effort = np.log(facts / facts.mean()) if effort else np.zeros(len(facts))
        for name in CLASSES:
            labels = [
                f"{country(int(a)).iso3}>{country(int(b)).iso3} {name}, {part}"
                for a, b in zip(panel.source, panel.target, strict=True)
            ]
            for k, label in enumerate(labels):
                found.append(
                    MonthlySeries(
                        name=label,
                        series=label.split(",")[0],
                        kind=KINDS[name],
                        months=months,
                        counts=panel.counts[name][k, span],
                        effort=log_effort,
                        reporting=np.zeros(len(months)),
                        answered_by=labels[k ^ 1],
                        last=part == "whole",
                    )
                )
    return found
