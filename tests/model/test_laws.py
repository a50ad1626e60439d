"""Every law keeps its contract: density and draw are of one distribution, ranges hold."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import statsmodels.api as sm
from scipy.integrate import quad
from scipy.stats import bernoulli, johnsonsu, nbinom, poisson
from statsmodels.miscmodels.ordinal_model import OrderedModel

from foedus.model.law import AbstractLaw, predictor
from foedus.model.laws import arming
from foedus.model.laws.disputes import MOST_ONSETS
from foedus.model.laws.escalation import Escalation
from foedus.model.laws.incidents import Incidents
from foedus.model.order import CANDIDATES, CARRIED, ESTIMATED, LAWS
from foedus.model.parameters import read

SHARES = ("break share", "pull")
COUNTS = {
    "incidents": 4000,
    "disputes": 60,
    "escalation": 3,
    "ladder": 3,
    "joining": 1,
    "commitment": 1,
}
ALL = pytest.mark.parametrize("law", LAWS.values(), ids=list(LAWS))
COUNTED = pytest.mark.parametrize("law", [LAWS[n] for n in COUNTS], ids=list(COUNTS))
CONTINUOUS = [law for law in LAWS.values() if law.name not in COUNTS]
DENSE = pytest.mark.parametrize("law", CONTINUOUS, ids=[law.name for law in CONTINUOUS])


@pytest.fixture(autouse=True)
def _double():
    with jax.enable_x64(True):
        yield


def shape_of(law: AbstractLaw, size: int, *, dtype: type = np.float64) -> dict[str, jax.Array]:
    """Give the middle of each shape's prior, and extra inputs of `size` rows."""
    outer = read(law.name)["outer"]
    shape = {name: jnp.asarray(outer[name]["median"], dtype) for name in law.shapes}
    if law.name == "incidents":
        shape["kind"] = jnp.asarray(np.arange(size) % 4, dtype)
        shape["slow level"] = jnp.full(size, 1.3, dtype)
        shape["turn"] = jnp.full(size, 0.2, dtype)
        shape["effort"] = jnp.full(size, -0.1, dtype)
        shape["break draw"] = jnp.full(size, 0.5, dtype)
    if "volatility weight" in law.shapes:
        shape["volatility"] = jnp.full(size, 0.2, dtype)
    if law.name == "ladder":
        shape["first"] = jnp.zeros(size, dtype)
        shape["force last"] = jnp.ones(size, dtype)
    return shape


def places(law: AbstractLaw) -> np.ndarray:
    """Give predictors from low to high, where the law is used."""
    if law.name == "disputes":
        return np.array([-9.0, -6.0, -4.0, -2.5])
    if law.name == "incidents":
        return np.array([-1.0, 0.5, 2.0, 3.5])
    if law.name in COUNTS:
        return np.array([-4.0, -1.0, 0.5, 3.0])
    return np.array([-0.2, 0.0, 0.03, 0.4])


def outcome_like(law: AbstractLaw) -> np.ndarray:
    values = {"incidents": [0.0, 3.0, 40.0, 2.0], "disputes": [0.0, 1.0, 2.0, 0.0]}
    if law.name in values:
        return np.array(values[law.name])
    if law.name in ("escalation", "ladder"):
        return np.array([0.0, 1.0, 2.0, 3.0])
    if law.name in COUNTS:
        return np.array([0.0, 1.0, 0.0, 1.0])
    return np.array([-0.3, 0.01, 0.5, 0.0])


def test_every_law_is_listed_once_and_has_priors_for_all_it_needs():
    assert len(LAWS) == len(ESTIMATED) + len(CANDIDATES) + len(CARRIED)
    for law in LAWS.values():
        given = read(law.name)
        assert set(given["terms"]) == {term.name for term in law.terms}
        levels = {"unit spread", "year spread", "year memory"}
        assert set(given["outer"]) - levels == set(law.shapes)


@COUNTED
def test_probabilities_of_all_values_add_up_to_one(law: AbstractLaw):
    count = COUNTS[law.name] + 1
    values = jnp.arange(count, dtype=float)
    for place in places(law):
        if law.name == "incidents":
            for kind in range(4):
                shape = shape_of(law, count) | {"kind": jnp.full(count, float(kind))}
                total = jnp.exp(law.log_prob(values, jnp.full(count, place), shape)).sum()
                assert float(total) == pytest.approx(1, abs=2e-4 if place > 3 else 1e-6)
        else:
            shape = shape_of(law, count)
            total = jnp.exp(law.log_prob(values, jnp.full(count, place), shape)).sum()
            assert float(total) == pytest.approx(1, abs=1e-9)


