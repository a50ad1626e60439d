"""Run the benchmarks, all or those named: `python -m benchmarks simulation [--store]`."""

import subprocess
import sys

from benchmarks import doors, events, fits, panels, report, similarity, simulation

ALL = {
    "panels": panels.main,
    "similarity": similarity.main,
    "simulation": simulation.main,
    "fits": fits.main,
    "events": events.main,
    "doors": doors.main,
}
STORE = "--store"


def main() -> None:
    names = [name for name in sys.argv[1:] if name != STORE] or list(ALL)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(ALL)}")
    if len(names) > 1:
        # Each in a process of its own: peak memory is that of a process.
        flags = [STORE] if STORE in sys.argv else []
        for name in names:
            subprocess.run([sys.executable, "-m", "benchmarks", name, *flags], check=True)
        return
    (name,) = names
    where = report.machine()
    print(f"{name}: {where['cores']} cores, load {where['load_before']}")
    rows = ALL[name]()
    if STORE in sys.argv:
        report.store(name, where, rows)


if __name__ == "__main__":
    main()
