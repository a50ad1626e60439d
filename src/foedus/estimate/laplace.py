"""Posterior of a law by nested Laplace: exact inner Newton, a few outer parameters.

Every law is a log density of a predictor that is linear in its coefficients, the year's level and
the unit's level. Those are found by Newton's method for given outer parameters (spreads of the
levels, memory of the year's level, shape of the distribution); the outer ones by climbing their
Laplace marginal. The unit levels are many, but their block is diagonal and is eliminated exactly.

The mode is not where the mass is when events are few: a level without an event has a long lower
tail, and a normal around its mode promises too many. So the normal that is drawn from is moved and
reshaped until it is the one closest to the posterior, its log density averaged over the spread of
each row's predictor. Outer parameters are drawn from a surface through the exact marginal at the
nodes, so that their draws are not confined to the nodes.

Source: Rue, H., S. Martino and N. Chopin. 2009. Approximate Bayesian inference for latent Gaussian
models by using integrated nested Laplace approximations. JRSS B 71(2): 319-392; Tierney, L. and
J. B. Kadane. 1986. JASA 81(393): 82-86; Opper, M. and C. Archambeau. 2009. The variational Gaussian
approximation revisited. Neural Computation 21(3): 786-792.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize
from scipy.stats import norm

from foedus.compute.keys import named_generator
from foedus.estimate.outer_surface import NODE_REACH, OuterSurface, normal_points
from foedus.model.law import AbstractLaw

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NEWTON_STEPS = 60
NEWTON_TOLERANCE = 1e-8
NODES = 32
AXIS_STEP = 1.5
STRETCH = (0.5, 3.0)
NOWHERE = -1e10
LARGEST_MOVE = 5.0
ROUNDS = 2
ROWS_AT_ONCE = 16_384
_POINTS, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Cases:
    """Rows of the record as one law reads them.

    Args:
        value: What happened, shape (row,).
        terms: The law's inputs, shape (row, term), in the law's order.
        offset: Added to the predictor with weight one, such as the log of months counted.
        unit: Number of the row's unit, shape (row,).
        units: Names of the units.
        year: Number of the row's year, shape (row,).
        years: The years, consecutive.
        extra: Further inputs of the distribution by name, each of shape (row,).
    """

    value: Floats
    terms: Floats
    offset: Floats
    unit: Ints
    units: tuple[str, ...]
    year: Ints
    years: tuple[int, ...]
    extra: Mapping[str, Floats]

    def take(self, rows: NDArray[np.bool_]) -> "Cases":
        """Give some of the rows, with the same units and years."""
        return replace(
            self,
            value=self.value[rows],
            terms=self.terms[rows],
            offset=self.offset[rows],
            unit=self.unit[rows],
            year=self.year[rows],
            extra={name: part[rows] for name, part in self.extra.items()},
        )

    def until(self, last: int) -> "Cases":
        """Give the rows of years up to `last`, without the later years."""
        kept = tuple(year for year in self.years if year <= last)
        return replace(self.take(self.year < len(kept)), years=kept)


@dataclass(frozen=True)
class Outer:
    """Outer parameters and their priors, each sampled as a logarithm or as log odds.

    Args:
        names: `unit spread`, `year spread`, `year memory`, then the law's shapes.
        share: Whether the parameter is a share in (0, 1); a positive number otherwise.
        mean: Prior mean on the unbounded scale.
        scale: Prior standard deviation on the unbounded scale.
        fixed: Whether it is held at its prior mean: a level the law does not have.
    """

    names: tuple[str, ...]
    share: NDArray[np.bool_]
    mean: Floats
    scale: Floats
    fixed: NDArray[np.bool_]

    def natural(self, z: Floats) -> dict[str, float]:
        """Turn the unbounded scale into the natural one."""
        value = np.where(self.share, 1 / (1 + np.exp(-z)), np.exp(np.clip(z, -20, 20)))
        return {name: float(v) for name, v in zip(self.names, value, strict=True)}

    def log_prior(self, z: Floats) -> float:
        """Give the log density of the priors of those that are free."""
        free = ~self.fixed
        return float(norm.logpdf(z[free], self.mean[free], self.scale[free]).sum())


@dataclass(frozen=True)
class Inner:
    """The mode of coefficients and levels for given outer parameters, and the curvature there."""

    dense: Floats
    level: Floats
    chol: Floats
    cross: Floats
    diagonal: Floats
    log_marginal: float
    steps: int


@dataclass(frozen=True)
class LawDraws:
    """Draws of a law's parameters on their natural scale.

    Args:
        coefficients: Shape (draw, term).
        year_level: Level of each training year, shape (draw, year).
        unit_level: Level of each unit, shape (draw, unit).
        outer: Outer parameters by name, each of shape (draw,).
        log_marginal: Log marginal likelihood at the outer mode.
        weight_ess: Effective number of the outer nodes after reweighting by the exact marginal.
        outer_mode: Outer mode on the unbounded scale, a start for the next fit.
        inner_steps: Newton steps at the mode.
    """

    coefficients: Floats
    year_level: Floats
    unit_level: Floats
    outer: dict[str, Floats]
    log_marginal: float
    weight_ess: float
    outer_mode: Floats
    inner_steps: int


@eqx.filter_jit
def _derivatives(law: AbstractLaw, value, predictor, shape: Mapping[str, Float[Array, "..."]]):
    def total(eta):
        return jnp.sum(law.log_prob(value, eta, shape))

    slope = jax.grad(total)
    gradient, curve = jax.jvp(slope, (predictor,), (jnp.ones_like(predictor),))
    return total(predictor), gradient, -curve


@eqx.filter_jit
def _total(law: AbstractLaw, value, predictor, shape: Mapping[str, Float[Array, "..."]]):
    return jnp.sum(law.log_prob(value, predictor, shape))


@eqx.filter_jit
def _averaged(law: AbstractLaw, value, predictor, spread, shape: Mapping[str, Float[Array, "..."]]):
    """Give the log density averaged over the spread of each predictor, its slope and curvature."""

    def total(eta):
        each = jax.vmap(lambda point: law.log_prob(value, eta + spread * point, shape))
        return jnp.sum(jnp.asarray(_WEIGHTS) @ each(jnp.asarray(_POINTS)))

    slope = jax.grad(total)
    gradient, curve = jax.jvp(slope, (predictor,), (jnp.ones_like(predictor),))
    return total(predictor), gradient, -curve


class Fit:
    """One law on one set of rows: what the inner and outer searches share.

    Args:
        law: The law.
        cases: Rows.
        prior_mean: Prior means of the coefficients.
        prior_scale: Prior standard deviations of the coefficients.
        outer: Outer parameters.
    """

    def __init__(
        self, law: AbstractLaw, cases: Cases, prior_mean: Floats, prior_scale: Floats, outer: Outer
    ) -> None:
        self.law = law
        self.cases = cases
        self.mean = np.concatenate([prior_mean, np.zeros(len(cases.years))])
        self.precision = 1 / prior_scale**2
        self.outer = outer
        self._last: tuple[Floats, Floats] | None = None

    def shape(self, z: Floats) -> dict[str, Float[Array, "..."]]:
        """Give the shape parameters and extra inputs the density takes."""
        values = self.outer.natural(z)
        given = {name: jnp.asarray(values[name]) for name in self.law.shapes}
        return given | {name: jnp.asarray(part) for name, part in self.cases.extra.items()}

    def predictor(self, dense: Floats, level: Floats) -> Floats:
        """Add up offset, terms, the year's level and the unit's level."""
        k = self.cases.terms.shape[1]
        years = dense[k:][self.cases.year] if len(self.cases.years) else 0.0
        return self.cases.offset + self.cases.terms @ dense[:k] + years + level[self.cases.unit]

    def _prior(self, z: Floats) -> tuple[Floats, float, float]:
        """Give precision of the dense block, its log determinant, and the unit precision."""
        values = self.outer.natural(z)
        k, years = len(self.precision), len(self.cases.years)
        prior = np.zeros((k + years, k + years))
        prior[np.arange(k), np.arange(k)] = self.precision
        logdet = float(np.log(self.precision).sum())
        if years:
            memory, spread = values["year memory"], values["year spread"]
            walk = np.eye(years) * (1 + memory**2)
            walk[0, 0] = 1.0
            walk[-1, -1] = 1.0
            if years == 1:
                walk[0, 0] = 1 - memory**2
            off = np.arange(years - 1)
            walk[off, off + 1] = walk[off + 1, off] = -memory
            prior[k:, k:] = walk / spread**2
            logdet += float(np.log1p(-(memory**2)) - 2 * years * np.log(spread))
        return prior, logdet, values["unit spread"] ** -2

    def inner(self, z: Floats) -> Inner:
        """Find coefficients and levels by Newton's method with a line search."""
        with jax.enable_x64(True):
            return self._newton(z, None)

    def closest(self, z: Floats) -> Inner:
        """Find the normal closest to the posterior of coefficients and levels."""
        with jax.enable_x64(True):
            found = self._newton(z, None)
            mode = self._last
            for _ in range(ROUNDS):
                found = self._newton(z, self._row_spread(found))
            self._last = mode
        return found

    def _row_spread(self, found: Inner) -> Floats:
        """Give the standard deviation of each row's predictor under a normal."""
        cases, k = self.cases, self.cases.terms.shape[1]
        pulled = (found.cross / found.diagonal).T
        spread = np.empty(len(cases.value))
        for first in range(0, len(spread), ROWS_AT_ONCE):
            rows = slice(first, first + ROWS_AT_ONCE)
            own = -pulled[cases.unit[rows]]
            own[:, :k] += cases.terms[rows]
            if len(cases.years):
                own[np.arange(len(own)), k + cases.year[rows]] += 1.0
            white = solve_triangular(found.chol, own.T, lower=True)
            spread[rows] = (white**2).sum(axis=0) + 1 / found.diagonal[cases.unit[rows]]
        return np.sqrt(spread)

    def _newton(self, z: Floats, spread: Floats | None) -> Inner:
        """Climb by Newton's method; over each row's spread where one is given."""
        prior, prior_logdet, unit_precision = self._prior(z)
        shape = self.shape(z)
        value = jnp.asarray(self.cases.value)
        groups = len(self.cases.units)

        def sides(eta: Floats):
            if spread is None:
                return _derivatives(self.law, value, jnp.asarray(eta), shape)
            return _averaged(self.law, value, jnp.asarray(eta), jnp.asarray(spread), shape)

        def height(eta: Floats) -> float:
            if spread is None:
                return float(_total(self.law, value, jnp.asarray(eta), shape))
            return float(sides(eta)[0])

        if self._last is None:
            dense, level = self.mean.copy(), np.zeros(groups)
        else:
            dense, level = (part.copy() for part in self._last)

        def penalty(dense: Floats, level: Floats) -> float:
            off = dense - self.mean
            return 0.5 * float(off @ prior @ off) + 0.5 * unit_precision * float(level @ level)

        steps, moving = 0, True
        while moving and steps < NEWTON_STEPS:
            steps += 1
            eta = self.predictor(dense, level)
            likelihood, gradient, curve = sides(eta)
            gradient, curve = np.asarray(gradient), np.maximum(np.asarray(curve), 1e-9)
            current = float(likelihood) - penalty(dense, level)
            top, cross, diagonal = self._curvature(curve, prior, unit_precision)
            slope_dense, slope_level = self._project(gradient)
            slope_dense -= prior @ (dense - self.mean)
            slope_level -= unit_precision * level
            reduced = top - (cross / diagonal) @ cross.T
            factor = cho_factor(reduced, lower=True)
            move = cho_solve(factor, slope_dense - cross @ (slope_level / diagonal))
            other = (slope_level - cross.T @ move) / diagonal
            gain = float(slope_dense @ move + slope_level @ other)
            largest = max(np.abs(move).max(), np.abs(other).max(initial=0.0))
            length = min(1.0, LARGEST_MOVE / largest) if largest > 0 else 1.0
            for _ in range(20):
                trial = (dense + length * move, level + length * other)
                found = height(self.predictor(*trial)) - penalty(*trial)
                if found >= current - 1e-7 * abs(current) * (length == 1.0) - 1e-9:
                    dense, level = trial
                    break
                length /= 2
            else:
                break
            moving = gain >= NEWTON_TOLERANCE * max(1.0, abs(current))
        eta = self.predictor(dense, level)
        likelihood, _, curve = sides(eta)
        curve = np.maximum(np.asarray(curve), 1e-9)
        top, cross, diagonal = self._curvature(curve, prior, unit_precision)
        chol = np.asarray(np.linalg.cholesky(top - (cross / diagonal) @ cross.T), dtype=np.float64)
        logdet = 2 * float(np.log(np.diag(chol)).sum()) + float(np.log(diagonal).sum())
        prior_logdet += groups * np.log(unit_precision)
        marginal = float(likelihood) - penalty(dense, level) + 0.5 * (prior_logdet - logdet)
        self._last = (dense, level)
        return Inner(dense, level, chol, cross, diagonal, marginal, steps)

    def _project(self, gradient: Floats) -> tuple[Floats, Floats]:
        cases = self.cases
        years = np.bincount(cases.year, weights=gradient, minlength=len(cases.years))
        terms = cases.terms.T @ gradient
        units = np.bincount(cases.unit, weights=gradient, minlength=len(cases.units))
        top = np.concatenate([terms, years[: len(cases.years)]])
        return top.astype(np.float64), units.astype(np.float64)

    def _curvature(
        self, curve: Floats, prior: Floats, unit_precision: float
    ) -> tuple[Floats, Floats, Floats]:
        cases = self.cases
        k, years, groups = cases.terms.shape[1], len(cases.years), len(cases.units)
        weighted = cases.terms * curve[:, None]
        top = prior.copy()
        top[:k, :k] += cases.terms.T @ weighted
        cross = np.zeros((k + years, groups))
        for j in range(k):
            if years:
                part = np.bincount(cases.year, weights=weighted[:, j], minlength=years)
                top[j, k:] += part
                top[k:, j] += part
            cross[j] = np.bincount(cases.unit, weights=weighted[:, j], minlength=groups)
        if years:
            at = np.arange(years) + k
            top[at, at] += np.bincount(cases.year, weights=curve, minlength=years)
            both = np.bincount(
                cases.year * groups + cases.unit, weights=curve, minlength=years * groups
            )
            cross[k:] = both.reshape(years, groups)
        here = np.bincount(cases.unit, weights=curve, minlength=groups).astype(np.float64)
        return top, cross, here + unit_precision

    def _height(self, z: Floats) -> float:
        """Give the log posterior of the outer parameters, `NOWHERE` where it cannot be found."""
        try:
            found = self.inner(z).log_marginal + self.outer.log_prior(z)
        except (ValueError, np.linalg.LinAlgError):
            # So far out that density or curvature is no number; start anew from the middle.
            self._last = None
            return NOWHERE
        return found if np.isfinite(found) else NOWHERE

    def climb(self, start: Floats | None = None) -> Floats:
        """Find the outer mode, on the unbounded scale."""
        free = ~self.outer.fixed
        z = self.outer.mean.copy() if start is None else start.copy()
        if not free.any():
            return z

        def loss(part: Floats) -> float:
            full = z.copy()
            full[free] = part
            return -self._height(full)

        found = minimize(
            loss, z[free], method="BFGS", options={"gtol": 0.02, "eps": 1e-3, "maxiter": 40}
        )
        z[free] = found.x
        return z

    def outer_covariance(self, z: Floats) -> Floats:
        """Give the covariance of the free outer parameters from second differences."""
        free = np.flatnonzero(~self.outer.fixed).tolist()
        step = 0.05

        def height(moves: dict[int, float]) -> float:
            at = z.copy()
            for index, move in moves.items():
                at[index] += move
            return self._height(at)

        top = height({})
        one = {i: (height({i: step}), height({i: -step})) for i in free}
        matrix = np.zeros((len(free), len(free)))
        for a, i in enumerate(free):
            matrix[a, a] = -(one[i][0] - 2 * top + one[i][1]) / step**2
            for b, j in enumerate(free[:a]):
                both = height({i: step, j: step}) - one[i][0] - one[j][0] + top
                matrix[a, b] = matrix[b, a] = -both / step**2
        values, vectors = np.linalg.eigh(matrix)
        weakest = 1 / np.max(self.outer.scale[free], initial=1.0) ** 2
        return (vectors / np.maximum(values, weakest)) @ vectors.T

    def _outer_surface(self, z: Floats, rng: np.random.Generator) -> OuterSurface:
        """Look at the exact marginal around the outer mode: along each axis, then at the nodes."""
        free = np.flatnonzero(~self.outer.fixed)
        size = len(free)
        values, vectors = np.linalg.eigh(self.outer_covariance(z))
        root = vectors * np.sqrt(values)

        def height(move: Floats) -> float:
            at = z.copy()
            at[free] += move
            return self._height(at)

        top = height(np.zeros(size))
        stretch = np.ones((2, size))
        for axis in range(size):
            for side, sign in enumerate((-1.0, 1.0)):
                fall = top - height(sign * AXIS_STEP * root[:, axis])
                wide = AXIS_STEP / np.sqrt(2 * fall) if fall > 0 else STRETCH[1]
                stretch[side, axis] = np.clip(wide, *STRETCH)
        nodes = NODE_REACH * normal_points(size, NODES, rng)
        blank = OuterSurface(root, stretch, nodes, np.zeros(NODES))
        exact = np.array([height(move) for move in blank.moved(nodes)])
        known = exact > NOWHERE
        return replace(blank, nodes=nodes[known], exact=exact[known] - top)

    def draws(self, count: int, *, seed: int, start: Floats | None = None) -> LawDraws:
        """Draw the posterior: outer nodes reweighted by their exact marginal, normal inside.

        Args:
            count: Draws.
            seed: Seed; nothing else decides the numbers.
            start: Outer parameters to start the search from.
        """
        rng = named_generator(seed, "laplace", self.law.name)
        z = self.climb(start)
        best = self.inner(z)
        free = np.flatnonzero(~self.outer.fixed)
        nodes, placed, chosen = z[None], np.repeat(z[None], count, axis=0), np.zeros(count, int)
        effective = 1.0
        if len(free):
            surface = self._outer_surface(z, rng)
            nodes = np.repeat(z[None], len(surface.nodes), axis=0)
            nodes[:, free] += surface.moved(surface.nodes)
            drawn = surface.draw(count, rng)
            placed[:, free] += surface.moved(drawn)
            apart = ((drawn[:, None, :] - surface.nodes[None, :, :]) ** 2).sum(axis=2)
            chosen = apart.argmin(axis=1)
            effective = surface.effective
        k, years = len(self.precision), len(self.cases.years)
        dense = np.empty((count, k + years))
        level = np.empty((count, len(self.cases.units)))
        for node in np.unique(chosen):
            at = np.flatnonzero(chosen == node)
            found = self.closest(nodes[node])
            luck = rng.normal(size=(k + years, len(at)))
            off = solve_triangular(found.chol.T, luck, lower=False)
            dense[at] = (found.dense[:, None] + off).T
            own = rng.normal(size=(len(found.level), len(at))) / np.sqrt(found.diagonal)[:, None]
            shift = (found.cross.T @ off) / found.diagonal[:, None]
            level[at] = (found.level[:, None] - shift + own).T
        natural = [self.outer.natural(place) for place in placed]
        return LawDraws(
            coefficients=dense[:, :k],
            year_level=dense[:, k:],
            unit_level=level,
            outer={name: np.array([n[name] for n in natural]) for name in self.outer.names},
            log_marginal=best.log_marginal,
            weight_ess=effective,
            outer_mode=z,
            inner_steps=best.steps,
        )
