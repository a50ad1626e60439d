"""Explain, predict, prescribe in worlds whose truth is known.

A world draws the parameters of two laws from their priors and lets a lever, set at random from row
to row, shift the predictor of each by a known amount. An analyst sees the rows alone, refits both
laws with the lever as one more term, and then does what the program does: says how sure it is that
a course which raises the lever lowers the risk, and chooses. Effects come in classes, from none to
two standard errors; the lever's swing is set so that a standard error is that of the analyst's
prior for the effect, which is the half-width of the ranges most instruments assume.
"""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from foedus.compute.keys import named_generator
from foedus.decide.differences import difference, verdict
from foedus.decide.rests_on import Basis, Size, probability_lower
from foedus.estimate.calibration import design, world
from foedus.estimate.laplace import Cases, Fit, LawDraws
from foedus.estimate.law_posterior import law_fingerprint
from foedus.estimate.law_priors import law_priors
from foedus.estimate.predictive import Parameters, simulate_rows
from foedus.model.law import AbstractLaw
from foedus.model.laws.disputes import Disputes
from foedus.model.laws.escalation import Escalation
from foedus.policy.evidence import EVIDENCE
from foedus.world.errors import BadInputError

Floats = NDArray[np.float64]
SEED = 20240410
CLASSES = (0.0, 0.25, 0.5, 1.0, 2.0)
WORLDS = 200
ERROR = 0.2
ROWS, UNITS = 600, 20
HELD_OUT = 0.2
DRAWS = 400
SCORED = 100
MONTHS = 12
BOOTSTRAPS = 2_000
LAWS: tuple[AbstractLaw, ...] = (Disputes(), Escalation())
SLOPE_BAR = (0.8, 1.2)


@dataclass(frozen=True)
class World:
    """What came of one world.

    Args:
        number: Its number.
        size: Size of both effects in standard errors.
        stated: Share of draws in which the course is expected to lower the risk of force.
        verdict: What the program would say.
        truth: True change of the risk of force by the course.
        expected: Change the analyst expects.
        covered: Whether the 90 % interval of each law's effect holds the truth.
        gain: Held-out log score a row with the lever less without, by law; above zero is better.
    """

    number: int
    size: float
    stated: float
    verdict: str
    truth: float
    expected: float
    covered: tuple[bool, ...]
    gain: tuple[float, ...]


def run_known_truth(
    folder: Path,
    *,
    worlds: int = WORLDS,
    seed: int = SEED,
    progress: Callable[[str], None] = lambda _: None,
) -> list[World]:
    """Run all worlds, each written down when it is done; a run that was cut goes on.

    Args:
        folder: Where the worlds are kept.
        worlds: Number of worlds; the classes take turns.
        seed: Seed; nothing else decides the numbers.
        progress: Called after each world.

    Raises:
        BadInputError: The folder holds worlds of other laws, settings or seed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "worlds.jsonl"
    mark = {"settings": settings(seed)}
    done: dict[int, World] = {}
    if path.is_file():
        first, *rest = path.read_text("utf-8").splitlines()
        if json.loads(first) != mark:
            raise BadInputError(
                f"{path} holds worlds of other laws, settings or another seed",
                expected="worlds of this program and seed, or an empty folder",
                where=str(path),
                hint="name another folder, or delete the file",
            )
        done = {found.number: found for found in map(_read, filter(_whole, rest))}
    kept = [mark, *(asdict(found) for found in done.values())]
    path.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    for number in range(worlds):
        if number in done:
            continue
        done[number] = run_world(number, seed=seed)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(done[number])) + "\n")
            file.flush()
            os.fsync(file.fileno())
        progress(f"world {number + 1} of {worlds}")
    return [done[number] for number in range(worlds)]


def settings(seed: int) -> dict[str, Any]:
    """Give what fixes the numbers."""
    return {
        "seed": seed,
        "classes": list(CLASSES),
        "error": ERROR,
        "rows": ROWS,
        "units": UNITS,
        "held_out": HELD_OUT,
        "draws": DRAWS,
        "laws": {law.name: law_fingerprint(law) for law in LAWS},
    }


def run_world(number: int, *, seed: int = SEED) -> World:
    """Make one world, hand its rows to the analyst, and hold the answer against the truth."""
    size = CLASSES[number % len(CLASSES)]
    parts = [_law_world(law, number, size, seed) for law in LAWS]
    fitted = [_analyse(part, seed + number) for part in parts]
    risk = {lever: force_risk(*(one.reference(lever) for one in fitted)) for lever in (0.0, 1.0)}
    truth = {lever: force_risk(*(part.reference(lever) for part in parts)) for lever in (0.0, 1.0)}
    apart = difference(risk[1.0], risk[0.0])
    sizes = [
        Size(part.law.name, EVIDENCE[0], one.effect)
        for part, one in zip(parts, fitted, strict=True)
    ]
    expected = Basis(sizes, EVIDENCE).explain(risk[1.0] - risk[0.0]).expected
    lower = probability_lower(expected)
    return World(
        number=number,
        size=size,
        stated=lower,
        verdict=verdict(lower, apart),
        truth=float((truth[1.0] - truth[0.0])[0]),
        expected=apart.difference,
        covered=tuple(one.holds(part.effect) for part, one in zip(parts, fitted, strict=True)),
        gain=tuple(one.gain for one in fitted),
    )


@dataclass(frozen=True)
class _LawWorld:
    law: AbstractLaw
    cases: Cases
    lever: Floats
    effect: float
    truth: Parameters

    def reference(self, lever: float) -> Floats:
        """Give the true predictor of the reference rows, shape (row, 1)."""
        eta = self.truth.predictor(self.cases)[:UNITS]
        return (eta + lever * self.effect)[:, None]


@dataclass(frozen=True)
class _Analyst:
    cases: Cases
    draws: LawDraws
    gain: float

    @property
    def effect(self) -> Floats:
        """Give the draws of the lever's effect."""
        return self.draws.coefficients[:, -1]

    def holds(self, truth: float) -> bool:
        low, high = np.quantile(self.effect, [0.05, 0.95])
        return bool(low <= truth <= high)

    def reference(self, lever: float) -> Floats:
        """Give the predictor of the reference rows by draw, the lever at a value."""
        rows = self.cases.take(np.arange(len(self.cases.value)) < UNITS)
        terms = rows.terms.copy()
        terms[:, -1] = lever
        return _predictor(replace(rows, terms=terms), self.draws)


