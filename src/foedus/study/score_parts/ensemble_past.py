"""The runs of the ensemble at a past origin: coupled, each law alone, and given what came.

All are run from the same start with the same draws and luck, by laws fitted on what had been
published by the origin.
"""

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foedus.estimate.law_posterior import METHOD as METHOD_OF_FIT
from foedus.estimate.law_posterior import (
    as_posterior,
    fit_law,
    law_fingerprint,
    read_law,
    rows_digest,
)
from foedus.estimate.posterior import write_posterior
from foedus.model.order import LAWS
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.score.scorecard import Split
from foedus.study.fit_laws import fit_laws
from foedus.study.forecast import Forecast, Ready, needed_laws, prepare, risk_horizons, run
from foedus.study.law_cases.spending import arming_cases, country_years
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
OWN_SERIES = "law alone, fitted on its own series"
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
    _fit(record, needed_laws(begun), year, folder, progress)
    ready = _ready(record, begun, year, folder)
    progress("arming on its own series")
    own = on_own_series(ready, record)
    return {
        COUPLED: run(ready),
        ALONE: run(ready, alone=True),
        OWN_SERIES: run(own, alone=True),
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


def on_own_series(ready: Ready, record: Record) -> Ready:
    """Give a run whose law of arming was fitted on the series the run's levels come from.

    The law that ships is fitted on the National Material Capabilities, which hold all states in
    current dollars and move more than the constant dollars of the Stockholm institute. The record
    holds the latter for the countries of the cases.
    """
    as_of = AsOf(ready.origin, ready.rule)
    law = LAWS["arming"]
    cases = arming_cases(country_years(record, as_of, series="sipri"))
    folder = fits_folder() / f"{ready.origin.year}-own-series"
    if not _same_fit(folder / law.name, law_fingerprint(law), rows_digest(cases)):
        found = fit_law(law, cases, seed=SEED)
        day = ready.origin.isoformat()
        manifest = {"trained_to": day, "known_from": day, "seed": SEED, "method": METHOD_OF_FIT}
        write_posterior(as_posterior(law, cases, found, frozenset(), manifest), folder)
    posterior = {law.name: read_law(law.name, folder)}
    other = parameters(posterior, ready.start, link=np.zeros(1), seed=SEED).laws[law.name]
    whole = ready.plan.parameters
    held = replace(whole, laws={**whole.laws, law.name: other})
    return replace(ready, plan=replace(ready.plan, parameters=held))


def _same_fit(place: Path, law: str, rows: str) -> bool:
    if not (place / "manifest.json").is_file():
        return False
    kept = json.loads((place / "manifest.json").read_text("utf-8"))
    return kept["law"] == law and kept["rows_read"] == rows


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
        for k, pair in enumerate(ready.start.pairs):
            for month in onsets.get(pair, []) if ready.start.relevant[k] else []:
                if 0 <= month - 12 * first < len(counts):
                    counts[month - 12 * first, k] += 1
    changed = replace(setting, observed=levels, observed_onsets=counts)
    return replace(ready, plan=replace(ready.plan, setting=changed))


def longer(values: Any, rows: int) -> NDArray[np.float32]:
    """Add rows in which nothing is observed, so that runs of one shape share a compiled step."""
    given = np.asarray(values, dtype=np.float32)
    missing = max(rows - len(given), 0)
    return np.pad(given, ((0, missing), (0, 0)), constant_values=np.nan)
