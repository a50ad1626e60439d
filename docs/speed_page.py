"""The page of what the benchmarks measured."""

import json
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "benchmarks/results.json"


def speed_page() -> str:
    """Lay out what the benchmarks measured last, each figure beside its bar."""
    kept = json.loads(RESULTS.read_text("utf-8"))
    parts = [
        "# How fast it is",
        "",
        "Measured by `python -m benchmarks --store`; every ratio is of two programs timed in turn "
        "in one run, its median with the least and the greatest of the rounds. A ratio can be "
        "compared between machines, a second cannot. A figure that misses its bar says so.",
    ]
    for name, found in kept.items():
        parts += [
            "",
            f"## {name.capitalize()}",
            "",
            f"{found['date']}, {found['cores']} cores ({found['processor']}), load "
            f"{found['load_before']} before, Python {found['python']}.",
            "",
            "| figure | measured | range | must | aim | |",
            "|---|---|---|---|---|---|",
        ]
        for row in found["rows"]:
            spread = "" if row["low"] is None else f"{row['low']:,.3g} to {row['high']:,.3g}"
            sign = "at most " if row["less"] else "at least "
            bars = ["" if row[bar] is None else f"{sign}{row[bar]:,g}" for bar in ("must", "aim")]
            cells = [row["what"].strip(), f"{row['value']:,.3g}", spread, *bars, row["verdict"]]
            parts.append(f"| {' | '.join(cells)} |")
    return "\n".join(parts) + "\n"
