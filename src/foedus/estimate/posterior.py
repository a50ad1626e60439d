"""A fitted posterior as files: what every output needs of it, read without any fitting library.

A posterior is a folder with `manifest.json`, `summary.parquet` and `draws.parquet`. It is written
whole or not at all. The user's own fits lie in a folder of their own and are read before those that
ship.
"""

import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from platformdirs import user_data_path

from foedus.model.parameters import fingerprint
from foedus.world.errors import BadTableError, CannotWriteError, DamagedRecordError

SHIPPED = Path(__file__).parent / "shipped"
EARLIER = SHIPPED / "earlier"


@dataclass(frozen=True)
class Posterior:
    """A fitted model.

    Args:
        name: Name of the fit; for all but second fits that of the model and its parameter file.
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


def local_folder() -> Path:
    """Give the folder of the user's own fits: `FOEDUS_POSTERIORS`, or the user data folder."""
    named = os.environ.get("FOEDUS_POSTERIORS")
    return Path(named) if named else user_data_path("foedus", appauthor=False) / "posteriors"


def folder_of(name: str) -> Path:
    """Say where a posterior is read from: the user's own fit where there is one, else shipped."""
    own = local_folder()
    return own if (own / name / "manifest.json").is_file() else SHIPPED


def folders_of(name: str) -> list[Path]:
    """Give every folder that holds a posterior: the usual one first, then earlier ones that ship.

    Earlier ones lie in folders named after the month they knew, the latest first.
    """
    earlier = sorted(EARLIER.glob("????-??"), reverse=True)
    return [
        folder
        for folder in (folder_of(name), *earlier)
        if (folder / name / "manifest.json").is_file()
    ]


def write_posterior(posterior: Posterior, folder: Path) -> None:
    """Write a posterior into its folder, whole or not at all.

    Raises:
        CannotWriteError: The folder cannot be made or written.
    """
    place = folder / posterior.name
    files = ("summary.parquet", "draws.parquet", "manifest.json")
    partial = [place / f"{name}.partial" for name in files]
    text = json.dumps(posterior.manifest, indent=1, sort_keys=True) + "\n"
    try:
        place.mkdir(parents=True, exist_ok=True)
        for path, frame in zip(partial[:2], (posterior.summary, posterior.draws), strict=True):
            frame.write_parquet(path, compression="zstd", compression_level=15)
        partial[2].write_text(text, encoding="utf-8")
        for path, name in zip(partial, files, strict=True):
            os.replace(path, place / name)
    except OSError as error:
        raise CannotWriteError(
            f"cannot write the posterior of {posterior.name} ({error.strerror or error})",
            expected="a folder with space and write permission",
            where=str(place),
            hint="set FOEDUS_POSTERIORS to a folder of your own",
        ) from error
    finally:
        for path in partial:
            path.unlink(missing_ok=True)


def read_posterior(name: str, folder: Path | None = None, *, model: str | None = None) -> Posterior:
    """Read a posterior and hold it to the model and priors of this version.

    Args:
        name: Name of the fit.
        folder: Folder of posteriors; by default the user's own, then the one that ships.
        model: Name of the model, where the fit has another.

    Raises:
        DamagedRecordError: There is none, or its files cannot be read.
        BadTableError: It was fitted with another model or other priors.
    """
    place = (folder or folder_of(name)) / name
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
    expected = fingerprint(model or name)
    if manifest["model"] != expected:
        raise BadTableError(
            f"the posterior of {name} was fitted with another model or other priors",
            expected=f"the fingerprint {expected[:12]}…, found {manifest['model'][:12]}…",
            where=str(place),
            hint=f"foedus fit {name}",
        )
    return Posterior(name, summary, draws, manifest)
