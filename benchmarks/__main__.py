"""Run the benchmarks, all or those named: `python -m benchmarks simulation`."""

import sys

from benchmarks import doors, events, panels, similarity, simulation

ALL = {
    "panels": panels.main,
    "similarity": similarity.main,
    "simulation": simulation.main,
    "events": events.main,
    "doors": doors.main,
}


def main() -> None:
    names = sys.argv[1:] or list(ALL)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(ALL)}")
    for name in names:
        ALL[name]()


if __name__ == "__main__":
    main()
