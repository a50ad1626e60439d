"""After the dispute record ends: the level the law implies, held against later crises.

Disputes are recorded to 2014, international crises (ICB) to 2019. The law fitted to 2014 gives a
number of onsets for the years between; the past ratio of crises to onsets turns it into crises.
"""

import jax
import jax.numpy as jnp
import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.compute.keys import named_generator
from foedus.estimate.law_posterior import LawPosterior, read_law
from foedus.model.law import predictor
from foedus.model.laws import disputes as law
from foedus.record.store import Record
from foedus.score import proper
from foedus.score.scorecard import Score, Scorecard
from foedus.study.law_cases.disputes import PairMonths, everything, pair_months
from foedus.study.score_parts.pair_years import fill
from foedus.study.score_parts.rolling import SEED, require_unseen

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
TABLE = "icb_dyad"
FIRST_YEAR, LAST_YEAR = 2015, 2019
RATIO_YEARS = (1995, 2014)
RIVAL_YEARS = (2005, 2014)
DRAWS = 4000
LAW = "law of disputes"
RIVAL = "crises of the ten years before"


def crisis_onsets(record: Record, panel: PairMonths, first: int, last: int) -> int:
    """Count pairs that met in a crisis in the years asked, among pairs relevant the year before.

    After the panel's last year, relevance is that of its last year.
    """
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(panel.pairs)}
    frame = record.read(TABLE, columns=["ccode1", "ccode2", "year", "onset"])
    inside = frame.filter(pl.col("onset") & pl.col("year").is_between(first, last))
    found = 0
    for one, two, year in inside.select("ccode1", "ccode2", "year").iter_rows():
        at = number.get((min(one, two), max(one, two)))
        column = min(year - 1, int(panel.years[-1])) - int(panel.years[0])
        found += at is not None and bool(panel.member[at, column])
    return found


def yearly_onsets(posterior: LawPosterior, panel: PairMonths, years: int) -> Floats:
    """Give expected onsets of all relevant pairs by draw and year, shape (draw, year).

    Terms stay as they were when the record ended, and months since the last onset go on: later
    onsets, which would raise a pair's rate, are unknown. The year's level runs forward by its own
    memory and shocks.

    Raises:
        HindsightError: The posterior has seen the first of the years.
    """
    first = int(panel.years[-1]) + 1
    require_unseen(posterior.last_year, first, "the posterior of disputes")
    pairs = np.flatnonzero(panel.member[:, -1])
    names = [term.name for term in law.Disputes().terms if term.name in panel.terms]
    yearly = {n: fill(panel.terms[n], panel.member)[0][pairs, -1][None] for n in names}
    last_onset = panel.months_since[pairs, -1].astype(np.float64)
    last_onset = np.where(panel.onsets[pairs, -1] > 0, 0.0, last_onset)
    rng = named_generator(SEED, "crises", "unit level")
    spread = posterior.outer["unit spread"]
    level = np.stack(
        [
            posterior.unit_level.get(panel.names[k], spread * rng.normal(size=posterior.draws))
            for k in pairs
        ],
        axis=1,
    )
    coefficients = {name: part[:, None] for name, part in posterior.coefficients.items()}
    world = posterior.year_level.copy()
    expected = np.zeros((posterior.draws, years))
    shocks = named_generator(SEED, "crises", "year level")
    for year in range(years):
        world = posterior.outer["year memory"] * world
        world = world + posterior.outer["year spread"] * shocks.normal(size=posterior.draws)
        for month in range(12):
            since = last_onset + 1 + 12 * year + month
            now = {n: np.asarray(p)[None] for n, p in law.recency(since).items()}
            with jax.enable_x64(True):
                line = predictor(posterior.law, coefficients, {**yearly, **now})
                total = line + jnp.asarray(level + world[:, None])
                none = posterior.law.log_prob(jnp.zeros_like(total), total, {})
            expected[:, year] -= np.asarray(none).sum(axis=1)
    return expected


def crisis_draws(record: Record, panel: PairMonths, onsets: Floats, last: int) -> Floats:
    """Turn expected onsets into numbers of crises by the past ratio of crises to onsets.

    The ratio is drawn from its gamma posterior under Jeffreys's prior, the number from a Poisson.
    """
    first_ratio, last_ratio = RATIO_YEARS
    crises = crisis_onsets(record, panel, first_ratio, last_ratio)
    columns = slice(first_ratio - int(panel.years[0]), last_ratio + 1 - int(panel.years[0]))
    months = panel.onsets.reshape(len(panel.pairs), len(panel.years), 12).sum(axis=2)
    relevant = panel.member[:, columns.start - 1 : columns.stop - 1]
    disputes = float((months[:, columns] * relevant).sum())
    rng = named_generator(SEED, "crises", "ratio", last)
    ratio = rng.gamma(crises + 0.5, 1 / disputes, size=DRAWS)
    total = rng.choice(onsets.sum(axis=1), size=DRAWS)
    return rng.poisson(ratio * total).astype(np.float64)


def crisis_card(record: Record) -> Scorecard:
    """Hold the number of crises the law implies for 2015-2019 against what ICB records."""
    panel = pair_months(record, everything(), source="cow")
    onsets = yearly_onsets(read_law("disputes"), panel, LAST_YEAR - FIRST_YEAR + 1)
    recorded = crisis_onsets(record, panel, FIRST_YEAR, LAST_YEAR)
    past = crisis_onsets(record, panel, *RIVAL_YEARS)
    rng = named_generator(SEED, "crises", "rival")
    years = (LAST_YEAR - FIRST_YEAR + 1) / (RIVAL_YEARS[1] - RIVAL_YEARS[0] + 1)
    carried = rng.poisson(rng.gamma(past + 0.5, years, size=DRAWS)).astype(np.float64)
    implied = crisis_draws(record, panel, onsets, LAST_YEAR)
    return Scorecard(
        task="disputes",
        question="ICB after the dispute record: pairs of relevant states that meet in a crisis",
        split="test",
        first=str(FIRST_YEAR),
        last=str(LAST_YEAR),
        rule="dated",
        promised=1,
        events=recorded,
        lead="crps",
        clusters="none",
        chosen=LAW,
        scores=tuple(
            Score(name, 1, _measures(draws, recorded))
            for name, draws in ((RIVAL, carried), (LAW, implied))
        ),
        notes=(
            "One number: it checks the level of disputes after 2014, not who disputes with whom.",
            f"Crises to onsets: the ratio of {RATIO_YEARS[0]}-{RATIO_YEARS[1]} under COW MID 5.",
            "Terms and relevance stay as of 2014; onsets after it are not fed back into history.",
        ),
    )


def _measures(draws: Floats, recorded: int) -> dict[str, float]:
    low, high = np.quantile(draws, [0.05, 0.95])
    truth = np.array([float(recorded)])
    return {
        "crps": float(proper.crps(draws[None], truth)[0]),
        "expected": float(draws.mean()),
        "lo90": float(low),
        "hi90": float(high),
        "recorded": float(recorded),
    }
