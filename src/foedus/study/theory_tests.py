"""Theories people quote about alliances and threat, held against the record with their power.

A null is a finding: each test says how large an effect it could have seen. The stored results ship
with the package, stamped with the record they rest on.
"""

import json
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foedus.study.theory_parts.result import Part, TheoryTest, verdict

if TYPE_CHECKING:
    from foedus.record.store import Record

__all__ = [
    "Part",
    "TheoryTest",
    "run_theory_tests",
    "store_theory_tests",
    "theory_tests",
    "theory_tests_record",
    "verdict",
]


def run_theory_tests(record: "Record") -> list[TheoryTest]:
    """Run the five tests on a record; under a minute.

    Args:
        record: The record. All years are used, in today's vintage (rule `dated`).
    """
    from foedus.study.theory_parts.findings import all_tests

    return all_tests(record)


def store_theory_tests(record: "Record") -> Path:
    """Run the tests and write the results that ship with the package."""
    found = run_theory_tests(record)
    tables = sorted({name for test in found for name in test.tables})
    stored = {
        "record": record.digest(tables),
        "tables": tables,
        "rule": "dated",
        "tests": [asdict(test) for test in found],
    }
    path = _place()
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(stored, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    partial.replace(path)
    return path


def theory_tests() -> list[TheoryTest]:
    """Give the stored results."""
    return [_read(test) for test in _stored()["tests"]]


def theory_tests_record() -> str:
    """Give the fingerprint of the tables the stored results rest on."""
    return _stored()["record"]


def _read(test: dict[str, Any]) -> TheoryTest:
    parts = tuple(Part(**part) for part in test["parts"])
    return TheoryTest(**{**test, "parts": parts, "tables": tuple(test["tables"])})


def _stored() -> dict[str, Any]:
    return json.loads(_place().read_text("utf-8"))


def _place() -> Path:
    return Path(str(resources.files("foedus.score").joinpath("theory_tests.json")))
