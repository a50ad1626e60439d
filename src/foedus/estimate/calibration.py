"""Simulation-based calibration: does a fit give back what the law put in?

Parameters are drawn from their priors, rows from the law's own `draw`, and the law is fitted to
them. Over many such worlds the truth must fall anywhere among the posterior draws with equal
chance, and inside the 90 % interval nine times in ten.

Worlds are kept or thrown away by what their rows look like, never by their parameters; that leaves
the posterior of a kept world what it was, so the check stays exact.

Source: Talts, S., M. Betancourt, D. Simpson, A. Vehtari and A. Gelman. 2018. Validating Bayesian
inference algorithms with simulation-based calibration. arXiv:1804.06788.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, chisquare, norm

from foedus.compute.keys import named_generator
from foedus.estimate.laplace import Cases
from foedus.estimate.law_density import sample_law
from foedus.estimate.law_posterior import fit_law
from foedus.estimate.law_priors import law_priors
from foedus.estimate.predictive import Parameters, prior_parameters, simulate_rows
from foedus.model.law import AbstractLaw, Term
from foedus.model.laws.disputes import MOST_ONSETS
from foedus.model.laws.incidents import KINDS, MOST_COUNT

Floats = NDArray[np.float64]
Drawn = dict[str, Floats]
Fitted = Callable[[AbstractLaw, Cases, int], Drawn]
RANKED = 99
BINS = 10
SHARE = 0.90
LEAST_HAPPENED = 10
MOST_TRIES = 10_000


@dataclass(frozen=True)
class Calibration:
    """How often the truth fell where.

    Args:
        law: Name of the law.
        ranks: Rank of the truth among 99 draws, by parameter, each of shape (world,).
        inside: Whether it lay in the central 90 % of all draws, by parameter, shape (world,).
    """

    law: str
    ranks: dict[str, NDArray[np.int64]]
    inside: dict[str, NDArray[np.bool_]]

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return len(next(iter(self.ranks.values())))

    def summary(self) -> dict[str, Any]:
        """Give coverage of the 90 % interval and the rank histogram, by parameter and pooled.

        The pooled coverage takes worlds as independent, not the parameters of one world. The
        verdict `passed` asks that its 90 % interval holds .90 and that no rank histogram is uneven
        at .01 after correction for the number of parameters.
        """
        found: dict[str, Any] = {}
        for name, ranks in self.ranks.items():
            counts = np.bincount(ranks * BINS // (RANKED + 1), minlength=BINS)
            hits = int(self.inside[name].sum())
            low, high = share_interval(hits, self.worlds)
            found[name] = {
                "coverage": round(hits / self.worlds, 4),
                "coverage_lo90": round(low, 4),
                "coverage_hi90": round(high, 4),
                "rank_counts": [int(count) for count in counts],
                "rank_p": round(float(chisquare(counts).pvalue), 4),
            }
        by_world = np.mean(list(self.inside.values()), axis=0)
        pooled = float(by_world.mean())
        reach = float(norm.ppf(0.95) * by_world.std(ddof=1) / np.sqrt(self.worlds))
        least = min(part["rank_p"] for part in found.values())
        return {
            "worlds": self.worlds,
            "coverage": round(pooled, 4),
            "coverage_lo90": round(pooled - reach, 4),
            "coverage_hi90": round(pooled + reach, 4),
            "least_rank_p": least,
            "passed": abs(pooled - SHARE) <= reach and least * len(found) >= 0.01,
            "parameters": found,
        }


def share_interval(hits: int, tries: int, level: float = 0.90) -> tuple[float, float]:
    """Give the exact interval of a share.

    Source: Clopper, C. J. and E. S. Pearson. 1934. Biometrika 26(4): 404-413.
    """
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, hits, tries - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, tries - hits)) if hits < tries else 1.0
    return low, high


def design(
    law: AbstractLaw, *, seed: int, rows: int = 300, units: int = 20, years: int = 10
) -> Cases:
    """Lay out rows without values: inputs within the published ranges, units and years crossed."""
    rng = named_generator(seed, "design", law.name)
    unit = np.arange(rows) % units
    extra: dict[str, Floats] = {}
    if law.name == "incidents":
        extra = {
            "kind": (unit % len(KINDS)).astype(np.float64),
            "slow level": rng.normal(1.5, 0.7, rows),
            "turn": rng.normal(0, 0.5, rows),
            "effort": rng.normal(0, 0.3, rows),
        }
    if "volatility weight" in law.shapes:
        extra = {"volatility": rng.normal(0, 0.5, rows)}
    terms = np.stack([_inputs(term, rows, rng) for term in law.terms], axis=1)
    if law.name == "ladder":
        first = [term.name for term in law.terms].index("first month")
        later = rng.uniform(size=rows) < 0.5
        extra = {"first": terms[:, first], "force last": later * (1 - terms[:, first])}
    return Cases(
        value=np.zeros(rows),
        terms=terms,
        offset=np.zeros(rows),
        unit=unit.astype(np.int64),
        units=tuple(f"unit {k}" for k in range(units)),
        year=(np.arange(rows) // units % years).astype(np.int64),
        years=tuple(range(2000, 2000 + years)),
        extra=extra,
    )


def _inputs(term: Term, rows: int, rng: np.random.Generator) -> Floats:
    """Draw one input: ones, a flag, a size from zero, or a spread around the middle."""
    if term.low == term.high:
        return np.full(rows, float(term.low))
    if term.unit == "0 or 1":
        return (rng.uniform(size=rows) < 0.3).astype(np.float64)
    if term.low == 0:
        return np.clip(rng.exponential(term.high / 8, rows), 0, term.high)
    middle, width = (term.low + term.high) / 2, term.high - term.low
    return np.clip(rng.normal(middle, width / 8, rows), term.low, term.high)


def world(law: AbstractLaw, cases: Cases, rng: np.random.Generator) -> tuple[Parameters, Cases]:
    """Draw parameters and rows until the rows can be fitted; only the rows decide."""
    for _ in range(MOST_TRIES):
        truth = prior_parameters(law, cases, rng)
        with np.errstate(over="ignore"):
            value = simulate_rows(law, cases, truth.predictor(cases), truth.outer, rng)
        if _fits(law, value):
            return truth, replace(cases, value=value)
    raise ArithmeticError(f"no world of {law.name} had rows that can be fitted")


def _fits(law: AbstractLaw, value: Floats) -> bool:
    """Tell whether rows say something and stay below the counts at which `draw` stops."""
    if not np.isfinite(value).all():
        return False
    if law.name in ("disputes", "incidents"):
        most = MOST_ONSETS if law.name == "disputes" else MOST_COUNT
        return bool(value.max() < most and (value > 0).sum() >= LEAST_HAPPENED)
    if not law.shapes:
        return bool(LEAST_HAPPENED <= value.sum() <= len(value) - LEAST_HAPPENED)
    if law.name in ("escalation", "ladder"):
        most = np.bincount(value.astype(np.int64), minlength=4).max()
        return bool(most <= len(value) - LEAST_HAPPENED)
    return bool(np.abs(value).max() < 1e6)


def by_laplace(law: AbstractLaw, cases: Cases, seed: int) -> Drawn:
    """Draw a world's posterior by nested Laplace."""
    found = fit_law(law, cases, seed=seed, draws=500)
    drawn = {term.name: found.coefficients[:, k] for k, term in enumerate(law.terms)}
    given = law_priors(law)
    for number in np.flatnonzero(~given.outer.fixed):
        name = given.outer.names[number]
        drawn[name] = found.outer[name]
    if given.units:
        drawn["level of a unit"] = found.unit_level[:, 0]
    if given.years:
        drawn["level of the last year"] = found.year_level[:, -1]
    return drawn


