"""How far a turn of conflict in the news goes with the onset of a dispute the month after.

The record does not identify the chain from an arena's incidents to disputes: the daily series
begin after the dispute record ends. What can be estimated is the pooled association among all
pairs of states that one events file names, 2005 to 2014, beyond what the law of disputes knows. The
simulation takes the link as assumed: from none to the upper end of that estimate's interval, the
largest link the record does not speak against.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from foedus.estimate.law_posterior import read_law
from foedus.estimate.posterior import SHIPPED
from foedus.model.laws import incidents
from foedus.model.laws.disputes import Disputes, recency
from foedus.record.store import Record
from foedus.study.law_cases import disputes
from foedus.study.law_cases.incidents import BURN_IN, dyad_conflict, series_memory

Floats = NDArray[np.float64]
LAW = Disputes()
FILE = SHIPPED / "link.json"
TABLES = (*disputes.READ, "icews_monthly", "icews_coverage", "icews_nodes")


@dataclass(frozen=True)
class Link:
    """The pooled association.

    Args:
        estimate: Rise of the log rate of onset per unit of turn: the log of the recent mean of
            conflict over its slow mean.
        lo90: Lower end of its 90 % interval, errors clustered by pair.
        hi90: Upper end.
        rows: Pair-months.
        pairs: Pairs.
        onsets: Onsets among them.
        first: First month.
        last: Last month.
        record: Digest of the tables read.
    """

    estimate: float
    lo90: float
    hi90: float
    rows: int
    pairs: int
    onsets: int
    first: str
    last: str
    record: str


def estimate_link(record: Record) -> Link:
    """Regress onsets on last month's turn, with the law of disputes as the offset."""
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    panel = disputes.pair_months(record, disputes.everything())
    posterior = read_law("disputes")
    turns, offsets, counts, clusters, seen = [], [], [], [], []
    for months, conflict in dyad_conflict(record, disputes.everything()):
        for number, pair in enumerate(panel.pairs.tolist()):
            counted = conflict.get((pair[0], pair[1]))
            if counted is None:
                continue
            memory = series_memory(counted)
            turn = np.asarray(incidents.log_level(memory.recent) - incidents.log_level(memory.slow))
            for k in range(BURN_IN, len(months)):
                line = _terms(panel, number, int(months[k]))
                if line is None:
                    continue
                unit = posterior.unit_level.get(f"{pair[0]}-{pair[1]}", np.zeros(posterior.draws))
                draws = unit + sum(
                    posterior.coefficients[term.name] * value
                    for term, value in zip(LAW.terms, line, strict=True)
                )
                place = int(months[k]) - 12 * int(panel.years[0])
                offsets.append(float(np.mean(draws)))
                turns.append(float(turn[k]))
                counts.append(int(panel.onsets[number, place]))
                clusters.append(number)
                seen.append(int(months[k]))
    design = np.column_stack([np.ones(len(turns)), np.clip(turns, -4, 4)])
    model = GLM(np.array(counts), design, family=Poisson(), offset=np.array(offsets))
    result = model.fit(cov_type="cluster", cov_kwds={"groups": np.array(clusters)})
    estimate, error = float(result.params[1]), float(np.sqrt(np.asarray(result.cov_params())[1, 1]))
    z = float(norm.ppf(0.95))
    return Link(
        estimate=round(estimate, 4),
        lo90=round(estimate - z * error, 4),
        hi90=round(estimate + z * error, 4),
        rows=len(turns),
        pairs=len(set(clusters)),
        onsets=int(sum(counts)),
        first=_month(min(seen)),
        last=_month(max(seen)),
        record=record.digest(TABLES),
    )


def _terms(panel: disputes.PairMonths, number: int, month: int) -> Floats | None:
    at = month // 12 - 1 - int(panel.years[0])
    place = month - 12 * int(panel.years[0])
    if at + 1 >= len(panel.years) or not panel.member[number, at]:
        return None
    terms = {name: part[number, at] for name, part in panel.terms.items()}
    since = np.asarray(panel.months_since[number, place])
    terms |= {name: np.asarray(value) for name, value in recency(since).items()}
    values = np.array([float(terms[term.name]) for term in LAW.terms])
    return disputes.held(LAW, values) if np.isfinite(values).all() else None


def _month(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


def store_link(record: Record, path: Path = FILE) -> Link:
    """Estimate the link and write it where the simulation reads it."""
    found = estimate_link(record)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
    os.replace(partial, path)
    return found


def read_link(path: Path = FILE) -> Link:
    """Read the stored estimate."""
    return Link(**json.loads(path.read_text("utf-8")))


def link_draws(found: Link, draws: int) -> Floats:
    """Give the assumed range: evenly spread from none to the upper end of the estimate."""
    return (np.arange(draws) + 0.5) / draws * max(found.hi90, 0.0)
