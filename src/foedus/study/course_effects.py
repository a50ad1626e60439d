"""Turn a course of action into effects on the laws, each with what is unsure about its size."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foedus.compute.keys import named_generator
from foedus.policy.courses import Course, Step, actors, beginning
from foedus.policy.depth import View, draw_depth
from foedus.policy.evidence import Evidence
from foedus.policy.instruments import LeverEffect, load_instrument
from foedus.simulate.effects import Effect, checked, together
from foedus.study.start import OF_ASKED, Start
from foedus.world.cases import Case
from foedus.world.errors import BadInputError
from foedus.world.months import parse_date

Floats = NDArray[np.float64]
Z90 = 1.6448536269514722
DEPTH = "depth"
OF_YEARS = ("arming", "growth", "affinity", "exchange")
_UNITS = {
    "disputes": "pair",
    "escalation": "pair",
    "exchange": "pair",
    "arming": "country",
    "growth": "country",
    "affinity": "country",
    "incidents": "series",
}
_DIMENSION = {
    "pairs": "pair",
    "among": "pair",
    "actors": "country",
    "targets": "country",
    "arenas": "series",
}


@dataclass(frozen=True)
class Driver:
    """One uncertain size behind the effects of courses, shared by all that use it.

    Args:
        name: Instrument and effect, or `depth`.
        evidence: How well it is known.
        size: Size by draw, shape (draw,).
        unit: Unit of the size.
        instruments: Instruments it belongs to.
        source: Where its range comes from.
    """

    name: str
    evidence: Evidence
    size: Floats
    unit: str
    instruments: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class CourseEffects:
    """A course as the simulator takes it.

    Args:
        course: The course.
        effects: Effects.
        drivers: What their sizes rest on.
    """

    course: Course
    effects: tuple[Effect, ...]
    drivers: tuple[Driver, ...]


def course_effects(
    courses: Sequence[Course],
    case: Case,
    start: Start,
    *,
    origin: dt.date,
    months: int,
    draws: int,
    seed: int,
    view: View = "mixture",
    held: Mapping[str, float] | None = None,
) -> list[CourseEffects]:
    """Turn courses into effects whose sizes are drawn once for all of them.

    An effect on arenas without a series in the case, or on pairs that are not in it, is left out
    as long as its instrument acts on something else.

    Args:
        courses: Courses.
        case: Case.
        start: Start of the run.
        origin: Last day known.
        months: Months the run goes past the origin.
        draws: Draws.
        seed: Seed of the sizes.
        view: View of depth.
        held: Sizes held at a value, by driver.

    Raises:
        BadInputError: A step acts on nothing in the case, or two set one input.
    """
    sizes = _Sizes(draws, seed, view, dict(held or {}))
    clock = _Clock(12 * int(start.setting.first_year), start.origin + months + 1, origin)
    found = []
    for course in courses:
        effects, drivers = [], {}
        for number, step in enumerate(course.steps, start=1):
            where = f"{course.name}, step {number} ({step.instrument})"
            for effect, part in _step(step, case, start, clock, sizes, where):
                effects.append(effect)
                drivers[part.name] = part
        try:
            held_to_laws = checked(together(effects))
        except BadInputError as error:
            raise BadInputError(
                error.given, expected=error.expected, where=course.name, hint=error.hint
            ) from None
        found.append(CourseEffects(course, held_to_laws, tuple(drivers.values())))
    return found


@dataclass(frozen=True)
class _Clock:
    """Months of the run, counted from year zero: the first, the one after the last, the origin."""

    first: int
    stop: int
    origin: dt.date

    def reached(self, step: Step) -> Floats:
        """Give the share of the step's level that is reached, by month of the run."""
        ramp = step.ramp_months
        ramp = load_instrument(step.instrument).ramp_months if ramp is None else ramp
        begins = _month(beginning(step, self.origin))
        month = np.arange(self.first, self.stop)
        share = np.clip((month - begins + 1) / max(ramp, 1), 0.0, 1.0)
        share[month < begins] = 0.0
        if step.until:
            share[month > _month(parse_date(step.until))] = 0.0
        return share


