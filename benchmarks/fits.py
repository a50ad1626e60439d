"""How long it takes to fit every law and measurement model again, from nothing."""

import resource
import tempfile
import time
from pathlib import Path

from benchmarks.report import Row, show
from foedus.record.store import BUNDLE, Record
from foedus.study.fit_laws import fit_laws

BAR_SECONDS = 900


def main() -> list[Row]:
    """Fit all laws into a folder that is thrown away; give the seconds of all and the slowest."""
    record = Record(BUNDLE, BUNDLE / "no-local-record")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = fit_laws(record=record, folder=Path(folder))
    whole = time.monotonic() - began
    slowest = max(report, key=lambda entry: entry["seconds"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        show(Row(f"fits of all {len(report)} models (s)", whole, must=BAR_SECONDS, less=True)),
        show(Row(f"  the slowest, {slowest['law']} (s)", slowest["seconds"], less=True)),
        show(Row("  peak memory (MB)", peak, less=True)),
    ]


if __name__ == "__main__":
    main()