def by_nuts(law: AbstractLaw, cases: Cases, seed: int) -> Drawn:
    """Draw a world's posterior by NUTS; coefficients and outer parameters."""
    found = sample_law(law, cases, seed=seed, warmup=300, draws=250)
    flat = found.theta.reshape(-1, found.theta.shape[-1])
    return {name: flat[:, k] for k, name in enumerate(found.names)}


def calibrate(
    law: AbstractLaw,
    *,
    worlds: int,
    seed: int,
    fitted: Fitted = by_laplace,
    rows: int = 300,
    progress: Callable[[str], None] = lambda _: None,
) -> Calibration:
    """Fit a law to worlds of its own making.

    Args:
        law: The law.
        worlds: Number of worlds.
        seed: Seed; nothing else decides the numbers.
        fitted: How a world is fitted.
        rows: Rows of a world.
        progress: Called after each world.
    """
    cases = design(law, seed=seed, rows=rows)
    ranks: dict[str, list[int]] = {}
    inside: dict[str, list[bool]] = {}
    for number in range(worlds):
        rng = named_generator(seed, "world", law.name, number)
        truth, seen = world(law, cases, rng)
        drawn = fitted(law, seen, seed + number)
        true = _named(law, truth)
        for name, values in drawn.items():
            thinned = values[np.linspace(0, len(values) - 1, RANKED).round().astype(np.int64)]
            low, high = np.quantile(values, [(1 - SHARE) / 2, (1 + SHARE) / 2])
            ranks.setdefault(name, []).append(int((thinned < true[name]).sum()))
            inside.setdefault(name, []).append(bool(low <= true[name] <= high))
        progress(f"{law.name}: world {number + 1} of {worlds}")
    return Calibration(
        law.name,
        {name: np.array(part, dtype=np.int64) for name, part in ranks.items()},
        {name: np.array(part, dtype=bool) for name, part in inside.items()},
    )


def _named(law: AbstractLaw, truth: Parameters) -> dict[str, float]:
    found = {term.name: float(truth.coefficients[k]) for k, term in enumerate(law.terms)}
    found |= truth.outer
    found["level of a unit"] = float(truth.unit_level[0])
    if len(truth.year_level):
        found["level of the last year"] = float(truth.year_level[-1])
    return found
