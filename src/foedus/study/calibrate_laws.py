"""Calibrate the laws that are estimated on worlds of their own making; keep it beside the fits."""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from foedus.estimate.calibration import by_laplace, by_nuts, calibrate
from foedus.estimate.law_posterior import METHOD, law_fingerprint
from foedus.estimate.posterior import SHIPPED
from foedus.model.order import CANDIDATES, ESTIMATED

SEED = 20240410
WORLDS = {"laplace": 200, "nuts": 20, "large": 40}
ROWS = {"laplace": 300, "nuts": 150, "large": 3000}
PLACE = SHIPPED / "calibration.json"


def calibrate_laws(
    names: Iterable[str] = (),
    methods: Iterable[str] = tuple(WORLDS),
    *,
    path: Path = PLACE,
    seed: int = SEED,
    worlds: dict[str, int] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Calibrate laws and store each result as soon as it is there; keep what has not changed.

    Args:
        names: Laws; all estimated ones by default, candidates too.
        methods: `laplace`, `nuts`, and `large`: Laplace in worlds nearer the size of a real fit.
        path: File of the results.
        seed: Seed of all random numbers.
        worlds: Worlds by method; 200, 20 and 40 by default.
        progress: Called after each world.

    Returns:
        Everything in the file: by law and method, coverage and ranks with their fingerprint.
    """
    chosen = set(names)
    found = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    for law in (*ESTIMATED, *CANDIDATES):
        if chosen and law.name not in chosen:
            continue
        for method in methods:
            count, rows = (worlds or WORLDS)[method], ROWS[method]
            mark = {
                "law": law_fingerprint(law),
                "seed": seed,
                "worlds": count,
                "rows": rows,
                "method": "NUTS" if method == "nuts" else METHOD,
            }
            kept = found.get(law.name, {}).get(method, {})
            if all(kept.get(key) == value for key, value in mark.items()):
                continue
            result = calibrate(
                law,
                worlds=count,
                seed=seed,
                fitted=by_nuts if method == "nuts" else by_laplace,
                rows=rows,
                progress=progress,
            )
            found.setdefault(law.name, {})[method] = mark | result.summary()
            _write(found, path)
    return found


def _write(found: dict[str, Any], path: Path) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(partial, path)
