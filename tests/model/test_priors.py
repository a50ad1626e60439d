import jax
import numpy as np
import pytest
from scipy.stats import halfnorm, norm

from foedus.model.parameters import fingerprint, names, read
from foedus.model.priors import priors


@pytest.mark.parametrize("file", ["closeness", "tension"])
def test_every_parameter_states_unit_range_and_source(file):
    for group, entries in read(file).items():
        if not isinstance(entries, dict):
            continue
        for name, entry in entries.items():
            assert {"unit", "range", "source"} <= set(entry), f"{group}.{name}"
            low, high = entry["range"]
            centre = entry.get("value", entry.get("mean", 0.0))
            assert low <= centre <= high, f"{group}.{name}"


def test_density_is_the_named_prior_with_scales_of_either_sign():
    found = priors("closeness", ["votes.level", "votes.walk"])
    z = np.array([-1.0, -0.2])
    with jax.enable_x64(True):
        value = float(found.log_prob(jax.numpy.asarray(z)))
        theta = np.asarray(found.natural(jax.numpy.asarray(z)))
    assert theta.tolist() == [-1.0, 0.2]
    # Half of a half-normal's density stands at each sign.
    expected = norm.logpdf(-1.0, -1.5, 1.0) + halfnorm.logpdf(0.2, scale=0.3) - np.log(2)
    assert value == pytest.approx(expected, abs=1e-9)


def test_names_follow_the_file_and_the_fingerprint_its_content():
    assert names("closeness", ["votes"]) == tuple(f"votes.{n}" for n in read("closeness")["votes"])
    assert fingerprint("closeness") != fingerprint("tension")
