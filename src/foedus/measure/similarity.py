"""Similarity of foreign policy: S, weighted S, Cohen's kappa and Scott's pi, for all pairs at once.

A state's portfolio lists what ties it to every member of the system in a year. Each score of all
pairs is a few matrix products: a sum of absolute differences of whole-number levels is a sum over
thresholds of counts of disagreement, and a sum of squared differences is a cross product.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from foedus.measure.panel.frames import Axis, build_frame, read_axis
from foedus.record.coverage import covered_years
from foedus.record.store import AsOf, Record
from foedus.world.errors import OutsideCoverageError

TOP_LEVEL = 3
ONE_THREAD_PRODUCTS = 250_000
SCORES = ("s", "s_weighted", "kappa", "pi")


@dataclass(frozen=True)
class Scores:
    """Scores of all pairs of members of a system in a year, as square matrices in [-1, 1]."""

    s: np.ndarray
    s_weighted: np.ndarray
    kappa: np.ndarray
    pi: np.ndarray


def similarity(levels: np.ndarray, weights: np.ndarray | None = None) -> Scores:
    """Score every pair of rows of a matrix of portfolio levels.

    Args:
        levels: Row i, column k: level 0 to 3 of what ties state i to state k.
        weights: Weight of each column in weighted S (shares of capability); missing values give
            missing scores.

    Returns:
        S = 1 - 2 sum|a - b| / (n times the range of levels), the same weighted, and the
        chance-corrected kappa and pi with squared distances; nan where a score is undefined,
        as for two portfolios without any variation.

    Source:
        Signorino, C. S. and J. M. Ritter. 1999. Tau-b or Not Tau-b. International Studies
        Quarterly 43(1): 115-144. Hage, F. M. 2011. Choice or Circumstance? Adjusting Measures of
        Foreign Policy Similarity for Chance Agreement. Political Analysis 19(3): 287-305.
    """
    count = levels.shape[1]
    even = np.full(count, 1 / count)
    values = levels.astype(np.float64)
    cross = _product(values, values.T)
    squares = np.diagonal(cross)
    means = values.mean(axis=1)
    apart = squares[:, None] + squares[None, :] - 2 * cross
    spread = squares - count * means**2
    by_own = spread[:, None] + spread[None, :] + count * (means[:, None] - means[None, :]) ** 2
    middle = (means[:, None] + means[None, :]) / 2
    by_common = squares[:, None] + squares[None, :] - 2 * count * middle**2
    with np.errstate(invalid="ignore", divide="ignore"):
        kappa = np.where(by_own > 1e-9, 1 - apart / by_own, np.nan)
        pi = np.where(by_common > 1e-9, 1 - apart / by_common, np.nan)
    weighted = even if weights is None else weights / weights.sum()
    return Scores(_signorino_ritter(levels, even), _signorino_ritter(levels, weighted), kappa, pi)


def _signorino_ritter(levels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    apart = np.zeros((len(levels), len(levels)), dtype=np.float32)
    for level in range(1, TOP_LEVEL + 1):
        above = (levels >= level).astype(np.float32)
        weighed = above * weights.astype(np.float32)
        total = weighed.sum(axis=1)
        apart += total[:, None] + total[None, :] - 2 * _product(weighed, above.T)
    return 1 - 2 * apart / TOP_LEVEL


def _product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Multiply in blocks too small for the linear algebra library to spread over threads.

    On a busy machine its threads wait for each other far longer than these products take.
    """
    rows = max(1, ONE_THREAD_PRODUCTS // max(left.shape[1] * right.shape[1], 1))
    found = np.empty((left.shape[0], right.shape[1]), dtype=left.dtype)
    for start in range(0, left.shape[0], rows):
        np.matmul(left[start : start + rows], right, out=found[start : start + rows])
    return found


def alliance_levels(
    record: Record, first: int, last: int, as_of: AsOf | None = None
) -> tuple[Axis, np.ndarray]:
    """Give alliance portfolios by year.

    Level 3 is defence or offence, 2 neutrality or non-aggression, 1 consultation.

    A tie counts for both sides; a state is at the highest level with itself.
    """
    axis = read_axis(record, as_of)
    size = len(axis.codes)
    levels = np.zeros((last - first + 1, size, size), dtype=np.int8)
    table = record.read("atop_dyad", as_of=as_of).filter(pl.col("year").is_between(first, last))
    level = table.select(
        pl.when(pl.col("atop_defense") | pl.col("atop_offense"))
        .then(3)
        .when(pl.col("atop_neutral") | pl.col("atop_nonagg"))
        .then(2)
        .when(pl.col("atop_consul"))
        .then(1)
        .otherwise(0)
        .alias("level")
    )["level"].to_numpy()
    one, two = (axis.slot[table[name].to_numpy()] for name in ("ccode1", "ccode2"))
    use = (one < size) & (two < size)
    year, one, two = (table["year"].to_numpy() - first)[use], one[use], two[use]
    np.maximum.at(levels, (year, one, two), level[use].astype(np.int8))
    levels = np.maximum(levels, levels.transpose(0, 2, 1))
    itself = np.arange(size)
    levels[:, itself, itself] = TOP_LEVEL
    return axis, levels


def alliance_similarity(
    record: Record, *, first: int = 1816, last: int | None = None, as_of: AsOf | None = None
) -> pl.DataFrame:
    """Score the alliance portfolios of all pairs of members, year by year.

    Args:
        record: The record.
        first: First year.
        last: Last year; the last year alliances cover by default.
        as_of: What may be used.

    Returns:
        `ccode1, ccode2, year` (lower number first) with `s`, `s_weighted` (by CINC), `kappa`, `pi`.
        Weighted S is missing in a year in which a member has no CINC.

    Raises:
        OutsideCoverageError: A year alliances do not cover.
    """
    start, end = covered_years(record.spec("atop_dyad"), None, as_of)
    last = end if last is None else last
    if first < max(start, 1816) or last > end:
        raise OutsideCoverageError(
            f"alliances do not cover all of {first}-{last}",
            expected=f"years from {max(start, 1816)} to {end}",
            where="atop_dyad",
            hint="choose years inside the coverage: a later year is unknown, not without alliances",
        )
    axis, levels = alliance_levels(record, first, last, as_of)
    weights = _weights(record, axis, first, last, as_of)
    frame = build_frame(record, "dyad-year", first=first, last=last, as_of=as_of)
    assert frame.two is not None
    found = {name: np.empty(len(frame.one), dtype=np.float32) for name in SCORES}
    order = np.argsort(frame.period, kind="stable")
    bounds = np.searchsorted(frame.period[order], np.arange(last - first + 2))
    place = np.zeros(len(axis.codes), dtype=np.int64)
    for period in range(last - first + 1):
        rows = order[bounds[period] : bounds[period + 1]]
        members = np.union1d(frame.one[rows], frame.two[rows])
        place[members] = np.arange(len(members))
        scores = similarity(levels[period][np.ix_(members, members)], weights[period][members])
        left, right = place[frame.one[rows]], place[frame.two[rows]]
        for name in SCORES:
            found[name][rows] = getattr(scores, name)[left, right]
    values = [pl.Series(name, column).fill_nan(None) for name, column in found.items()]
    return pl.concat(
        [frame.identity().drop("iso3_1", "iso3_2"), pl.DataFrame(values)], how="horizontal"
    )


def _weights(record: Record, axis: Axis, first: int, last: int, as_of: AsOf | None) -> np.ndarray:
    table = record.read("nmc", columns=["ccode", "year", "cinc"], as_of=as_of)
    table = table.filter(pl.col("year").is_between(first, last))
    found = np.full((last - first + 1, len(axis.codes) + 1), np.nan)
    slot = axis.slot[table["ccode"].to_numpy()]
    found[table["year"].to_numpy() - first, slot] = table["cinc"].to_numpy()
    return found[:, :-1]
