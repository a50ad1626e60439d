"""Relevant dyads by year: does the target's defence pact go with fewer disputes against it?"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from foedus.record.coverage import covered_years
from foedus.record.store import Record
from foedus.score import proper
from foedus.study.build_panel import panel
from foedus.study.theory_parts.estimators import (
    Clusters,
    Fit,
    Floats,
    Ints,
    fit_counts,
    fit_counts_within,
    fit_rates,
    rates,
    year_terms,
)
from foedus.study.theory_parts.evidence import paired_gain
from foedus.study.theory_parts.result import Gain
from foedus.world.countries import countries

FIRST_YEAR = 1946
FIRST_TARGET = 2000
_STATES = 1000
_DECADE = 10.0


@dataclass(frozen=True)
class PactCases:
    """Directed politically relevant dyads by year, as arrays; terms at the end of the year.

    Args:
        challenger: COW number of the state that could start a dispute.
        target: COW number of the state it could start one with.
        year: Year of the terms; disputes are counted in the next.
        pact: 1 where the target holds a defence pledge of any state but the challenger.
        steady: Land border, border across water, log distance, challenger and target a major
            power; shape (case, 5).
        moving: Log ratio of capabilities (challenger to target), defence pledge between the two,
            decades since their last dispute with square and cube; shape (case, 5).
        onsets: Disputes the challenger started against the target in the next year.
    """

    challenger: Ints
    target: Ints
    year: Ints
    pact: Floats
    steady: Floats
    moving: Floats
    onsets: Floats

    @property
    def clusters(self) -> Clusters:
        """Dyads that share a state may be correlated."""
        return Clusters(self.challenger, self.target)

    @property
    def dyad(self) -> Ints:
        """Number the directed dyads."""
        code = self.challenger * _STATES + self.target
        return np.unique(code, return_inverse=True)[1].astype(np.int64)

    def keep(self, rows: np.ndarray) -> "PactCases":
        """Keep some rows."""
        return PactCases(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def pact_cases(record: Record) -> tuple[PactCases, int]:
    """Collect directed relevant dyads whose states are both still there the year after.

    The challenger of a dispute is on the side that acted first, both were there from the first
    day.

    Returns:
        The cases, and how many dyad-years were left out because a term is missing.
    """
    last = min(
        covered_years(record.spec("dyadic_mid"))[1] - 1, covered_years(record.spec("atop_dyad"))[1]
    )
    lazy = panel(
        "directed-dyad-year",
        first=FIRST_YEAR,
        last=last,
        relevant=True,
        add=["contiguity", "majors", "nmc", "capital_distance", "atop"],
        record=record,
    )
    assert isinstance(lazy, pl.LazyFrame)
    frame = lazy.select(
        pl.col("ccode1", "ccode2").cast(pl.Int64),
        pl.col("year").cast(pl.Int64),
        "conttype",
        "cowmaj1",
        "cowmaj2",
        "cinc1",
        "cinc2",
        "capdist",
        "atop_defense",
    ).collect()
    frame = frame.with_columns(next_year=pl.col("year") + 1)
    frame = frame.join(_alive(1, last), on=["ccode1", "next_year"], how="semi")
    frame = frame.join(_alive(2, last), on=["ccode2", "next_year"], how="semi")
    frame = _with_pledges(frame, record)
    frame = _with_disputes(frame, record)
    terms = frame.select(
        "ccode1",
        "ccode2",
        "year",
        (pl.col("pledges") > 0).cast(pl.Float64).alias("pact"),
        (pl.col("conttype") == 1).cast(pl.Float64).alias("land"),
        (pl.col("conttype") > 1).cast(pl.Float64).alias("water"),
        pl.col("capdist").log1p().alias("distance"),
        pl.col("cowmaj1", "cowmaj2").cast(pl.Float64),
        pl.when((pl.col("cinc1") > 0) & (pl.col("cinc2") > 0))
        .then((pl.col("cinc1") / pl.col("cinc2")).log())
        .alias("ratio"),
        pl.max_horizontal("atop_defense", "owed").cast(pl.Float64).alias("between"),
        *((pl.col("peace") / _DECADE).pow(power).alias(f"peace{power}") for power in (1, 2, 3)),
        pl.col("onsets").cast(pl.Float64),
    )
    whole = terms.drop_nulls().sort("ccode1", "ccode2", "year")
    numbers = {name: whole[name].to_numpy() for name in whole.columns}
    cases = PactCases(
        numbers["ccode1"],
        numbers["ccode2"],
        numbers["year"],
        numbers["pact"],
        whole.select("land", "water", "distance", "cowmaj1", "cowmaj2").to_numpy(),
        whole.select("ratio", "between", "peace1", "peace2", "peace3").to_numpy(),
        numbers["onsets"],
    )
    return cases, terms.height - whole.height


def _alive(side: int, last: int) -> pl.DataFrame:
    """List the states of the system by year."""
    rows = [
        (ccode, year)
        for ccode, item in countries().items()
        for year in range(FIRST_YEAR, last + 2)
        if item.exists_in(year)
    ]
    schema = {f"ccode{side}": pl.Int64, "next_year": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _with_pledges(frame: pl.DataFrame, record: Record) -> pl.DataFrame:
    """Add how many states but the challenger pledged to defend the target, and what it owes."""
    wanted = ["ccode1", "ccode2", "year", "atop_defense"]
    pledges = record.read("atop_dyad", columns=wanted).filter(pl.col("atop_defense"))
    pledges = pledges.select(pl.col("ccode1", "ccode2", "year").cast(pl.Int64)).unique()
    held = pledges.group_by("ccode2", "year").agg(held=pl.len().cast(pl.Int64))
    owed = pledges.rename({"ccode1": "ccode2", "ccode2": "ccode1"}).with_columns(
        owed=pl.lit(1, dtype=pl.Int8)
    )
    found = frame.join(held, on=["ccode2", "year"], how="left")
    found = found.join(owed, on=["ccode1", "ccode2", "year"], how="left")
    own = pl.col("atop_defense").cast(pl.Int64)
    return found.with_columns(
        pledges=pl.col("held").fill_null(0) - own, owed=pl.col("owed").fill_null(0)
    )


def _with_disputes(frame: pl.DataFrame, record: Record) -> pl.DataFrame:
    """Add disputes started in the next year, and years since the two last had one."""
    wanted = ["dispnum", "ccode1", "ccode2", "year", "dyad_start", "sideaa", "orignata", "orignatb"]
    disputes = record.read("dyadic_mid", columns=wanted)
    disputes = disputes.with_columns(pl.col("ccode1", "ccode2", "year").cast(pl.Int64))
    started = disputes.filter(
        (pl.col("sideaa") == 1)
        & (pl.col("orignata") == 1)
        & (pl.col("orignatb") == 1)
        & (pl.col("dyad_start").dt.year() == pl.col("year"))
    )
    onsets = started.group_by("ccode1", "ccode2", next_year="year").agg(
        onsets=pl.col("dispnum").n_unique()
    )
    past = disputes.select("ccode1", "ccode2", "year", last=pl.col("year")).unique().sort("year")
    found = frame.sort("year").join_asof(
        past, on="year", by=["ccode1", "ccode2"], check_sortedness=False
    )
    began = pl.DataFrame(
        [(ccode, item.spells[0][0].year) for ccode, item in countries().items()],
        schema={"ccode": pl.Int64, "began": pl.Int64},
        orient="row",
    )
    for side in (1, 2):
        names = {"ccode": f"ccode{side}", "began": f"began{side}"}
        found = found.join(began.rename(names), on=f"ccode{side}", how="left")
    since = pl.coalesce("last", pl.max_horizontal("began1", "began2"))
    found = found.join(onsets, on=["ccode1", "ccode2", "next_year"], how="left")
    return found.with_columns(
        peace=(pl.col("year") - since).cast(pl.Float64), onsets=pl.col("onsets").fill_null(0)
    )


def pact_effect(cases: PactCases, *, within: bool) -> Fit:
    """Fit onsets on the target's pact; the first coefficient is a log ratio of yearly rates.

    Args:
        cases: Directed dyads by year.
        within: Compare a dyad with itself in other years; otherwise dyads with each other. Each
            year has its own level in both.
    """
    terms = np.column_stack([cases.pact, cases.moving, year_terms(cases.year)])
    if within:
        return fit_counts_within(terms, cases.onsets, cases.dyad, cases.clusters)
    constant = np.ones(len(cases.year))
    terms = np.column_stack([terms, cases.steady, constant])
    return fit_counts(terms, cases.onsets, cases.clusters)


def pact_gain(cases: PactCases) -> Gain:
    """Forecast any onset, year by year from 2000, with and without the pact, on earlier years."""
    base = np.column_stack([cases.moving, cases.steady, np.ones(len(cases.year))])
    both = np.column_stack([base, cases.pact])
    gaps, rows = [], []
    for year in range(FIRST_TARGET - 1, int(cases.year.max()) + 1):
        past, now = cases.year < year, cases.year == year
        happened = (cases.onsets[now] > 0).astype(np.float64)
        losses = []
        for terms in (both, base):
            coefficient, _ = fit_rates(terms[past], cases.onsets[past])
            chance = -np.expm1(-rates(terms[now], coefficient))
            losses.append(proper.log_loss(chance, happened))
        gaps.append(losses[0] - losses[1])
        rows.append(np.flatnonzero(now))
    scored = cases.keep(np.concatenate(rows))
    return paired_gain("log loss of a yearly onset", np.concatenate(gaps), scored.clusters)
