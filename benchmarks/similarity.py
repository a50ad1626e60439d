"""All yearly similarity scores 1816-2018."""

import statistics
import time

from foedus.measure.similarity import alliance_similarity
from foedus.record.store import BUNDLE, Record

BAR_SECONDS = 1.0
ROUNDS = 5


def main() -> None:
    record = Record(BUNDLE, BUNDLE / "no-local-record")
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        scored = alliance_similarity(record)
        seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds)
    spread = f"{min(seconds):.2f}-{max(seconds):.2f}"
    verdict = "met" if median < BAR_SECONDS else "missed"
    print(
        f"S, weighted S, kappa, pi of {scored.height} pair-years: {median:.2f} s [{spread}], "
        f"bar {BAR_SECONDS} s: {verdict}"
    )


if __name__ == "__main__":
    main()
