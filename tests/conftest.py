"""Fixtures shared by all tests. Tests read what ships, never a user's own build or fits."""

import os
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from foedus.record.store import BUNDLE, Record


def pytest_configure() -> None:
    """Give linear algebra one thread: those of several workers spend their time waiting.

    The variable is for libraries not loaded yet and for programs that a test starts.
    """
    threads = os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    threadpool_limits(int(threads), user_api="blas")


@pytest.fixture(autouse=True)
def _no_local_record(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    base = tmp_path_factory.getbasetemp()
    monkeypatch.setenv("FOEDUS_RECORD", str(base / "no-local-record"))
    monkeypatch.setenv("FOEDUS_POSTERIORS", str(base / "no-local-posteriors"))


@pytest.fixture(scope="session")
def record() -> Record:
    """Open the bundled record."""
    return Record(BUNDLE, BUNDLE / "no-local-record")


@pytest.fixture(scope="session")
def raw_folder() -> Path | None:
    """Give the folder of raw tables where it lies beside the checkout, else None."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None