@DENSE
def test_densities_integrate_to_one(law: AbstractLaw):
    shape = shape_of(law, 1)
    for place in places(law):

        def density(x: float, place: float = place) -> float:
            return float(jnp.exp(law.log_prob(jnp.array([x]), jnp.array([place]), shape))[0])

        spread = 12 * float(shape["scale"])
        inside, _ = quad(density, place - spread, place + spread, limit=200, points=[place])
        below, _ = quad(density, -np.inf, place - spread, limit=200)
        above, _ = quad(density, place + spread, np.inf, limit=200)
        assert inside + below + above == pytest.approx(1, abs=1e-6)


@COUNTED
def test_a_draw_has_the_probabilities_the_law_gives(law: AbstractLaw):
    size = 20_000
    even = (np.arange(size) + 0.5) / size
    most = MOST_ONSETS if law.name == "disputes" else COUNTS[law.name]
    values = jnp.arange(most + 1, dtype=float)
    for place in places(law):
        shape = shape_of(law, size)
        given = shape_of(law, most + 1)
        if law.name == "incidents":
            # The second uniform runs through all steps of a break, at random against the first.
            luck = np.random.default_rng(3).permutation(even)
            shape |= {"break draw": jnp.asarray(luck), "kind": jnp.zeros(size)}
            given |= {"kind": jnp.zeros(most + 1)}
        found = law.draw(jnp.asarray(even), jnp.full(size, place), shape)
        share = np.bincount(np.asarray(found, dtype=int), minlength=most + 1) / size
        wanted = np.exp(np.asarray(law.log_prob(values, jnp.full(most + 1, place), given)))
        tight = 0.012 if law.name == "incidents" else 1.01 / size + 1e-6
        assert np.abs(np.cumsum(share)[:-1] - np.cumsum(wanted)[:-1]).max() < tight


@DENSE
def test_a_draw_sits_at_the_quantile_the_density_gives(law: AbstractLaw):
    shape = shape_of(law, 1)
    place = 0.03
    for uniform in (0.001, 0.05, 0.3, 0.5, 0.9, 0.999):
        at = float(law.draw(jnp.array([uniform]), jnp.array([place]), shape)[0])

        def density(x: float) -> float:
            return float(jnp.exp(law.log_prob(jnp.array([x]), jnp.array([place]), shape))[0])

        low, high = sorted((place, at))
        mass, _ = quad(density, low, high, limit=200)
        assert abs(uniform - 0.5) == pytest.approx(mass, abs=1e-6)


@ALL
def test_draws_rise_with_the_uniform(law: AbstractLaw):
    size = 2_000
    even = jnp.asarray((np.arange(size) + 0.5) / size)
    for place in places(law):
        shape = shape_of(law, size)
        if law.name == "incidents":
            shape |= {"kind": jnp.ones(size)}
        found = law.draw(even, jnp.full(size, place), shape)
        if law.name in ("joining", "commitment"):
            found = 1 - found
        assert (jnp.diff(found) >= 0).all()


@ALL
def test_compiled_and_uncompiled_agree(law: AbstractLaw):
    eta, value = jnp.asarray(places(law)), jnp.asarray(outcome_like(law))
    shape = shape_of(law, 4)
    uniform = jnp.array([0.2, 0.5, 0.9, 0.99])
    compiled = eqx.filter_jit(law.log_prob)(value, eta, shape)
    np.testing.assert_allclose(compiled, law.log_prob(value, eta, shape), rtol=1e-12, atol=1e-14)
    drawn = eqx.filter_jit(law.draw)(uniform, eta, shape)
    np.testing.assert_allclose(drawn, law.draw(uniform, eta, shape), rtol=1e-12, atol=1e-14)


@ALL
def test_single_precision_stays_close_to_double(law: AbstractLaw):
    eta, value = places(law), outcome_like(law)
    double = law.log_prob(jnp.asarray(value), jnp.asarray(eta), shape_of(law, 4))
    with jax.enable_x64(False):
        single = law.log_prob(
            jnp.asarray(value, jnp.float32),
            jnp.asarray(eta, jnp.float32),
            shape_of(law, 4, dtype=np.float32),
        )
    assert single.dtype == jnp.float32
    np.testing.assert_allclose(single, double, rtol=2e-4, atol=2e-5)


