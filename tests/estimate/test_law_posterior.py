"""A law's posterior comes back as it was written, and is held to its law and its rows."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from foedus.estimate.calibration import design, world
from foedus.estimate.laplace import Cases
from foedus.estimate.law_posterior import (
    as_posterior,
    fit_law,
    law_fingerprint,
    parameter_table,
    read_law,
    rows_digest,
    to_arviz,
)
from foedus.estimate.posterior import SHIPPED, folder_of, write_posterior
from foedus.model.laws.joining import Joining
from foedus.model.order import FITS, LAWS
from foedus.world.errors import BadTableError, DamagedRecordError


@pytest.fixture(scope="module")
def cases() -> Cases:
    law = LAWS["joining"]
    return world(law, design(law, seed=4), np.random.default_rng(4))[1]


@pytest.fixture
def written(cases: Cases, tmp_path: Path) -> Path:
    law = LAWS["joining"]
    found = fit_law(law, cases, seed=4, draws=40)
    dates = {"trained_to": "2009-12-31", "known_from": "2010-12-31"}
    units = frozenset({"unit 1", "unit 3"})
    write_posterior(as_posterior(law, cases, found, units, dates), tmp_path)
    return tmp_path


def test_a_fit_comes_back_as_it_was_drawn(written: Path, cases: Cases):
    drawn = fit_law(LAWS["joining"], cases, seed=4, draws=40)
    found = read_law("joining", written)
    assert found.draws == 40
    for k, term in enumerate(LAWS["joining"].terms):
        np.testing.assert_allclose(
            found.coefficients[term.name], drawn.coefficients[:, k], rtol=1e-6
        )
    assert set(found.unit_level) == {"unit 1", "unit 3"}
    assert found.last_year == cases.years[-1]
    assert found.manifest["rows_read"] == rows_digest(cases)
    assert found.manifest["row_count"] == len(cases.value)


def test_the_users_own_fit_is_read_before_the_one_that_ships(
    written: Path, monkeypatch: pytest.MonkeyPatch
):
    assert folder_of("joining") == SHIPPED
    monkeypatch.setenv("FOEDUS_POSTERIORS", str(written))
    assert folder_of("joining") == written
    assert read_law("joining").draws == 40
    assert read_law("joining", SHIPPED).draws == 256
    assert folder_of("disputes") == SHIPPED


def test_another_form_of_the_law_is_refused_and_the_fit_is_named(
    written: Path, monkeypatch: pytest.MonkeyPatch
):
    law = LAWS["joining"]
    first = law.terms[0]._replace(high=2)
    changed = Joining(terms=(first, *law.terms[1:]))
    monkeypatch.setitem(FITS, "joining", changed)
    with pytest.raises(BadTableError, match="foedus fit joining"):
        read_law("joining", written)


def test_other_priors_are_refused_and_the_fit_is_named(written: Path):
    place = written / "joining" / "manifest.json"
    manifest = json.loads(place.read_text("utf-8"))
    place.write_text(json.dumps(manifest | {"model": "0" * 64}), "utf-8")
    with pytest.raises(BadTableError, match="foedus fit joining"):
        read_law("joining", written)


def test_an_absent_fit_names_the_command_that_makes_it(tmp_path: Path):
    with pytest.raises(DamagedRecordError, match="foedus fit joining"):
        read_law("joining", tmp_path)


def test_a_changed_row_changes_the_digest_and_rounding_noise_does_not(cases: Cases):
    digest = rows_digest(cases)
    assert rows_digest(replace(cases, terms=cases.terms + 1e-9)) == digest
    moved = cases.terms.copy()
    moved[7, 2] += 0.01
    assert rows_digest(replace(cases, terms=moved)) != digest
    flipped = cases.value.copy()
    flipped[0] = 1 - flipped[0]
    assert rows_digest(replace(cases, value=flipped)) != digest
    assert rows_digest(cases.take(np.arange(len(cases.value)) > 0)) != digest
    assert rows_digest(replace(cases, units=("other", *cases.units[1:]))) != digest
    assert rows_digest(replace(cases, extra={"volatility": cases.value})) != digest


def test_fingerprints_tell_laws_apart_and_see_a_changed_range():
    marks = {law_fingerprint(law) for law in LAWS.values()}
    assert len(marks) == len(LAWS)
    law = LAWS["joining"]
    wider = Joining(terms=(*law.terms[:-1], law.terms[-1]._replace(high=5)))
    assert law_fingerprint(wider) != law_fingerprint(law)


@pytest.mark.parametrize("name", list(FITS))
def test_every_shipped_law_can_be_read_and_lists_its_parameters(name: str):
    found = read_law(name, SHIPPED)
    law = FITS[name]
    assert set(found.coefficients) == {term.name for term in law.terms}
    assert set(law.shapes) <= set(found.outer)
    for values in (*found.coefficients.values(), *found.outer.values()):
        assert np.isfinite(values).all()
    import polars as pl

    draws = pl.read_parquet(SHIPPED / name / "draws.parquet")
    table = parameter_table(law, draws)
    assert (table["lo90"] <= table["hi90"]).all()
    assert table.equals(pl.read_parquet(SHIPPED / name / "summary.parquet"))


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_posterior_opens_in_arviz():
    found = to_arviz("disputes", SHIPPED)
    assert list(found["posterior"]["coefficient"].coords["term"].values) == [
        term.name for term in LAWS["disputes"].terms
    ]
