import json
from pathlib import Path

import pytest

from foedus.record.connection import query
from foedus.record.store import Record
from foedus.record.verify import known_facts, verify
from foedus.world.errors import DamagedRecordError


@pytest.fixture
def damaged(record: Record, tmp_path: Path) -> Record:
    (tmp_path / "nmc.parquet").write_bytes(record.path("nmc").read_bytes()[:2000])
    entry = {"sha256": "0" * 64, "rows": 1, "bytes": 2000}
    (tmp_path / "manifest.json").write_text(json.dumps({"nmc": entry}))
    return Record(record.bundle, tmp_path)


def test_a_damaged_file_fails_its_digest_and_the_rest_is_still_checked(damaged: Record):
    checks = verify(damaged)
    failed = [check for check in checks if not check.passed]
    assert [(check.kind, check.subject) for check in failed] == [("digest", "nmc")]
    assert any(check.kind == "fact" and check.passed for check in checks)


def test_a_query_on_a_damaged_record_names_the_file(damaged: Record):
    with pytest.raises(DamagedRecordError, match=r"nmc\.parquet"):
        query(damaged, "select 1")


def test_a_broken_manifest_is_one_clear_error(record: Record, tmp_path: Path):
    (tmp_path / "manifest.json").write_text("not json")
    with pytest.raises(DamagedRecordError, match=r"manifest\.json"):
        Record(record.bundle, tmp_path).names()


def test_the_published_facts_each_name_a_source_and_are_many():
    facts = known_facts()
    assert len({fact["statement"] for fact in facts}) == len(facts) >= 60
    assert all(fact["source"] for fact in facts)
