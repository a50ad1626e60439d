"""Run many draws in chunks of fixed shape, and put them together as one dataset."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from foedus.compute.cache import compile_once
from foedus.model.laws.escalation import LEVELS
from foedus.simulate.effects import Effect, silent
from foedus.simulate.run import advance, begin, empty_tally, ladder, slots
from foedus.simulate.state import Parameters, Setting, State, Tally

CHUNK = 512
SMALLEST_CHUNK = 64
PAIRS_A_CHUNK = 2**17
YEARLY = ("spending", "output", "capability", "ideal", "trade", "similarity", "support")
BY_DRAW = ("rate", "force_rate", "onsets", "forceful", "levels", "counts")
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Plan:
    """What a run simulates, the same for every chunk.

    Args:
        setting: What does not move.
        start: Start, with a draw axis of one.
        parameters: All draws of the parameters.
        courses: Effects of each course; the first is the baseline.
        seed: Seed of all random numbers.
        draws: Draws in the whole run.
        origin: Last month known, counted from year zero.
        horizons: Months after the origin at which risks are read off, rising.
        chunk: Draws a chunk.
        ladders: Horizons, counted from the first, at which the ladder of a dispute is read off.
        alone: Whether every law sees the others as they were last known, and not as they move.
    """

    setting: Setting
    start: State
    parameters: Parameters
    courses: tuple[tuple[Effect, ...], ...]
    seed: int
    draws: int
    origin: int
    horizons: tuple[int, ...]
    chunk: int = CHUNK
    ladders: tuple[int, ...] = (0,)
    alone: bool = False

    @property
    def years(self) -> tuple[int, ...]:
        """Years whose yearly values are kept: that of the origin and all that begin in the run."""
        last = self.origin + self.horizons[-1]
        return tuple(range(self.origin // 12, last // 12 + 1))


@dataclass(frozen=True)
class Chunk:
    """One chunk of a plan: its number."""

    plan: Plan
    number: int


@dataclass(frozen=True)
class Drawn:
    """What a chunk gives, draw axis last; the first axis is the course.

    Args:
        rate: Expected onsets of the pairs asked to each horizon, shape (course, horizon, asked,
            draw).
        force_rate: Those with use of force.
        onsets: Onsets drawn to each horizon.
        forceful: Those with use of force.
        levels: Chance of each highest level given an onset at the horizons asked for, shape
            (course, horizon, level, asked, draw).
        counts: Shape (course, month, series, draw).
        month_risk: Sum over draws, shape (course, month, asked).
        yearly: Values of each year by variable, shape (course, year, unit, draw).
    """

    rate: Floats
    force_rate: Floats
    onsets: NDArray[np.uint8]
    forceful: NDArray[np.uint8]
    levels: Floats
    counts: Floats
    month_risk: Floats
    yearly: dict[str, Floats]


def chunk_size(pairs: int) -> int:
    """Give the draws of a chunk: as many as keep the state of its pairs near the processor."""
    chunk = CHUNK
    while chunk > SMALLEST_CHUNK and chunk * pairs > PAIRS_A_CHUNK:
        chunk //= 2
    return chunk


def run_chunk(chunk: Chunk) -> Drawn:
    """Simulate one chunk of draws under every course, from the same start and the same luck."""
    compile_once()
    plan = chunk.plan
    draw = jnp.arange(plan.chunk, dtype=jnp.int32) + chunk.number * plan.chunk
    real = min(plan.chunk, plan.draws - chunk.number * plan.chunk)
    counted = (draw < plan.draws).astype(jnp.float32)
    # Handed over once: every call would otherwise take each array over anew.
    keys, setting, starting, posterior = jax.device_put(
        (
            slots(plan.seed, tuple(plan.parameters.laws), tuple(plan.setting.error)),
            plan.setting,
            plan.start,
            plan.parameters,
        )
    )
    state, parameters = begin(starting, setting, posterior, draw, keys)
    nothing = empty_tally(state, plan.horizons[-1])
    courses = [_of_draws(effects, draw) for effects in plan.courses]
    none = tuple(silent(effect) for effect in courses[0])

    def go(state, held, tally, effects, first, stop):
        return advance(
            state, tally, setting, parameters, effects, draw, counted, keys,
            jnp.asarray(first, jnp.int32), jnp.asarray(stop, jnp.int32), held,
        )  # fmt: skip

    def ladders(state, effects, month):
        return ladder(state, setting, parameters, effects, jnp.asarray(month, jnp.int32))

    first = 12 * int(plan.setting.first_year)
    held = state if plan.alone else None
    known, held, _ = go(state, held, nothing, none, first, plan.origin + 1)
    found = _room(plan, known, real)
    for number, effects in enumerate(courses):
        _fill(found, number, plan, (known, held, nothing), effects, go, ladders)
    return found


def _room(plan: Plan, known: State, real: int) -> Drawn:
    """Give room for what the courses of a chunk bring."""
    courses, horizons, months = len(plan.courses), len(plan.horizons), plan.horizons[-1]
    pairs = known.ladder.shape[0]
    by_horizon = (courses, horizons, pairs, real)
    return Drawn(
        rate=np.empty(by_horizon, np.float32),
        force_rate=np.empty(by_horizon, np.float32),
        onsets=np.empty(by_horizon, np.uint8),
        forceful=np.empty(by_horizon, np.uint8),
        levels=np.empty((courses, len(plan.ladders), len(LEVELS), pairs, real), np.float32),
        counts=np.empty((courses, months, known.recent.shape[0], real), np.float32),
        month_risk=np.empty((courses, months, pairs), np.float32),
        yearly={
            name: np.empty((courses, len(plan.years), units, real), np.float32)
            for name in YEARLY
            for units in getattr(known, name).shape[:1]
        },
    )


def _of_draws(effects: Sequence[Effect], draw: Any) -> tuple[Effect, ...]:
    """Give the effects with the sizes of these draws: number modulo what they hold."""
    return tuple(
        Effect(
            *effect.key,
            jnp.asarray(effect.path, jnp.float32),
            jnp.take(jnp.asarray(effect.size, jnp.float32), draw % effect.size.shape[1], axis=1),
        )
        for effect in effects
    )


def _fill(found: Drawn, course: int, plan: Plan, origin, effects, go, ladders) -> None:
    """Run one course from the origin on, stopping at each horizon and after each January."""
    known, held, nothing = origin
    real = found.rate.shape[-1]
    at_horizon = {plan.origin + 1 + h: number for number, h in enumerate(plan.horizons)}
    januaries = {12 * year + 1: number for number, year in enumerate(plan.years) if number}

    def keep_year(number: int, state: State) -> None:
        for name, room in found.yearly.items():
            room[course, number] = np.asarray(getattr(state, name))[..., :real]

    def keep_horizon(number: int, stop: int, state: State, tally: Tally) -> None:
        for name in ("rate", "force_rate"):
            getattr(found, name)[course, number] = np.asarray(getattr(tally, name))[..., :real]
        for name in ("onsets", "forceful"):
            since = np.asarray(getattr(state, name)) - np.asarray(getattr(known, name))
            getattr(found, name)[course, number] = since[..., :real]
        if number in plan.ladders:
            levels = np.asarray(ladders(state, effects, stop - 1))
            found.levels[course, plan.ladders.index(number)] = levels[..., :real]

    keep_year(0, known)
    state, tally, month = known, nothing, plan.origin + 1
    for stop in sorted(at_horizon.keys() | januaries.keys()):
        state, held, tally = go(state, held, tally, effects, month, stop)
        month = stop
        if stop in at_horizon:
            keep_horizon(at_horizon[stop], stop, state, tally)
        if stop in januaries:
            keep_year(januaries[stop], state)
    found.counts[course] = np.asarray(tally.counts)[..., :real]
    found.month_risk[course] = np.asarray(tally.month_risk)


def run_plan(
    plan: Plan,
    *,
    execute: Callable[[Callable[[Chunk], Drawn], Sequence[Chunk]], Iterable[Drawn]] = map,
    progress: Callable[[float], None] = lambda _: None,
) -> Drawn:
    """Run all chunks of a plan and put them together.

    Args:
        plan: The plan.
        execute: Runs a function over the chunks and gives the results in order; one after another
            by default. The result does not depend on it.
        progress: Called with the share that is done.
    """
    count = -(-plan.draws // plan.chunk)
    whole: dict[str, Any] = {}
    done = 0
    for part in execute(run_chunk, [Chunk(plan, number) for number in range(count)]):
        named = {name: getattr(part, name) for name in BY_DRAW} | part.yearly
        for name, values in named.items():
            if name not in whole:
                whole[name] = np.empty((*values.shape[:-1], plan.draws), values.dtype)
            whole[name][..., done : done + values.shape[-1]] = values
        whole["month_risk"] = whole.get("month_risk", 0) + part.month_risk
        done += part.rate.shape[-1]
        progress(done / plan.draws)
    yearly = {name: whole.pop(name) for name in YEARLY}
    return Drawn(**whole, yearly=yearly)
