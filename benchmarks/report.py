"""One measured figure beside its bar; what was measured last is kept in `results.json`."""

import datetime as dt
import json
import os
import platform
from pathlib import Path
from typing import Any, NamedTuple

PLACE = Path(__file__).with_name("results.json")


class Row(NamedTuple):
    """A figure of one benchmark.

    Args:
        what: What was measured, with its unit.
        value: Median of the rounds, or the one figure there is.
        low: Least of the rounds.
        high: Greatest.
        must: The bar; none where the figure is only reported.
        aim: What we would like.
        less: Whether less is better.
    """

    what: str
    value: float
    low: float | None = None
    high: float | None = None
    must: float | None = None
    aim: float | None = None
    less: bool = False

    @property
    def verdict(self) -> str:
        """Say which bar was met."""
        if self.must is None:
            return ""
        met = [
            bar is not None and (self.value <= bar if self.less else self.value >= bar)
            for bar in (self.must, self.aim)
        ]
        return "aim met" if met[1] else "met" if met[0] else "missed"


def show(row: Row) -> Row:
    """Print a figure with its range, bars and verdict."""
    spread = "" if row.low is None else f"[{row.low:.3g}-{row.high:.3g}]"
    bars = "" if row.must is None else f"must {row.must:g}"
    bars += "" if row.aim is None else f", aim {row.aim:g}"
    print(f"{row.what:<52} {row.value:>10.4g} {spread:<17} {bars:<22} {row.verdict}".rstrip())
    return row


def machine() -> dict[str, Any]:
    """Say on what, and beside what other load, the figures are taken."""
    return {
        "date": dt.date.today().isoformat(),
        "processor": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def store(name: str, where: dict[str, Any], rows: list[Row]) -> None:
    """Keep a benchmark's figures in place of its last ones."""
    kept = json.loads(PLACE.read_text("utf-8")) if PLACE.is_file() else {}
    kept[name] = where | {"rows": [row._asdict() | {"verdict": row.verdict} for row in rows]}
    partial = PLACE.with_suffix(".partial")
    partial.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(partial, PLACE)
