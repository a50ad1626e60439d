import numpy as np
import pytest

from foedus.estimate.heldout import (
    MODELS,
    Heldout,
    compare,
    coverage,
    hold_out,
    log_loss,
    normal_crps,
)
from foedus.estimate.panel import panel
from foedus.model.measurement.closeness import DIMENSIONS, SLOTS


def test_scores_of_a_standard_normal_forecast_are_the_published_ones():
    one, zero = np.ones(1), np.zeros(1)
    # CRPS of N(0, 1) at its mean is (sqrt(2) - 1) / sqrt(pi); its log density there 0.9189.
    assert normal_crps(zero, one, zero)[0] == pytest.approx((2**0.5 - 1) / np.pi**0.5)
    assert log_loss(zero, one, zero)[0] == pytest.approx(0.5 * np.log(2 * np.pi))


def _held(gap: np.ndarray) -> Heldout:
    n = len(gap)
    zero, one = np.zeros(n), np.ones(n)
    return Heldout(
        origin=np.zeros(n, dtype=np.int64),
        dimension=np.repeat(np.array(["votes", "trade"]), n // 2),
        unit=np.arange(n) % 20,
        outcome=zero,
        mean={"first": gap, "second": zero},
        sd={"first": one, "second": one},
    )


def test_a_paired_difference_counts_dimensions_equally_and_finds_its_sign():
    gap = np.concatenate([np.full(100, 1.0), np.full(100, 2.0)])
    found = compare(_held(gap), "first", "second", seed=1)
    # Squared misses of 1 and 4 cost a half of themselves; equal weights give 1.25.
    assert found.difference == pytest.approx(1.25)
    assert found.lo90 <= 1.25 <= found.hi90
    assert compare(_held(gap), "second", "first", seed=1).difference == pytest.approx(-1.25)
    assert compare(_held(gap), "first", "second", seed=1, dimension="votes").difference == 0.5
    assert coverage(_held(gap), "first", "votes") == (100, 1.0)
    assert coverage(_held(gap), "first", "trade") == (100, 0.0)


def _world(common: bool):
    rng = np.random.default_rng(8)
    slots = [slot.name for slot in SLOTS if slot.yearly is None]
    names = ("un_ideal_points", "pew_first_on_second", "imf_dots", "icews_verbal")
    rows = []
    for pair in range(25):
        bond = rng.normal() + np.cumsum(rng.normal(0, 0.5, 14))
        for name in names:
            own = rng.normal() + np.cumsum(rng.normal(0, 0.5, 14))
            path = bond if common else own
            for t in range(14):
                rows.append((f"1-{pair}", 2000 + t, name, path[t] + rng.normal(0, 0.1), 0.0))
    return panel([f"1-{i}" for i in range(25)], slots, range(2000, 2014), rows)


@pytest.mark.slow
def test_a_common_bond_is_found_where_there_is_one_and_not_where_there_is_none():
    shared = compare(hold_out(_world(True), DIMENSIONS, [2010], 3), MODELS[1], MODELS[0], seed=1)
    assert shared.hi90 < 0
    apart = compare(hold_out(_world(False), DIMENSIONS, [2010], 3), MODELS[1], MODELS[0], seed=1)
    assert apart.hi90 > 0
