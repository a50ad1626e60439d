"""Events a user has coded from texts of their own; nothing of it ships, nothing is built."""

import polars as pl

from foedus.record.raw import Raw


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Build nothing: the table is filled by `foedus read` and `foedus record add` alone."""
    return {}
