"""Fixtures shared by all tests. Tests read the bundled record alone, never a user's own build."""

from pathlib import Path

import pytest

from foedus.record.store import BUNDLE, Record


@pytest.fixture(autouse=True)
def _no_local_record(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FOEDUS_RECORD", str(tmp_path_factory.getbasetemp() / "no-local-record"))


@pytest.fixture(scope="session")
def record() -> Record:
    """Open the bundled record."""
    return Record(BUNDLE, BUNDLE / "no-local-record")


@pytest.fixture(scope="session")
def raw_folder() -> Path | None:
    """Give the folder of raw tables where it lies beside the checkout, else None."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None
