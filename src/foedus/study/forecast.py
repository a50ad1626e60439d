"""Forecast a case: the record run forward by the laws, draw by draw, from a stated origin."""

import datetime as dt
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
import xarray as xr

import foedus
from foedus.compute.executors import run_all
from foedus.estimate.law_posterior import LawPosterior, read_law
from foedus.record.schema import Rule
from foedus.record.store import Record, open_record
from foedus.study.ensemble_dataset import as_dataset
from foedus.study.law_cases.link import link_draws, read_link
from foedus.study.law_cases.registry import tables_read
from foedus.study.start import (
    VARIABLES,
    Start,
    age_months,
    fits_at,
    hold_to_origin,
    parameters,
    start,
)
from foedus.world.cases import Case, load_case
from foedus.world.errors import BadInputError
from foedus.world.months import add_months, month_end, parse_date

SEED = 20240410
DRAWS = 10_000
HORIZON_MONTHS = 60
LONGEST_MONTHS = 240
MOST_DRAWS = 1_000_000
RISK_HORIZONS = (3, 12, 24, 36, 48, 60)
SIMULATED = (
    "disputes",
    "escalation",
    "incidents",
    "arming-sipri",
    "growth",
    "affinity",
    "exchange",
    "technology",
    "alignment",
    "support",
)
LinkView = Literal["assumed", "cut"]


@dataclass(frozen=True)
class Forecast:
    """A forecast with what it started from.

    Args:
        dataset: The ensemble.
        start: The start.
        ages: Last period, age and spread of every variable: see `start_table`.
        notes: What a reader has to know, in sentences.
        world_war_rate: Of a hundred disputes in the world that saw use of force, those that became
            a war, to one significant figure.
        share_assumed: Share of the spread of the pairs' log risks over a year that goes with the
            assumed link; zero where the link is cut.
    """

    dataset: xr.Dataset
    start: Start
    ages: pl.DataFrame
    notes: tuple[str, ...]
    world_war_rate: str
    share_assumed: float


@dataclass(frozen=True)
class Ready:
    """A run laid out, with the baseline as its only course.

    Args:
        case: Case.
        origin: Last day known.
        rule: Information rule.
        start: The start.
        plan: What is to be simulated.
        notes: What a reader has to know.
        manifest: Fingerprint.
    """

    case: Case
    origin: dt.date
    rule: Rule
    start: Start
    plan: Any
    notes: tuple[str, ...]
    manifest: dict[str, Any]


def last_month_before(day: dt.date) -> dt.date:
    """Give the last day of the last month that is complete on a day."""
    if day == month_end(day.year, day.month):
        return day
    before = add_months(day.replace(day=1), -1)
    return month_end(before.year, before.month)


def default_origin() -> dt.date:
    """Give the last day of the last complete month."""
    return last_month_before(dt.datetime.now(tz=dt.UTC).date())


def read_origin(text: str | None) -> dt.date:
    """Read an origin, `2024-03`, as the last day of its month; the last complete one by default."""
    if text is None:
        return default_origin()
    day = parse_date(text, where="--origin")
    return month_end(day.year, day.month)


