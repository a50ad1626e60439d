"""The law of incidents carried on month by month from what each series remembers at an origin."""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from foedus.estimate.laplace import LawDraws
from foedus.model.law import Inputs, predictor
from foedus.model.laws import incidents as law

Floats = NDArray[np.float64]
LAW = law.Incidents()


@eqx.filter_jit
def _draw(uniform, centre, shape):
    return LAW.draw(uniform, centre, shape)


@eqx.filter_jit
def _log_prob(count, centre, shape):
    return LAW.log_prob(count, centre, shape)


@dataclass(frozen=True)
class Standing:
    """What a forecast of some series goes on from.

    Args:
        unit: Number of each series in the fit, shape (series,).
        kind: Number of the kind of act.
        recent: Recent mean at the origin.
        slow: Slow mean at the origin.
        answer: Recent mean of the other side at the origin; zero where nobody answers.
        effort: Log of the effort that is taken to go on.
        reporting: Decades of reporting growth at each month ahead, shape (series, month ahead).
    """

    unit: NDArray[np.int64]
    kind: Floats
    recent: Floats
    slow: Floats
    answer: Floats
    effort: Floats
    reporting: Floats


def paths(
    fit: LawDraws, standing: Standing, rng: np.random.Generator, *, repeat: int = 1
) -> Floats:
    """Draw counts month by month, each month's count feeding the memory of the next.

    Args:
        fit: Parameters.
        standing: Where each series stands.
        rng: Generator of the uniforms, which are spread evenly over draws.
        repeat: Paths a parameter draw.

    Returns:
        Shape (month ahead, series, draw).
    """
    with jax.enable_x64(True):
        shape, coefficients, level = _parameters(fit, standing, repeat)
        draws = level.shape[1]
        recent, slow = (_wide(part, draws) for part in (standing.recent, standing.slow))
        found = []
        for ahead in range(standing.reporting.shape[1]):
            given = _inputs(standing, draws, ahead)
            shape |= _around(standing, recent, slow)
            shape["break draw"] = jnp.asarray(_uniforms(rng, recent.shape))
            uniform = jnp.asarray(_uniforms(rng, recent.shape))
            centre = predictor(LAW, coefficients, given) + level
            count = np.asarray(_draw(uniform, centre, shape))
            recent, slow = (np.asarray(part) for part in law.remember(recent, slow, count))
            found.append(count)
    return np.stack(found)


def next_probability(fit: LawDraws, standing: Standing, count: Floats) -> Floats:
    """Give the probability of next month's count by the law's density, mean over the draws.

    Args:
        fit: Parameters.
        standing: Where each series stands.
        count: One a series.
    """
    with jax.enable_x64(True):
        shape, coefficients, level = _parameters(fit, standing, 1)
        draws = level.shape[1]
        recent, slow = (_wide(part, draws) for part in (standing.recent, standing.slow))
        shape |= _around(standing, recent, slow)
        centre = predictor(LAW, coefficients, _inputs(standing, draws, 0)) + level
        found = _log_prob(jnp.asarray(_wide(count, draws)), centre, shape)
        return np.exp(np.asarray(found)).mean(axis=1)


def _parameters(fit: LawDraws, standing: Standing, repeat: int):
    """Give the shape, the coefficients and the level of each series, draws last."""
    outer = {name: jnp.asarray(np.tile(part, repeat)) for name, part in fit.outer.items()}
    level = np.tile(fit.unit_level[:, standing.unit].T, (1, repeat))
    terms = [term.name for term in LAW.terms]
    given = np.tile(fit.coefficients.T, (1, repeat))
    coefficients = dict(zip(terms, given, strict=True))
    shape = {name: outer[name] for name in LAW.shapes}
    return shape, coefficients, level


def _inputs(standing: Standing, draws: int, ahead: int) -> Inputs:
    arena = np.asarray(standing.kind == law.KINDS.index("arena"), dtype=np.float64)
    return law.inputs(
        _wide(standing.answer, draws),
        _wide(standing.reporting[:, ahead], draws),
        _wide(arena, draws),
    )


def _around(standing: Standing, recent: Floats, slow: Floats):
    draws = recent.shape[1]
    return law.around(recent, slow, _wide(standing.effort, draws), _wide(standing.kind, draws))


def _wide(column: Floats, draws: int) -> Floats:
    return np.repeat(np.asarray(column, dtype=np.float64)[:, None], draws, axis=1)


def _uniforms(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Spread uniforms evenly over the draws of each series, in an order of their own."""
    order = rng.permuted(np.tile(np.arange(shape[1]), (shape[0], 1)), axis=1)
    return (order + rng.uniform(1e-6, 1 - 1e-6, size=shape)) / shape[1]
