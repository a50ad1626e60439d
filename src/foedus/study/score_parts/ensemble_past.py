"""The runs of the ensemble at a past origin: coupled, each law alone, and given what came.

All are run from the same start with the same draws and luck, by laws fitted on what had been
published by the origin.
"""

import datetime as dt
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foedus.estimate.law_posterior import read_law
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.score.scorecard import Split
from foedus.study.fit_laws import fit_laws
from foedus.study.forecast import Forecast, Ready, needed_laws, prepare, risk_horizons, run
from foedus.study.start import Start, parameters, start
from foedus.world.cases import load_case
from foedus.world.months import month_end

CASE = "japan-us"
ORIGINS: dict[Split, tuple[int, ...]] = {
    "choice": (1993, 1995, 1998),
    "test": (2001, 2004, 2007),
}
DRAWS = 2_000
SEED = 20240410
LONGEST_MONTHS = 60
COUPLED, ALONE = "law ensemble", "law alone"
WORLDWIDE = "law alone, fitted on all states"
ALL_STATES = "arming"
GIVEN_OTHERS = "law ensemble, given the output and the onsets that came"
GIVEN_CAPABILITY = "law ensemble, given the capability that came"
Past = Mapping[str, Forecast]
"""The runs of one origin by their names."""
Onsets = Mapping[tuple[int, int], list[int]]
"""Months of onset by pair, counted from year zero."""


def fits_folder() -> Path:
    """Give the folder that keeps the fits of past origins, so that a cut run goes on."""
    return Path(os.environ.get("FOEDUS_ORIGIN_FITS", "build/origin-fits"))


def today(record: Record) -> Start:
    """Lay out the case as it stands in today's vintage, to say what came."""
    return start(record, load_case(CASE), month_end(2026, 10), Rule.DATED)


def past_forecasts(
    record: Record,
    year: int,
    came: Start,
    onsets: Onsets,
    progress: Callable[[str], None],
) -> Past:
    """Forecast the case as of the end of a past year, with laws fitted on what was known then.

    Args:
        record: The record.
        year: Year at whose end the origin lies.
        came: The case in today's vintage.
        onsets: Onsets that came.
        progress: Called with what is being fitted.
    """
    begun = start(record, load_case(CASE), dt.date(year, 12, 31), Rule.KNOWN)
    folder = fits_folder() / str(year)
    _fit(record, [*needed_laws(begun), ALL_STATES], year, folder, progress)
    ready = _ready(record, begun, year, folder)
    return {
        COUPLED: run(ready),
        ALONE: run(ready, alone=True),
        WORLDWIDE: run(on_all_states(ready, folder), alone=True),
        GIVEN_OTHERS: run(given(ready, came, ("output",), onsets)),
        GIVEN_CAPABILITY: run(given(ready, came, ("capability",))),
    }


def past_forecasts_between(
    record: Record, year: int, fitted: int, progress: Callable[[str], None]
) -> Past:
    """Forecast from a year after an origin by the laws fitted there: coupled, and each law alone.

    Args:
        record: The record.
        year: Year at whose end the forecast is made.
        fitted: Year at whose end the laws were fitted; a law whose record began since is fitted
            at `year`.
        progress: Called with what is being fitted.
    """
    begun = start(record, load_case(CASE), dt.date(year, 12, 31), Rule.KNOWN)
    folder = fits_folder() / f"{year}-by-laws-of-{fitted}"
    missing = _taken_over(needed_laws(begun), fits_folder() / str(fitted), folder)
    if missing:
        _fit(record, missing, year, folder, progress)
    ready = _ready(record, begun, year, folder)
    return {COUPLED: run(ready), ALONE: run(ready, alone=True)}


def _ready(record: Record, begun: Start, year: int, folder: Path) -> Ready:
    return prepare(
        CASE,
        origin=dt.date(year, 12, 31),
        horizons=risk_horizons(LONGEST_MONTHS),
        draws=DRAWS,
        seed=SEED,
        rule=Rule.KNOWN,
        record=record,
        fits=folder,
        begun=begun,
    )


def _fit(
    record: Record, laws: list[str], year: int, folder: Path, progress: Callable[[str], None]
) -> None:
    as_of = AsOf(dt.date(year, 12, 31), Rule.KNOWN)
    fit_laws(laws, record=record, as_of=as_of, folder=folder, progress=progress)


def on_all_states(ready: Ready, folder: Path) -> Ready:
    """Give a run whose law of arming was fitted on all states.

    The run's levels are the constant dollars of the Stockholm institute, of which the record holds
    the countries of the cases. Spending of all states is in the National Material Capabilities, in
    current dollars, which move more.
    """
    posterior = {ALL_STATES: read_law(ALL_STATES, folder)}
    other = parameters(posterior, ready.start, link=np.zeros(1), seed=SEED).laws
    whole = ready.plan.parameters
    held = replace(whole, laws={**whole.laws, **other})
    return replace(ready, plan=replace(ready.plan, parameters=held))


def _taken_over(laws: list[str], before: Path, folder: Path) -> list[str]:
    """Copy fits of an earlier origin, and name the laws that had no record then."""
    there = [name for name in laws if (before / name).is_dir()]
    for name in there:
        shutil.copytree(before / name, folder / name, dirs_exist_ok=True)
    return [name for name in laws if name not in there]


def given(
    ready: Ready, came: Start, variables: tuple[str, ...], onsets: Onsets | None = None
) -> Ready:
    """Give a run that also reads, after its origin, what came of some variables.

    Laws that look at them see what in fact happened; what they say of the rest is conditional on
    it, and no forecast. It is no effect either: what came together need not have caused.

    Args:
        ready: The run.
        came: The case in today's vintage.
        variables: Levels that are read.
        onsets: Onsets of the pairs asked about that are read; none by default.
    """
    setting = ready.plan.setting
    first = int(setting.first_year)
    last = ready.plan.years[-1]
    years = last + 1 - first
    levels = {name: longer(values, years) for name, values in setting.observed.items()}
    for name in variables:
        levels[name] = came.levels[name].path(first, last).astype(np.float32)
    counts = longer(setting.observed_onsets, 12 * years)
    if onsets is not None:
        counts = np.zeros_like(counts)
        for k, pair in enumerate(ready.start.asked):
            for month in onsets.get(pair, []):
                if 0 <= month - 12 * first < len(counts):
                    counts[month - 12 * first, k] += 1
    changed = replace(setting, observed=levels, observed_onsets=counts)
    return replace(ready, plan=replace(ready.plan, setting=changed))


def longer(values: Any, rows: int) -> NDArray[np.float32]:
    """Add rows in which nothing is observed, so that runs of one shape share a compiled step."""
    given = np.asarray(values, dtype=np.float32)
    missing = max(rows - len(given), 0)
    return np.pad(given, ((0, missing), (0, 0)), constant_values=np.nan)
