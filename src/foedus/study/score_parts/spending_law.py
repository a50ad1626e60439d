"""Forecasts of spending by the law of arming, carried on year by year from an origin."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from foedus.compute.keys import named_generator
from foedus.estimate.laplace import LawDraws
from foedus.estimate.law_posterior import fit_law
from foedus.model.law import AbstractLaw, Inputs, predictor
from foedus.model.laws import arming, drifting
from foedus.model.order import LAWS
from foedus.study.law_cases.spending import CountryYears, arming_cases, growth_cases
from foedus.study.score_parts.spending_panel import Floats, SpendingPanel

DRAWS = 1000
MOST_YEARS = 5


@dataclass(frozen=True)
class YearlyFit:
    """A yearly law as fitted at an origin.

    Args:
        law: The law.
        draws: Parameters; the last year level is that of the origin.
    """

    law: AbstractLaw
    draws: LawDraws


def fit_at(source: CountryYears, origin: int, *, seed: int) -> tuple[YearlyFit, YearlyFit]:
    """Fit arming and growth on rows of years up to the origin."""
    return (
        YearlyFit(LAWS["arming"], _fit("arming", source, origin, seed)),
        YearlyFit(LAWS["growth"], _fit("growth", source, origin, seed)),
    )


def _fit(name: str, source: CountryYears, origin: int, seed: int) -> LawDraws:
    build = {"arming": arming_cases, "growth": growth_cases}[name]
    with jax.enable_x64(True):
        cases = build(source).until(origin)
    return fit_law(LAWS[name], cases, seed=seed, draws=DRAWS)


class _Steps:
    """Draws one year after another from a fitted law, all countries by all draws.

    Uniforms are spread evenly over the draws of a country and year, in an order of their own.
    """

    def __init__(self, fit: YearlyFit, rng: np.random.Generator) -> None:
        self.fit = fit
        self.rng = rng
        self.level = fit.draws.year_level[:, -1].copy()
        terms = (term.name for term in fit.law.terms)
        self.coefficients = dict(zip(terms, fit.draws.coefficients.T, strict=True))

    def next(self, inputs: Inputs, extra: dict[str, Floats]) -> Floats:
        """Draw the next year's change, shape (country, draw)."""
        outer, rng = self.fit.draws.outer, self.rng
        countries, draws = self.fit.draws.unit_level.shape[1], len(self.level)
        shock = outer["year spread"] * rng.normal(size=draws)
        self.level = outer["year memory"] * self.level + shock
        order = rng.permuted(np.tile(np.arange(draws), (countries, 1)), axis=1)
        uniform = (order + rng.uniform(1e-6, 1 - 1e-6, size=(countries, draws))) / draws
        shape = {name: jnp.asarray(outer[name]) for name in self.fit.law.shapes}
        shape |= {name: jnp.asarray(part) for name, part in extra.items()}
        centre = predictor(self.fit.law, self.coefficients, inputs)
        centre = centre + self.level + self.fit.draws.unit_level.T
        return np.asarray(self.fit.law.draw(jnp.asarray(uniform), centre, shape))


def law_paths(
    panel: SpendingPanel,
    origin: int,
    fits: tuple[YearlyFit, YearlyFit],
    *,
    seed: int,
    economy: Floats | None = None,
) -> dict[int, Floats]:
    """Carry spending on from an origin by the laws of arming and growth.

    Disputes stay as remembered at the origin. Each draw has its own parameters.

    Args:
        panel: The panel; nothing past the origin is read.
        origin: Last year known.
        fits: Arming and growth, fitted at the origin.
        seed: Seed.
        economy: Growth of output that did come, shape (country, year ahead), in place of the law
            of growth; nan where it is not known. Only for the conditional forecast.

    Returns:
        By years ahead, the log of spending, shape (country, draw).
    """
    with jax.enable_x64(True):
        return _paths(panel, origin, fits, seed, economy)


def _paths(
    panel: SpendingPanel,
    origin: int,
    fits: tuple[YearlyFit, YearlyFit],
    seed: int,
    economy: Floats | None,
) -> dict[int, Floats]:
    t = origin - int(panel.source.years[0])
    arms, output = (
        _Steps(fit, named_generator(seed, "spending paths", fit.law.name, origin)) for fit in fits
    )
    draws = len(arms.level)

    def wide(column: Floats) -> Floats:
        return np.repeat(column[:, None], draws, axis=1)

    level = wide(panel.source.spending[:, t])
    growth, mean, variance = wide(panel.growth[:, t]), wide(panel.mean[:, t]), panel.variance[:, t]
    variance, disputes = wide(variance), wide(panel.disputes[:, t])
    richer, slow = wide(panel.economy[:, t]), wide(panel.economy_mean[:, t])
    restless = wide(panel.economy_variance[:, t])
    found = {}
    for ahead in range(1, MOST_YEARS + 1):
        inputs = arming.inputs(growth, mean, richer, disputes)
        volatility = np.asarray(arming.volatility(variance), dtype=np.float64)
        growth = arms.next(inputs, {"volatility": volatility})
        last = {"constant": np.ones_like(richer), "last change": richer, "mean growth": slow}
        usual = drifting.USUAL_CHANGE["growth"]
        drawn = output.next(last, {"volatility": np.asarray(drifting.volatility(restless, usual))})
        if economy is not None:
            given = wide(economy[:, ahead - 1])
            drawn = np.where(np.isfinite(given), given, drawn)
        richer, slow = drawn, np.asarray(drifting.slow_mean(slow, drawn))
        most = drifting.LARGEST_CHANGE["growth"]
        restless = np.asarray(drifting.remember_variance(restless, drawn, most))
        mean, variance = (np.asarray(part) for part in arming.remember(mean, variance, growth))
        level = level + growth
        found[ahead] = level
    return found
