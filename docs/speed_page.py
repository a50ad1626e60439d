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
        "Measured by `python -m benchmarks --store`. A ratio is of two programs timed in turn in "
        "one run, its median with the least and the greatest of the rounds; only the seconds of "
        "the R package were recorded once and elsewhere. Ratios of one run can be compared between "
        "machines, seconds cannot. Mesa's own speed moves by half from run to run, so the ratio to "
        "the same laws in C is the steadier of the two. A figure that misses its bar says so.",
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
            spread = (
                "" if row["low"] is None else f"{_digits(row['low'])} to {_digits(row['high'])}"
            )
            sign = "at most " if row["less"] else "at least "
            bars = ["" if row[bar] is None else f"{sign}{row[bar]:,g}" for bar in ("must", "aim")]
            cells = [row["what"].strip(), _digits(row["value"]), spread, *bars, row["verdict"]]
            parts.append(f"| {' | '.join(cells)} |")
    return "\n".join(parts) + "\n"


def _digits(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
