"""Parameters as data: one TOML file a model, each with prior or value, unit, range and source."""

import hashlib
import json
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any


@cache
def read(file: str) -> dict[str, Any]:
    """Read one parameter file of the program, by name without ending."""
    path = resources.files("foedus.model.parameters").joinpath(f"{file}.toml")
    return tomllib.loads(path.read_text("utf-8"))


def names(file: str, groups: Sequence[str]) -> tuple[str, ...]:
    """Name the parameters of some groups as `group.parameter`, in the order of the file."""
    return tuple(f"{group}.{name}" for group in groups for name in read(file)[group])


def fingerprint(file: str) -> str:
    """Give a digest of a parameter file's content, whatever its layout and comments.

    The file holds the model's version, so a changed model or prior changes the digest.
    """
    text = json.dumps(read(file), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
