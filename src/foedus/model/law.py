"""A law of motion: one conditional distribution, called by estimation, simulation and scoring.

Every law of the program has the same form. Its inputs are published terms with unit and range;
the predictor is their weighted sum, plus the level of the unit and of the year; `log_prob` and
`draw` turn a predictor into a density and into a value. No other copy of a law exists.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

Values = Array | np.ndarray
Shape = Mapping[str, Float[Array, "..."]]
Inputs = Mapping[str, Float[Values, "..."]]


class Term(NamedTuple):
    """One published input of a law.

    Args:
        name: Name, used for levers, coefficients and pages.
        unit: Unit.
        low: Smallest value the law accepts.
        high: Largest.
        meaning: What it says.
    """

    name: str
    unit: str
    low: float
    high: float
    meaning: str


class AbstractLaw(eqx.Module):
    """A conditional distribution of one quantity, given inputs of the month or year before.

    Args:
        name: Name of the law and of its parameter file.
        value: What it is a law of, with unit.
        clock: `month` or `year`.
        terms: Published inputs, in the order of the coefficients.
        shapes: Names of the shape parameters, each a positive number or a share.
        unit: What has a level of its own: `pair`, `country`, `dyad`, `series`, or none.
    """

    name: eqx.AbstractVar[str]
    value: eqx.AbstractVar[str]
    clock: eqx.AbstractVar[str]
    terms: eqx.AbstractVar[tuple[Term, ...]]
    shapes: eqx.AbstractVar[tuple[str, ...]]
    unit: eqx.AbstractVar[str]

    @abstractmethod
    def log_prob(
        self,
        value: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give the log density, or log probability, of a value; elementwise."""

    @abstractmethod
    def draw(
        self,
        uniform: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give the value at a uniform: the inverse of the distribution; elementwise."""


def predictor(
    law: AbstractLaw, coefficients: Mapping[str, Float[Values, "..."]], inputs: Inputs
) -> Float[Array, "..."]:
    """Add up a law's terms.

    Args:
        law: The law.
        coefficients: One a term, by name; broadcast against the inputs.
        inputs: One a term, by name, each held to the range the law publishes.

    Raises:
        KeyError: An input is missing.
    """
    return part_of_predictor(
        law, coefficients, {term.name: inputs[term.name] for term in law.terms}
    )


def part_of_predictor(
    law: AbstractLaw, coefficients: Mapping[str, Float[Values, "..."]], inputs: Inputs
) -> Float[Array, "..."]:
    """Add up those of a law's terms that are given: the yearly ones, say, apart from the rest."""
    total = None
    for term in law.terms:
        if term.name in inputs:
            part = coefficients[term.name] * jnp.clip(inputs[term.name], term.low, term.high)
            total = part if total is None else total + part
    assert total is not None
    return jnp.asarray(total)
