"""The step as one would write it first in JAX: one member, library samplers, then `vmap`.

The draw axis comes first, all members run at once, and every month is kept. The three strands of
disputes are those of the simulator, each drawn by itself.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from foedus.model.law import part_of_predictor, predictor
from foedus.model.laws import arming, disputes, drifting, incidents
from foedus.model.laws.escalation import force_share
from foedus.model.order import LAWS
from foedus.simulate.ensemble import Plan

FAST, SLOW = disputes.decay(24.0), disputes.decay(120.0)
YEARLY = ("spending", "output", "capability", "ideal", "trade", "similarity", "support")


class Naive(NamedTuple):
    """What a run gives; the draw axis is last."""

    rate: np.ndarray
    force_rate: np.ndarray
    onsets: np.ndarray
    forceful: np.ndarray
    counts: np.ndarray
    yearly: dict[str, np.ndarray]


def _change(key, name: str, inputs, s, given, variance=None):
    own = given[name]
    eta = predictor(LAWS[name], own.coefficients, inputs) + s["year"][name] + own.unit_level
    shape = dict(own.shape)
    if variance is not None:
        shape["volatility"] = variance
    scale = arming._scale(shape) if name == "arming" else drifting.scale_of(shape)
    z = jax.random.normal(key, eta.shape)
    return eta + scale * jnp.sinh(shape["tail"] * z) / shape["tail"]


def _memory(s, setting):
    return s["outside"].at[setting.one].add(s["fast"][0]).at[setting.two].add(s["fast"][0])


def _year(key, s: dict[str, Any], given, setting, month) -> dict[str, Any]:
    keys = iter(jax.random.split(key, 20))
    year = {
        name: own.year_memory * s["year"][name]
        + own.year_spread * jax.random.normal(next(keys), ())
        for name, own in given.items()
    }
    s = s | {"year": year}
    new = {"year": year}
    memory = _memory(s, setting)
    inputs = arming.inputs(s["spending_growth"], s["spending_mean"], s["output_change"], memory)
    spread = arming.volatility(s["spending_variance"])
    moved = _change(next(keys), "arming", inputs, s, given, spread)
    mean, variance = arming.remember(s["spending_mean"], s["spending_variance"], moved)
    new |= {"spending": s["spending"] + moved, "spending_growth": moved}
    new |= {"spending_mean": mean, "spending_variance": variance}

    def drifted(law: str, name: str, inputs, slow_of: str = "level") -> None:
        usual, most = drifting.USUAL_CHANGE[law], drifting.LARGEST_CHANGE[law]
        spread = drifting.volatility(s[f"{name}_variance"], usual)
        moved = _change(next(keys), law, inputs, s, given, spread)
        level = s[name] + moved
        new[name], new[f"{name}_change"] = level, moved
        target = level if slow_of == "level" else moved
        new[f"{name}_slow"] = drifting.slow_mean(s[f"{name}_slow"], target)
        new[f"{name}_variance"] = drifting.remember_variance(s[f"{name}_variance"], moved, most)

    constant = {"constant": jnp.ones_like(s["output"])}
    grown = s["output_change"]
    drifted(
        "growth",
        "output",
        constant | {"last change": grown, "mean growth": s["output_slow"]},
        "change",
    )
    drifted(
        "affinity",
        "ideal",
        drifting.look_back(s["ideal"], s["ideal_change"], s["ideal_slow"]),
    )
    trade = dict(drifting.look_back(s["trade"], s["trade_change"], s["trade_slow"]))
    trade["economies"] = grown[setting.one] + grown[setting.two]
    drifted("exchange", "trade", trade)
    for name, law in (
        ("capability", "technology"),
        ("similarity", "alignment"),
        ("support", "support"),
    ):
        inputs = {"constant": jnp.ones_like(s[name])}
        new[name] = s[name] + _change(next(keys), law, inputs, s, given)
    new["similarity"] = jnp.clip(new["similarity"], -1, 1)

    others = memory[setting.one] + memory[setting.two] - 2 * s["fast"][0]
    quiet = month - 1.0 - jnp.maximum(s["last"], setting.begin)
    peace = jnp.maximum(quiet, 0.0) / 12
    ones = jnp.ones_like(s["trade"])
    capability = s["capability"]
    fixed = {
        **setting.fixed,
        "constant": ones,
        "imbalance": jnp.abs(capability[setting.one] - capability[setting.two]),
        "lower democracy": setting.lower_democracy[0],
        "higher democracy": setting.higher_democracy[0],
    }
    shared = jnp.broadcast_to(jnp.maximum(others, 0.0), s["fast"].shape)
    law, own = LAWS["disputes"], given["disputes"]
    eta = part_of_predictor(
        law, own.coefficients, fixed | disputes.history(s["slow"], s["fast"], peace, shared)
    )
    new["hazard"] = eta + year["disputes"] + own.unit_level
    law, own = LAWS["escalation"], given["escalation"]
    past = disputes.history(s["slow"][0], s["fast"][0], peace[0], shared[0])
    past["force in the past"] = force_share(s["forceful"], s["onsets"])
    eta = predictor(law, own.coefficients, fixed | past)
    new["ladder"] = eta + year["escalation"] + own.unit_level
    return s | new


def _month(key, s: dict[str, Any], given, link, setting, month):
    keys = jax.random.split(key, 9)
    s = jax.lax.cond(
        month % 12 == 0,
        lambda s: _year(keys[0], s, given, setting, month),
        lambda s: s,
        s,
    )
    own = given["disputes"]
    recent = disputes.recency(month - s["last"])
    slow_level = incidents.log_level(s["level"])
    turn = jnp.clip(incidents.log_level(s["recent"]) - slow_level, -4.0, 4.0)
    eta = s["hazard"] + part_of_predictor(LAWS["disputes"], own.coefficients, recent)
    rate = jnp.exp(eta + setting.link @ turn * link)
    count = jnp.minimum(jax.random.poisson(keys[1], rate[0]), 3).astype(jnp.float32)
    force = jax.nn.sigmoid(s["ladder"])
    below, above = (given["escalation"].shape[name] for name in ("below", "above"))
    latent = s["ladder"] + jax.random.logistic(keys[2], s["ladder"].shape)
    level = (latent > -below) * 1.0 + (latent > 0) + (latent > above)
    forceful = jnp.where(level >= 2, count, 0.0)
    mild = jnp.minimum(jax.random.poisson(keys[3], rate[2] * (1 - force)), 3)
    strands = jnp.stack([count, jnp.zeros_like(count), mild.astype(jnp.float32)])
    outside = jax.random.poisson(keys[4], setting.outside_rate)

    law, own = LAWS["incidents"], given["incidents"]
    arena = (setting.kind == incidents.KINDS.index("arena")) * 1.0
    eta = predictor(
        law,
        own.coefficients,
        incidents.inputs(jnp.zeros_like(arena), setting.reporting, arena),
    )
    shape = dict(own.shape) | incidents.around(
        s["recent"], s["level"], jnp.zeros_like(arena), setting.kind
    )
    share, spread = incidents.breaks_of(shape)
    broken = jax.random.bernoulli(keys[5], share)
    place = jax.random.choice(
        keys[6],
        np.asarray(incidents._POINTS, np.float32),
        arena.shape,
        p=np.asarray(incidents._WEIGHTS, np.float32),
    )
    centre = incidents.centre_of(eta + own.unit_level, shape)
    mean = jnp.exp(
        jnp.minimum(centre + jnp.where(broken, spread * place, 0.0), incidents.LARGEST_LOG_MEAN)
    )
    size = jnp.broadcast_to(incidents.size_of(shape), mean.shape)
    counts = jax.random.poisson(keys[8], mean * jax.random.gamma(keys[7], size) / size)
    counts = jnp.minimum(counts, incidents.MOST_COUNT).astype(jnp.float32)
    recent, level = incidents.remember(s["recent"], s["level"], counts)
    s = s | {
        "fast": s["fast"] * FAST + strands,
        "slow": s["slow"] * SLOW + strands,
        "last": jnp.where(strands > 0, month * 1.0, s["last"]),
        "onsets": s["onsets"] + count,
        "forceful": s["forceful"] + forceful,
        "outside": s["outside"] * FAST + jnp.minimum(outside, 8),
        "recent": recent,
        "level": level,
    }
    return s, (rate[1], rate[2] * force, count, forceful, counts)


@partial(jax.jit, static_argnames="months")
def _members(keys, start, given, link, setting, months: int):
    def one(key, given, link):
        first = 12 * setting.first_year

        def step(s, number):
            return _month(jax.random.fold_in(key, number), s, given, link, setting, first + number)

        s = start | {"year": {name: own.year_level for name, own in given.items()}}
        s, kept = jax.lax.scan(step, s, jnp.arange(months))
        return {name: s[name] for name in YEARLY}, kept

    return jax.vmap(one)(keys, given, link)


def run_naive(plan: Plan) -> Naive:
    """Run a plan of a synthetic world, all members at once."""
    at = np.arange(plan.draws) % len(plan.parameters.link)

    def drawn(leaf):
        return (
            jnp.moveaxis(jnp.asarray(leaf)[..., at], -1, 0)
            if np.ndim(leaf)
            else jnp.broadcast_to(leaf, at.shape)
        )

    given = jax.tree.map(drawn, plan.parameters.laws)
    start = {
        name: value[..., 0] for name, value in vars(plan.start).items() if name != "year_level"
    }
    setting = jax.tree.map(jnp.asarray, plan.setting)
    keys = jax.random.split(jax.random.key(plan.seed), plan.draws)
    yearly, kept = _members(
        keys, start, given, drawn(plan.parameters.link), setting, plan.horizons[-1]
    )
    rate, force_rate, onsets, forceful, counts = (np.asarray(part) for part in kept)

    def total(part: np.ndarray) -> np.ndarray:
        return np.stack([part[:, :h].sum(axis=1).T for h in plan.horizons])

    return Naive(
        total(rate), total(force_rate), total(onsets), total(forceful),
        np.moveaxis(counts, 0, -1), {name: np.asarray(v).T for name, v in yearly.items()},
    )  # fmt: skip
