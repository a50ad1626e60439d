"""The folder of raw inputs, opened file by file with its digest checked."""

import hashlib
import json
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from foedus.world.errors import DamagedRecordError


class Raw:
    """Raw inputs below one folder.

    Args:
        folder: Folder that holds `record/`, `events/`, `geo/` and `facts/`. Where `facts/` is not
            inside it, the folder beside it is taken.
        digests: Expected SHA-256 by path; empty to accept any content, as when the digests
            themselves are being renewed.
    """

    def __init__(self, folder: Path, digests: dict[str, str]) -> None:
        self.folder = folder
        self.digests = digests
        self.read: dict[str, str] = {}

    @cached_property
    def _facts(self) -> Path:
        inside = self.folder / "facts"
        return inside if inside.is_dir() else self.folder.parent / "facts"

    def path(self, name: str) -> Path:
        """Locate one raw file and check that it is the one the build was written for."""
        parts = Path(name).parts
        path = self._facts.joinpath(*parts[1:]) if parts[0] == "facts" else self.folder / name
        if not path.is_file():
            raise DamagedRecordError(
                f"raw file {name} is absent",
                expected=f"a file at {path}",
                where="the folder of raw tables",
                hint="pass the folder that holds record/, events/ and geo/ with --raw",
            )
        if name not in self.read:
            self.read[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        expected = self.digests.get(name)
        if expected and expected != self.read[name]:
            raise DamagedRecordError(
                f"raw file {name} has SHA-256 {self.read[name][:12]}…",
                expected=f"{expected[:12]}…, the version this build was written for",
                where=str(path),
                hint="fetch that version, or rerun with --renew-digests after reading what changed",
            )
        return path

    def parquet(self, name: str) -> pl.DataFrame:
        """Read one raw Parquet table."""
        return pl.read_parquet(self.path(name))

    def geojson(self, name: str) -> dict[str, Any]:
        """Read one raw GeoJSON file."""
        return json.loads(self.path(name).read_text("utf-8"))

    def toml(self, name: str) -> dict[str, Any]:
        """Read one raw TOML file of dated facts."""
        return tomllib.loads(self.path(name).read_text("utf-8"))
