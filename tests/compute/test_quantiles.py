"""Counts at a uniform equal the quantiles of scipy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from foedus.compute import quantiles

EVEN = (np.arange(4000) + 0.5) / 4000


@pytest.mark.parametrize("rate", [1e-6, 0.01, 0.3, 2.0, 7.5])
def test_poisson_counts_are_the_quantiles_of_scipy(rate: float):
    with jax.enable_x64(True):
        found = quantiles.poisson(jnp.asarray(EVEN), jnp.full(EVEN.shape, rate), 40)
    np.testing.assert_array_equal(found, poisson.ppf(EVEN, rate))


@pytest.mark.parametrize("mean", [0.05, 1.0, 12.0, 300.0])
@pytest.mark.parametrize("size", [0.4, 2.0, 30.0])
def test_negative_binomial_counts_are_the_quantiles_of_scipy(mean: float, size: float):
    shape = EVEN.shape
    with jax.enable_x64(True):
        found = quantiles.negative_binomial(
            jnp.asarray(EVEN), jnp.full(shape, mean), jnp.full(shape, size), 10_000
        )
    np.testing.assert_array_equal(found, nbinom.ppf(EVEN, size, size / (size + mean)))


def test_single_precision_differs_only_where_a_uniform_sits_on_a_threshold():
    uniform = jnp.asarray(EVEN, jnp.float32)
    mean = jnp.full(EVEN.shape, 25.0, jnp.float32)
    size = jnp.full(EVEN.shape, 3.0, jnp.float32)
    found = np.asarray(quantiles.negative_binomial(uniform, mean, size, 4000))
    wanted = nbinom.ppf(EVEN, 3, 3 / 28)
    assert (found != wanted).mean() < 1e-3
    assert np.abs(found - wanted).max() <= 1


def test_counts_stop_at_the_most_and_what_lies_beyond_falls_on_it():
    uniform = jnp.asarray(EVEN, jnp.float32)
    few = quantiles.poisson(uniform, jnp.full(EVEN.shape, 2.0, jnp.float32), 3)
    assert float(few.max()) == 3
    assert float((few == 3).mean()) == pytest.approx(poisson.sf(2, 2.0), abs=1e-3)
    mean, size = (jnp.full(EVEN.shape, x, jnp.float32) for x in (50.0, 1.0))
    held = quantiles.negative_binomial(uniform, mean, size, 20)
    assert float(held.max()) == 20


def test_counts_rise_with_the_uniform_and_the_mean():
    uniform = jnp.asarray(EVEN, jnp.float32)
    size = jnp.full(EVEN.shape, 2.0, jnp.float32)
    low, high = (
        quantiles.negative_binomial(uniform, jnp.full(EVEN.shape, mean, jnp.float32), size, 4000)
        for mean in (4.0, 4.5)
    )
    assert (jnp.diff(low) >= 0).all()
    assert (high >= low).all()


@pytest.mark.parametrize(("mean", "size"), [(400.0, 27.0), (2000.0, 30.0), (900.0, 12.0)])
def test_a_large_narrow_negative_binomial_is_not_lost_to_small_first_probabilities(
    mean: float, size: float
):
    u = (np.arange(2000, dtype=np.float32) + 0.5) / 2000
    found = quantiles.negative_binomial(
        jnp.asarray(u), jnp.full(2000, mean), jnp.full(2000, size), 4000
    )
    wanted = np.minimum(nbinom.ppf(u, size, size / (size + mean)), 4000)
    inside = (u > 0.001) & (u < 0.999)
    np.testing.assert_allclose(np.asarray(found)[inside], wanted[inside], atol=3)
