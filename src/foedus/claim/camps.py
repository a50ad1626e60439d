"""Who stands with whom: pacts and disputes on record tell allies from rivals, whoever they are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

import polars as pl

from foedus.read.actors import cow_number
from foedus.record.store import Record

SINCE = 1990


class Camps:
    """Relations of states, as the newest pacts and the disputes since 1990 show them.

    Only for filling the slots of a statement; no verdict rests on it.

    Args:
        record: The record.
    """

    def __init__(self, record: Record) -> None:
        pacts = record.read("atop_dyad")
        newest = pacts.filter(pl.col("year") == pacts["year"].max())
        self._allied = {
            _pair(a, b)
            for a, b in newest.filter(pl.col("atop_defense")).select("ccode1", "ccode2").iter_rows()
        }
        held = record.read("dyadic_mid", columns=["dispnum", "ccode1", "ccode2", "year"])
        since = held.filter((pl.col("year") >= SINCE) & (pl.col("ccode1") < pl.col("ccode2")))
        rows = since.select("ccode1", "ccode2", "dispnum").unique().iter_rows()
        self._disputes = Counter((one, two) for one, two, _ in rows)
        power = record.read("nmc", columns=["ccode", "year", "cinc"])
        last = power.filter(pl.col("year") == power["year"].max())
        self._power = {int(c): float(v or 0) for c, v in last.select("ccode", "cinc").iter_rows()}

    def hostile(self, one: str, two: str) -> int:
        """Count the disputes of two countries since 1990; allies have none that count."""
        a, b = cow_number(one), cow_number(two)
        if a is None or b is None or _pair(a, b) in self._allied:
            return 0
        return self._disputes[_pair(a, b)]

    def friendly(self, one: str, two: str) -> float:
        """Say how much two countries look like allies: 1 with a defence pact, 0 after disputes."""
        a, b = cow_number(one), cow_number(two)
        if a is None or b is None or a == b:
            return 0.0
        if _pair(a, b) in self._allied:
            return 1.0
        return 0.5 if not self._disputes[_pair(a, b)] else 0.0

    def ordered(self, one: str, two: str) -> tuple[str, str]:
        """Put the weaker of two countries first: it is the ally that is spoken of."""
        weak, strong = sorted(
            (one, two), key=lambda code: self._power.get(cow_number(code) or 0, 0)
        )
        return weak, strong

    def alliance(self, sentences: Iterable[Sequence[str]]) -> tuple[str, str]:
        """Give the two allies a text is about: friends that are named together most."""
        together: Counter[tuple[str, str]] = Counter()
        single: Counter[str] = Counter()
        for codes in sentences:
            single.update(codes)
            together.update((min(p), max(p)) for p in combinations(codes, 2))
        for one, two in combinations(sorted(single), 2):
            together[one, two] += min(single[one], single[two]) // 2
        best = max(together, key=lambda p: (self.friendly(*p) * together[p], p), default=("", ""))
        if not best[0] or self.friendly(*best) == 0:
            return "", ""
        return self.ordered(*best)

    def rival(self, codes: Sequence[str], allies: Iterable[str]) -> str:
        """Give whom a text names against two allies: most disputes with them, most often named.

        Args:
            codes: Countries named, once for every time.
            allies: The two allies; with none, there is no rival.
        """
        own = [code for code in allies if code]
        named = Counter(code for code in codes if code not in own)
        against = {
            code: count * sum(self.hostile(code, ally) for ally in own)
            for code, count in named.items()
            if not any(self.friendly(code, ally) == 1 for ally in own)
        }
        best = max(against, key=lambda code: (against[code], code), default="")
        return best if best and against[best] > 0 else ""


def _pair(one: int, two: int) -> tuple[int, int]:
    return min(one, two), max(one, two)
