"""Action and reaction: does conflict received last month tell conflict sent this month?"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from foedus.record.store import Record
from foedus.study.theory_parts.estimators import (
    Clusters,
    Fit,
    Floats,
    Ints,
    count_log_probability,
    expected,
    fit_counts,
    fit_linear_rates,
    linear_rates,
)
from foedus.study.theory_parts.evidence import paired_gain
from foedus.study.theory_parts.result import Gain

KEPT_PER_MONTH = 0.5
START_MONTHS = 3
LEAST_MONTHS = 6
TRAINED_MONTHS = 3
FIRST_TARGET = 12 * 2013 + 6
_PAIRS = 1000


@dataclass(frozen=True)
class ReactionCases:
    """Directed dyads by month within a carrier file, as arrays.

    Args:
        pair: Number of the unordered pair.
        file: Number of the carrier file.
        month: 12 x year + month - 1.
        sent: Facts of conflict, source to target, in the month.
        own: Decayed mean of what the source sent in past months.
        own_mean: Plain mean of it over all past months of the file.
        received: Decayed mean of what the source received from the target.
        received_mean: Plain mean of it over all past months of the file.
    """

    pair: Ints
    file: Ints
    month: Ints
    sent: Floats
    own: Floats
    own_mean: Floats
    received: Floats
    received_mean: Floats

    def keep(self, rows: np.ndarray) -> "ReactionCases":
        """Keep some rows."""
        return ReactionCases(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Run:
    """Unbroken months of one carrier file.

    Args:
        file: Name of the file.
        pairs: `low, high` COW numbers, shape (pair, 2).
        month: 12 x year + month - 1 of each step.
        counts: Facts of conflict by month, low to high and high to low, shape (pair, 2, month).
    """

    file: str
    pairs: Ints
    month: Ints
    counts: Floats


def read_runs(record: Record, kinds: tuple[str, ...] = ("verbconf", "matlconf")) -> list[Run]:
    """Read the months in which an absent pair had no fact, for pairs of states named in the file.

    Files with fewer than six such months are left out. Where two files cover a month, the pair is
    taken from the one that covers more months, so that no fact counts twice.
    """
    coverage = record.read("icews_coverage").filter(pl.col("absent_is_zero"))
    events = record.read(
        "icews_monthly", columns=["file", "part", "ccode1", "ccode2", "month", *kinds]
    )
    here = set(events["ccode1"]) | set(events["ccode2"])
    nodes = record.read("icews_nodes").filter(pl.col("named") & pl.col("ccode").is_in(list(here)))
    files = coverage.group_by("file", "part").agg(pl.col("month").sort())
    files = files.filter(pl.col("month").list.len() >= LEAST_MONTHS)
    files = files.sort(pl.col("month").list.len(), pl.col("file"), descending=[True, False])
    taken: list[tuple[set[tuple[int, int]], set[int]]] = []
    runs = []
    for file, part, months in files.iter_rows():
        within = (pl.col("file") == file) & (pl.col("part") == part)
        named = sorted(nodes.filter(within)["ccode"])
        numbers = _unbroken([_number(month) for month in months])
        pairs = [(a, b) for a in named for b in named if a < b]
        pairs = [
            pair
            for pair in pairs
            if not any(pair in held and span & set(numbers) for held, span in taken)
        ]
        taken.append((set(pairs), set(numbers)))
        runs.append(_run(events.filter(within), file, pairs, numbers, kinds))
    return runs


def _number(month: dt.date) -> int:
    return 12 * month.year + month.month - 1


def _unbroken(months: list[int]) -> list[int]:
    """Keep the last unbroken stretch of months."""
    start = 0
    for at in range(1, len(months)):
        if months[at] != months[at - 1] + 1:
            start = at
    return months[start:]


def _run(
    events: pl.DataFrame,
    file: str,
    pairs: list[tuple[int, int]],
    months: list[int],
    kinds: tuple[str, ...],
) -> Run:
    number = {pair: at for at, pair in enumerate(pairs)}
    counts = np.zeros((len(pairs), 2, len(months)))
    for source, target, month, *found in events.select(
        "ccode1", "ccode2", "month", *kinds
    ).iter_rows():
        at = number.get((min(source, target), max(source, target)))
        step = _number(month) - months[0]
        if at is not None and 0 <= step < len(months):
            counts[at, int(source > target), step] += sum(found)
    return Run(file, np.array(pairs, dtype=np.int64), np.array(months, dtype=np.int64), counts)


def reaction_cases(runs: list[Run], *, kept: float = KEPT_PER_MONTH) -> ReactionCases:
    """Turn runs of months into cases; the first three months of a run serve as history alone.

    Args:
        runs: One a carrier file.
        kept: Share of the past that is kept from one month to the next.
    """
    parts = [_cases(run, file, kept) for file, run in enumerate(runs)]
    return ReactionCases(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ReactionCases.__dataclass_fields__
        )
    )


def _cases(run: Run, file: int, kept: float) -> ReactionCases:
    decayed, mean = np.zeros_like(run.counts), np.zeros_like(run.counts)
    for step in range(1, len(run.month)):
        last = run.counts[..., step - 1]
        decayed[..., step] = (
            last if step == 1 else (1 - kept) * last + kept * decayed[..., step - 1]
        )
        mean[..., step] = run.counts[..., :step].mean(axis=-1)
    shape = run.counts[..., START_MONTHS:].shape
    pair = run.pairs[:, 0] * _PAIRS + run.pairs[:, 1]

    def flat(values: Floats, *, turned: bool = False) -> Floats:
        return (values[:, ::-1] if turned else values)[..., START_MONTHS:].ravel()

    return ReactionCases(
        np.broadcast_to(pair[:, None, None], shape).ravel().astype(np.int64),
        np.full(int(np.prod(shape)), file, dtype=np.int64),
        np.broadcast_to(run.month[START_MONTHS:], shape).ravel().astype(np.int64),
        flat(run.counts),
        flat(decayed),
        flat(mean),
        flat(decayed, turned=True),
        flat(mean, turned=True),
    )


def reaction_effect(cases: ReactionCases) -> Fit:
    """Fit what is sent on what was received; the first coefficient is facts sent per fact received.

    Beside it stand the decayed past of what the source itself sent, the long-run means of both
    directions, and an intercept for each carrier file. All add to the expected count.
    """
    return fit_linear_rates(_terms(cases), cases.sent, Clusters(cases.pair))


def reaction_elasticity(cases: ReactionCases) -> Fit:
    """Fit the same with a log link on logs of one plus each term: the first is an elasticity."""
    past = np.log1p(np.column_stack([cases.received, *_past(cases)]))
    terms = np.column_stack([past, np.ones(len(cases.file)), _levels(cases)[:, 1:]])
    return fit_counts(terms, cases.sent, Clusters(cases.pair), overdispersed=True)


def _terms(cases: ReactionCases, files: Ints | None = None, *, use: bool = True) -> Floats:
    return np.column_stack(
        [*([cases.received] if use else []), *_past(cases), _levels(cases, files)]
    )


def _past(cases: ReactionCases) -> list[Floats]:
    return [cases.own, cases.own_mean, cases.received_mean]


def _levels(cases: ReactionCases, files: Ints | None = None) -> Floats:
    """Give one column a carrier file."""
    files = np.unique(cases.file) if files is None else files
    return (cases.file[:, None] == files[None, :]).astype(np.float64)


def reaction_gain(cases: ReactionCases) -> Gain:
    """Forecast each month with and without what was received, fitted on earlier months alone.

    Targets run from July 2013; a file's months count once three of its months were trained on, so
    that its level is known.
    """
    gaps, pairs = [], []
    for month in np.unique(cases.month[cases.month >= FIRST_TARGET]):
        past = cases.month < month
        known = [
            file
            for file in np.unique(cases.file[past])
            if len(np.unique(cases.month[past & (cases.file == file)])) >= TRAINED_MONTHS
        ]
        train = cases.keep(past & np.isin(cases.file, known))
        now = cases.keep((cases.month == month) & np.isin(cases.file, known))
        if not len(now.month):
            continue
        with_term, without = (_log_loss(train, now, use=use) for use in (True, False))
        gaps.append(with_term - without)
        pairs.append(now.pair)
    gap, pair = np.concatenate(gaps), np.concatenate(pairs)
    return paired_gain("log loss of monthly counts", gap, Clusters(pair))


def _log_loss(train: ReactionCases, now: ReactionCases, *, use: bool) -> Floats:
    files = np.unique(train.file)
    coefficient, spread = linear_rates(_terms(train, files, use=use), train.sent)
    rate = expected(_terms(now, files, use=use), coefficient)
    return -count_log_probability(now.sent, rate, spread)
