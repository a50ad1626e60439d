"""Fit tension: the level behind each monthly series, or one factor behind an arena's series."""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int
from scipy.stats import norm

from foedus.compute.keys import named_generator
from foedus.estimate.fit import Draws, find_mode, sample
from foedus.estimate.heldout import normal_crps
from foedus.model.measurement.state_space import Filtered, System, kalman_filter, smooth
from foedus.model.measurement.tension import (
    FACTOR_PARAMETERS,
    LEVEL_PARAMETERS,
    ArenaFactor,
    SeriesLevel,
)
from foedus.model.parameters import read
from foedus.model.priors import Priors, priors

LEAST_SERIES = 3
LEAST_OVERLAP = 24


class LevelTarget(eqx.Module):
    """The log density of one series' level, on the unbounded scale.

    Args:
        model: Measurement equation.
        priors: Priors of level, walk and noise.
        value: Logarithm of one plus the month's count.
        seen: Whether the month has a count.
        segment: Segment of each month.
    """

    model: SeriesLevel
    priors: Priors
    value: Float[np.ndarray, "step 1"]
    seen: Bool[np.ndarray, "step 1"]
    segment: Int[np.ndarray, " step"]

    def system(self, theta: Float[Array, " parameter"]) -> System:
        """Write down the state space for parameters on their natural scale."""
        return self.model.system(theta, jnp.asarray(self.segment))

    def __call__(self, z: Float[Array, " parameter"]) -> Float[Array, ""]:
        """Give the log density of prior and data."""
        found = kalman_filter(
            self.system(self.priors.natural(z)), jnp.asarray(self.value), jnp.asarray(self.seen)
        )
        return self.priors.log_prob(z) + found.log_likelihood


class FactorTarget(eqx.Module):
    """The log density of an arena's factor, on the unbounded scale.

    Args:
        model: Measurement equation.
        priors: Priors of memory, levels, loadings and noises.
        value: Logarithm of one plus each month's count.
        seen: Whether there is a count.
        segment: Segment of each series in each month.
    """

    model: ArenaFactor
    priors: Priors
    value: Float[np.ndarray, "step series"]
    seen: Bool[np.ndarray, "step series"]
    segment: Int[np.ndarray, "step series"]

    def system(self, theta: Float[Array, " parameter"]) -> System:
        """Write down the state space for parameters on their natural scale."""
        return self.model.system(theta, jnp.asarray(self.segment))

    def __call__(self, z: Float[Array, " parameter"]) -> Float[Array, ""]:
        """Give the log density of prior and data."""
        found = kalman_filter(
            self.system(self.priors.natural(z)), jnp.asarray(self.value), jnp.asarray(self.seen)
        )
        return self.priors.log_prob(z) + found.log_likelihood


def overlap(seen: Bool[np.ndarray, "step series"]) -> int:
    """Count the months in which at least `LEAST_SERIES` series have a value."""
    return int((seen.sum(axis=1) >= LEAST_SERIES).sum())


def factor_allowed(seen: Bool[np.ndarray, "step series"]) -> bool:
    """Say whether an arena's series are enough for a factor: three, together for 24 months."""
    chosen = seen.sum(axis=0) > 0
    return bool(chosen.sum() >= LEAST_SERIES and overlap(seen) >= LEAST_OVERLAP)


def level_target(counts: np.ndarray, segment: np.ndarray) -> LevelTarget:
    """Put together model, priors and data of one series.

    Args:
        counts: Monthly counts; nan where there is none. Shape (month,).
        segment: Segment of each month, from zero. Shape (month,).
    """
    constants = read("tension")["constant"]
    model = SeriesLevel(
        segments=int(segment.max()) + 1,
        segment_spread=constants["segment_spread"]["value"],
        start_spread=constants["start_spread"]["value"],
    )
    seen = ~np.isnan(counts)
    value = np.log1p(np.where(seen, counts, 0.0))
    prior = priors("tension", [f"series.{name}" for name in LEVEL_PARAMETERS])
    return LevelTarget(model, prior, value[:, None], seen[:, None], segment.astype(np.int64))


def factor_target(counts: np.ndarray, segment: np.ndarray) -> FactorTarget:
    """Put together model, priors and data of an arena, shape (month, series).

    Raises:
        ValueError: Fewer than three series overlap for 24 months.
    """
    seen = ~np.isnan(counts)
    if not factor_allowed(seen):
        raise ValueError(f"{overlap(seen)} months with three series; a factor needs 24")
    n = counts.shape[1]
    model = ArenaFactor(
        series=n,
        segments=int(segment.max()) + 1,
        segment_spread=read("tension")["constant"]["segment_spread"]["value"],
    )
    names = [f"factor.{name}" for name in FACTOR_PARAMETERS for _ in range(n)]
    labels = [f"factor.{name}[{i}]" for name in FACTOR_PARAMETERS for i in range(n)]
    prior = priors("tension", ["factor.memory", *names], ["factor.memory", *labels])
    value = np.log1p(np.where(seen, counts, 0.0))
    return FactorTarget(model, prior, value, seen, segment.astype(np.int64))


def fit(target: LevelTarget | FactorTarget, *, seed: int, name: str, draws: int = 1000) -> Draws:
    """Draw the parameters of a series or an arena."""
    return sample(target, target.priors, seed=seed, name=name, draws=draws)


