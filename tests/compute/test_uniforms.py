"""Uniforms are Threefry's words, belong to their draw alone, and are even."""

import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.random import threefry2x32_p
from scipy.stats import kstest, norm

from foedus.compute.uniforms import MOST_UNITS, normal, stream, threefry, uniforms

ONES = 0xFFFFFFFF


# Known answers of threefry2x32 with 20 rounds: counter, key, result. Source: the file kat_vectors
# of Random123 (Salmon, Moraes, Dror and Shaw 2011).
@pytest.mark.parametrize(
    ("counter", "key", "wanted"),
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((ONES, ONES), (ONES, ONES), (0x1CB996FC, 0xBB002BE7)),
        ((0x243F6A88, 0x85A308D3), (0x13198A2E, 0x03707344), (0xC4923A9C, 0x483DF7A0)),
    ],
)
def test_the_block_cipher_gives_the_known_answers(counter, key, wanted):
    one, two = ([jnp.uint32(part) for part in words] for words in (key, counter))
    found = threefry((one[0], one[1]), (two[0], two[1]))
    assert tuple(int(word) for word in found) == wanted


def test_the_cipher_is_the_library_s_own():
    words = jnp.asarray(np.random.default_rng(3).integers(0, 2**32, (4, 1000), dtype=np.uint32))
    found = threefry((words[0], words[1]), (words[2], words[3]))
    for ours, theirs in zip(found, threefry2x32_p.bind(*words), strict=True):
        assert jnp.array_equal(ours, theirs)


def test_a_uniform_is_the_word_of_its_key_draw_and_counter():
    key = np.array([0x13198A2E, 0x03707344], dtype=np.uint32)
    draw, month, units = 5, 24_000, 6
    found = uniforms(key, jnp.array([draw]), jnp.array(month), units)[:, 0]
    words = []
    for half in (0, 1):
        for block in range(units // 2):
            count = (MOST_UNITS * month + block) % 2**32
            pair = threefry2x32_p.bind(
                *(jnp.uint32(int(part)) for part in (key[0], key[1], draw, count))
            )
            words.append(int(pair[half]))
    wanted = [((word >> 9) + 0.5) * 2.0**-23 for word in words]
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_the_chunk_a_draw_comes_in_does_not_matter():
    key = jnp.asarray(stream(7, "disputes"))
    whole = uniforms(key, jnp.arange(100), jnp.array(24_000), 31)
    parts = [
        uniforms(key, jnp.arange(first, last), jnp.array(24_000), 31)
        for first, last in ((0, 1), (1, 40), (40, 100))
    ]
    assert jnp.array_equal(whole, jnp.concatenate(parts, axis=1))
    turned = uniforms(key, jnp.arange(100)[::-1], jnp.array(24_000), 31)
    assert jnp.array_equal(whole, turned[:, ::-1])


def test_slots_seeds_months_draws_and_units_do_not_share_numbers():
    def row(seed: int, slot: str, month: int) -> np.ndarray:
        key = jnp.asarray(stream(seed, slot))
        return np.asarray(uniforms(key, jnp.arange(50), jnp.array(month), 40))

    base = row(1, "arming", 24_000)
    assert len(np.unique(base)) > 0.999 * base.size
    for other in (row(2, "arming", 24_000), row(1, "joining", 24_000), row(1, "arming", 24_001)):
        assert (other == base).mean() < 1e-3
        assert abs(np.corrcoef(base.ravel(), other.ravel())[0, 1]) < 0.1
    assert np.array_equal(base, row(1, "arming", 24_000))


def test_uniforms_are_even_and_never_zero_or_one():
    key = jnp.asarray(stream(3, "moments"))
    found = np.asarray(uniforms(key, jnp.arange(1000), jnp.array(24_000), 200), dtype=np.float64)
    assert found.min() > 0
    assert found.max() < 1
    flat = found.ravel()
    # Standard errors with 200,000 numbers; five of them are a false alarm in two million.
    for power, mean in ((1, 1 / 2), (2, 1 / 3), (3, 1 / 4)):
        error = np.sqrt((1 / (2 * power + 1) - mean**2) / len(flat))
        assert abs((flat**power).mean() - mean) < 5 * error
    assert kstest(flat, "uniform").pvalue > 1e-4
    neighbours = np.corrcoef(found[:-1].ravel(), found[1:].ravel())[0, 1]
    assert abs(neighbours) < 5 / np.sqrt(len(flat))


def test_normals_are_the_inverse_of_the_normal_distribution():
    at = np.array([1e-3, 0.01, 0.25, 0.5, 0.9, 0.9999], dtype=np.float32)
    np.testing.assert_allclose(normal(jnp.asarray(at)), norm.ppf(at), rtol=2e-5, atol=1e-6)
    # Single precision is a third of a per cent of a standard deviation off in the far tail.
    assert float(normal(jnp.array([1e-6]))[0]) == pytest.approx(norm.ppf(1e-6), abs=0.004)
