import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from foedus.estimate.posterior import Posterior, read_posterior, write_posterior
from foedus.model.parameters import fingerprint
from foedus.world.errors import BadTableError, DamagedRecordError


def _posterior() -> Posterior:
    return Posterior(
        "tension",
        pl.DataFrame({"arena": ["korea"], "value": [1.5]}),
        pl.DataFrame({"level": [0.1, 0.2]}),
        {
            "model": fingerprint("tension"),
            "trained_to": "2025-12-31",
            "known_from": "2026-01-31",
        },
    )


def test_a_posterior_comes_back_as_it_was_written(tmp_path: Path):
    write_posterior(_posterior(), tmp_path)
    found = read_posterior("tension", tmp_path)
    assert found.summary.equals(_posterior().summary)
    assert found.draws.equals(_posterior().draws)
    assert found.trained_to == dt.date(2025, 12, 31)
    assert found.known_from == dt.date(2026, 1, 31)
    assert sorted(p.name for p in (tmp_path / "tension").iterdir()) == [
        "draws.parquet",
        "manifest.json",
        "summary.parquet",
    ]


def test_other_priors_are_refused_and_the_fit_is_named(tmp_path: Path):
    write_posterior(_posterior(), tmp_path)
    place = tmp_path / "tension" / "manifest.json"
    manifest = json.loads(place.read_text())
    place.write_text(json.dumps({**manifest, "model": "0" * 64}))
    with pytest.raises(BadTableError, match="foedus fit tension"):
        read_posterior("tension", tmp_path)


def test_a_missing_or_cut_file_is_said_plainly(tmp_path: Path):
    with pytest.raises(DamagedRecordError, match="foedus fit tension"):
        read_posterior("tension", tmp_path)
    write_posterior(_posterior(), tmp_path)
    whole = (tmp_path / "tension" / "summary.parquet").read_bytes()
    (tmp_path / "tension" / "summary.parquet").write_bytes(whole[:40])
    with pytest.raises(DamagedRecordError, match="cannot be read"):
        read_posterior("tension", tmp_path)


def test_reading_a_posterior_imports_no_fitting_library():
    code = (
        "import sys, foedus.study.latent_measures as m; "
        "print([n for n in ('jax', 'numpyro', 'arviz', 'equinox') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
