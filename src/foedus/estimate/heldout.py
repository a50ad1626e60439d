"""Held-out indicators of held-out years: does a common bond predict them, and do simple rivals.

At each origin parameters are fitted on years up to it. Then one dimension at a time is hidden after
the origin while the others stay in sight for the years scored, and its indicators are predicted.
A common bond can use what the others say; independent dimensions cannot.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from foedus.compute.keys import named_generator
from foedus.estimate import closeness
from foedus.estimate.panel import Panel
from foedus.model.measurement.closeness import SLOTS

Floats = NDArray[np.float64]
MODELS = ("independent dimensions", "common bond", "last value", "own mean")


@dataclass(frozen=True)
class Heldout:
    """Predictions of held-out numbers and what they were.

    Args:
        origin: Last year of the training of each case.
        dimension: Dimension of each case.
        unit: Pair of each case.
        outcome: What was seen.
        mean: Predictive mean by model.
        sd: Predictive standard deviation by model.
    """

    origin: NDArray[np.int64]
    dimension: np.ndarray
    unit: NDArray[np.int64]
    outcome: Floats
    mean: dict[str, Floats]
    sd: dict[str, Floats]


def log_loss(mean: Floats, sd: Floats, outcome: Floats) -> Floats:
    """Negative log density of what happened under a normal forecast, in nats."""
    return np.asarray(-norm.logpdf(outcome, mean, sd))


def normal_crps(mean: Floats, sd: Floats, outcome: Floats) -> Floats:
    """CRPS of a normal forecast, in the unit of the outcome.

    Source: Gneiting, T., A. E. Raftery, A. H. Westveld and T. Goldman. 2005. Monthly Weather
    Review 133(5): 1098-1118, eq. 5.
    """
    z = (outcome - mean) / sd
    return np.asarray(sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi)))


def hold_out(
    panel: Panel, dimensions: Sequence[str], origins: Sequence[int], window: int
) -> Heldout:
    """Predict each dimension's indicators `window` years past each origin, in four ways.

    Cases are indicators of pairs with at least two earlier values of the same indicator, so that
    all four ways can predict them.

    Args:
        panel: Indicators of all dimensions.
        dimensions: Dimensions, in the order of the model.
        origins: Last years of training.
        window: Years predicted past each origin.
    """
    parts = []
    joint: dict[str, float] = {}
    for origin in origins:
        training, shown = panel.cut(origin), panel.cut(origin + window)
        modes: dict[str, float] = {}
        for dimension in dimensions:
            own = training.only(_slots(panel, dimension))
            modes |= _mode(own, [dimension], bond=False, start={})
        joint = _mode(training, dimensions, bond=True, start=joint | modes)
        for dimension in dimensions:
            slots = _slots(panel, dimension)
            hidden, scored = _cases(shown, dimension, origin)
            rest, own = shown.hide(hidden), shown.hide(hidden).only(slots)
            at = [panel.slots.index(slot) for slot in slots]
            alone = _predict(own, [dimension], modes, bond=False)
            together = _predict(rest, dimensions, joint, bond=True)
            place = np.nonzero(scored)
            parts.append(_Part(origin, dimension, MODELS[1], place, *_take(together, place)))
            inside = np.nonzero(scored[:, :, at])
            parts.append(_Part(origin, dimension, MODELS[0], place, *_take(alone, inside)))
    return _collect(parts, panel, dimensions)


@dataclass(frozen=True)
class _Part:
    origin: int
    dimension: str
    model: str
    cases: tuple[NDArray[np.int64], ...]
    mean: Floats
    sd: Floats


def _home(slot: str) -> str:
    return next(entry.dimension for entry in SLOTS if entry.name == slot)


def _cases(
    panel: Panel, dimension: str, origin: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Give what is hidden of a dimension after an origin, and the cases among it to score."""
    own = np.asarray([_home(slot) == dimension for slot in panel.slots])
    late = np.asarray(panel.steps) > origin
    hidden = late[None, :, None] & own[None, None, :] & np.ones(panel.seen.shape, dtype=bool)
    earlier = (panel.seen & ~late[None, :, None]).sum(axis=1, keepdims=True) >= 2
    return hidden, hidden & panel.seen & earlier


def _slots(panel: Panel, dimension: str) -> tuple[str, ...]:
    return tuple(slot for slot in panel.slots if _home(slot) == dimension)


def _mode(
    panel: Panel, dimensions: Sequence[str], *, bond: bool, start: dict[str, float]
) -> dict[str, float]:
    """Fit by the mode, and give the parameters by name on their natural scale."""
    target = closeness.target(panel, dimensions, bond=bond)
    place = closeness.mode(target, start).place
    with jax.enable_x64(True):
        theta = np.asarray(target.priors.natural(jnp.asarray(place)))
    return dict(zip(target.priors.names, theta.tolist(), strict=True))


def _predict(
    panel: Panel, dimensions: Sequence[str], parameters: dict[str, float], *, bond: bool
) -> tuple[Floats, Floats]:
    """Give mean and standard deviation of every indicator, shape (unit, step, slot)."""
    target = closeness.target(panel, dimensions, bond=bond)
    theta = np.asarray([parameters[name] for name in target.priors.names])
    state, cov = closeness.covariances(target, theta[None])
    rows, level, noise = closeness.equation(target.model, theta)
    mean = level[None] + np.einsum("uts,ks->utk", state[0], rows)
    variance = np.einsum("ks,utsr,kr->utk", rows, cov[0], rows) + noise[None, None]
    return mean, np.sqrt(variance + panel.variance)