@eqx.filter_jit
def _smooth(target: LevelTarget | FactorTarget, theta):
    def one(draw):
        system = target.system(draw)
        found = kalman_filter(system, jnp.asarray(target.value), jnp.asarray(target.seen))
        mean, cov = smooth(system, found)
        return mean, cov, system.row, system.level

    return jax.lax.map(one, theta)


def level_draws(target: LevelTarget, theta: np.ndarray, *, seed: int, name: str) -> np.ndarray:
    """Draw the level of a series in counts a month, each month by itself, shape (draw, month)."""
    with jax.enable_x64(True):
        found = _smooth(target, jnp.asarray(theta, dtype=jnp.float64))
        mean, cov, row, level = (np.asarray(part) for part in found)
    centre = level[..., 0] + np.einsum("dts,dts->dt", row[:, :, 0], mean)
    variance = np.einsum("dts,dtsr,dtr->dt", row[:, :, 0], cov, row[:, :, 0])
    luck = named_generator(seed, "tension", name).normal(size=centre.shape)
    return np.maximum(np.expm1(centre + np.sqrt(np.maximum(variance, 0.0)) * luck), 0.0)


def factor_draws(target: FactorTarget, theta: np.ndarray, *, seed: int, name: str) -> np.ndarray:
    """Draw an arena's factor in standard deviations, shape (draw, month).

    The sign is that of the first series' loading, draw by draw.
    """
    with jax.enable_x64(True):
        found = _smooth(target, jnp.asarray(theta, dtype=jnp.float64))
        mean, cov = np.asarray(found[0])[..., 0], np.asarray(found[1])[..., 0, 0]
    sign = np.sign(theta[:, 1 + target.model.series])[:, None]
    luck = named_generator(seed, "tension", name).normal(size=mean.shape)
    return sign * (mean + np.sqrt(np.maximum(cov, 0.0)) * luck)


@dataclass(frozen=True)
class AheadScores:
    """One-month-ahead forecasts of one series, on the scale of log(1 + count).

    Args:
        months: Months scored.
        crps: Mean CRPS by forecaster.
        log_loss: Mean negative log density by forecaster, nats.
        covered: Share of outcomes in the central 90 % interval, by forecaster.
    """

    months: int
    crps: dict[str, float]
    log_loss: dict[str, float]
    covered: dict[str, float]


def score_ahead(counts: np.ndarray, segment: np.ndarray, train: int) -> AheadScores:
    """Fit on the first `train` months and forecast each later one from those before it.

    Rivals: the last value, and the mean of the last twelve, each with its spread in training.
    The first twelve months of a segment are not scored: nobody knows its level yet.
    """
    target = level_target(counts, segment)
    past = level_target(np.where(np.arange(len(counts)) < train, counts, np.nan), segment)
    theta = np.asarray(find_mode(past, past.priors, curvature=False).place)
    with jax.enable_x64(True):
        natural = target.priors.natural(jnp.asarray(theta))
        system = target.system(natural)
        found: Filtered = kalman_filter(system, jnp.asarray(target.value), jnp.asarray(target.seen))
        row = np.asarray(system.row)[:, 0]
        mean = np.asarray(system.level)[:, 0] + (row * np.asarray(found.predicted)).sum(axis=1)
        spread = np.einsum("ts,tsr,tr->t", row, np.asarray(found.predicted_cov), row)
        spread = np.sqrt(spread + float(natural[2]) ** 2)
    value, seen = target.value[:, 0], target.seen[:, 0]
    rivals = _rivals(value, seen, train)
    fresh = np.concatenate([[True], segment[1:] != segment[:-1]])
    since = np.arange(len(value)) - np.maximum.accumulate(np.where(fresh, np.arange(len(value)), 0))
    rivals["series level"] = (mean, spread)
    ready = np.all([np.isfinite(m) & np.isfinite(s) for m, s in rivals.values()], axis=0)
    scored = seen & ready & (np.arange(len(value)) >= train) & (since >= 12)
    crps, loss, inside = {}, {}, {}
    for name, (centre, sd) in rivals.items():
        m, s, y = centre[scored], sd[scored], value[scored]
        crps[name] = float(normal_crps(m, s, y).mean())
        loss[name] = float(-norm.logpdf(y, m, s).mean())
        inside[name] = float((np.abs(y - m) <= norm.ppf(0.95) * s).mean())
    return AheadScores(int(scored.sum()), crps, loss, inside)


def _rivals(
    value: np.ndarray, seen: np.ndarray, train: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    last, mean = np.full(len(value), np.nan), np.full(len(value), np.nan)
    for i in range(1, len(value)):
        recent = value[max(0, i - 12) : i][seen[max(0, i - 12) : i]]
        if len(recent):
            last[i], mean[i] = recent[-1], recent.mean()
    chosen = seen & (np.arange(len(value)) < train)
    found = {}
    for name, centre in (("last value", last), ("last twelve months", mean)):
        off = (value - centre)[chosen & np.isfinite(centre)]
        found[name] = (centre, np.full(len(value), max(float(np.sqrt(np.mean(off**2))), 0.05)))
    return found