@ALL
def test_the_slope_is_finite_and_equals_a_difference(law: AbstractLaw):
    eta, value = jnp.asarray(places(law)), jnp.asarray(outcome_like(law))
    shape = shape_of(law, 4)

    def total(at: jax.Array) -> jax.Array:
        return law.log_prob(value, at, shape).sum()

    slope = jax.grad(total)(eta)
    assert jnp.isfinite(slope).all()
    step = 1e-6
    for number in range(len(eta)):
        move = jnp.zeros(len(eta)).at[number].set(step)
        difference = (total(eta + move) - total(eta - move)) / (2 * step)
        assert float(slope[number]) == pytest.approx(float(difference), rel=1e-5, abs=1e-6)


@ALL
def test_the_slope_stays_finite_far_out(law: AbstractLaw):
    value = jnp.asarray(outcome_like(law))
    far = jnp.array([-40.0, -15.0, 7.5, 12.0])
    shape = shape_of(law, 4)
    slope = jax.grad(lambda at: law.log_prob(value, at, shape).sum())(far)
    assert jnp.isfinite(slope).all()


@ALL
def test_inputs_beyond_the_published_range_are_held(law: AbstractLaw):
    weights = {term.name: jnp.asarray(0.7 + 0.1 * k) for k, term in enumerate(law.terms)}
    for bound in ("low", "high"):
        edge = {term.name: jnp.asarray(float(getattr(term, bound))) for term in law.terms}
        beyond = {name: x + (-5.0 if bound == "low" else 5.0) for name, x in edge.items()}
        assert float(predictor(law, weights, beyond)) == float(predictor(law, weights, edge))
    inside = {term.name: jnp.asarray((term.low + term.high) / 2) for term in law.terms}
    wanted = sum(float(weights[name] * x) for name, x in inside.items())
    assert float(predictor(law, weights, inside)) == pytest.approx(wanted)


def reference(law: AbstractLaw) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    shape = {name: float(read(law.name)["outer"][name]["median"]) for name in law.shapes}
    if law.name == "disputes":
        return lambda y, eta: poisson.logpmf(y, np.exp(eta))
    if law.name in ("joining", "commitment"):
        return lambda y, eta: bernoulli.logpmf(y, 1 / (1 + np.exp(-eta)))
    scale = shape["scale"]
    if "volatility weight" in law.shapes:
        scale = scale * np.exp(shape["volatility weight"] * 0.2)
    tail = shape["tail"]
    # z = asinh(tail (x - centre) / scale) / tail is normal: Johnson SU with b = 1 / tail.
    return lambda y, eta: johnsonsu.logpdf(y, 0, 1 / tail, loc=eta, scale=scale / tail)