def _take(
    found: tuple[Floats, Floats], place: tuple[NDArray[np.int64], ...]
) -> tuple[Floats, Floats]:
    return found[0][place], found[1][place]


def _collect(parts: list[_Part], panel: Panel, dimensions: Sequence[str]) -> Heldout:
    origins, names, units, outcomes = [], [], [], []
    mean: dict[str, list[Floats]] = {model: [] for model in MODELS}
    sd: dict[str, list[Floats]] = {model: [] for model in MODELS}
    keyed = {(part.origin, part.dimension, part.model): part for part in parts}
    for origin in dict.fromkeys(part.origin for part in parts):
        for dimension in dimensions:
            part = keyed[origin, dimension, MODELS[0]]
            origins.append(np.full(len(part.mean), origin))
            names.append(np.full(len(part.mean), dimension))
            units.append(part.cases[0])
            outcomes.append(panel.value[part.cases])
            for model in MODELS[:2]:
                mean[model].append(keyed[origin, dimension, model].mean)
                sd[model].append(keyed[origin, dimension, model].sd)
            for model in MODELS[2:]:
                centre, spread = _rival(panel, origin, part.cases, model)
                mean[model].append(centre)
                sd[model].append(spread)
    return Heldout(
        np.concatenate(origins),
        np.concatenate(names),
        np.concatenate(units),
        np.concatenate(outcomes),
        {model: np.concatenate(found) for model, found in mean.items()},
        {model: np.concatenate(found) for model, found in sd.items()},
    )


def _rival(
    panel: Panel, origin: int, cases: tuple[NDArray[np.int64], ...], model: str
) -> tuple[Floats, Floats]:
    """Forecast by a pair's last value or own mean; spread pooled over pairs, at the same lead."""
    steps = np.asarray(panel.steps)
    past = np.where(panel.seen & (steps <= origin)[None, :, None], panel.value, np.nan)
    if model == "own mean":
        count = np.maximum((~np.isnan(past)).sum(axis=1, keepdims=True), 1)
        filled = np.nansum(past, axis=1, keepdims=True) / count
        spread = np.sqrt(np.nansum((past - filled) ** 2, axis=(0, 1)) / _degrees(count))
        return filled[cases[0], 0, cases[2]], spread[cases[2]]
    last = np.full((past.shape[0], past.shape[2]), np.nan)
    age = np.zeros_like(last)
    for i, step in enumerate(steps):
        here = ~np.isnan(past[:, i, :])
        last = np.where(here, past[:, i, :], last)
        age = np.where(here, step, age)
    lead = steps[cases[1]] - age[cases[0], cases[2]]
    spread = np.asarray(
        [_change(past[:, :, slot], round(gap)) for slot, gap in zip(cases[2], lead, strict=True)]
    )
    return last[cases[0], cases[2]], spread


def _degrees(count: NDArray[np.int64]) -> Floats:
    """Count values less one for each pair's mean, by slot."""
    return np.maximum((count - 1).sum(axis=(0, 1)), 1).astype(np.float64)


def _change(values: Floats, gap: int) -> float:
    """Give the spread of changes over `gap` steps; of one step, scaled, where none is that long."""
    for step in (gap, *range(gap - 1, 0, -1)):
        if step < values.shape[1]:
            moves = values[:, step:] - values[:, :-step]
            if np.count_nonzero(~np.isnan(moves)) >= 10:
                return float(np.sqrt(np.nanmean(moves**2) * gap / step))
    return float(np.nanstd(values))


@dataclass(frozen=True)
class Comparison:
    """A mean difference of scores between two models, paired, with a 90 % interval.

    Args:
        cases: Cases scored.
        pairs: Pairs they come from.
        difference: Mean log loss of the first less the second; below zero the first is better.
        lo90: Lower end, bootstrap over pairs.
        hi90: Upper end.
    """

    cases: int
    pairs: int
    difference: float
    lo90: float
    hi90: float


def compare(
    held: Heldout, first: str, second: str, *, seed: int, dimension: str | None = None
) -> Comparison:
    """Compare two models on the same cases; without a dimension, all dimensions count equally."""
    gap = log_loss(held.mean[first], held.sd[first], held.outcome) - log_loss(
        held.mean[second], held.sd[second], held.outcome
    )
    chosen = np.ones(len(gap), bool) if dimension is None else held.dimension == dimension
    gap, unit, kind = gap[chosen], held.unit[chosen], held.dimension[chosen]
    groups = np.unique(kind)
    units, place = np.unique(unit, return_inverse=True)
    sums = np.stack([np.bincount(place, gap * (kind == g), len(units)) for g in groups])
    sizes = np.stack([np.bincount(place, kind == g, len(units)) for g in groups])
    rng = named_generator(seed, "compare", first, second, dimension or "all")
    chosen_units = rng.integers(0, len(units), size=(2000, len(units)))
    boot = sums[:, chosen_units].sum(axis=2) / np.maximum(sizes[:, chosen_units].sum(axis=2), 1)
    low, high = np.quantile(boot.mean(axis=0), [0.05, 0.95])
    mean = float((sums.sum(axis=1) / sizes.sum(axis=1)).mean())
    return Comparison(len(gap), len(units), mean, float(low), float(high))


def coverage(held: Heldout, model: str, dimension: str) -> tuple[int, float]:
    """Give the number of cases and the share inside the model's central 90 % interval."""
    chosen = held.dimension == dimension
    miss = np.abs(held.outcome - held.mean[model])[chosen] / held.sd[model][chosen]
    return int(chosen.sum()), float(np.mean(miss <= norm.ppf(0.95)))
