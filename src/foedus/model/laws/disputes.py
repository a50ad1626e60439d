"""Onset of militarised disputes of a pair, month by month."""

import jax.numpy as jnp
from jax.scipy.special import gammaln
from jaxtyping import Array, Float

from foedus.compute import quantiles
from foedus.model.law import AbstractLaw, Inputs, Shape, Term, Values

FAST_HALF_LIFE_MONTHS = 24.0
SLOW_HALF_LIFE_MONTHS = 120.0
MOST_ONSETS = 3
LONGEST_PEACE_YEARS = 60.0


class Disputes(AbstractLaw):
    """Count of dispute onsets of a pair in a month: Poisson with a log-linear rate.

    The pair's own level and the year's level are pooled. Annual inputs are those of 31 December;
    the months since the last onset are the current ones.

    Source: Carter, D. B. and C. S. Signorino. 2010. Political Analysis 18(3): 271-292 (time since
    the last event as a term); Oneal, J. R. and B. Russett. 1997. International Studies Quarterly
    41(2): 267-294 (terms).
    """

    name: str = "disputes"
    value: str = "onsets of militarised disputes in a month"
    clock: str = "month"
    unit: str = "pair"
    shapes: tuple[str, ...] = ()
    terms: tuple[Term, ...] = (
        Term("constant", "1", 1, 1, "always one"),
        Term("land border", "0 or 1", 0, 1, "the two share a land border"),
        Term("near by sea", "0 or 1", 0, 1, "at most 400 miles of water between them"),
        Term("distance", "log 1000 km", -3, 3.1, "between the capitals"),
        Term("both major powers", "0 or 1", 0, 1, "both on the COW list"),
        Term("one major power", "0 or 1", 0, 1, "one on the COW list"),
        Term("imbalance", "log ratio", 0, 12, "capability (CINC) of the larger over the smaller"),
        Term("lower democracy", "unified score", -3, 3, "lower democracy score of the two"),
        Term("higher democracy", "unified score", -3, 3, "higher democracy score of the two"),
        Term("slow history", "log 1 + onsets", 0, 4, "past onsets, half-life ten years"),
        Term("fast history", "log 1 + onsets", 0, 4, "past onsets, half-life two years"),
        Term("peace", "log 1 + years", 0, 4.2, "since the last onset, or since both exist"),
        Term("onset in 6 months", "0 or 1", 0, 1, "an onset in the last 6 months"),
        Term("onset in 7-12 months", "0 or 1", 0, 1, "the last one 7 to 12 months ago"),
        Term("onset in 13-24 months", "0 or 1", 0, 1, "the last one 13 to 24 months ago"),
        Term("others' disputes", "log 1 + onsets", 0, 8, "of either with third states, fast"),
    )

    def log_prob(
        self,
        value: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give the log probability of a count of onsets."""
        return value * predictor - self.rate(predictor) - gammaln(value + 1)

    def draw(
        self,
        uniform: Float[Array, "*shape"],
        predictor: Float[Array, "*shape"],
        shape: Shape,
    ) -> Float[Array, "*shape"]:
        """Give a count of onsets, at most three in a month."""
        return self.draw_at(uniform, self.rate(predictor))

    def draw_at(
        self, uniform: Float[Array, "*shape"], rate: Float[Array, "*shape"]
    ) -> Float[Array, "*shape"]:
        """Give a count of onsets at an expected count, at most three in a month."""
        return quantiles.poisson(uniform, rate, MOST_ONSETS)

    def rate(self, predictor: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """Give the expected onsets; the chance of none is exp(-rate)."""
        return jnp.exp(predictor)


def decay(half_life_months: float, months: float = 1.0) -> float:
    """Give the share of a memory left after some months."""
    return 0.5 ** (months / half_life_months)


def recency(months_since: Float[Values, "*shape"]) -> Inputs:
    """Give the current month's terms: how long ago the last onset was, in steps."""
    return {
        "onset in 6 months": (months_since <= 6) * 1.0,
        "onset in 7-12 months": ((months_since > 6) & (months_since <= 12)) * 1.0,
        "onset in 13-24 months": ((months_since > 12) & (months_since <= 24)) * 1.0,
    }


def history(
    slow: Float[Values, "*shape"],
    fast: Float[Values, "*shape"],
    peace_years: Float[Values, "*shape"],
    others: Float[Values, "*shape"],
) -> Inputs:
    """Give the terms of past disputes from memories as of 31 December."""
    return {
        "slow history": jnp.log1p(slow),
        "fast history": jnp.log1p(fast),
        "peace": jnp.log1p(jnp.minimum(peace_years, LONGEST_PEACE_YEARS)),
        "others' disputes": jnp.log1p(others),
    }
