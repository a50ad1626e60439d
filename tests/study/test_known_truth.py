"""Known-truth worlds: the same seed gives the same world, cut runs go on, the summary is right."""

import json
from pathlib import Path

import numpy as np
import pytest

from foedus.estimate.law_posterior import law_fingerprint
from foedus.model.laws.disputes import Disputes
from foedus.study import known_truth
from foedus.study.known_truth import (
    CLASSES,
    LAWS,
    World,
    force_risk,
    run_known_truth,
    run_world,
    standard_error,
    summary,
)
from foedus.world.errors import BadInputError


def worlds(stated, truth, said, size: float = 1.0) -> list[World]:
    rows = zip(stated, truth, said, strict=True)
    return [
        World(number, size, p, word, t, t, (True, True), (0.0, 0.0))
        for number, (p, t, word) in enumerate(rows)
    ]


def every_class(found: list[World]) -> list[World]:
    held = [World(900 + k, size, 0.5, "cannot tell", 0.0, 0.0, (True, True), (0.0, 0.0))
            for k, size in enumerate(CLASSES) if size != 1.0]  # fmt: skip
    return [*found, *held]


@pytest.fixture(scope="module")
def first() -> World:
    return run_world(3)


def test_a_cut_run_goes_on_and_gives_the_same_worlds(
    tmp_path: Path, first: World, monkeypatch: pytest.MonkeyPatch
):
    made = []

    def once(number: int, *, seed: int) -> World:
        made.append(number)
        return World(number, 0.0, 0.5, "cannot tell", 0.0, 0.0, (True, True), (0.0, 0.0))

    monkeypatch.setattr(known_truth, "run_world", once)
    run_known_truth(tmp_path, worlds=3)
    path = tmp_path / "worlds.jsonl"
    path.write_text(path.read_text("utf-8")[:-40], "utf-8")
    again = run_known_truth(tmp_path, worlds=4)
    assert made == [0, 1, 2, 2, 3]
    assert [one.number for one in again] == [0, 1, 2, 3]
    assert run_known_truth(tmp_path, worlds=4) == again
    with pytest.raises(BadInputError, match="another seed"):
        run_known_truth(tmp_path, worlds=4, seed=1)
    assert first.size == CLASSES[3]
    assert 0 <= first.stated <= 1


def test_the_standard_error_is_that_of_a_poisson_regression():
    luck = np.random.default_rng(1)
    lever, eta = luck.choice([-0.5, 0.5], 400), np.full(400, -1.0)
    found = standard_error(Disputes(), np.zeros(400), eta, lever, {})
    rate = np.exp(-1.0)
    assert found == pytest.approx((400 * rate * lever.var()) ** -0.5, rel=1e-9)


def test_the_risk_of_force_is_its_closed_form():
    found = force_risk(np.array([[-4.0]]), np.array([[0.0]]))
    assert found[0] == pytest.approx(1 - np.exp(-12 * np.exp(-4.0) * 0.5), rel=1e-6)


def test_a_chooser_that_is_always_right_has_no_regret_and_the_baseline_has():
    luck = np.random.default_rng(2)
    truth = luck.normal(0, 0.05, 60)
    stated = np.where(truth < 0, 0.95, 0.05)
    said = ["lower" if value < 0 else "higher" for value in truth]
    found = summary(every_class(worlds(stated, truth, said)))["classes"][3]
    assert found["regret_of_verdict"] == found["regret_of_odds"] == 0.0
    assert found["regret_of_baseline"] == pytest.approx(-truth[truth < 0].sum() / 60, abs=1e-4)
    assert found["right_when_told"] == 1.0


def test_calibrated_chances_have_a_slope_of_one_and_bold_ones_less():
    luck = np.random.default_rng(3)
    chance = luck.uniform(0.02, 0.98, 4000)
    truth = np.where(luck.uniform(size=4000) < chance, -0.01, 0.01)
    said = ["cannot tell"] * 4000
    honest = summary(every_class(worlds(chance, truth, said)))
    assert honest["slope"] == pytest.approx(1.0, abs=0.1)
    bold = chance**2 / (chance**2 + (1 - chance) ** 2)
    assert summary(every_class(worlds(bold, truth, said)))["slope"] == pytest.approx(0.5, abs=0.05)


def test_the_stored_summary_is_of_the_laws_that_ship():
    found = known_truth.known_truth()
    assert found["worlds"] >= 200
    assert found["laws"] == {law.name: law_fingerprint(law) for law in LAWS}
    assert found["slope_lo90"] < found["slope"] < found["slope_hi90"]
    low, high = known_truth.SLOPE_BAR
    assert found["slope_in_bar"] == (low <= found["slope"] <= high)
    none = found["classes"][0]
    assert none["size"] == 0.0
    assert found["cannot_tell_in_bar"] == (none["cannot_tell"] >= 0.8)
    assert json.dumps(found)


@pytest.mark.slow
def test_a_world_is_its_seed(first: World):
    assert run_world(3) == first
    assert run_world(3, seed=5) != first
