"""Keep compiled steps in the user's cache folder, so that a second run does not compile."""

import os
from functools import cache
from pathlib import Path

import jax
from platformdirs import user_cache_path


@cache
def compile_once() -> Path | None:
    """Turn the persistent compilation cache on; where the folder cannot be made, go without.

    `FOEDUS_CACHE` names another folder; empty turns the cache off.
    """
    named = os.environ.get("FOEDUS_CACHE")
    if named == "":
        return None
    folder = Path(named) if named else user_cache_path("foedus", appauthor=False) / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return folder
