"""The simulator against Mesa, naive JAX and the same laws in C, in one interleaved run.

All engines run the same synthetic world. Seconds are those of this machine and load; only ratios
taken in one run mean anything. Before anything is timed the engines are held to each other.
"""

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.report import Row, show
from benchmarks.simulation_bound import OF_YEAR, build, run_bound
from benchmarks.simulation_mesa import run_mesa, worlds
from benchmarks.simulation_naive import run_naive
from benchmarks.simulation_world import MONTHS, plan_of
from foedus.compute.executors import cores, run_all
from foedus.simulate.ensemble import CHUNK, Drawn, Plan, run_plan
from foedus.simulate.run import advance, begin, empty_tally, slots

ROUNDS = 5
SIZES = (12, 40)
DRAWS = {12: 4096, 40: 1024}
NAIVE_DRAWS = {12: 512, 40: 128}
MESA_MEMBERS = {12: 4, 40: 1}
MESA_MONTHS = 24
BARS = {
    "Mesa": {12: (120, 300), 40: (160, 400)},
    "naive JAX": {12: (8, 15), 40: (3, 5)},
    "C": {12: (8, 3.5), 40: (5.5, 3.3)},
}
COMPILE_BAR_SECONDS = (4, 2)
MEMORY_BAR_MB = (200, 60)
MEMORY_MEMBERS = (1_000, 100_000)
WIDEST_Z = 4.5
FLAGSHIP_MONTHS, FLAGSHIP_DRAWS = 120, 10_000
FLAGSHIP_BARS_SECONDS = (15, 8)
FLAGSHIP_BAR_MB = 2048


class Spent(NamedTuple):
    """Seconds of a run, by the wall and of all cores."""

    wall: float
    cpu: float


def spent(work: Callable[[], object]) -> Spent:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def summary(found: Any) -> dict[str, np.ndarray]:
    """Reduce a run to one number a member and quantity, whatever the engine."""
    one = isinstance(found, Drawn)

    def of(name: str) -> np.ndarray:
        return np.asarray(getattr(found, name))[0] if one else np.asarray(getattr(found, name))

    def last(name: str) -> np.ndarray:
        values = of(name)
        return values[-1].mean(axis=0) if values.ndim == 3 else values.mean(axis=0)

    parts = {name: last(name) for name in ("onsets", "forceful")}
    if hasattr(found, "rate"):
        parts |= {name: last(name) for name in ("rate", "force_rate")}
    parts["counts"] = np.log1p(of("counts")).mean(axis=(0, 1))
    if one:
        yearly = {name: values[0, -1] for name, values in found.yearly.items()}
    elif hasattr(found, "yearly"):
        yearly = found.yearly
    else:
        yearly = dict(zip(OF_YEAR[0], found.country_year[-1], strict=True))
        yearly |= dict(zip(OF_YEAR[1], found.pair_year[-1], strict=True))
    return parts | {name: values.mean(axis=0) for name, values in yearly.items()}


def disagreement(one: Any, two: Any) -> dict[str, float]:
    """Give the difference of the means of two runs over its Monte-Carlo error, by quantity."""
    first, second = summary(one), summary(two)
    found = {}
    for name in first.keys() & second.keys():
        a, b = first[name], second[name]
        error = np.sqrt(a.var(ddof=1) / a.size + b.var(ddof=1) / b.size)
        found[name] = float((a.mean() - b.mean()) / error)
    return dict(sorted(found.items()))


def _held(who: str, countries: int, one: Any, two: Any) -> None:
    found = disagreement(one, two)
    worst = max(found, key=lambda name: abs(found[name]))
    verdict = "agree" if abs(found[worst]) < WIDEST_Z else "DISAGREE"
    print(
        f"N={countries}: ours and {who} {verdict} in {len(found)} means, "
        f"widest {worst} {found[worst]:+.1f} standard errors"
    )


def ratios(countries: int, rounds: int = ROUNDS) -> list[Row]:
    """Give the three ratios at a size, from rounds in which every engine runs in turn."""
    draws, few = DRAWS[countries], NAIVE_DRAWS[countries]
    members = MESA_MEMBERS[countries]
    plan, small = plan_of(countries, draws), plan_of(countries, few)
    ours = partial(run_plan, plan, execute=run_all)
    program = build()
    drawn, naive = ours(), run_naive(small)
    _held("naive JAX", countries, drawn, naive)
    if program is None:
        print(f"N={countries}: no C compiler found; the bound is left out")
    else:
        _held("C", countries, drawn, run_bound(program, plan, threads=cores()))
    if countries == SIZES[0]:
        year = plan_of(countries, draws, months=MESA_MONTHS)
        mesa = run_mesa(worlds(year, 48), MESA_MONTHS)
        _held("Mesa", countries, run_plan(year), mesa)
    runs: dict[str, list[Spent]] = {name: [] for name in ("ours", *BARS)}
    steps = {
        "ours": draws * MONTHS,
        "Mesa": members * MESA_MONTHS,
        "naive JAX": few * MONTHS,
        "C": draws * MONTHS,
    }
    del drawn, naive
    for _ in range(rounds):
        ready = worlds(plan, members)
        work: dict[str, Callable[[], object]] = {
            "ours": ours,
            "Mesa": partial(run_mesa, ready, MESA_MONTHS),
            "naive JAX": partial(run_naive, small),
        }
        if program is not None:
            work["C"] = partial(run_bound, program, plan, threads=cores())
        for name, run in work.items():
            took = spent(run)
            runs[name].append(Spent(took.wall / steps[name], took.cpu / steps[name]))
    for name, taken in runs.items():
        if taken:
            wall, cpu = (statistics.median(t[i] for t in taken) * 1e6 for i in (0, 1))
            print(f"  {name:<10} {wall:>9.2f} us wall, {cpu:>9.2f} us CPU a member-month")
    rows = []
    for name, bars in BARS.items():
        if not runs[name]:
            continue
        less = name == "C"
        for what, at in (("wall", 0), ("CPU", 1)):
            if less and what == "wall":
                continue
            pairs = zip(runs["ours"], runs[name], strict=True)
            each = sorted(o[at] / t[at] if less else t[at] / o[at] for o, t in pairs)
            label = f"N={countries}: ours over C" if less else f"N={countries}: {name} over ours"
            # The bars are of wall time; those within the bound, of processor time.
            judged = bars[countries] if less or what == "wall" else ()
            median = statistics.median(each)
            rows.append(
                show(Row(f"{label}, {what}", median, each[0], each[-1], *judged, less=less))
            )
    return rows


