"""A fitted posterior as files: what every output needs of it, read without any fitting library.

A posterior is a folder with `manifest.json`, `summary.parquet` and `draws.parquet`. Each is
written whole or not at all.
"""

import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from foedus.model.parameters import fingerprint
from foedus.world.errors import BadTableError, DamagedRecordError

SHIPPED = Path(__file__).parent / "shipped"


@dataclass(frozen=True)
class Posterior:
    """A fitted model.

    Args:
        name: Name of the model, which is also its parameter file's.
        summary: Mean and 90 % interval of what the model estimates, one row a unit and period.
        draws: Draws of the parameters on their natural scale, one column a parameter.
        manifest: Fingerprint, last period of training, diagnostics and held-out scores.
    """

    name: str
    summary: pl.DataFrame
    draws: pl.DataFrame
    manifest: dict[str, Any]

    @property
    def trained_to(self) -> dt.date:
        """Last day of the last period any indicator of the fit is about."""
        return dt.date.fromisoformat(self.manifest["trained_to"])

    @property
    def known_from(self) -> dt.date:
        """Day by which all of the fit's indicators had been published, by their tables' lags."""
        return dt.date.fromisoformat(self.manifest["known_from"])


def write_posterior(posterior: Posterior, folder: Path) -> None:
    """Write a posterior into its folder; the manifest comes last, so a cut run leaves the old."""
    place = folder / posterior.name
    place.mkdir(parents=True, exist_ok=True)
    for name, frame in (("summary", posterior.summary), ("draws", posterior.draws)):
        partial = place / f"{name}.partial"
        frame.write_parquet(partial, compression="zstd", compression_level=15)
        os.replace(partial, place / f"{name}.parquet")
    partial = place / "manifest.partial"
    text = json.dumps(posterior.manifest, indent=1, sort_keys=True) + "\n"
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, place / "manifest.json")


def read_posterior(name: str, folder: Path = SHIPPED) -> Posterior:
    """Read a posterior and hold it to the model and priors of this version.

    Raises:
        DamagedRecordError: There is none, or its files cannot be read.
        BadTableError: It was fitted with another model or other priors.
    """
    place = folder / name
    try:
        manifest = json.loads((place / "manifest.json").read_text("utf-8"))
        summary = pl.read_parquet(place / "summary.parquet")
        draws = pl.read_parquet(place / "draws.parquet")
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise DamagedRecordError(
            f"the posterior of {name} cannot be read ({str(error).splitlines()[0]})",
            expected="manifest.json, summary.parquet and draws.parquet of one fit",
            where=str(place),
            hint=f"foedus fit {name}",
        ) from error
    if manifest["model"] != fingerprint(name):
        raise BadTableError(
            f"the posterior of {name} was fitted with another model or other priors",
            expected=f"the fingerprint {fingerprint(name)[:12]}…, found {manifest['model'][:12]}…",
            where=str(place),
            hint=f"foedus fit {name}",
        )
    return Posterior(name, summary, draws, manifest)
