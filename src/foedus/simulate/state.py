"""What the simulation carries from month to month, and what stays as it is.

A pair's own disputes are remembered along three strands. The first is what happens. On the second
the pair has seen no onset since the origin, on the third none with use of force: the chance of at
least one is one less the chance of none, and the chance of none is read off the path on which
there was none. The chance so found is that of the draws themselves, with less noise.

The draw axis is last in every array. Values that a unit does not have in the record are nan and
stay nan; they are never zero.
"""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from foedus.model.law import Values


class LawParameters(eqx.Module):
    """Draws of one law's parameters.

    Args:
        coefficients: One a term.
        shape: Shape parameters by name.
        unit_level: Levels of the units of the run, zero where the law has none.
        year_level: Level of the last year of training.
        year_memory: Share of a year's level that stays in the next.
        year_spread: Standard deviation of the yearly step of the level.
        last_year: Last year of training.
    """

    coefficients: dict[str, Float[Values, " draw"]]
    shape: dict[str, Float[Values, " draw"]]
    unit_level: Float[Values, "unit draw"]
    year_level: Float[Values, " draw"]
    year_memory: Float[Values, " draw"]
    year_spread: Float[Values, " draw"]
    last_year: Int[Values, ""]


class Setting(eqx.Module):
    """What does not move: who is there, where, and what was observed until the origin.

    Observed values are nan where nothing is observed; they replace what a law draws. Years are
    counted from `first_year`, months from its January.

    Args:
        first_year: First year of the run.
        origin: Last month known, counted from year zero; nothing later is observed.
        one: Number of each pair's first country, shape (pair,).
        two: Number of each pair's second country.
        asked: Number of each pair whose disputes are forecast, shape (asked,): those that are
            politically relevant. What follows of pairs is of these alone.
        begin: Month in which both states of a pair existed, counted from year zero.
        fixed: Terms of pairs that do not move: borders, distance, major powers.
        lower_democracy: Lower democracy score of each pair as of 31 December of the year before,
            shape (year, asked).
        higher_democracy: Higher one.
        outside_rate: Onsets a month of each country with anyone but its asked pairs.
        observed: Levels by variable, each of shape (year, unit).
        error: Standard error of the observed levels by variable, shape (unit,), for a law that was
            fitted on levels without it; drawn anew each year.
        observed_onsets: Onsets by month and pair.
        observed_level: Highest level of the month's onset less two, by month and pair.
        observed_recent: Recent mean of each series after each observed month, by month and series.
        observed_slow: Slow mean likewise.
        reporting: Decades of growing reporting of each series at its last month, which stay.
        kind: Number of each series' kind of act.
        link: Weight with which each series acts on each pair, shape (asked, series).
    """

    first_year: Int[Values, ""]
    origin: Int[Values, ""]
    one: Int[Values, " pair"]
    two: Int[Values, " pair"]
    asked: Int[Values, " asked"]
    begin: Float[Values, " asked"]
    fixed: dict[str, Float[Values, " asked"]]
    lower_democracy: Float[Values, "_ asked"]
    higher_democracy: Float[Values, "_ asked"]
    outside_rate: Float[Values, " country"]
    observed: dict[str, Float[Values, "_ _"]]
    error: dict[str, Float[Values, " _"]]
    observed_onsets: Float[Values, "_ asked"]
    observed_level: Float[Values, "_ asked"]
    observed_recent: Float[Values, "_ series"]
    observed_slow: Float[Values, "_ series"]
    reporting: Float[Values, " series"]
    kind: Float[Values, " series"]
    link: Float[Values, "asked series"]

    def sides(self) -> tuple[Int[Array, " asked"], Int[Array, " asked"]]:
        """Give the number of the first and of the second country of each pair that is asked."""
        asked = jnp.asarray(self.asked)
        return jnp.asarray(self.one)[asked], jnp.asarray(self.two)[asked]


HAPPENS, WITHOUT_ONSET, WITHOUT_FORCE = 0, 1, 2
STRANDS = 3


