"""Laws refitted before every target year, and the guards that keep later knowledge out.

A refit knows the last year it was trained on and refuses to forecast that year or an earlier one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from foedus.compute.keys import named_generator
from foedus.estimate.laplace import Cases, Fit, Inner
from foedus.estimate.law_posterior import prepared
from foedus.model.law import AbstractLaw, predictor
from foedus.world.errors import HindsightError

Floats = NDArray[np.float64]
SEED = 20240410
DRAWS = 200
CLIMB_EVERY_YEARS = 4
CASES_AT_ONCE = 512
SAME = 1e-9


def require_unseen(trained_to: int, year: int, what: str) -> None:
    """Refuse to score a year that a fit has seen.

    Raises:
        HindsightError: The year is the last training year or an earlier one.
    """
    if year <= trained_to:
        raise HindsightError(
            f"{what} was trained on years to {trained_to} and asked to forecast {year}",
            expected=f"a target year from {trained_to + 1} on",
            where="the guard of scored forecasts",
            hint=f"refit with years to {year - 1}",
        )


@dataclass(frozen=True)
class Grid:
    """Values by unit and year, as a feature of forecasts made at the end of each year.

    Args:
        units: Name of each row.
        years: Year of each column.
        values: Shape (unit, year).
    """

    units: tuple[str, ...]
    years: tuple[int, ...]
    values: Floats


def require_no_later_knowledge(
    build: Callable[[int | None], Mapping[str, Grid]], origins: Iterable[int]
) -> None:
    """Refuse features that change once everything after an origin is taken away.

    Args:
        build: Gives the features by name from the record to the end of a year, or from all of it.
        origins: Years at whose end features are built a second time, from the past alone.

    Raises:
        HindsightError: A feature of an origin differs, or does not exist without the later record.
    """
    whole = build(None)
    for origin in origins:
        past = build(origin)
        for name, grid in whole.items():
            if name not in past or not _agree(grid, past[name], origin):
                raise HindsightError(
                    f"{name!r} at the end of {origin} uses what came later",
                    expected="the same value from the record to that year alone",
                    where="the guard of scored forecasts",
                    hint="build it from the years up to the origin",
                )


def _agree(whole: Grid, past: Grid, origin: int) -> bool:
    if origin not in past.years or origin not in whole.years:
        return False
    now = whole.values[:, whole.years.index(origin)]
    place = {unit: k for k, unit in enumerate(past.units)}
    rows = [place.get(unit, -1) for unit in whole.units]
    then = past.values[:, past.years.index(origin)]
    shared = np.array(rows) >= 0
    before, after = then[np.array(rows)[shared]], now[shared]
    return bool(np.allclose(before, after, rtol=SAME, atol=SAME, equal_nan=True))


def _lengthened(values: Floats, blank: int) -> Floats:
    """Add blank cases at the end of the last axis.

    Few lengths mean few programs to compile: without them every year's cases would need their own.
    """
    whole = np.asarray(values, dtype=np.float64)
    return np.pad(whole, [(0, 0)] * (whole.ndim - 1) + [(0, blank)])


@dataclass(frozen=True)
class Refit:
    """Draws of a law's parameters from the years before a target.

    Args:
        law: The law.
        trained_to: Last training year.
        coefficients: One array a term, each of shape (draw,).
        shapes: The law's shape parameters.
        outer: Spreads and memory.
        year_level: Level of the last training year, shape (draw,).
        unit_level: Level of each unit, shape (draw, unit).
        rows: Training rows.
    """

    law: AbstractLaw
    trained_to: int
    coefficients: Mapping[str, Floats]
    shapes: Mapping[str, float]
    outer: Mapping[str, float]
    year_level: Floats
    unit_level: Floats
    rows: int

    def log_prob(
        self,
        value: float,
        inputs: Mapping[str, Floats],
        level: Floats,
        extra: Mapping[str, Floats] | None = None,
    ) -> Floats:
        """Give the law's log probability of one value, by draw.

        Args:
            value: The value.
            inputs: One a term of the law, by name, each of shape (case,).
            level: Levels of the year and the unit, shape (draw, case).
            extra: Further inputs of the distribution by name, each of shape (case,).

        Returns:
            Shape (draw, case).
        """
        cases = level.shape[1]
        blank = -cases % CASES_AT_ONCE
        with jax.enable_x64(True):
            line = predictor(
                self.law,
                {name: part[:, None] for name, part in self.coefficients.items()},
                {name: _lengthened(part, blank)[None] for name, part in inputs.items()},
            )
            total = line + jnp.asarray(_lengthened(level, blank))
            shapes = {name: jnp.asarray(part) for name, part in self.shapes.items()}
            shapes |= {
                name: jnp.asarray(_lengthened(part, blank))[None]
                for name, part in (extra or {}).items()
            }
            found = self.law.log_prob(jnp.full_like(total, value), total, shapes)
        return np.asarray(found, dtype=np.float64)[:, :cases]

    def level_ahead(self, year: int) -> Floats:
        """Run the year's level forward to a later year, shape (draw,).

        Raises:
            HindsightError: The refit has seen that year.
        """
        require_unseen(self.trained_to, year, f"the law of {self.law.name}")
        rng = named_generator(SEED, "level ahead", self.law.name, year)
        level = self.year_level
        for _ in range(year - self.trained_to):
            shock = rng.normal(size=len(level))
            level = self.outer["year memory"] * level + self.outer["year spread"] * shock
        return level


def refits(
    law: AbstractLaw,
    cases: Callable[[int], Cases],
    targets: Iterable[int],
    *,
    climb_every: int = CLIMB_EVERY_YEARS,
    draws: int = DRAWS,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[tuple[int, Refit]]:
    """Fit a law on the years before each target year.

    Outer parameters (spreads, memory, shapes) are sought in the first year and every few years
    after it, always from earlier years alone, and held at their mode.

    Args:
        law: The law.
        cases: Gives the rows whose outcome was settled at the end of a year; later ones are cut.
        targets: Target years, in order.
        climb_every: Years between searches of the outer parameters.
        draws: Draws of the coefficients and levels.
        progress: Called before each fit.
    """
    outer: Floats | None = None
    for number, year in enumerate(targets):
        train = cases(year - 1).until(year - 1)
        require_unseen(train.years[-1], year, f"the law of {law.name}")
        progress(f"{law.name}: {year} from {len(train.value):,} rows")
        fit = prepared(law, train)
        if outer is None or number % climb_every == 0:
            outer = fit.climb(outer)
        yield year, _draw(fit, outer, train.years[-1], draws)


def _draw(fit: Fit, outer: Floats, trained_to: int, count: int) -> Refit:
    found = fit.closest(outer)
    rng = named_generator(SEED, "rolling refit", fit.law.name, trained_to)
    dense, level = _normal_draws(found, count, rng)
    natural = fit.outer.natural(outer)
    terms = fit.law.terms
    years = len(fit.cases.years)
    return Refit(
        law=fit.law,
        trained_to=trained_to,
        coefficients={term.name: dense[k] for k, term in enumerate(terms)},
        shapes={name: natural[name] for name in fit.law.shapes},
        outer=natural,
        year_level=dense[-1] if years else np.zeros(count),
        unit_level=level.T,
        rows=len(fit.cases.value),
    )


def _normal_draws(found: Inner, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw coefficients with year levels, and unit levels, each with draws on the last axis."""
    off = solve_triangular(found.chol.T, rng.normal(size=(len(found.dense), count)), lower=False)
    own = rng.normal(size=(len(found.level), count)) / np.sqrt(found.diagonal)[:, None]
    level = found.level[:, None] - (found.cross.T @ off) / found.diagonal[:, None] + own
    return found.dense[:, None] + off, level