def forecast(
    case: str | Case,
    *,
    origin: dt.date | None = None,
    horizon_months: int = HORIZON_MONTHS,
    draws: int = DRAWS,
    seed: int = SEED,
    rule: Rule = Rule.KNOWN,
    link: LinkView = "assumed",
    record: Record | None = None,
    fits: Path | None = None,
    courses: Mapping[str, Sequence[Any]] | None = None,
    place: str = "here",
    workers: int | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Forecast:
    """Run a case forward from an origin.

    Args:
        case: Case, or its name.
        origin: Last day of the last month known; the last complete month by default.
        horizon_months: Months to run past the origin, up to 240.
        draws: Draws.
        seed: Seed of all random numbers.
        rule: Information rule.
        link: `assumed` lets a turn of an arena's incidents act on its pairs' rate of onset, from
            none to the largest link the record does not speak against; `cut` leaves it out.
        record: Record to start from; the one that is open by default.
        fits: Folder of posteriors; by default the user's own, then those that ship.
        courses: Effects by course, besides the baseline, which has none.
        place: Where to run: `here`, `processes`, `ray` or a `ray://` address.
        workers: Workers; as many as cores by default.
        progress: Called with the share that is done.

    Raises:
        BadInputError: Horizon or draws are out of range.
        HindsightError: A posterior knows more than the origin.
        OutsideCoverageError: The record holds nothing at the origin.
    """
    ready = prepare(
        case,
        origin=origin,
        horizons=risk_horizons(horizon_months),
        draws=draws,
        seed=seed,
        rule=rule,
        link=link,
        record=record,
        fits=fits,
    )
    return run(ready, courses=courses, place=place, workers=workers, progress=progress)


def run(
    ready: Ready,
    *,
    courses: Mapping[str, Sequence[Any]] | None = None,
    alone: bool = False,
    place: str = "here",
    workers: int | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Forecast:
    """Run what has been laid out.

    Args:
        ready: The run, from `prepare`.
        courses: Effects by course, besides the baseline, which has none.
        alone: Let every law see the others as they were last known, and not as they move: the
            stand-alone forecast of each quantity, to hold the coupled one against.
        place: Where to run: `here`, `processes`, `ray` or a `ray://` address.
        workers: Workers; as many as cores by default.
        progress: Called with the share that is done.
    """
    from foedus.simulate.effects import checked, same_structure
    from foedus.simulate.ensemble import run_plan

    given = {"baseline": (), **(courses or {})}
    held = same_structure([checked(effects) for effects in given.values()])
    plan = replace(ready.plan, courses=held, alone=alone)
    execute = partial(run_all, place=place, workers=workers)
    drawn = run_plan(plan, execute=execute, progress=progress)
    dataset = as_dataset(plan, drawn, ready.start, tuple(given))
    dataset.attrs = {
        "origin": ready.origin.isoformat(),
        "rule": ready.rule.value,
        "manifest": json.dumps(ready.manifest),
    }
    return Forecast(
        dataset,
        ready.start,
        start_table(dataset, ready.start, ready.origin),
        ready.notes,
        war_given_force(ready.start),
        share_assumed(dataset, plan.parameters.link),
    )


def prepare(
    case: str | Case,
    *,
    origin: dt.date | None = None,
    horizons: tuple[int, ...],
    draws: int = DRAWS,
    seed: int = SEED,
    rule: Rule = Rule.KNOWN,
    link: LinkView = "assumed",
    record: Record | None = None,
    fits: Path | None = None,
    begun: Start | None = None,
) -> Ready:
    """Lay out everything a run needs but its courses.

    Args:
        case: Case, or its name.
        origin: Last day of the last month known; the last complete month by default.
        horizons: Months after the origin at which risks are read off, rising.
        draws: Draws.
        seed: Seed of all random numbers.
        rule: Information rule.
        link: View of the link from incidents to disputes.
        record: Record to start from; the one that is open by default.
        fits: Folder of posteriors; by default those that knew no more than the origin.
        begun: The start, where it has been laid out before.

    Raises:
        BadInputError: Horizon or draws are out of range.
        HindsightError: A posterior knows more than the origin.
        OutsideCoverageError: The record holds nothing at the origin.
    """
    from foedus.compute.cache import compile_once
    from foedus.simulate.ensemble import Plan, chunk_size

    _hold("horizon", horizons[-1], 1, LONGEST_MONTHS, "--horizon 60")
    _hold("number of draws", draws, 1, MOST_DRAWS, "--draws 10000")
    compile_once()
    there = load_case(case) if isinstance(case, str) else case
    source = record if record is not None else open_record()
    when = origin or default_origin()
    begun = begun or start(source, there, when, rule)
    needed = needed_laws(begun)
    posteriors = (
        {name: read_law(name, fits) for name in needed} if fits else fits_at(needed, when, rule)
    )
    hold_to_origin(posteriors, when, rule)
    size = link_draws(read_link(), 256) if link == "assumed" else np.zeros(256)
    plan = Plan(
        setting=begun.setting,
        start=begun.state,
        parameters=parameters(posteriors, begun, link=size, seed=seed),
        courses=((),),
        seed=seed,
        draws=draws,
        origin=begun.origin,
        horizons=horizons,
        chunk=chunk_size(len(begun.setting.asked)),
    )
    notes = (*begun.notes, *_fit_notes(posteriors, source), _link_note(link))
    manifest = _manifest(plan, there, source, posteriors, link, notes)
    return Ready(there, when, rule, begun, plan, notes, manifest)


def share_assumed(dataset: xr.Dataset, link: Any) -> float:
    """Give the largest share of the spread of a pair's log risk that goes with the assumed link."""
    horizon = min(int(dataset["horizon"].values.max()), 12)
    nearest = dataset["horizon"].values[dataset["horizon"].values >= horizon][0]
    chance = dataset["p_dispute"].isel(course=0).sel(horizon=nearest).values.astype(np.float64)
    sizes = np.asarray(link)[np.arange(len(chance)) % len(link)]
    if sizes.std() == 0:
        return 0.0
    known = chance[:, np.isfinite(chance).all(axis=0)]
    logs = np.log(np.maximum(known, 1e-12))
    middle = logs - logs.mean(axis=0)
    shares = (middle.T @ (sizes - sizes.mean()) / len(sizes) / sizes.std()) ** 2
    return float(np.max(shares / logs.var(axis=0), initial=0.0))


def war_given_force(begun: Start) -> str:
    """Give the worldwide rate of war among disputes that saw use of force, per hundred.

    A reference class alone: no pair's and no course's.
    """
    wars, forceful = begun.world_ladder
    rate = 100 * wars / forceful
    return f"{float(f'{rate:.1g}'):g}"


def needed_laws(begun: Start) -> list[str]:
    """Name the fits a start needs: without a series or survey yet, theirs are not run."""
    absent = {"incidents": not begun.series, "support": not begun.dyads}
    return [name for name in SIMULATED if not absent.get(name, False)]


def _hold(what: str, value: int, low: int, high: int, hint: str) -> None:
    if not low <= value <= high:
        raise BadInputError(
            f"a {what} of {value} cannot be run",
            expected=f"{low} to {high:,}",
            where=f"the {what}",
            hint=hint,
        )


def risk_horizons(months: int) -> tuple[int, ...]:
    """Give the months after the origin at which risks are read off, rising to the last."""
    inside = [h for h in RISK_HORIZONS if h < months]
    later = range(72, months, 12)
    return tuple([*inside, *later, months])


def _fit_notes(posteriors: dict[str, LawPosterior], record: Record) -> list[str]:
    """Say where this record is not the one a law was fitted on."""
    notes = []
    for name, posterior in posteriors.items():
        read = tables_read(name, record)
        if posterior.manifest["table_digest"] != record.digest(read):
            notes.append(
                f"The law of {name} was fitted on another state of the record than yours "
                f"({', '.join(read)}); `foedus fit {name}` fits it on yours."
            )
    return notes


def _link_note(link: LinkView) -> str:
    found = read_link()
    if link == "cut":
        return "The link from incidents to disputes is cut: no turn of incidents moves disputes."
    return (
        f"A turn of an arena's incidents raises its pairs' rate of onset by an assumed range, none "
        f"to {max(found.hi90, 0):.2f} per unit of turn. The pooled association is "
        f"{found.estimate:+.2f} [{found.lo90:+.2f}, {found.hi90:+.2f}] on {found.onsets} onsets "
        f"in {found.rows:,} pair-months, which supports no link and speaks against a larger one."
    )


def _manifest(
    plan: Any,
    case: Case,
    record: Record,
    posteriors: dict[str, LawPosterior],
    link: LinkView,
    notes: Sequence[str],
) -> dict[str, Any]:
    import jax

    return {
        "case": case.name,
        "record": record.digest(),
        "version": foedus.__version__,
        "seed": plan.seed,
        "draws": plan.draws,
        "chunk": plan.chunk,
        "horizon_months": plan.horizons[-1],
        "first_year": int(plan.setting.first_year),
        "link": link,
        "fits": {
            name: {
                "law": posterior.manifest["law"],
                "rows_read": posterior.manifest["rows_read"],
                "trained_to": posterior.manifest["trained_to"],
            }
            for name, posterior in posteriors.items()
        },
        "jax": jax.__version__,
        "platform": f"{platform.system()} {platform.machine()} {jax.default_backend()}",
        "notes": list(notes),
    }


def start_table(dataset: xr.Dataset, begun: Start, origin: dt.date) -> pl.DataFrame:
    """Say how old what we know is: one row a variable and unit.

    Returns:
        `variable, unit, last, age_months, law, value, lo90, hi90, value_unit`: the start as the
        ensemble has it in the year or month of the origin, after its law has been run from the
        last observation. Blank where the unit is not in the record, or where the record is too
        old to be run from.
    """
    rows = []
    names = {"ideal": "ideal_point"}
    for variable, unit, last in begun.last.iter_rows():
        held = names.get(variable, variable)
        row: dict[str, Any] = {
            "variable": held,
            "unit": unit,
            "last": last,
            "age_months": age_months(last, origin) if last else None,
            "law": "disputes" if variable == "disputes" else "incidents",
            "value": None,
            "lo90": None,
            "hi90": None,
            "value_unit": None,
        }
        if variable in VARIABLES:
            dim, law, _ = VARIABLES[variable]
            row["law"] = law
            values = dataset[held].isel(course=0, year=0)
            values = values.sel({dim: unit.replace(" of ", "-") if dim == "dyad" else unit})
            row |= _spread(values.values) | {"value_unit": dataset[held].attrs["unit"]}
        elif variable in dataset["series"].values:
            values = dataset["incidents"].isel(course=0, month=0).sel(series=variable)
            row |= _spread(values.values) | {"value_unit": "count in the first month ahead"}
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


def _spread(values: Any) -> dict[str, float | None]:
    kept = np.asarray(values, dtype=np.float64)
    if not np.isfinite(kept).all():
        return {"value": None, "lo90": None, "hi90": None}
    low, middle, high = np.quantile(kept, [0.05, 0.5, 0.95])
    return {"value": float(middle), "lo90": float(low), "hi90": float(high)}
