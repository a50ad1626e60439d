"""The ladder by hand: its steps, its first month, and what a month leaves for the next."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit

from foedus.model.laws.ladder import (
    QUIET_MONTHS,
    Ladder,
    Past,
    after,
    beginning,
    is_over,
    moving,
    situation,
)

BELOW, ABOVE, AFTER = 0.4, 1.7, 0.6


@pytest.fixture(autouse=True)
def _double():
    with jax.enable_x64(True):
        yield


def shape(first: float, force_last: float, size: int = 1) -> dict[str, jax.Array]:
    named = {"below": BELOW, "above": ABOVE, "above after force": AFTER}
    given = {name: jnp.asarray(value) for name, value in named.items()}
    return given | {"first": jnp.full(size, first), "force last": jnp.full(size, force_last)}


def by_hand(place: float, above: float) -> np.ndarray:
    reach = expit(np.array([place + BELOW, place, place - above]))
    return np.array([1 - reach[0], reach[0] - reach[1], reach[1] - reach[2], reach[2]])


@pytest.mark.parametrize("place", [-3.0, -0.5, 2.0])
@pytest.mark.parametrize(("force_last", "above"), [(0.0, ABOVE), (1.0, AFTER)])
def test_a_later_month_has_the_steps_that_belong_to_its_last_incident(
    place: float, force_last: float, above: float
):
    found = Ladder().log_prob(jnp.arange(4.0), jnp.full(4, place), shape(0.0, force_last, 4))
    np.testing.assert_allclose(np.exp(found), by_hand(place, above), rtol=1e-12)


@pytest.mark.parametrize("place", [-3.0, -0.5, 2.0])
def test_the_first_month_shares_out_what_none_leaves(place: float):
    found = np.exp(Ladder().log_prob(jnp.arange(4.0), jnp.full(4, place), shape(1.0, 0.0, 4)))
    whole = by_hand(place, ABOVE)
    np.testing.assert_allclose(found[1:], whole[1:] / whole[1:].sum(), rtol=1e-12)
    assert found[0] == 0.0


@pytest.mark.parametrize("first", [0.0, 1.0])
@pytest.mark.parametrize("force_last", [0.0, 1.0])
@pytest.mark.parametrize("place", [-6.0, -0.5, 2.0])
def test_draws_have_the_probabilities_of_the_density(first: float, force_last: float, place: float):
    law, size = Ladder(), 20_000
    even = jnp.asarray((np.arange(size) + 0.5) / size)
    drawn = law.draw(even, jnp.full(size, place), shape(first, force_last, size))
    share = np.bincount(np.asarray(drawn, dtype=int), minlength=4) / size
    wanted = np.exp(law.log_prob(jnp.arange(4.0), jnp.full(4, place), shape(first, force_last, 4)))
    assert np.abs(share - wanted).max() < 2.1 / size


def test_the_first_month_has_an_incident_in_single_precision_too():
    with jax.enable_x64(False):
        tiny = jnp.asarray([1e-7, 0.5, 1 - 1e-7], jnp.float32)
        given = {name: part.astype(jnp.float32) for name, part in shape(1.0, 0.0, 3).items()}
        drawn = Ladder().draw(tiny, jnp.full(3, -15.0, jnp.float32), given)
    assert (np.asarray(drawn) >= 1).all()


def test_slopes_are_finite_in_the_first_month():
    slope = jax.grad(
        lambda at: Ladder().log_prob(jnp.array([1.0, 2.0, 3.0]), at, shape(1.0, 0.0, 3)).sum()
    )(jnp.array([-40.0, 0.0, 12.0]))
    assert jnp.isfinite(slope).all()


def followed(*levels: int) -> Past:
    past = beginning((1,))
    for level in levels:
        past = after(past, jnp.array([float(level)]))
    return past


def test_months_leave_what_a_reader_would_count():
    past = followed(2, 0, 3, 1, 0, 0)
    assert [float(part[0]) for part in past] == [0.0, 1.0, 3.0, 2.0, 6.0, 3.0]
    found = {name: float(part[0]) for name, part in moving(past).items()}
    assert found == {
        "first month": 0.0,
        "incident last month": 0.0,
        "force last month": 0.0,
        "force so far": 1.0,
        "quiet months": pytest.approx(np.log(3)),
        "age": pytest.approx(np.log(7)),
        "months with an incident": pytest.approx(np.log(4)),
    }
    assert float(situation(past)["force last"][0]) == 0.0
    assert float(situation(followed(1, 3, 0))["force last"][0]) == 1.0


def test_before_the_first_month_nothing_has_happened():
    found = {name: float(part[0]) for name, part in moving(followed()).items()}
    assert found == {name: float(name == "first month") for name in found}
    assert float(situation(followed())["first"][0]) == 1.0


def test_a_dispute_is_over_after_six_quiet_months_and_not_before():
    quiet = [0] * QUIET_MONTHS
    assert not bool(is_over(followed(3, *quiet[1:]))[0])
    assert bool(is_over(followed(3, *quiet))[0])
    assert not bool(is_over(followed(3, *quiet[1:], 1))[0])


def test_every_moving_input_is_an_input_of_the_law():
    assert set(moving(followed())) <= {term.name for term in Ladder().terms}
