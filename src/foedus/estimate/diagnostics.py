"""Whether chains have mixed: R-hat, effective sample size, divergences."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MOST_R_HAT = 1.01
LEAST_ESS = 400.0


@dataclass(frozen=True)
class Diagnostics:
    """How well a posterior was drawn.

    Args:
        names: Parameters.
        r_hat: Rank-normalised split R-hat of each.
        ess_bulk: Effective sample size of the bulk of each.
        ess_tail: Effective sample size of the tails of each.
        divergent: Divergent transitions in all chains; None for a sampler that has none.
    """

    names: tuple[str, ...]
    r_hat: tuple[float, ...]
    ess_bulk: tuple[float, ...]
    ess_tail: tuple[float, ...]
    divergent: int | None

    @property
    def passed(self) -> bool:
        """Whether every parameter mixed and no transition diverged."""
        return (
            max(self.r_hat) < MOST_R_HAT
            and min(self.ess_bulk) >= LEAST_ESS
            and min(self.ess_tail) >= LEAST_ESS
            and not self.divergent
        )

    def summary(self) -> dict[str, float | int | bool | None]:
        """Give the worst of each figure, for a report."""
        return {
            "r_hat_max": max(self.r_hat),
            "ess_bulk_min": min(self.ess_bulk),
            "ess_tail_min": min(self.ess_tail),
            "divergent": self.divergent,
            "passed": self.passed,
        }


def diagnose(names: Sequence[str], draws: np.ndarray, divergent: int | None) -> Diagnostics:
    """Judge draws of shape (chain, draw, parameter).

    Source: Vehtari, A., A. Gelman, D. Simpson, B. Carpenter and P.-C. Bürkner. 2021. Bayesian
    Analysis 16(2): 667-718.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        import arviz

    columns = [draws[:, :, i] for i in range(draws.shape[2])]
    return Diagnostics(
        names=tuple(names),
        r_hat=tuple(float(arviz.rhat(column)) for column in columns),
        ess_bulk=tuple(float(arviz.ess(column, method="bulk")) for column in columns),
        ess_tail=tuple(float(arviz.ess(column, method="tail")) for column in columns),
        divergent=divergent,
    )
