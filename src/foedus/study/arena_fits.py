"""Fits of the law of incidents on the arenas' series alone, kept for forecasts that pool it.

The task of the arenas scores the law fitted on these series and no other, every January. Such a
fit takes a minute, so some ship, each in a folder named after the last month it knew.
"""

import datetime as dt
from pathlib import Path

import numpy as np

import foedus
from foedus.estimate.laplace import LawDraws
from foedus.estimate.law_posterior import METHOD, as_posterior, fit_law, read_law
from foedus.estimate.posterior import SHIPPED, write_posterior
from foedus.record.store import Record
from foedus.score.scorecard import BOOTSTRAP_SEED
from foedus.study.score_parts.arenas import DRAWS, fit_cases, known_series
from foedus.study.score_parts.incidents_paths import LAW
from foedus.world.months import month_end

FOLDER = SHIPPED / "arenas"
JANUARIES = (2024, 2026)
"""Years in whose January a fit that ships was made: for a course of 2024, and for the present."""


def store_arena_fits(record: Record, folder: Path = FOLDER) -> list[Path]:
    """Fit the law as known at the end of each January, and write the fits that ship."""
    return [store_arena_fit(record, 12 * year, folder) for year in JANUARIES]


def store_arena_fit(record: Record, origin: int, folder: Path = FOLDER) -> Path:
    """Fit the law on what was known at the end of a month.

    Args:
        record: The record.
        origin: The month, counted from year zero.
        folder: Where the fit's folder goes.
    """
    cases = fit_cases(known_series(record, origin))
    found = fit_law(LAW, cases, seed=BOOTSTRAP_SEED, draws=DRAWS)
    day = month_end(origin // 12, origin % 12 + 1)
    manifest = {
        "trained_to": day.isoformat(),
        "known_from": day.isoformat(),
        "version": foedus.__version__,
        "seed": BOOTSTRAP_SEED,
        "method": METHOD,
        "series": list(cases.units),
    }
    place = folder / f"{day:%Y-%m}"
    write_posterior(as_posterior(LAW, cases, found, frozenset(cases.units), manifest), place)
    return place


def arena_fit(day: dt.date, folder: Path = FOLDER) -> tuple[LawDraws, list[str]] | None:
    """Read the newest fit that knew no more than a date; None where none is old enough.

    Returns:
        The draws, and the names of the series in their order.
    """
    last = f"{day:%Y-%m}" if day == month_end(day.year, day.month) else ""
    old = sorted(
        p.name for p in folder.glob("????-??") if p.name < f"{day:%Y-%m}" or p.name == last
    )
    if not old:
        return None
    found = read_law(LAW.name, folder / old[-1])
    names = list(found.unit_level)
    draws = LawDraws(
        coefficients=np.stack([found.coefficients[term.name] for term in LAW.terms], axis=1),
        year_level=np.zeros((found.draws, 0)),
        unit_level=np.stack([found.unit_level[name] for name in names], axis=1),
        outer=found.outer,
        log_marginal=found.manifest["log_marginal"],
        weight_ess=found.manifest["outer_nodes_ess"],
        outer_mode=np.zeros(0),
        inner_steps=found.manifest["newton_steps"],
    )
    return draws, names
