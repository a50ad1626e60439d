"""All yearly similarity scores 1816-2018."""

import statistics
import time

from benchmarks.report import Row, show
from foedus.measure.similarity import alliance_similarity
from foedus.record.store import BUNDLE, Record

BARS_SECONDS = (1.0, 0.15)
ROUNDS = 5


def main() -> list[Row]:
    record = Record(BUNDLE, BUNDLE / "no-local-record")
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        scored = alliance_similarity(record)
        seconds.append(time.perf_counter() - start)
    label = f"S, weighted S, kappa, pi of {scored.height} pair-years (s)"
    median = statistics.median(seconds)
    return [show(Row(label, median, min(seconds), max(seconds), *BARS_SECONDS, less=True))]


if __name__ == "__main__":
    main()