class _Sizes:
    """Sizes by driver: a function of seed, name and number of the draw, and of nothing else."""

    def __init__(self, draws: int, seed: int, view: View, held: dict[str, float]) -> None:
        self.draws, self.seed, self.held = draws, seed, held
        self.view: View = view
        self._depth: Floats | None = None

    def uniform(self, name: str) -> Floats:
        return named_generator(self.seed, f"size of {name}").random(self.draws)

    def depth(self) -> Driver:
        if self._depth is None:
            luck = [self.uniform(f"{DEPTH}, {part}") for part in ("view", "place", "share")]
            self._depth = self._or_held(DEPTH, draw_depth(*luck, view=self.view))
        return Driver(
            DEPTH,
            "assumed",
            self._depth,
            "log rate of onset for a pact made as deep as can be",
            (),
            "three views of depth, see `policy/depth.toml`",
        )

    def of(self, instrument: str, effect: LeverEffect) -> tuple[Floats, Driver]:
        """Give the size of one unit of the lever by draw, and the driver it rests on."""
        name = f"{instrument}: {effect.name}"
        luck = self.uniform(name)
        if effect.evidence in ("published", "identified"):
            middle, half = (effect.low + effect.high) / 2, (effect.high - effect.low) / 2
            own = middle + half / Z90 * _normal(luck)
        else:
            own = effect.low + (effect.high - effect.low) * luck
        own = self._or_held(name, own)
        if effect.depth:
            whole = self.depth()
            return own * whole.size, whole
        return own, Driver(
            name, effect.evidence, own, f"{effect.law}, per unit", (instrument,), effect.source
        )

    def _or_held(self, name: str, size: Floats) -> Floats:
        return np.full_like(size, self.held[name]) if name in self.held else size


def _normal(uniform: Floats) -> Floats:
    from scipy.special import ndtri

    return ndtri(np.clip(uniform, 1e-12, 1 - 1e-12))


def _step(
    step: Step, case: Case, start: Start, clock: _Clock, sizes: _Sizes, where: str
) -> list[tuple[Effect, Driver]]:
    instrument = load_instrument(step.instrument)
    reached = clock.reached(step)
    acting = [(effect, _units(effect, step, case, start)) for effect in instrument.effects]
    if not any(units.any() for _, units in acting):
        raise BadInputError(
            f"{instrument.title} of {', '.join(step.by)} toward {', '.join(step.toward)} acts on "
            f"nothing in {case.name}",
            expected="countries of the case, and arenas with a series",
            where=where,
            hint="name others in `by`, `toward` or `arenas`",
        )
    found = []
    for effect, units in acting:
        if not units.any():
            continue
        path = _path(effect, step.level, reached, clock.first)
        size, driver = sizes.of(step.instrument, effect)
        whole = path[:, None] * units[None, :]
        if effect.kind == "set":
            whole = np.where((reached > 0)[:, None] & (units > 0)[None, :], whole, np.nan)
        found.append(
            (
                Effect(
                    effect.kind,
                    effect.law,
                    effect.term,
                    whole[None].astype(np.float32),
                    size[None].astype(np.float32),
                ),
                driver,
            )
        )
    return found


def _path(effect: LeverEffect, level: float, reached: Floats, first: int) -> Floats:
    """Give how much of the lever acts in each month of the run."""
    scaled = level * reached if effect.scale == "linear" else np.log1p(level * reached / 100)
    if effect.law not in OF_YEARS:
        return scaled
    path = np.zeros_like(scaled)
    for january in range((-first) % 12, len(scaled), 12):
        year = scaled[january : january + 12]
        before = scaled[january - 1] if january else 0.0
        path[january] = year[-1] - before if effect.once else year.mean()
    return path


def _units(effect: LeverEffect, step: Step, case: Case, start: Start) -> Floats:
    if _UNITS.get(effect.law) != _DIMENSION[effect.on]:
        raise AssertionError(f"{effect.law} has no level by {_DIMENSION[effect.on]}")
    by = {one.ccode for one in actors(step.by, case)}
    toward = {one.ccode for one in actors(step.toward, case)}
    if effect.on in ("actors", "targets"):
        wanted = by if effect.on == "actors" else toward
        return np.array([float(code in wanted) for code in start.codes])
    if effect.on == "arenas":
        arenas = step.arenas or case.arenas
        return np.array([float(arena in arenas) for arena, _ in start.series])
    pairs = start.asked if effect.law in OF_ASKED else start.pairs
    if effect.on == "among":
        return np.array([float(a in by and b in by) for a, b in pairs])
    between = [(a in by and b in toward) or (b in by and a in toward) for a, b in pairs]
    return np.array(between, dtype=np.float64)


def _month(day: dt.date) -> int:
    return 12 * day.year + day.month - 1