def compile_seconds(countries: int = 40) -> float:
    """Give the seconds to trace and compile the step, without any cache."""
    plan = plan_of(countries, CHUNK)
    chunk = plan.chunk
    draw = jnp.arange(chunk, dtype=jnp.int32)
    keys = slots(plan.seed, tuple(plan.parameters.laws), ())
    state, parameters = begin(plan.start, plan.setting, plan.parameters, draw, keys)
    tally = empty_tally(state, MONTHS)
    month = jnp.asarray(12 * int(plan.setting.first_year), jnp.int32)
    jax.block_until_ready(tally)
    begun = time.perf_counter()
    advance.lower(
        state, tally, plan.setting, parameters, (), draw, jnp.ones(chunk), keys, month, month
    ).compile()
    return time.perf_counter() - begun


def peak_mb() -> float:
    """Give the peak of this process's memory. (ru_maxrss would count a parent's.)"""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _fresh(code: str, **settings: str) -> list[float]:
    """Run code in a fresh process and read the numbers it prints last."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(part) for part in done.stdout.splitlines()[-1].split()]


MEMORY = """
from benchmarks.simulation import grown
grown({members})
"""
FLAGSHIP = """
from benchmarks.simulation import flagship_here
flagship_here()
"""


def _megabytes(drawn: Drawn) -> float:
    parts = [v for v in vars(drawn).values() if not isinstance(v, dict)]
    return sum(part.nbytes for part in (*parts, *drawn.yearly.values())) / 1e6


def grown(members: int) -> None:
    """Run members at the smaller size; print the peak and what the result itself takes."""
    drawn = run_plan(plan_of(SIZES[0], members, months=24), execute=run_all)
    print(peak_mb(), _megabytes(drawn))


def flagship_here() -> None:
    """Run the flagship case twice; print seconds of call and run, and the peak."""
    from foedus.simulate import ensemble
    from foedus.study.forecast import forecast

    taken: list[Spent] = []
    run = ensemble.run_plan
    members: list[int] = []

    def timed(plan: Plan, **options: Any) -> Drawn:
        found: list[Drawn] = []
        taken.append(spent(lambda: found.append(run(plan, **options))))
        members.append(plan.origin + 1 - 12 * int(plan.setting.first_year) + plan.horizons[-1])
        return found[0]

    ensemble.run_plan = timed
    call = partial(forecast, "japan-us", horizon_months=FLAGSHIP_MONTHS, draws=FLAGSHIP_DRAWS)
    calls = [spent(call) for _ in range(2)]
    first, warm = calls
    print(first.wall, warm.wall, warm.cpu, taken[1].wall, taken[1].cpu, members[1], peak_mb())


def flagship() -> list[Row]:
    """Give the seconds of the flagship case in a fresh process, then warm."""
    first, call, call_cpu, run, run_cpu, months, peak = _fresh(FLAGSHIP)
    case = f"flagship, {FLAGSHIP_DRAWS:,} draws, {FLAGSHIP_MONTHS} months ahead"
    print(f"{case}: {months:.0f} months are run from the oldest record on")
    return [
        show(Row(f"{case}: first call (s)", first, less=True)),
        show(Row(f"{case}: warm call (s)", call, None, None, *FLAGSHIP_BARS_SECONDS, less=True)),
        show(Row(f"{case}: warm call, CPU (s)", call_cpu, less=True)),
        show(Row(f"{case}: the run alone (s)", run, less=True)),
        show(Row(f"{case}: the run alone, CPU (s)", run_cpu, less=True)),
        show(Row(f"{case}: peak memory (MB)", peak, must=FLAGSHIP_BAR_MB, less=True)),
    ]


def memory() -> list[Row]:
    (few, few_kept), (many, many_kept) = (
        _fresh(MEMORY.format(members=members)) for members in MEMORY_MEMBERS
    )
    kept = many_kept - few_kept
    label = f"memory growth, {MEMORY_MEMBERS[0]:,} to {MEMORY_MEMBERS[1]:,} members (MB)"
    growth = many - few
    return [
        show(Row(label, growth, less=True)),
        show(Row("  of which the result itself (MB)", kept, less=True)),
        show(
            Row("  without the result (MB)", growth - kept, None, None, *MEMORY_BAR_MB, less=True)
        ),
    ]


def main() -> list[Row]:
    rows = [row for countries in SIZES for row in ratios(countries)]
    code = "from benchmarks.simulation import compile_seconds; print(compile_seconds())"
    compiled = _fresh(code, FOEDUS_CACHE="")[0]
    label = "compile of the step, N=40 (s)"
    rows.append(show(Row(label, compiled, None, None, *COMPILE_BAR_SECONDS, less=True)))
    return [*rows, *memory(), *flagship()]


if __name__ == "__main__":
    main()
