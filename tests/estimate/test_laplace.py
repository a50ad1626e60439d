"""Nested Laplace finds what was put in, agrees with statsmodels, and with NUTS."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.miscmodels.ordinal_model import OrderedModel

from foedus.estimate.calibration import design
from foedus.estimate.laplace import Cases, Fit, Outer
from foedus.estimate.law_posterior import fit_law
from foedus.estimate.predictive import Parameters, simulate_rows
from foedus.model.law import AbstractLaw
from foedus.model.order import LAWS

COUNT = 2000


def outer(names: tuple[str, ...] = ()) -> Outer:
    """Switch the levels off and leave the shapes free under wide priors."""
    everything = ("unit spread", "year spread", "year memory", *names)
    levels = len(everything) - len(names)
    mean = np.array([np.log(1e-4), np.log(1e-4), 0.0, *[0.0] * len(names)])
    return Outer(
        names=everything,
        share=np.array([False, False, True, *[False] * len(names)]),
        mean=mean,
        scale=np.full(len(everything), 5.0),
        fixed=np.arange(len(everything)) < levels,
    )


def rows(law: AbstractLaw, value: np.ndarray, terms: np.ndarray) -> Cases:
    nothing = np.zeros(len(value), dtype=np.int64)
    return Cases(value, terms, np.zeros(len(value)), nothing, ("one",), nothing, (), {})


def flat(law: AbstractLaw, cases: Cases, names: tuple[str, ...] = ()) -> Fit:
    terms = cases.terms.shape[1]
    return Fit(law, cases, np.zeros(terms), np.full(terms, 100.0), outer(names))


def covariates(count: int, columns: int, *, constant: bool = True) -> np.ndarray:
    x = np.random.default_rng(2).normal(size=(count, columns))
    return np.column_stack([np.ones(count), x]) if constant else x


def test_without_levels_disputes_agree_with_a_poisson_regression():
    x = covariates(500, 3)
    rng = np.random.default_rng(5)
    y = rng.poisson(np.exp(x @ np.array([0.3, 0.5, -0.4, 0.0]))).astype(float)
    fit = flat(LAWS["disputes"], rows(LAWS["disputes"], y, x))
    wanted = sm.GLM(y, x, family=sm.families.Poisson()).fit()
    np.testing.assert_allclose(fit.inner(fit.outer.mean).dense, wanted.params, atol=2e-4)
    drawn = fit.draws(COUNT, seed=1).coefficients
    error = 5 * wanted.bse / np.sqrt(COUNT)
    assert (np.abs(drawn.mean(axis=0) - wanted.params) < error + 0.02 * wanted.bse).all()
    np.testing.assert_allclose(drawn.std(axis=0), wanted.bse, rtol=0.08)


def test_without_levels_joining_agrees_with_a_logit():
    x = covariates(800, 2)
    rng = np.random.default_rng(6)
    y = (rng.uniform(size=800) < 1 / (1 + np.exp(-x @ np.array([-0.5, 1.0, 0.3])))).astype(float)
    fit = flat(LAWS["joining"], rows(LAWS["joining"], y, x))
    wanted = sm.Logit(y, x).fit(disp=0)
    np.testing.assert_allclose(fit.inner(fit.outer.mean).dense, wanted.params, atol=2e-4)
    drawn = fit.draws(COUNT, seed=1).coefficients
    np.testing.assert_allclose(drawn.std(axis=0), wanted.bse, rtol=0.08)


def test_without_levels_escalation_agrees_with_an_ordered_logit():
    law = LAWS["escalation"]
    x = covariates(800, 2)
    rng = np.random.default_rng(7)
    eta = x @ np.array([0.2, 0.8, -0.5])
    cases = rows(law, np.zeros(800), x)
    y = simulate_rows(law, cases, eta, {"below": 1.2, "above": 2.0}, rng)
    fit = flat(law, replace(cases, value=y), ("below", "above"))
    drawn = fit.draws(COUNT, seed=1)
    model = OrderedModel(y.astype(int), x[:, 1:], distr="logit")
    wanted = model.fit(method="bfgs", disp=0)
    edges = model.transform_threshold_params(wanted.params)[1:-1]
    found = drawn.coefficients.mean(axis=0)
    np.testing.assert_allclose(found[1:], wanted.params[:2], atol=0.25 * wanted.bse[:2].min())
    np.testing.assert_allclose(drawn.coefficients.std(axis=0)[1:], wanted.bse[:2], rtol=0.1)
    assert drawn.outer["below"].mean() == pytest.approx(edges[1] - edges[0], rel=0.05)
    assert drawn.outer["above"].mean() == pytest.approx(edges[2] - edges[1], rel=0.05)


def known(law: AbstractLaw, *, rows: int, seed: int) -> tuple[Parameters, Cases]:
    """Lay out rows with levels whose spreads and memory are known."""
    rng = np.random.default_rng(seed)
    cases = design(law, seed=seed, rows=rows, units=60, years=25)
    cases = replace(cases, offset=np.zeros(rows))
    weights = rng.normal(0, 0.4, len(law.terms))
    if law.name == "disputes":
        # Few enough onsets that no month reaches the three at which `draw` stops.
        weights *= 0.4
        weights[0] = -3.0
    named = {"unit spread": 0.5, "year spread": 0.3, "year memory": 0.7}
    year = np.zeros(25)
    year[0] = rng.normal(0, 0.3 / np.sqrt(1 - 0.7**2))
    for t in range(1, 25):
        year[t] = 0.7 * year[t - 1] + rng.normal(0, 0.3)
    unit = rng.normal(0, 0.5, 60)
    named |= {"scale": 0.25, "tail": 0.6, "below": 1.0, "above": 1.5, "volatility weight": 0.5}
    truth = Parameters(weights, named, unit, year)
    value = simulate_rows(law, cases, truth.predictor(cases), truth.outer, rng)
    return truth, replace(cases, value=value)


@pytest.mark.parametrize("name", ["disputes", "escalation", "affinity"])
def test_known_parameters_and_levels_are_recovered(name: str):
    law = LAWS[name]
    truth, cases = known(law, rows=6000, seed=3)
    found = fit_law(law, cases, seed=3, draws=COUNT)
    far = np.abs(found.coefficients.mean(axis=0) - truth.coefficients)
    # The constant shares its place with the mean of the levels, so it is left out.
    assert (far[1:] < 4 * found.coefficients.std(axis=0)[1:]).all()
    for label in ("unit spread", "year spread", *law.shapes):
        low, high = np.quantile(found.outer[label], [0.0005, 0.9995])
        assert low < truth.outer[label] < high, label
    unit = found.unit_level.mean(axis=0)
    assert np.corrcoef(unit, truth.unit_level)[0, 1] > 0.7
    year = found.year_level.mean(axis=0)
    assert np.corrcoef(year, truth.year_level)[0, 1] > 0.8
    low, high = np.quantile(found.unit_level, [0.05, 0.95], axis=0)
    shift = found.coefficients[:, 0].mean() - truth.coefficients[0]
    inside = (low - abs(shift) <= truth.unit_level) & (truth.unit_level <= high + abs(shift))
    assert inside.mean() > 0.75


def test_few_events_are_not_overstated():
    """Draws around a mode promise more events than were seen; the closest normal does not."""
    law = LAWS["disputes"]
    rng = np.random.default_rng(8)
    cases = design(law, seed=8, rows=4000, units=400, years=10)
    terms = cases.terms.copy()
    terms[:, 1:] = 0.0
    eta = np.full(4000, -3.5) + rng.normal(0, 1.2, 400)[cases.unit]
    cases = replace(cases, terms=terms, value=rng.poisson(np.exp(eta)).astype(float))
    found = fit_law(law, cases, seed=8, draws=400)
    level = found.unit_level[:, cases.unit] + found.year_level[:, cases.year]
    expected = np.exp(found.coefficients @ cases.terms.T + level).sum(axis=1)
    assert expected.mean() == pytest.approx(cases.value.sum(), rel=0.03)


def test_the_same_seed_gives_the_same_draws_and_another_does_not():
    law = LAWS["joining"]
    truth, cases = known(law, rows=600, seed=4)
    one, two, other = (fit_law(law, cases, seed=s, draws=50) for s in (1, 1, 2))
    assert np.array_equal(one.coefficients, two.coefficients)
    assert np.array_equal(one.unit_level, two.unit_level)
    assert not np.array_equal(one.coefficients, other.coefficients)
    assert len(truth.unit_level) == one.unit_level.shape[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["disputes", "escalation", "joining", "arming", "affinity"])
def test_laplace_agrees_with_nuts_on_a_small_design(name: str):
    from foedus.estimate.calibration import by_laplace, by_nuts, world
    from foedus.estimate.law_priors import law_priors

    law = LAWS[name]
    rng = np.random.default_rng(12)
    _, cases = world(law, design(law, seed=12), rng)
    ours, exact = by_laplace(law, cases, 12), by_nuts(law, cases, 12)
    outer_names = law_priors(law).outer.names
    for label, values in exact.items():
        turn = np.log if label in outer_names else (lambda x: x)
        spread = turn(values).std()
        gap = (turn(ours[label]).mean() - turn(values).mean()) / spread
        assert abs(gap) < 0.35, label
        assert 0.6 < turn(ours[label]).std() / spread < 1.5, label
