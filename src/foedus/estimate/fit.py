"""Posterior of a smooth log density: mode, curvature there, then four chains.

States are integrated out exactly, so what is sampled is a short parameter vector whose posterior
is close to normal. Chains therefore propose from a fitted heavy-tailed distribution and accept or
refuse by Metropolis, which is exact and takes all proposals in one pass; NUTS is there for what
that cannot do, and as the check of it.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.optimize import minimize

from foedus.compute.keys import named_generator, named_key
from foedus.estimate.diagnostics import Diagnostics, diagnose
from foedus.model.priors import Priors

TAIL = 6.0
WIDE = 1.8
WIDE_SHARE = 0.2
ATTEMPTS = 3
Density = Callable[[Float[Array, " parameter"]], Float[Array, ""]]


@dataclass(frozen=True)
class Mode:
    """The top of a density, on the unbounded scale.

    Args:
        place: Where it is.
        covariance: Inverse of the curvature there.
        log_prob: Log density there, up to a constant.
    """

    place: np.ndarray
    covariance: np.ndarray
    log_prob: float


@dataclass(frozen=True)
class Draws:
    """Draws of a parameter vector on its natural scale, with how well they were drawn.

    Args:
        names: Parameters.
        theta: Shape (chain, draw, parameter).
        diagnostics: R-hat, effective sample size and divergences.
    """

    names: tuple[str, ...]
    theta: np.ndarray
    diagnostics: Diagnostics

    def pooled(self, count: int) -> np.ndarray:
        """Give `count` draws spread evenly over all chains, shape (draw, parameter)."""
        flat = self.theta.reshape(-1, self.theta.shape[-1])
        return flat[np.linspace(0, len(flat) - 1, count).round().astype(int)]


def find_mode(
    density: Density, priors: Priors, start: np.ndarray | None = None, *, curvature: bool = True
) -> Mode:
    """Climb to the mode by L-BFGS with exact gradients, in double precision.

    Args:
        density: Log density on the unbounded scale.
        priors: Priors, for the start and for which parameters are scales.
        start: Where to start; the middle of the priors by default.
        curvature: Whether to invert the curvature there; without it the covariance is nan.
    """
    with jax.enable_x64(True):

        def loss(z: np.ndarray) -> tuple[float, np.ndarray]:
            value, slope = _value_and_slope(density, jnp.asarray(z))
            return -float(value), -np.asarray(slope)

        first = priors.start() if start is None else start
        found = minimize(
            loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 300, "ftol": 1e-8}
        )
        place = np.where(priors.kind == 1, np.abs(found.x), found.x)
        covariance = np.full((len(place), len(place)), np.nan)
        if curvature:
            covariance = np.linalg.inv(_curvature(loss, place))
    return Mode(place, covariance, -float(found.fun))


@eqx.filter_jit
def _value_and_slope(density: Density, z: Float[Array, " parameter"]):
    return jax.value_and_grad(density)(z)


@eqx.filter_jit
def _values(density: Density, z: Float[Array, "draw parameter"], batch: int):
    return jax.lax.map(density, z, batch_size=batch)


def _curvature(
    loss: Callable[[np.ndarray], tuple[float, np.ndarray]], at: np.ndarray
) -> np.ndarray:
    """Take central differences of exact gradients, made symmetric and safely positive."""
    step = 1e-4
    rows = []
    for i in range(len(at)):
        move = np.zeros_like(at)
        move[i] = step
        rows.append((loss(at + move)[1] - loss(at - move)[1]) / (2 * step))
    matrix = np.asarray(rows)
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return (vectors * np.maximum(values, 1e-2)) @ vectors.T


def root_of(covariance: np.ndarray) -> np.ndarray:
    """Give a root of a covariance, also of one that rounding has left short of positive."""
    try:
        return np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
        return vectors * np.sqrt(np.maximum(values, np.finfo(np.float64).eps * values[-1]))


def _student(rng: np.random.Generator, count: int, size: int) -> np.ndarray:
    """Draw from a standard multivariate t, a share of it stretched so that no tail is missed."""
    normal = rng.normal(size=(count, size)) / np.sqrt(rng.chisquare(TAIL, size=(count, 1)) / TAIL)
    return normal * np.where(rng.uniform(size=(count, 1)) < WIDE_SHARE, WIDE, 1.0)


def _student_log_prob(x: np.ndarray) -> np.ndarray:
    """Give its log density up to a constant."""
    square, size = (x**2).sum(axis=1), x.shape[1]
    narrow = -0.5 * (TAIL + size) * np.log1p(square / TAIL)
    wide = -0.5 * (TAIL + size) * np.log1p(square / WIDE**2 / TAIL) - size * np.log(WIDE)
    return np.logaddexp(np.log(1 - WIDE_SHARE) + narrow, np.log(WIDE_SHARE) + wide)


def _reshape(place: np.ndarray, root: np.ndarray, x: np.ndarray, weight: np.ndarray) -> Mode:
    """Move the proposal to the weighted mean and covariance of its first draws."""
    z = place + x @ root.T
    share = np.exp(weight - weight.max())
    share = np.minimum(share, np.quantile(share, 0.99))
    share /= share.sum()
    mean = share @ z
    off = z - mean
    return Mode(mean, (off * share[:, None]).T @ off, 0.0)


def sample(
    density: Density,
    priors: Priors,
    *,
    seed: int,
    name: str,
    warmup: int = 2000,
    draws: int = 2000,
    chains: int = 4,
    batch: int = 25,
) -> Draws:
    """Draw from a posterior by independence Metropolis around its mode.

    Args:
        density: Log density of prior and data on the unbounded scale.
        priors: Priors, for names and scales.
        seed: Seed; the same seed and name give the same draws.
        name: Name of the fit, from which its random numbers are made.
        warmup: Draws spent on moving the proposal from the mode's curvature to the moments.
        draws: Draws kept, by chain; doubled with a better proposal, at most twice, where the
            chains have not mixed.
        chains: Number of chains.
        batch: Proposals evaluated at once.

    Source: Tierney, L. 1994. Annals of Statistics 22(4): 1701-1728, section 2.3.3.
    """
    mode = find_mode(density, priors)
    rng = named_generator(seed, name)
    size = len(mode.place)
    with jax.enable_x64(True):

        def weigh(place: np.ndarray, root: np.ndarray, x: np.ndarray) -> np.ndarray:
            z = place + x @ root.T
            found = np.asarray(_values(density, jnp.asarray(z), batch))
            # One of two mirror images is enough: a scale of either sign is the same scale.
            legal = np.isfinite(found) & (z[:, priors.kind == 1] >= 0).all(axis=1)
            return np.where(legal, found - _student_log_prob(x), -np.inf)

        place, root = mode.place, np.linalg.cholesky(mode.covariance)
        for _ in range(3):
            x = _student(rng, warmup // 3, size)
            moved = _reshape(place, root, x, weigh(place, root, x))
            place, root = moved.place, np.linalg.cholesky(moved.covariance)

        def run(count: int) -> tuple[np.ndarray, Draws]:
            x = _student(rng, chains * count, size)
            weight = weigh(place, root, x).reshape(chains, count)
            if not np.isfinite(weight).any(axis=1).all():
                raise ArithmeticError(f"no proposal for {name} had a finite density")
            kept = _metropolis((place + x @ root.T).reshape(chains, count, size), weight, rng)
            theta = np.asarray(jax.vmap(jax.vmap(priors.natural))(jnp.asarray(kept)))
            return kept, Draws(priors.names, theta, diagnose(priors.names, theta, None))

        kept, found = run(draws + 1)
        for attempt in range(1, ATTEMPTS):
            if found.diagnostics.passed:
                break
            flat = kept.reshape(-1, size)
            place, root = flat.mean(axis=0), np.linalg.cholesky(np.cov(flat.T).reshape(size, size))
            kept, found = run(draws * 2**attempt + 1)
    return found


def _metropolis(z: np.ndarray, weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Accept or refuse proposals of shape (chain, draw, parameter) by their importance weights."""
    chains, draws = weight.shape
    luck = np.log(rng.uniform(size=weight.shape))
    held = np.arange(chains)
    at = np.argmax(np.isfinite(weight), axis=1)
    kept = np.empty((chains, draws - 1, z.shape[2]))
    for i in range(1, draws):
        better = luck[:, i] < weight[:, i] - weight[held, at]
        at = np.where(better, i, at)
        kept[:, i - 1] = z[held, at]
    return kept


