"""Reports of one happening merged into one event.

Two rows are the same happening if day, source, target and root agree and their sentences share
most of their words. Without a day rows are merged only if the sentences are the same.
"""

import re
import zlib

import numpy as np
import polars as pl

from foedus.read.language import words_of

HASHES = 24
ALIKE = 0.4
KEY = ("date", "source_country", "target_country", "source_body", "target_body", "event")
_WORD = re.compile(r"[^\W_]{3,}")
_MULTIPLIERS = (np.random.default_rng(20240412).integers(1, 2**31, HASHES) * 2 + 1).astype("u8")


def signature(sentence: str) -> np.ndarray:
    """Give least hashes of a sentence's words; the share that agree estimates the words shared.

    Source:
        Broder, A. (1997). On the resemblance and containment of documents.
    """
    words = {w.lower()[:6] for w in _WORD.findall(sentence)} - words_of("common")
    hashed = np.array([zlib.crc32(w.encode()) for w in words] or [0], dtype="u8")
    return ((hashed[:, None] * _MULTIPLIERS) % np.uint64(2**61 - 1)).min(0).astype("u4")


def merged(rows: pl.DataFrame) -> pl.DataFrame:
    """Merge rows of the same happening; of each the surest stays, with the reports counted.

    Args:
        rows: Events in the order they were read, with a column `signature`.
    """
    if rows.is_empty():
        return rows.drop("signature")
    order = rows.with_row_index("row").sort("confidence", descending=True, maintain_order=True)
    kept: dict[int, int] = {}
    groups = order.group_by(*KEY, maintain_order=True).agg(
        pl.col("row"), pl.col("signature"), pl.col("sentence"), pl.col("reports")
    )
    for key, members in zip(
        groups.select(KEY).iter_rows(),
        groups.select("row", "signature", "sentence", "reports").iter_rows(),
        strict=True,
    ):
        heads: list[tuple[int, np.ndarray, str]] = []
        for row, found, sentence, reports in zip(*members, strict=True):
            marks = np.asarray(found)
            head = next((h for h in heads if _same(key[0] is None, h, marks, sentence)), None)
            if head is None:
                heads.append((row, marks, sentence))
                kept[row] = reports
            else:
                kept[head[0]] += reports
    counts = pl.DataFrame(
        {"row": list(kept), "merged": list(kept.values())},
        schema={"row": pl.UInt32, "merged": pl.Int64},
    )
    return (
        rows.with_row_index("row")
        .join(counts, on="row", how="inner", maintain_order="left")
        .with_columns(reports=pl.col("merged"))
        .drop("row", "merged", "signature")
    )


def _same(undated: bool, head: tuple[int, np.ndarray, str], marks: np.ndarray, text: str) -> bool:
    if undated:
        return head[2] == text
    return bool((head[1] == marks).mean() >= ALIKE)
