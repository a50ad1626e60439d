"""After the record of incidents ends: what the ladder implies, held against later crises.

Incidents are recorded to 2014, international crises (ICB) to 2019. The two are not the same: a
crisis begins where leaders see a threat to basic values, limited time and a higher chance of
fighting, its violence is coded for the whole crisis, and it lasts until the threat is seen to be
gone. So this shows whether the ladder is of the right order, and can teach it nothing.
"""

import datetime as dt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.compute.keys import named_generator
from foedus.estimate.law_posterior import LawPosterior, read_law
from foedus.model.laws.ladder import DISPLAY, FORCE, Ladder
from foedus.record.store import Record
from foedus.score import proper
from foedus.score.scorecard import Score, Scorecard
from foedus.simulate.ladder import Rungs, climb, highest, length
from foedus.study.law_cases.disputes import PairMonths, everything, pair_months
from foedus.study.law_cases.within_dispute import standing_inputs
from foedus.study.score_parts.pair_years import fill
from foedus.study.score_parts.rolling import SEED, require_unseen

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TABLES = ("icb_dyad", "icb_actor")
FIRST_YEAR, LAST_YEAR = 2015, 2019
RIVAL_YEARS = (1995, 2014)
REPEATED = 8
NO_VIOLENCE = 1
LAW = "law of the ladder"
RIVAL = "crises of the twenty years before"
VIOLENT = "ICB after the record of incidents: of pairs that meet in a crisis, those it saw violence"
LASTING = "ICB after the record of incidents: median months a pair is in a crisis"


def crisis_pairs(record: Record, panel: PairMonths, first: int, last: int) -> pl.DataFrame:
    """Give the relevant pairs that met in crises of the years: `pair, crisno, violent, months`.

    After the panel's last year, relevance is that of its last year. A crisis is violent where any
    of its actors is coded so; its months are counted from trigger to termination, both included.
    """
    violence = (
        record.read("icb_actor", columns=["crisno", "viol"])
        .group_by("crisno")
        .agg(violent=pl.col("viol").max() > NO_VIOLENCE)
    )
    wanted = ["crdynum", "crisno", "ccode1", "ccode2", "dyad_start", "dyad_end"]
    frame = record.read("icb_dyad", columns=wanted).unique("crdynum").join(violence, on="crisno")
    frame = frame.filter(pl.col("dyad_start").dt.year().is_between(first, last)).sort("crdynum")
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(panel.pairs)}
    rows = []
    for row in frame.iter_rows(named=True):
        one, two = sorted((row["ccode1"], row["ccode2"]))
        at = number.get((one, two))
        column = min(row["dyad_start"].year - 1, int(panel.years[-1])) - int(panel.years[0])
        if at is None or not panel.member[at, column]:
            continue
        months = _month(row["dyad_end"]) - _month(row["dyad_start"]) + 1
        rows.append((at, row["crisno"], row["violent"], months))
    return pl.DataFrame(rows, schema=["pair", "crisno", "violent", "months"], orient="row")


def _month(day: dt.date) -> int:
    return 12 * day.year + day.month


def implied(
    posterior: LawPosterior, panel: PairMonths, standing: dict[str, Floats], pairs: Ints
) -> tuple[Floats, Floats]:
    """Run a dispute of each pair that begins with a display or a use of force.

    The pairs' terms stay as they were when the record ended.

    Returns:
        Whether force is used, and months from first to last incident, each of shape (pair, draw);
        missing in draws whose first month is a threat.

    Raises:
        HindsightError: The posterior has seen the first of the years.
    """
    require_unseen(posterior.last_year, FIRST_YEAR, "the posterior of the ladder")
    law = posterior.law
    assert isinstance(law, Ladder)
    rungs = Rungs(
        {name: np.tile(part, REPEATED) for name, part in posterior.coefficients.items()},
        {name: np.tile(posterior.outer[name], REPEATED) for name in law.shapes},
    )
    terms = {name: values[pairs, -1] for name, values in standing.items()}
    none = np.zeros((len(pairs), rungs.draws))
    level = climb(law, rungs, terms, none, seed=SEED)
    asked = level[0] >= DISPLAY
    force = np.where(asked, highest(level) >= FORCE, np.nan)
    return force, np.where(asked, length(level), np.nan)


def crisis_cards(record: Record) -> list[Scorecard]:
    """Hold violence and length that the ladder implies against the crises of 2015-2019."""
    panel = pair_months(record, everything())
    raw = standing_inputs(record, everything(), panel)
    standing = {name: fill(values, panel.member)[0] for name, values in raw.items()}
    later = crisis_pairs(record, panel, FIRST_YEAR, LAST_YEAR)
    past = crisis_pairs(record, panel, *RIVAL_YEARS)
    pairs = later["pair"].to_numpy()
    force, months = implied(read_law("ladder"), panel, standing, pairs)
    whole = np.isfinite(force).all(axis=0)
    rng = named_generator(SEED, "ladder", "rival crises")
    draws = 4000
    seen = float(past["violent"].sum())
    share = rng.beta(seen + 0.5, past.height - seen + 0.5, size=draws)
    drawn = rng.choice(past["months"].to_numpy(), size=(draws, later.height))
    crises = later["crisno"].n_unique()
    notes = (
        f"{later.height} meetings of pairs in {crises} crises; violence is coded for the whole "
        "crisis, so pairs of one crisis share it and the intervals of both are too narrow.",
        "A dispute is run for each pair that met, given that it begins with a display or a use of "
        "force; terms stay as of 2014.",
        "Definitions differ: a crisis is what leaders saw as a threat, from trigger to the end of "
        "that threat; a dispute is a run of incidents. Right order is all that can be asked.",
    )
    return [
        _card(
            VIOLENT,
            int(later["violent"].sum()),
            {
                RIVAL: rng.binomial(later.height, share).astype(np.float64),
                LAW: force[:, whole].sum(axis=0),
            },
            notes,
        ),
        _card(
            LASTING,
            float(np.median(later["months"].to_numpy())),
            {RIVAL: np.median(drawn, axis=1), LAW: np.median(months[:, whole], axis=0)},
            notes,
        ),
    ]


def _card(
    question: str, recorded: float, draws: dict[str, Floats], notes: tuple[str, ...]
) -> Scorecard:
    return Scorecard(
        task="ladder",
        question=question,
        split="test",
        first=str(FIRST_YEAR),
        last=str(LAST_YEAR),
        rule="dated",
        promised=1,
        events=None,
        lead="crps",
        clusters="none",
        chosen=LAW,
        scores=tuple(Score(name, 1, _measures(part, recorded)) for name, part in draws.items()),
        notes=notes,
    )


def _measures(draws: Floats, recorded: float) -> dict[str, float]:
    low, high = np.quantile(draws, [0.05, 0.95])
    return {
        "crps": float(proper.crps(draws[None], np.array([float(recorded)]))[0]),
        "expected": float(draws.mean()),
        "lo90": float(low),
        "hi90": float(high),
        "recorded": float(recorded),
    }
