"""The laws in C (`bound.c`), built at run time: the bound of what this machine can do."""

import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from foedus.model.order import LAWS
from foedus.simulate.ensemble import Plan

LAWS_IN_ORDER = (
    "disputes", "escalation", "incidents", "arming", "growth", "affinity", "exchange",
    "technology", "alignment", "support",
)  # fmt: skip
UNITS_IN_ORDER = (
    "arming", "growth", "affinity", "technology", "support", "exchange", "alignment", "disputes",
    "escalation", "incidents",
)  # fmt: skip
OF_COUNTRY = (
    "spending", "spending_growth", "spending_mean", "spending_variance", "output",
    "output_change", "output_slow", "output_variance", "capability", "ideal", "ideal_change",
    "ideal_slow", "ideal_variance", "support", "outside",
)  # fmt: skip
OF_PAIR = (
    "trade", "trade_change", "trade_slow", "trade_variance", "similarity", "onsets", "forceful",
)  # fmt: skip
FIXED = ("land border", "near by sea", "distance", "both major powers", "one major power")
FLAGS = (
    "-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-fopenmp", "-fPIC",
)  # fmt: skip
OF_YEAR = (("spending", "output", "capability", "ideal", "support"), ("trade", "similarity"))
LONG_AGO = -1e6
_NUMBERS = ("countries", "pairs", "series", "members", "posterior", "months", "threads")
_LISTS = ("one", "two", "horizon", "link_from", "link_series", "kind")
_VALUES = (
    "fixed", "outside_rate", "reporting", "parameters", "levels", "country_start", "pair_start",
    "series_start",
)  # fmt: skip
_RESULTS = (
    "rate", "force_rate", "onsets", "forceful", "counts", "month_risk", "country_year",
    "pair_year",
)  # fmt: skip


class _Job(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int) for name in _NUMBERS),
        *((name, ctypes.c_void_p) for name in (*_LISTS, *_VALUES)),
        ("seed", ctypes.c_uint64),
        *((name, ctypes.c_void_p) for name in _RESULTS),
    )


class Bound(NamedTuple):
    """What a run in C gives: as `Drawn` of one course, with yearly values after each January."""

    rate: np.ndarray
    force_rate: np.ndarray
    onsets: np.ndarray
    forceful: np.ndarray
    counts: np.ndarray
    month_risk: np.ndarray
    country_year: np.ndarray
    pair_year: np.ndarray


def build() -> ctypes.CDLL | None:
    """Compile and load the program; None where there is no compiler.

    It is linked without `-ffast-math`, which would make the whole process flush small numbers
    to zero.
    """
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    source = Path(__file__).with_name("bound.c")
    with tempfile.TemporaryDirectory() as folder:
        compiled, built = Path(folder) / "bound.o", Path(folder) / "bound.so"
        subprocess.run([compiler, *FLAGS, "-c", str(source), "-o", str(compiled)], check=True)
        link = ["-shared", "-fopenmp", str(compiled), "-o", str(built), "-lm"]
        subprocess.run([compiler, *link], check=True)
        return ctypes.CDLL(str(built))


def _inputs(plan: Plan) -> dict[str, np.ndarray]:
    setting, laws = plan.setting, plan.parameters.laws
    first = 12 * int(setting.first_year)
    parameters = [
        values
        for name in LAWS_IN_ORDER
        for values in (
            *(laws[name].coefficients[term.name] for term in LAWS[name].terms),
            *(laws[name].shape[part] for part in LAWS[name].shapes),
        )
    ]
    parameters.append(plan.parameters.link)
    for part in ("year_level", "year_memory", "year_spread"):
        parameters.extend(getattr(laws[name], part) for name in LAWS_IN_ORDER)
    fixed = {name: np.asarray(values) for name, values in setting.fixed.items()}
    fixed["distance"] = np.clip(fixed["distance"], -3.0, 3.1)
    linked = [np.flatnonzero(row) for row in np.asarray(setting.link)]

    def column(name: str) -> np.ndarray:
        return np.asarray(getattr(plan.start, name))[..., 0]

    last = np.maximum(column("last") - first, LONG_AGO)
    of_pair = [
        *(column(name) for name in OF_PAIR),
        *column("slow"),
        *column("fast"),
        *last,
    ]
    return {
        "one": np.asarray(setting.one),
        "two": np.asarray(setting.two),
        "horizon": np.asarray([*plan.horizons, 0]),
        "link_from": np.cumsum([0, *(len(row) for row in linked)]),
        "link_series": np.concatenate(linked),
        "kind": np.asarray(setting.kind),
        "fixed": np.stack(
            [
                *(fixed[name] for name in FIXED),
                np.clip(np.asarray(setting.lower_democracy)[0], -3, 3),
                np.clip(np.asarray(setting.higher_democracy)[0], -3, 3),
                np.asarray(setting.begin) - first,
            ],
            axis=1,
        ),
        "outside_rate": np.asarray(setting.outside_rate),
        "reporting": np.clip(np.asarray(setting.reporting), -3, 3),
        "parameters": np.stack([np.asarray(values) for values in parameters]),
        "levels": np.concatenate([np.asarray(laws[n].unit_level) for n in UNITS_IN_ORDER]),
        "country_start": np.stack([column(name) for name in OF_COUNTRY], axis=1),
        "pair_start": np.stack(of_pair, axis=1),
        "series_start": np.stack([column("recent"), column("level")], axis=1),
    }


def run_bound(program: ctypes.CDLL, plan: Plan, *, threads: int) -> Bound:
    """Run a plan of a synthetic world in C."""
    given = _inputs(plan)
    months, members = plan.horizons[-1], plan.draws
    countries, pairs = len(given["outside_rate"]), len(given["one"])
    series, reached, years = len(given["kind"]), len(plan.horizons), -(-months // 12)
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(_RESULTS[:4], (reached, pairs, members))
    shapes |= {
        "counts": (months, series, members),
        "month_risk": (months, pairs),
        "country_year": (years, 5, countries, members),
        "pair_year": (years, 2, pairs, members),
    }
    results = {name: np.empty(shape, dtype=np.float32) for name, shape in shapes.items()}
    held: dict[str, Any] = {name: np.ascontiguousarray(given[name], np.int32) for name in _LISTS}
    held |= {name: np.ascontiguousarray(given[name], np.float32) for name in _VALUES}
    posterior = held["parameters"].shape[-1]
    job = _Job(
        *(countries, pairs, series, members, posterior, months, threads),
        *(held[name].ctypes.data for name in (*_LISTS, *_VALUES)),
        plan.seed,
        *(results[name].ctypes.data for name in _RESULTS),
    )
    program.run(ctypes.byref(job))
    return Bound(**results)