def force_risk(onset: Floats, ladder: Floats) -> Floats:
    """Give the mean chance of a dispute with force within a year over reference rows, by draw.

    Args:
        onset: Log rate of onset a month, shape (row, draw).
        ladder: Predictor of how far a dispute goes, shape (row, draw).
    """
    rate = np.asarray(Disputes().rate(jnp.asarray(onset)), dtype=np.float64)
    force = np.asarray(Escalation().force(jnp.asarray(ladder)), dtype=np.float64)
    return -np.expm1(-MONTHS * rate * force).mean(axis=0)


def _law_world(law: AbstractLaw, number: int, size: float, seed: int) -> _LawWorld:
    rng = named_generator(seed, "known truth", law.name, number)
    cases = design(law, seed=seed, rows=ROWS, units=UNITS)
    truth, seen = world(law, cases, rng)
    if not law_priors(law).years:
        seen = replace(seen, years=())
    eta = truth.predictor(cases)
    lever = rng.choice([-0.5, 0.5], ROWS)
    lever *= standard_error(law, seen.value, eta, lever, truth.outer) / ERROR
    effect = float(size * ERROR * rng.choice([-1.0, 1.0]))
    value = simulate_rows(law, cases, eta + effect * lever, truth.outer, rng)
    return _LawWorld(law, replace(seen, value=value), lever, effect, truth)


def standard_error(
    law: AbstractLaw, value: Floats, eta: Floats, lever: Floats, outer: dict[str, float]
) -> float:
    """Give the standard error of a lever's effect from the information at the truth."""
    with jax.enable_x64(True):
        shape = {name: jnp.asarray(outer[name]) for name in law.shapes}

        def total(predictor):
            return jnp.sum(law.log_prob(jnp.asarray(value), predictor, shape))

        _, curve = jax.jvp(jax.grad(total), (jnp.asarray(eta),), (jnp.ones(len(eta)),))
        weight = np.maximum(-np.asarray(curve, dtype=np.float64), 0.0)
    middle = (weight @ lever) / weight.sum()
    return float((weight @ (lever - middle) ** 2) ** -0.5)


def _analyse(part: _LawWorld, seed: int) -> _Analyst:
    """Refit a law with the lever as one more term, and without it; score the rows held out."""
    luck = named_generator(seed, "held out", part.law.name)
    out = luck.permutation(ROWS) < HELD_OUT * ROWS
    whole = replace(part.cases, terms=np.column_stack([part.cases.terms, part.lever]))
    found, scores = [], []
    for cases, extra in ((whole, 1), (part.cases, 0)):
        given = law_priors(part.law)
        mean = np.concatenate([given.mean, np.zeros(extra)])
        scale = np.concatenate([given.scale, np.full(extra, ERROR)])
        fit = Fit(part.law, cases.take(~out), mean, scale, given.outer)
        draws = fit.draws(DRAWS, seed=seed)
        found.append(draws)
        scores.append(_log_score(part.law, cases.take(out), draws))
    return _Analyst(whole, found[0], scores[0] - scores[1])


def _log_score(law: AbstractLaw, rows: Cases, draws: LawDraws) -> float:
    eta = _predictor(rows, draws)[:, :SCORED]
    with jax.enable_x64(True):
        shape = {name: jnp.asarray(draws.outer[name][:SCORED]) for name in law.shapes}
        value = jnp.broadcast_to(jnp.asarray(rows.value)[:, None], eta.shape)
        each = law.log_prob(value, jnp.asarray(eta), shape)
        return float(jnp.mean(jax.nn.logsumexp(each, axis=1) - np.log(eta.shape[1])))


