"""Disputes run by the law's own draw: by hand, against the density, and over draws."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from foedus.model.law import predictor
from foedus.model.laws.ladder import QUIET_MONTHS, Ladder, Past, moving, situation
from foedus.model.order import LAWS
from foedus.model.parameters import read
from foedus.simulate.ladder import (
    Rungs,
    climb,
    highest,
    length,
    reached,
    shares_of_highest,
)

DRAWS = 4000


def law() -> Ladder:
    found = LAWS["ladder"]
    assert isinstance(found, Ladder)
    return found


def rungs(draws: int = DRAWS, **weights: float) -> Rungs:
    given = {term.name: weights.get(term.name.replace(" ", "_"), 0.0) for term in law().terms}
    outer = read("ladder")["outer"]
    return Rungs(
        {name: np.full(draws, value) for name, value in given.items()},
        {name: np.full(draws, float(outer[name]["median"])) for name in law().shapes},
    )


def standing(pairs: int) -> dict[str, np.ndarray]:
    names = ("land border", "distance", "both major powers", "force in the past")
    return {"constant": np.ones(pairs), **{name: np.zeros(pairs) for name in names}}


def run(given: Rungs, pairs: int = 1, months: int = 60, **options) -> np.ndarray:
    level = np.zeros((pairs, given.draws))
    return climb(law(), given, standing(pairs), level, seed=5, months=months, **options)


def test_a_dispute_begins_with_an_incident_and_ends_with_six_quiet_months():
    level = run(rungs(constant=-1.5))
    assert (level[0] > 0).all()
    months = np.arange(len(level))[:, None, None]
    last = np.where(level > 0, months, 0).max(axis=0)
    for month in range(1, len(level)):
        quiet = (level[max(month - QUIET_MONTHS, 0) : month] == 0).all(axis=0)
        if month >= QUIET_MONTHS:
            assert (level[month][quiet] == 0).all()
    assert (length(level) == last + 1).all()


def test_the_first_two_months_have_the_probabilities_of_the_density():
    given = rungs(constant=-0.5, incident_last_month=0.8, first_month=0.4)
    level = run(given)[:, 0]
    shape = {name: jnp.asarray(part[0]) for name, part in given.shapes.items()}
    weights = {name: jnp.asarray(part[0]) for name, part in given.coefficients.items()}
    own = {name: jnp.asarray(part) for name, part in standing(1).items()}

    def chance(past: Past) -> np.ndarray:
        line = predictor(law(), weights, {**own, **moving(past)})
        extra = {name: jnp.broadcast_to(part, (4,)) for name, part in situation(past).items()}
        whole = law().log_prob(jnp.arange(4.0), jnp.broadcast_to(line, (4,)), {**shape, **extra})
        return np.exp(np.asarray(whole))

    def seen(drawn: np.ndarray) -> np.ndarray:
        return np.bincount(drawn.astype(int), minlength=4) / len(drawn)

    none = Past(*(jnp.zeros(1) for _ in Past._fields))
    # Shares of 4,000 draws: five standard errors are .04.
    assert np.abs(seen(level[0]) - chance(none)).max() < 0.04
    display = level[0] == 2
    one = Past(*(jnp.array([v]) for v in (2.0, 2.0, 2.0, 0.0, 1.0, 1.0)))
    assert np.abs(seen(level[1][display]) - chance(one)).max() < 0.06


def test_the_same_seed_gives_the_same_months_and_more_draws_change_none():
    few, many = run(rungs(50)), run(rungs(90))
    assert np.array_equal(few, many[:, :, :50])
    assert np.array_equal(few, run(rungs(50)))


def test_a_dispute_can_be_run_on_from_where_it_stands():
    """Three quiet months after a use of force: it can end three months on, and starts no anew."""
    now = Past(*(np.array([v]) for v in (0.0, 3.0, 3.0, 3.0, 6.0, 2.0)))
    level = run(rungs(constant=-6.0), past=now)
    quiet = (level[:3] == 0).all(axis=0)
    assert quiet.mean() > 0.95
    assert (level[3:][:, quiet] == 0).all()
    begun = Past(*(np.zeros(1) for _ in Past._fields))
    assert np.array_equal(run(rungs(), past=begun), run(rungs()))


def test_summaries_count_what_a_reader_would():
    level = np.zeros((5, 1, 3))
    level[:, 0, 0] = [1, 0, 2, 0, 0]
    level[:, 0, 1] = [3, 0, 0, 0, 1]
    level[:, 0, 2] = [2, 0, 0, 0, 0]
    assert reached(level, 2, 1)[0].tolist() == [False, True, True]
    assert reached(level, 2, 3)[0].tolist() == [True, True, True]
    assert highest(level)[0].tolist() == [2, 3, 2]
    assert length(level)[0].tolist() == [3, 5, 1]
    assert shares_of_highest(level)[0].tolist() == pytest.approx([0, 2 / 3, 1 / 3])


def test_a_pair_that_used_force_before_is_run_at_its_own_terms():
    terms = standing(2)
    terms["force in the past"] = np.array([0.0, 1.0])
    given = rungs(force_in_the_past=2.0, constant=-1.0)
    level = climb(law(), given, terms, np.zeros((2, DRAWS)), seed=5, months=24)
    one, two = reached(level, 3, 12).mean(axis=1)
    assert two > one + 0.1


def test_running_a_dispute_leaves_the_precision_setting_alone():
    run(rungs(10), months=3)
    assert jnp.zeros(1).dtype == jnp.float32
    assert not jax.config.jax_enable_x64  # type: ignore[attr-defined]
