"""Fixtures shared by all tests. Tests read what ships, never a user's own build or fits."""

import os
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from foedus.record.store import BUNDLE, Record

ROOT = Path(__file__).parents[1]

# For libraries not loaded yet, other workers, and programs that a test starts. Threads of several
# workers would wait for each other; what one compiles, the others and the next run read.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(ROOT / "build" / "compiled"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
threadpool_limits(int(os.environ["OPENBLAS_NUM_THREADS"]), user_api="blas")


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
    folder = ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None
