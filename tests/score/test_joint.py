"""Joint scores against values worked out by hand, and a planted dependence they must find."""

import numpy as np
import pytest

from foedus.score import joint, proper

RNG = np.random.default_rng(20240410)


def test_the_energy_score_of_one_part_is_the_crps():
    draws, outcome = RNG.normal(size=(7, 50)), RNG.normal(size=7)
    found = joint.energy(draws[:, :, None], outcome[:, None])
    np.testing.assert_allclose(found, proper.crps(draws, outcome), rtol=1e-6)


def test_the_energy_score_of_two_draws_is_the_formula():
    draws, outcome = np.array([[[0.0, 0.0], [3.0, 4.0]]]), np.array([[3.0, 0.0]])
    assert joint.energy(draws, outcome)[0] == pytest.approx((3 + 4) / 2 - 5 / 4)


def test_the_variogram_score_of_two_parts_is_the_formula():
    draws, outcome = np.array([[[0.0, 4.0], [0.0, 0.0]]]), np.array([[0.0, 9.0]])
    # Two of the four pairs of parts differ: the root of nine against the mean of two and nought.
    assert joint.variogram(draws, outcome)[0] == pytest.approx(2 * (3 - 1) ** 2 / 4)


def test_untied_draws_keep_every_part_and_lose_the_dependence():
    common = RNG.normal(size=(2, 4000, 1))
    draws = common + 0.1 * RNG.normal(size=(2, 4000, 3))
    loose = joint.untied(draws, RNG)
    np.testing.assert_array_equal(np.sort(loose, axis=1), np.sort(draws, axis=1))
    assert np.corrcoef(draws[0].T)[0, 1] > 0.95
    assert abs(np.corrcoef(loose[0].T)[0, 1]) < 0.05


@pytest.mark.parametrize("score", [joint.energy, joint.variogram])
def test_a_planted_dependence_is_found_and_a_false_one_is_punished(score):
    """Over 200 worlds of five parts with correlation .8, beyond four standard errors."""
    cases, members, parts = 200, 200, 5

    def tied(size: tuple[int, int]):
        common = RNG.normal(size=(*size, 1))
        return np.sqrt(0.8) * common + np.sqrt(0.2) * RNG.normal(size=(*size, parts))

    draws, outcome = tied((cases, members)), tied((cases, 1))[:, 0]
    loose = joint.untied(draws, RNG)
    gap = score(draws, outcome) - score(loose, outcome)
    assert gap.mean() < -4 * gap.std() / np.sqrt(cases)
    apart = RNG.normal(size=(cases, parts))
    gap = score(draws, apart) - score(loose, apart)
    assert gap.mean() > 4 * gap.std() / np.sqrt(cases)
