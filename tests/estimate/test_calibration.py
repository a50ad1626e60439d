"""The check of calibration sees what it must, and the stored results are those of these laws."""

import json

import numpy as np
import pytest

from foedus.estimate.calibration import (
    Calibration,
    by_nuts,
    calibrate,
    design,
    share_interval,
    world,
)
from foedus.estimate.law_posterior import METHOD, law_fingerprint
from foedus.estimate.posterior import SHIPPED
from foedus.model.order import CANDIDATES, ESTIMATED, LAWS
from foedus.study.calibrate_laws import ROWS, WORLDS

STORED = SHIPPED / "calibration.json"
FITTED = (*ESTIMATED, *CANDIDATES)
EACH = pytest.mark.parametrize("law", FITTED, ids=[law.name for law in FITTED])


def synthetic(ranks: np.ndarray) -> Calibration:
    inside = (ranks >= 5) & (ranks < 95)
    return Calibration("made up", {"one": ranks}, {"one": inside})


def test_even_ranks_pass_and_narrow_or_shifted_ones_fail():
    rng = np.random.default_rng(1)
    even = synthetic(rng.integers(0, 100, 400)).summary()
    assert even["passed"]
    narrow = np.clip(rng.normal(50, 60, 400), 0, 99).astype(np.int64)
    found = synthetic(narrow).summary()
    assert not found["passed"]
    assert found["coverage_hi90"] < 0.9
    shifted = np.clip(rng.normal(70, 25, 400), 0, 99).astype(np.int64)
    assert synthetic(shifted).summary()["least_rank_p"] < 0.001


def test_the_interval_of_a_share_is_that_of_clopper_and_pearson():
    # Clopper and Pearson's interval of 0 and 10 of 10 has a closed form.
    assert share_interval(0, 10) == pytest.approx((0, 1 - 0.05**0.1))
    assert share_interval(10, 10) == pytest.approx((0.05**0.1, 1))
    low, high = share_interval(180, 200)
    assert low < 0.9 < high


@EACH
def test_a_design_stays_within_the_published_ranges(law):
    cases = design(law, seed=1)
    for k, term in enumerate(law.terms):
        assert term.low <= cases.terms[:, k].min() <= cases.terms[:, k].max() <= term.high
    assert set(cases.unit) == set(range(20))
    _, seen = world(law, cases, np.random.default_rng(1))
    assert np.isfinite(seen.value).all()
    assert seen.value.std() > 0


def test_a_calibration_is_a_function_of_its_seed():
    law = LAWS["joining"]
    one, two = (calibrate(law, worlds=3, seed=9) for _ in range(2))
    assert one.worlds == 3
    for name, ranks in one.ranks.items():
        assert np.array_equal(ranks, two.ranks[name])


@EACH
@pytest.mark.parametrize("kind", list(WORLDS))
def test_the_stored_calibration_is_of_this_law_and_method(law, kind: str):
    stored = json.loads(STORED.read_text("utf-8"))[law.name][kind]
    assert stored["law"] == law_fingerprint(law)
    assert stored["method"] == ("NUTS" if kind == "nuts" else METHOD)
    assert (stored["worlds"], stored["rows"]) == (WORLDS[kind], ROWS[kind])
    low, high = stored["coverage_lo90"], stored["coverage_hi90"]
    assert stored["passed"] == (low <= 0.9 <= high and uneven(stored) >= 0.01)
    assert 0.8 < stored["coverage"] < 0.95


def uneven(stored: dict) -> float:
    return stored["least_rank_p"] * len(stored["parameters"])


@pytest.mark.slow
@EACH
def test_the_truth_falls_anywhere_among_the_draws(law):
    found = calibrate(law, worlds=60, seed=77).summary()
    # A false alarm at one in a thousand for each law.
    reach = 3.3 / 1.645 * (found["coverage_hi90"] - found["coverage"])
    assert abs(found["coverage"] - 0.9) < reach + 0.02
    assert uneven(found) > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("name", ["joining", "affinity"])
def test_nuts_is_calibrated_too(name: str):
    found = calibrate(LAWS[name], worlds=20, seed=77, fitted=by_nuts, rows=150).summary()
    assert abs(found["coverage"] - 0.9) < 0.1
