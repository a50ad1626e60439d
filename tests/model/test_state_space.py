"""The filter and smoother against the multivariate normal they stand for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.typing import NDArray

from foedus.compute.keys import named_key
from foedus.model.measurement.state_space import System, kalman_filter, simulate, smooth

STEPS, SLOTS, STATES = 6, 2, 3


def _system() -> System:
    rng = np.random.default_rng(3)
    return System(
        level=jnp.asarray(rng.normal(size=(STEPS, SLOTS))),
        row=jnp.asarray(rng.normal(size=(STEPS, SLOTS, STATES))),
        noise=jnp.asarray(rng.uniform(0.2, 1.0, size=(STEPS, SLOTS))),
        keep=jnp.asarray([1.0, 0.7, 1.0]),
        drift=jnp.asarray([0.3, 0.5, 0.0]),
        start=jnp.asarray([1.0, 2.0, 0.4]),
    )


def _moments(system: System) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Write the prior covariance of all states, and the map from them to all indicators."""
    keep, drift, start = (np.asarray(x) for x in (system.keep, system.drift, system.start))
    cov = np.zeros((STEPS, STATES, STEPS, STATES))
    now = np.diag(start)
    for t in range(STEPS):
        if t:
            now = np.diag(keep) @ now @ np.diag(keep) + np.diag(drift)
        moved = now
        for later in range(t, STEPS):
            cov[later, :, t, :] = moved
            cov[t, :, later, :] = moved.T
            moved = np.diag(keep) @ moved
    place = np.zeros((STEPS, SLOTS, STEPS, STATES))
    for t in range(STEPS):
        place[t, :, t, :] = np.asarray(system.row)[t]
    size = STEPS * STATES
    return cov.reshape(size, size), place.reshape(STEPS * SLOTS, size)


@pytest.fixture
def data() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    rng = np.random.default_rng(5)
    seen = rng.uniform(size=(STEPS, SLOTS)) < 0.7
    return rng.normal(size=(STEPS, SLOTS)), seen


def test_likelihood_is_that_of_the_multivariate_normal_over_what_was_seen(data):
    value, seen = data
    with jax.enable_x64(True):
        system = _system()
        found = kalman_filter(system, jnp.asarray(value), jnp.asarray(seen))
        cov, place = _moments(system)
        all_cov = place @ cov @ place.T + np.diag(np.asarray(system.noise).ravel())
        here = seen.ravel()
        centre = np.asarray(system.level).ravel()[here]
        inside = all_cov[np.ix_(here, here)]
        off = value.ravel()[here] - centre
        _, size = np.linalg.slogdet(2 * np.pi * inside)
        expected = -0.5 * (size + off @ np.linalg.solve(inside, off))
        assert float(found.log_likelihood) == pytest.approx(expected, abs=1e-9)


def test_smoother_is_conditioning_on_everything_seen(data):
    value, seen = data
    with jax.enable_x64(True):
        system = _system()
        filtered = kalman_filter(system, jnp.asarray(value), jnp.asarray(seen))
        mean, cov = smooth(system, filtered)
        prior, place = _moments(system)
        here = seen.ravel()
        h = place[here]
        inside = h @ prior @ h.T + np.diag(np.asarray(system.noise).ravel()[here])
        gain = np.linalg.solve(inside, h @ prior).T
        off = (value - np.asarray(system.level)).ravel()[here]
        expected = (gain @ off).reshape(STEPS, STATES)
        variance = np.diag(prior - gain @ h @ prior).reshape(STEPS, STATES)
        np.testing.assert_allclose(np.asarray(mean), expected, atol=1e-6)
        found = np.diagonal(np.asarray(cov), axis1=1, axis2=2)
        np.testing.assert_allclose(found, variance, atol=1e-6)


def test_a_missing_indicator_cannot_matter(data):
    value, seen = data
    with jax.enable_x64(True):
        system = _system()
        moved = np.where(seen, value, 99.0)
        one = kalman_filter(system, jnp.asarray(value), jnp.asarray(seen))
        two = kalman_filter(system, jnp.asarray(moved), jnp.asarray(seen))
        assert float(one.log_likelihood) == float(two.log_likelihood)


def test_simulated_indicators_have_the_covariance_of_the_model():
    with jax.enable_x64(True):
        system = _system()
        keys = jax.random.split(named_key(11, "simulate"), 20000)
        _, drawn = jax.vmap(lambda key: simulate(system, key))(keys)
        flat = np.asarray(drawn).reshape(len(drawn), -1)
        prior, place = _moments(system)
        expected = place @ prior @ place.T + np.diag(np.asarray(system.noise).ravel())
        scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
        # Sampling error of a covariance of 20,000 draws is below .015 of its scale.
        assert np.abs((np.cov(flat.T) - expected) / scale).max() < 0.05