@pytest.mark.parametrize(
    "law",
    [law for law in LAWS.values() if law.name not in ("incidents", "escalation", "ladder")],
    ids=lambda law: law.name,
)
def test_log_probabilities_equal_those_of_scipy(law: AbstractLaw):
    eta, value = places(law), outcome_like(law)
    ours = law.log_prob(jnp.asarray(value), jnp.asarray(eta), shape_of(law, 4))
    np.testing.assert_allclose(ours, reference(law)(value, eta), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", range(4))
def test_incidents_without_breaks_are_negative_binomial(kind: int):
    law = Incidents()
    values = np.arange(0.0, 200.0)
    shape = shape_of(law, 200) | {
        "break share": jnp.asarray(1e-200),
        "break share, arena": jnp.asarray(1e-200),
        "kind": jnp.full(200, float(kind)),
    }
    names = ("cooperation in words", "conflict in words", "acts", "arena")
    size = float(shape[f"size, {names[kind]}"])
    drawn = 1.3 + float(shape["pull"]) * (1.1 - 1.3)
    mean = np.exp(drawn + float(shape["lean"]) * 0.2 - float(shape["effort weight"]) * 0.1)
    ours = law.log_prob(jnp.asarray(values), jnp.full(200, 1.1), shape)
    np.testing.assert_allclose(
        ours, nbinom.logpmf(values, size, size / (size + mean)), rtol=1e-8, atol=1e-9
    )


def test_a_break_moves_the_mean_of_incidents_by_its_log_normal_factor():
    law = Incidents()
    values = jnp.arange(4001.0)
    shape = shape_of(law, 4001) | {
        "break share": jnp.asarray(0.3),
        "break spread": jnp.asarray(0.4),
        "kind": jnp.zeros(4001),
        "slow level": jnp.full(4001, 2.0),
        "turn": jnp.zeros(4001),
        "effort": jnp.zeros(4001),
    }
    mean = float((values * jnp.exp(law.log_prob(values, jnp.full(4001, 2.0), shape))).sum())
    assert mean == pytest.approx(np.exp(2) * (0.7 + 0.3 * np.exp(0.4**2 / 2)), rel=1e-3)


def test_a_larger_past_volatility_widens_arming():
    law = arming.Arming()
    uniform, centre = jnp.array([0.95]), jnp.zeros(1)
    shape = shape_of(law, 1)
    calm, wild = (
        float(law.draw(uniform, centre, shape | {"volatility": jnp.array([v])})[0])
        for v in (-0.5, 0.5)
    )
    assert wild / calm == pytest.approx(np.exp(float(shape["volatility weight"])))


def simulated(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(11)
    x = np.column_stack([np.ones(rows), rng.normal(size=(rows, columns))])
    return x, rng.normal(0, 0.5, columns + 1), rng


def climb(loss: Callable[[jax.Array], jax.Array], start: np.ndarray) -> np.ndarray:
    """Find the minimum of a convex function by Newton's method."""

    @jax.jit
    def step(at: jax.Array) -> jax.Array:
        return at - jnp.linalg.solve(jax.hessian(loss)(at), jax.grad(loss)(at))

    at = jnp.asarray(start)
    for _ in range(30):
        at = step(at)
    return np.asarray(at)


def test_disputes_fit_like_a_poisson_regression():
    x, weights, rng = simulated(400, 3)
    y = rng.poisson(np.exp(x @ weights - 1)).astype(float)
    found = climb(
        lambda b: -LAWS["disputes"].log_prob(jnp.asarray(y), jnp.asarray(x) @ b, {}).sum(),
        np.zeros(4),
    )
    wanted = sm.GLM(y, x, family=sm.families.Poisson()).fit().params
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", ["joining", "commitment"])
def test_joining_and_commitment_fit_like_a_logit(name: str):
    x, weights, rng = simulated(400, 3)
    y = (rng.uniform(size=400) < 1 / (1 + np.exp(-x @ weights))).astype(float)
    found = climb(
        lambda b: -LAWS[name].log_prob(jnp.asarray(y), jnp.asarray(x) @ b, {}).sum(), np.zeros(4)
    )
    wanted = sm.Logit(y, x).fit(disp=0).params
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8)


def test_escalation_fits_like_an_ordered_logit():
    x, weights, rng = simulated(500, 2)
    law = LAWS["escalation"]
    eta = jnp.asarray(x @ weights)
    shape = {"below": jnp.asarray(1.0), "above": jnp.asarray(1.5)}
    y = np.asarray(law.draw(jnp.asarray(rng.uniform(size=500)), eta, shape))

    def loss(b: jax.Array) -> jax.Array:
        steps = {"below": jnp.exp(b[3]), "above": jnp.exp(b[4])}
        return -law.log_prob(jnp.asarray(y), jnp.asarray(x) @ b[:3], steps).sum()

    found = climb(loss, np.array([*weights, 0.0, 0.4]))
    model = OrderedModel(y.astype(int), x[:, 1:], distr="logit")
    fitted = model.fit(method="bfgs", disp=0, gtol=1e-8)
    edges = model.transform_threshold_params(fitted.params)[1:-1]
    np.testing.assert_allclose(found[1:3], fitted.params[:2], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(-found[0], edges[1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.exp(found[3]), edges[1] - edges[0], rtol=1e-4)
    np.testing.assert_allclose(np.exp(found[4]), edges[2] - edges[1], rtol=1e-4)


def test_the_chance_of_force_is_that_of_the_two_highest_levels():
    law = LAWS["escalation"]
    assert isinstance(law, Escalation)
    eta = jnp.linspace(-4, 4, 9)
    shape = shape_of(law, 9)
    both = sum(jnp.exp(law.log_prob(jnp.full(9, level), eta, shape)) for level in (2.0, 3.0))
    np.testing.assert_allclose(law.force(eta), both, rtol=1e-10)
