"""Fits must find known parameters and cover known paths, on data simulated from the model."""

from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import binomtest

from foedus.compute.keys import named_key
from foedus.estimate import closeness, tension
from foedus.estimate.diagnostics import Diagnostics
from foedus.estimate.fit import root_of, sample_nuts
from foedus.estimate.panel import Panel
from foedus.model.measurement.closeness import SLOTS
from foedus.model.measurement.state_space import simulate

TRUTH = {
    "opinion.level": 0.3,
    "opinion.spread": 1.0,
    "opinion.walk": 0.3,
    "opinion.noise": 0.2,
    "opinion.direction": 0.5,
    "opinion.cabinet_office": 0.4,
    "opinion.survey": 0.3,
}


def _simulated(pairs: int, years: int, share_seen: float, seed: int):
    slots = tuple(slot.name for slot in SLOTS if slot.dimension == "opinion")
    shape = (pairs, years, len(slots))
    rng = np.random.default_rng(seed)
    seen = rng.uniform(size=shape) < share_seen
    empty = Panel(
        tuple(range(2000, 2000 + years)),
        slots,
        tuple(f"1-{i}" for i in range(pairs)),
        np.zeros(shape),
        seen,
        np.full(shape, 0.01),
    )
    target = closeness.target(empty, ["opinion"])
    theta = np.array([TRUTH[name] for name in target.priors.names])
    with jax.enable_x64(True):
        keys = jax.random.split(named_key(seed, "recovery"), pairs)
        system = target.model.system(
            jnp.asarray(theta), jnp.asarray(empty.variance[0]), jnp.zeros(())
        )
        state, value = jax.vmap(lambda key: simulate(system, key))(keys)
    laid = replace(empty, value=np.where(seen, np.asarray(value), 0.0))
    path = theta[0] + np.asarray(state)[:, :, 0]
    return closeness.target(laid, ["opinion"]), theta, path


def _covered(
    target, theta, path, seed: int, draws: int
) -> tuple[int, int, list[bool], Diagnostics]:
    found = closeness.fit(target, seed=seed, name="recovery", draws=draws)
    low, high = np.quantile(found.theta.reshape(-1, len(theta)), [0.05, 0.95], axis=0)
    levels = closeness.level_draws(target, found.pooled(200), "opinion", seed=seed)
    lo, hi = np.quantile(levels, [0.05, 0.95], axis=0)
    # One year a pair, so that the cases are close to independent.
    inside = ((lo <= path) & (path <= hi))[:, path.shape[1] // 2]
    hits = [bool(a <= b <= c) for a, b, c in zip(low, theta, high, strict=True)]
    return int(inside.sum()), len(inside), hits, found.diagnostics


def test_known_parameters_and_paths_are_recovered():
    target, theta, path = _simulated(pairs=40, years=15, share_seen=0.6, seed=2)
    inside, cases, hits, diagnostics = _covered(target, theta, path, seed=2, draws=2000)
    assert diagnostics.passed, diagnostics
    # Fails by chance at most once in a hundred if intervals cover 90 %.
    assert binomtest(inside, cases, 0.9).pvalue > 0.01
    assert sum(hits) >= len(hits) - 2


@pytest.mark.slow
def test_ninety_percent_intervals_cover_ninety_percent_over_many_worlds():
    inside = cases = hit = parameters = 0
    for seed in range(30):
        target, theta, path = _simulated(pairs=20, years=12, share_seen=0.6, seed=100 + seed)
        found, size, hits, _ = _covered(target, theta, path, seed=seed, draws=2000)
        inside, cases = inside + found, cases + size
        hit, parameters = hit + sum(hits), parameters + len(hits)
    assert binomtest(inside, cases, 0.9).pvalue > 0.01, (inside, cases)
    assert binomtest(hit, parameters, 0.9).pvalue > 0.01, (hit, parameters)


@pytest.mark.slow
def test_metropolis_and_the_no_u_turn_sampler_agree():
    target, _, _ = _simulated(pairs=20, years=10, share_seen=0.6, seed=7)
    one = closeness.fit(target, seed=1, name="agree").theta.reshape(-1, 7)
    two = sample_nuts(target, target.priors, seed=1, name="agree").theta.reshape(-1, 7)
    gap = np.abs(one.mean(axis=0) - two.mean(axis=0)) / two.std(axis=0)
    # Both have over 400 effective draws, so a gap of .2 standard deviations is four errors.
    assert gap.max() < 0.2
    assert np.abs(np.log(one.std(axis=0) / two.std(axis=0))).max() < 0.15


def test_a_covariance_that_rounding_left_short_of_positive_has_a_root():
    turned, _ = np.linalg.qr(np.random.default_rng(6).normal(size=(3, 3)))
    covariance = turned @ np.diag([1.0, 1e-6, -1e-17]) @ turned.T
    with pytest.raises(np.linalg.LinAlgError):
        np.linalg.cholesky(covariance)
    root = root_of(covariance)
    np.testing.assert_allclose(root @ root.T, covariance, atol=1e-15)
    assert np.linalg.matrix_rank(root) == 3


def test_the_level_of_a_series_is_recovered_on_both_sides_of_a_break():
    rng = np.random.default_rng(4)
    walk = 3.0 + np.cumsum(rng.normal(0, 0.1, 80))
    segment = (np.arange(80) >= 40).astype(int)
    level = walk + 1.5 * segment
    counts = np.maximum(np.round(np.expm1(level + rng.normal(0, 0.2, 80))), 0.0)
    target = tension.level_target(counts, segment)
    found = tension.fit(target, seed=4, name="break")
    assert found.diagnostics.passed, found.diagnostics
    drawn = tension.level_draws(target, found.pooled(200), seed=4, name="break")
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    inside = (low <= np.expm1(level)) & (np.expm1(level) <= high)
    # Months of one path go together; 80 % of 80 is far below what chance allows at 90 %.
    assert inside.mean() > 0.8
    assert eqx.tree_equal(target.segment, segment.astype(np.int64))


def test_a_factor_is_recovered_from_three_series_and_refused_from_two():
    rng = np.random.default_rng(6)
    factor = np.zeros(120)
    for t in range(1, 120):
        factor[t] = 0.9 * factor[t - 1] + np.sqrt(1 - 0.81) * rng.normal()
    loads = np.array([0.8, 0.6, 1.0])
    logs = 3.0 + factor[:, None] * loads + rng.normal(0, 0.3, (120, 3))
    counts = np.maximum(np.round(np.expm1(logs)), 0.0)
    segment = np.zeros((120, 3), dtype=int)
    target = tension.factor_target(counts, segment)
    found = tension.fit(target, seed=6, name="factor")
    drawn = tension.factor_draws(target, found.pooled(200), seed=6, name="factor")
    assert np.corrcoef(drawn.mean(axis=0), factor)[0, 1] > 0.9
    with pytest.raises(ValueError, match="24"):
        tension.factor_target(counts[:, :2], segment[:, :2])
    with pytest.raises(ValueError, match="23 months"):
        tension.factor_target(counts[:23], segment[:23])