def sample_nuts(
    density: Density,
    priors: Priors,
    *,
    seed: int,
    name: str,
    warmup: int = 300,
    draws: int = 400,
    chains: int = 4,
) -> Draws:
    """Draw from a posterior with the No-U-Turn sampler, whitened by the curvature at the mode.

    Args:
        density: Log density of prior and data on the unbounded scale.
        priors: Priors, for names and scales.
        seed: Seed; the same seed and name give the same draws.
        name: Name of the fit, from which its random key is made.
        warmup: Draws spent on tuning, by chain.
        draws: Draws kept, by chain.
        chains: Number of chains.

    Source: Hoffman, M. D. and A. Gelman. 2014. Journal of Machine Learning Research 15: 1593-1623.
    """
    from numpyro.infer import MCMC, NUTS

    mode = find_mode(density, priors)
    root = root_of(mode.covariance)
    with jax.enable_x64(True), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*chain_method.*")
        scale, place = jnp.asarray(root), jnp.asarray(mode.place)

        def potential(x: Float[Array, " parameter"]) -> Float[Array, ""]:
            return -density(place + scale @ x)

        kernel = NUTS(potential_fn=potential, dense_mass=False, target_accept_prob=0.9)
        runner = MCMC(
            kernel,
            num_warmup=warmup,
            num_samples=draws,
            num_chains=chains,
            chain_method="vectorized",
            progress_bar=False,
        )
        start = np.random.default_rng(seed).normal(size=(chains, len(mode.place)))
        runner.run(
            named_key(seed, name),
            init_params=jnp.asarray(start),
            extra_fields=("diverging",),
        )
        white = jnp.asarray(runner.get_samples(group_by_chain=True))
        divergent = int(np.asarray(runner.get_extra_fields()["diverging"]).sum())
        z = place + white @ scale.T
        theta = np.asarray(jax.vmap(jax.vmap(priors.natural))(z))
    return Draws(priors.names, theta, diagnose(priors.names, theta, divergent))
