"""A law's fitted posterior: how it is made, shipped, held to its law, and read by simulation."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.estimate.laplace import Cases, Fit, LawDraws
from foedus.estimate.law_priors import law_priors
from foedus.estimate.posterior import Posterior, folder_of, read_posterior
from foedus.model.law import AbstractLaw
from foedus.model.order import FITS
from foedus.model.parameters import fingerprint, read
from foedus.world.errors import BadTableError

Floats = NDArray[np.float64]
DRAWS = 256
METHOD = "nested Laplace, drawn from the closest normal"
ALL_UNITS = ("disputes", "incidents", "arming", "growth", "affinity")


def law_fingerprint(law: AbstractLaw) -> str:
    """Give a digest of a law's form: its inputs, ranges, shapes, and its parameter file."""
    text = f"{fingerprint(law.name)} {law.terms} {law.shapes} {law.clock} {law.unit}"
    return hashlib.sha256(text.encode()).hexdigest()


def rows_digest(cases: Cases) -> str:
    """Give a digest of the rows and columns a fit read."""
    whole = hashlib.sha256()
    for part in (
        cases.value,
        cases.terms,
        cases.offset,
        *(cases.extra[k] for k in sorted(cases.extra)),
    ):
        whole.update((np.round(np.asarray(part, dtype=np.float64), 6) + 0.0).tobytes())
    for index in (cases.unit, cases.year):
        whole.update(np.ascontiguousarray(index, dtype=np.int64).tobytes())
    whole.update(repr((cases.units, cases.years)).encode())
    return whole.hexdigest()


def prepared(law: AbstractLaw, cases: Cases) -> Fit:
    """Put together a law, its rows and its priors, ready to fit."""
    given = law_priors(law)
    if not given.years:
        cases = replace(cases, years=())
    return Fit(law, cases, given.mean, given.scale, given.outer)


def fit_law(
    law: AbstractLaw, cases: Cases, *, seed: int, draws: int = DRAWS, start: Floats | None = None
) -> LawDraws:
    """Draw a law's posterior by nested Laplace."""
    return prepared(law, cases).draws(draws, seed=seed, start=start)


@dataclass(frozen=True)
class LawPosterior:
    """Draws of a law's parameters as the simulator reads them.

    Args:
        law: The law.
        coefficients: One array a term, each of shape (draw,).
        outer: Spreads, memories and shapes by name, each of shape (draw,).
        year_level: Level of the last training year, shape (draw,); zero where the law has none.
        last_year: That year.
        unit_level: Levels of the units the fit knows, each of shape (draw,).
        manifest: Fingerprint of the fit.
    """

    law: AbstractLaw
    coefficients: dict[str, Floats]
    outer: dict[str, Floats]
    year_level: Floats
    last_year: int
    unit_level: dict[str, Floats]
    manifest: dict[str, Any]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.year_level)


def as_posterior(
    law: AbstractLaw, cases: Cases, found: LawDraws, units: frozenset[str], manifest: dict[str, Any]
) -> Posterior:
    """Turn draws into the files a posterior is made of.

    Args:
        law: The law.
        cases: Rows of the fit.
        found: Draws.
        units: Units whose level is kept, besides all of a few laws.
        manifest: What else is to be known of the fit.
    """
    given = law_priors(law)
    columns = {f"term:{term.name}": found.coefficients[:, k] for k, term in enumerate(law.terms)}
    columns |= {f"outer:{name}": part for name, part in found.outer.items()}
    if given.years:
        columns["year level"] = found.year_level[:, -1]
    if given.units:
        seen = set(np.unique(cases.unit).tolist())
        for k, unit in enumerate(cases.units):
            if k in seen and (law.name in ALL_UNITS or unit in units):
                columns[f"unit:{unit}"] = found.unit_level[:, k]
    draws = pl.DataFrame({name: part.astype(np.float32) for name, part in columns.items()})
    return Posterior(
        law.name,
        parameter_table(law, draws),
        draws,
        manifest
        | {
            "model": fingerprint(law.name),
            "law": law_fingerprint(law),
            "first_year": int(cases.years[0]),
            "last_year": int(cases.years[-1]),
            "rows_read": rows_digest(cases),
            "row_count": len(cases.value),
            "unit_count": len(set(cases.unit.tolist())),
            "log_marginal": round(found.log_marginal, 3),
            "outer_nodes_ess": round(found.weight_ess, 1),
            "newton_steps": found.inner_steps,
        },
    )


def parameter_table(law: AbstractLaw, draws: pl.DataFrame) -> pl.DataFrame:
    """List a law's parameters with unit, prior, source, mean and 90 % interval."""
    given = read(law.name)
    rows = []
    for group, prefix in (("terms", "term:"), ("outer", "outer:")):
        for name, entry in given[group].items():
            values = draws[prefix + name].to_numpy().astype(np.float64)
            low, high = np.quantile(values, [0.05, 0.95])
            centre = entry.get("mean", entry.get("median"))
            rows.append(
                {
                    "law": law.name,
                    "parameter": name,
                    "unit": entry["unit"],
                    "mean": float(values.mean()),
                    "lo90": float(low),
                    "hi90": float(high),
                    "evidence": "estimated",
                    "prior": f"{entry['prior']}({centre}, {entry['scale']})",
                    "prior_source": entry["source"],
                }
            )
    return pl.DataFrame(rows)


def read_law(name: str, folder: Path | None = None) -> LawPosterior:
    """Read a law's posterior and hold it to the law of this version.

    Args:
        name: Name of the fit, for most laws that of the law.
        folder: Folder of posteriors; by default the user's own, then the one that ships.

    Raises:
        DamagedRecordError: There is none, or its files cannot be read.
        BadTableError: It was fitted with another law or other priors.
    """
    law = FITS[name]
    place = folder or folder_of(name)
    posterior = read_posterior(name, place, model=law.name)
    if posterior.manifest.get("law") != law_fingerprint(law):
        raise BadTableError(
            f"the posterior of {name} was fitted with another form of the law",
            expected=f"the fingerprint {law_fingerprint(law)[:12]}…",
            where=str(place / name),
            hint=f"foedus fit {name}",
        )
    draws = posterior.draws
    columns = {c: draws[c].to_numpy().astype(np.float64) for c in draws.columns}

    def group(prefix: str) -> dict[str, Floats]:
        return {c.removeprefix(prefix): v for c, v in columns.items() if c.startswith(prefix)}

    return LawPosterior(
        law=law,
        coefficients=group("term:"),
        outer=group("outer:"),
        year_level=columns.get("year level", np.zeros(draws.height)),
        last_year=posterior.manifest["last_year"],
        unit_level=group("unit:"),
        manifest=posterior.manifest,
    )


def to_arviz(name: str, folder: Path | None = None):
    """Open a law's posterior in ArviZ: one chain of independent draws.

    Returns:
        An `arviz.InferenceData` with variables `coefficient` (term), `outer`, and `level` (unit).
    """
    import arviz

    found = read_law(name, folder)
    groups = {
        "coefficient": ("term", found.coefficients),
        "outer": ("parameter", found.outer),
        "level": ("unit", found.unit_level),
    }
    posterior, coords, dims = {}, {}, {}
    for variable, (axis, columns) in groups.items():
        if columns:
            posterior[variable] = np.stack(list(columns.values()), axis=-1)[None]
            coords[axis] = list(columns)
            dims[variable] = [axis]
    return arviz.from_dict(posterior=posterior, coords=coords, dims=dims)