class Parameters(eqx.Module):
    """Draws of all laws, and of what links them.

    Args:
        laws: Parameters by law.
        link: Rise of a pair's log rate of onset per unit of its arenas' turn; assumed.
    """

    laws: dict[str, LawParameters]
    link: Float[Values, " draw"]


class State(eqx.Module):
    """Everything a month needs to know of the months before.

    Args:
        spending: Log of real military spending; `_growth` its last change, `_mean` and
            `_variance` what is remembered of past changes.
        output: Log of real output; `_change` its last change, `_slow` the mean of past changes,
            `_variance` their mean square.
        capability: Log of the share of world capability (CINC).
        ideal: Ideal point in UN votes; `_change`, `_slow` as for output, of the level.
        trade: Log of a pair's trade; `_change`, `_slow` likewise.
        similarity: Weighted similarity of alliances (S) of a pair.
        support: Log odds of a favourable opinion, by dyad.
        slow: Memory of an asked pair's onsets along each strand, half-life ten years.
        fast: The same, two years.
        last: Month of a pair's last onset, counted from year zero; minus infinity if none.
        onsets: Onsets of a pair so far.
        forceful: Those that saw use of force.
        outside: Memory of a country's onsets with anyone else, half-life two years.
        recent: Recent mean of each series.
        level: Slow mean of each series. Both are of what would have been counted without a course.
        shift_recent: Recent mean of what a course shifts each series' log mean by.
        shift_level: Slow mean of the same.
        hazard: Log rate of onset of a pair by the yearly terms, along each strand.
        ladder: Predictor of the highest level of a pair's onset.
        year_level: Level of the year, by law.
    """

    spending: Float[Array, "country draw"]
    spending_growth: Float[Array, "country draw"]
    spending_mean: Float[Array, "country draw"]
    spending_variance: Float[Array, "country draw"]
    output: Float[Array, "country draw"]
    output_change: Float[Array, "country draw"]
    output_slow: Float[Array, "country draw"]
    output_variance: Float[Array, "country draw"]
    capability: Float[Array, "country draw"]
    ideal: Float[Array, "country draw"]
    ideal_change: Float[Array, "country draw"]
    ideal_slow: Float[Array, "country draw"]
    ideal_variance: Float[Array, "country draw"]
    trade: Float[Array, "pair draw"]
    trade_change: Float[Array, "pair draw"]
    trade_slow: Float[Array, "pair draw"]
    trade_variance: Float[Array, "pair draw"]
    similarity: Float[Array, "pair draw"]
    support: Float[Array, "dyad draw"]
    slow: Float[Array, "strand asked draw"]
    fast: Float[Array, "strand asked draw"]
    last: Float[Array, "strand asked draw"]
    onsets: Float[Array, "asked draw"]
    forceful: Float[Array, "asked draw"]
    outside: Float[Array, "country draw"]
    recent: Float[Array, "series draw"]
    level: Float[Array, "series draw"]
    shift_recent: Float[Array, "series draw"]
    shift_level: Float[Array, "series draw"]
    hazard: Float[Array, "strand asked draw"]
    ladder: Float[Array, "asked draw"]
    year_level: dict[str, Float[Array, " draw"]]


class Tally(eqx.Module):
    """What is added up along the path from the origin on.

    Args:
        rate: Sum of the monthly rates of onset of a pair on the strand without onset.
        force_rate: Sum of the rates of onset with use of force on the strand without such onset.
        counts: Counts of the series by month after the origin.
        month_risk: Sum over draws of the chance of an onset in the month along what happens.
    """

    rate: Float[Array, "asked draw"]
    force_rate: Float[Array, "asked draw"]
    counts: Float[Array, "month series draw"]
    month_risk: Float[Array, "month asked"]


class Now(eqx.Module):
    """The month being simulated.

    Args:
        month: Month counted from year zero.
        luck: Uniforms of each named slot in this month, shape (unit, draw).
    """

    month: Int[Array, ""]
    luck: dict[str, Float[Array, "_ draw"]]

    @property
    def year(self) -> Int[Array, ""]:
        """Year of the month."""
        return self.month // 12
