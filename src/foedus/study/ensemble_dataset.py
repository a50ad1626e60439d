"""The ensemble as one xarray dataset: the only place where the draw axis moves to the front."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from foedus.model.laws.escalation import NAMES
from foedus.simulate.ensemble import Drawn, Plan
from foedus.study.start import Start
from foedus.world.countries import country
from foedus.world.errors import BadInputError, CannotWriteError, DamagedRecordError

UNITS = {
    "p_dispute": ("probability", "disputes", "chance of at least one onset up to the horizon"),
    "p_force": (
        "probability",
        "disputes, escalation",
        "chance of at least one onset that sees use of force, up to the horizon",
    ),
    "n_dispute": ("onsets", "disputes", "onsets drawn up to the horizon"),
    "n_force": ("onsets", "disputes, escalation", "onsets drawn that see use of force"),
    "p_level": ("probability", "escalation", "chance of each highest level, given an onset"),
    "month_risk": ("probability", "disputes", "mean chance of an onset in the month"),
    "incidents": ("count", "incidents", "count of the arena's series in the month"),
    "spending": ("million constant US dollars", "arming", "military spending of the year"),
    "output": ("million constant US dollars", "growth", "real output of the year"),
    "capability": ("share of the world", "technology", "capability (CINC) of the year"),
    "ideal_point": ("ideal points", "affinity", "ideal point in UN votes of the year"),
    "trade": ("million current US dollars", "exchange", "trade both ways in the year"),
    "similarity": ("S, -1 to 1", "alignment", "weighted similarity of alliances of the year"),
    "support": ("%", "support", "favourable opinion among those with one, of the year"),
}
ENDINGS = (".nc", ".zarr")
ASSUMED = ("p_dispute", "p_force", "n_dispute", "n_force", "month_risk")


def as_dataset(plan: Plan, drawn: Drawn, start: Start, courses: tuple[str, ...]) -> xr.Dataset:
    """Put what was drawn into one dataset, draws first.

    Pairs that are not politically relevant have no chance of a dispute, and units that are not in
    the record have no level: both are nan.

    Args:
        plan: What was run.
        drawn: What it gave.
        start: The start.
        courses: Names of the courses; the first is the baseline.
    """
    asked = np.flatnonzero(start.relevant)
    months = np.arange(plan.origin + 1, plan.origin + 1 + plan.horizons[-1])

    def front(values, *dims: str) -> tuple[tuple[str, ...], Any]:
        return ("draw", "course", *dims), np.moveaxis(values, -1, 0)

    def all_pairs(values, axis: int = -2) -> Any:
        shape = list(values.shape)
        shape[axis] = len(start.pairs)
        whole = np.full(shape, np.nan, dtype=np.float32)
        np.moveaxis(whole, axis, 0)[asked] = np.moveaxis(values, axis, 0)
        return whole

    yearly = drawn.yearly
    support = 100 / (1 + np.exp(-yearly["support"]))
    data = {
        "p_dispute": front(all_pairs(-np.expm1(-drawn.rate)), "horizon", "pair"),
        "p_force": front(all_pairs(-np.expm1(-drawn.force_rate)), "horizon", "pair"),
        "n_dispute": front(all_pairs(drawn.onsets), "horizon", "pair"),
        "n_force": front(all_pairs(drawn.forceful), "horizon", "pair"),
        "p_level": front(all_pairs(drawn.levels[:, 0]), "level", "pair"),
        "incidents": front(drawn.counts, "month", "series"),
        "spending": front(np.exp(yearly["spending"]), "year", "country"),
        "output": front(np.exp(yearly["output"]), "year", "country"),
        "capability": front(np.exp(yearly["capability"]), "year", "country"),
        "ideal_point": front(yearly["ideal"], "year", "country"),
        "trade": front(np.exp(yearly["trade"]), "year", "pair"),
        "similarity": front(yearly["similarity"], "year", "pair"),
        "support": front(support, "year", "dyad"),
        "month_risk": (
            ("course", "month", "pair"),
            all_pairs(drawn.month_risk / plan.draws, axis=-1),
        ),
    }
    iso = [country(code).iso3 for code in start.codes]
    found = xr.Dataset(
        data,
        coords={
            "draw": np.arange(plan.draws),
            "course": list(courses),
            "horizon": ("horizon", list(plan.horizons), {"unit": "months after the origin"}),
            "month": _months(months),
            "year": list(plan.years),
            "country": iso,
            "pair": [_pair(a, b) for a, b in start.pairs],
            "dyad": [_pair(a, b) for a, b in start.dyads],
            "series": [item.series for _, item in start.series],
            "arena": ("series", [arena for arena, _ in start.series]),
            "level": list(NAMES),
        },
    )
    for name, (unit, law, meaning) in UNITS.items():
        evidence = (
            "estimated; the link from incidents is assumed" if name in ASSUMED else "estimated"
        )
        found[name].attrs = {"unit": unit, "law": law, "meaning": meaning, "evidence": evidence}
    return found


def _pair(one: int, two: int) -> str:
    return f"{country(one).iso3}-{country(two).iso3}"


def _months(numbers) -> Any:
    text = [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers]
    return np.array(text, dtype="datetime64[ns]")


def save(dataset: xr.Dataset, path: Path) -> Path:
    """Write an ensemble as NetCDF (`.nc`) or Zarr (`.zarr`), whole or not at all.

    Raises:
        BadInputError: The ending is neither.
        CannotWriteError: The disk is full or the folder cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    encoding = {
        name: {"zlib": True, "complevel": 1}
        for name, part in dataset.data_vars.items()
        if part.ndim
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".nc":
            dataset.to_netcdf(partial, engine="h5netcdf", encoding=encoding)
        elif path.suffix == ".zarr":
            shutil.rmtree(partial, ignore_errors=True)
            dataset.to_zarr(partial, mode="w", consolidated=False, zarr_format=2)
            shutil.rmtree(path, ignore_errors=True)
        else:
            raise BadInputError(
                f"an ensemble cannot be written as {path.suffix or 'a file without ending'}",
                expected=".nc (NetCDF) or .zarr (Zarr)",
                where="--output",
                hint="--output ensemble.nc",
            )
        os.replace(partial, path)
    except OSError as error:
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        elif partial.exists():
            partial.unlink()
        raise CannotWriteError(
            f"{path} cannot be written ({error.strerror or error})",
            expected="room on the disk and a folder that can be written",
            where=str(path.parent),
            hint="choose another folder with --output",
        ) from error
    return path


def load(path: Path) -> xr.Dataset:
    """Read an ensemble back.

    Raises:
        DamagedRecordError: The file is not an ensemble, or is damaged.
    """
    try:
        found = (
            xr.open_zarr(path, consolidated=False)
            if path.suffix == ".zarr"
            else xr.open_dataset(path, engine="h5netcdf")
        )
        json.loads(found.attrs["manifest"])
    except (OSError, KeyError, ValueError) as error:
        raise DamagedRecordError(
            f"{path} is not an ensemble ({str(error).splitlines()[0]})",
            expected="a .nc or .zarr written by `foedus forecast --output`",
            where=str(path),
            hint="run the forecast again",
        ) from error
    return found