def _predictor(rows: Cases, draws: LawDraws) -> Floats:
    eta = rows.offset[:, None] + rows.terms @ draws.coefficients.T
    eta = eta + draws.unit_level.T[rows.unit]
    return eta + draws.year_level.T[rows.year] if draws.year_level.shape[1] else eta


def summary(worlds: Iterable[World], *, seed: int = SEED) -> dict[str, Any]:
    """Hold the answers against the truth: calibration, regret, what was said, by class.

    Regret is the true risk of what was chosen less that of the better of course and baseline. Two
    choosers are shown: one takes the course where the program says it lowers the risk, one where
    that is more likely than not. Worlds without an effect have no better choice, and no part in
    the slope.
    """
    held = list(worlds)
    told = [one for one in held if one.size > 0]
    better = np.array([one.truth < 0 for one in told])
    odds = _logit(np.array([one.stated for one in told]))
    slope = _slope(odds, better)
    luck = named_generator(seed, "known truth", "bootstrap")
    again = []
    for _ in range(BOOTSTRAPS):
        rows = luck.integers(len(told), size=len(told))
        again.append(_slope(odds[rows], better[rows]))
    low, high = np.quantile(again, [0.05, 0.95])
    classes = [_class(size, [one for one in held if one.size == size]) for size in CLASSES]
    return {
        "worlds": len(held),
        "slope": _rounded(slope),
        "slope_lo90": _rounded(low),
        "slope_hi90": _rounded(high),
        "slope_in_bar": bool(SLOPE_BAR[0] <= slope <= SLOPE_BAR[1]),
        "regret_in_bar": all(c["regret_of_verdict"] <= c["regret_of_baseline"] for c in classes),
        "cannot_tell_in_bar": classes[0]["cannot_tell"] >= 0.8,
        "classes": classes,
    }


def _class(size: float, held: list[World]) -> dict[str, Any]:
    truth = np.array([one.truth for one in held])
    best = np.minimum(truth, 0.0)
    by_verdict = np.array([one.truth if one.verdict == "lower" else 0.0 for one in held])
    by_odds = np.array([one.truth if one.stated > 0.5 else 0.0 for one in held])
    covered = np.array([one.covered for one in held])
    gain = np.array([one.gain for one in held])
    said = [one.verdict for one in held]
    right = [(one.verdict == "lower") == (one.truth < 0) for one in held
             if one.verdict in ("lower", "higher") and size > 0]  # fmt: skip
    return {
        "size": size,
        "worlds": len(held),
        "cannot_tell": _rounded(np.mean([word == "cannot tell" for word in said])),
        "right_when_told": _rounded(np.mean(right)) if right else None,
        "told": len(right) if size > 0 else int(sum(word in ("lower", "higher") for word in said)),
        "regret_of_verdict": _rounded((by_verdict - best).mean()),
        "regret_of_odds": _rounded((by_odds - best).mean()),
        "regret_of_baseline": _rounded((0.0 - best).mean()),
        "coverage": [_rounded(value) for value in covered.mean(axis=0)],
        "gain": [_rounded(value, 6) for value in gain.mean(axis=0)],
    }


def _logit(chance: Floats) -> Floats:
    held = np.clip(chance, 0.5 / DRAWS, 1 - 0.5 / DRAWS)
    return np.log(held / (1 - held))


def _slope(odds: Floats, better: NDArray[np.bool_]) -> float:
    """Regress what was true on the stated log odds, with an intercept, by maximum likelihood."""
    terms = np.column_stack([odds, np.ones(len(odds))])
    coefficient = np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-terms @ coefficient))
        weight = np.maximum(chance * (1 - chance), 1e-9)
        step = np.linalg.solve((terms * weight[:, None]).T @ terms + 1e-9 * np.eye(2),
                               terms.T @ (better - chance))  # fmt: skip
        coefficient = coefficient + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return float(coefficient[0])


def _rounded(value: Any, digits: int = 4) -> float:
    return round(float(value), digits)


def store_known_truth(
    folder: Path, *, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Run all worlds and write the summary that ships with the package."""
    found = settings(SEED) | summary(run_known_truth(folder, progress=progress))
    path = _place()
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)
    return found


def known_truth() -> dict[str, Any]:
    """Give the stored summary."""
    return json.loads(_place().read_text("utf-8"))


def _place() -> Path:
    return Path(str(resources.files("foedus.score").joinpath("known_truth.json")))


def _whole(line: str) -> bool:
    """Say whether a line was written to its end."""
    try:
        return "gain" in json.loads(line)
    except json.JSONDecodeError:
        return False


def _read(line: str) -> World:
    row = json.loads(line)
    return World(**{**row, "covered": tuple(row["covered"]), "gain": tuple(row["gain"])})
