"""Priors of a law, read from its parameter file."""

from dataclasses import dataclass

import numpy as np

from foedus.estimate.laplace import Floats, Outer
from foedus.model.law import AbstractLaw
from foedus.model.parameters import read

LEVELS = ("unit spread", "year spread", "year memory")
_ABSENT = {"unit spread": 1e-3, "year spread": 1e-3, "year memory": 0.5}


@dataclass(frozen=True)
class LawPriors:
    """Priors of a law's coefficients and outer parameters.

    Args:
        mean: Prior mean of each coefficient, in the law's order.
        scale: Prior standard deviation of each.
        outer: Priors of the spreads, memories and shapes; a level the file does not name is fixed
            at nothing.
        years: Whether the law has a level of the year.
        units: Whether the law has a level of the unit.
    """

    mean: Floats
    scale: Floats
    outer: Outer
    years: bool
    units: bool


def law_priors(law: AbstractLaw) -> LawPriors:
    """Read the priors of a law; every term and shape must have one."""
    given = read(law.name)
    terms, outer = given["terms"], given["outer"]
    names = (*LEVELS, *law.shapes)
    fixed = np.array([name not in outer for name in names])
    middle = np.array([outer[n]["median"] if n in outer else _ABSENT[n] for n in names])
    share = np.array([n in outer and outer[n]["prior"] == "logit-normal" for n in names])
    share |= np.array([n == "year memory" for n in names])
    inside = np.where(share, middle, 0.5)
    mean = np.where(share, np.log(inside) - np.log1p(-inside), np.log(middle))
    return LawPriors(
        mean=np.array([float(terms[term.name]["mean"]) for term in law.terms]),
        scale=np.array([float(terms[term.name]["scale"]) for term in law.terms]),
        outer=Outer(
            names=names,
            share=share,
            mean=mean,
            scale=np.array([float(outer[n]["scale"]) if n in outer else 1.0 for n in names]),
            fixed=fixed,
        ),
        years="year spread" in outer,
        units="unit spread" in outer,
    )
