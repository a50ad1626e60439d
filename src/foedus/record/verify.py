"""Hold the record against its digests, schema, ranges and published facts."""

import hashlib
import tomllib
from dataclasses import dataclass
from importlib import resources

import duckdb
import polars as pl

from foedus.record.build import conform
from foedus.record.connection import locked
from foedus.record.store import Record
from foedus.world.errors import FoedusError


@dataclass(frozen=True)
class Check:
    """One check and its outcome.

    Args:
        kind: `digest`, `schema`, `range` or `fact`.
        subject: Table, column or the fact's statement.
        passed: Whether it holds.
        detail: What was found, where it does not hold or where it could not be checked.
    """

    kind: str
    subject: str
    passed: bool
    detail: str = ""


def verify(record: Record) -> list[Check]:
    """Check every table that is here, then every published fact whose table is here."""
    checks: list[Check] = []
    for name in record.names():
        checks.extend(_check_table(record, name))
    damaged = {c.subject for c in checks if c.kind in ("digest", "schema") and not c.passed}
    checks.extend(_check_facts(record, damaged))
    return checks


def _check_table(record: Record, name: str) -> list[Check]:
    spec = record.spec(name)
    path, entry = record.place(name)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return [Check("digest", name, False, str(error))]
    if digest != entry["sha256"]:
        return [Check("digest", name, False, "the file is not the one its manifest names")]
    checks = [Check("digest", name, True)]
    try:
        frame = conform(pl.read_parquet(path), spec, where=path.name)
    except (FoedusError, pl.exceptions.PolarsError) as error:
        return [*checks, Check("schema", name, False, str(error))]
    checks.append(Check("schema", name, True))
    for column, meaning in spec.columns.items():
        values = frame[column]
        if not values.dtype.is_numeric() or values.null_count() == frame.height:
            continue
        low, high = values.min(), values.max()
        assert isinstance(low, int | float)
        assert isinstance(high, int | float)
        inside = (meaning.minimum is None or low >= meaning.minimum) and (
            meaning.maximum is None or high <= meaning.maximum
        )
        if meaning.minimum is not None or meaning.maximum is not None:
            detail = "" if inside else f"values run from {low:g} to {high:g}"
            checks.append(Check("range", f"{name}.{column}", inside, detail))
    return checks


def known_facts() -> list[dict[str, str | float]]:
    """Give the published facts the record is held against."""
    text = resources.files("foedus.record").joinpath("known_facts.toml").read_text("utf-8")
    return tomllib.loads(text)["fact"]


def _check_facts(record: Record, damaged: set[str]) -> list[Check]:
    present = set(record.names()) - damaged
    checks = []
    with locked(record, without=damaged) as connection:
        for fact in known_facts():
            if fact["table"] not in present:
                continue
            try:
                row = connection.execute(str(fact["sql"])).fetchone()
            except duckdb.Error as error:
                detail = str(error).splitlines()[0]
                checks.append(Check("fact", str(fact["statement"]), False, detail))
                continue
            found = None if row is None else row[0]
            expected = fact["expected"]
            if isinstance(expected, str) or found is None:
                passed = found is not None and str(found) == expected
            else:
                passed = abs(float(found) - float(expected)) <= float(fact.get("tolerance", 0))
            detail = "" if passed else f"expected {expected}, found {found}"
            checks.append(Check("fact", f"{fact['statement']} [{fact['source']}]", passed, detail))
    return checks
