"""A synthetic world of any size, and the plan that runs it from its first month.

Nothing is observed, so that every month of the run is drawn by the laws; all pairs are asked.
"""

import jax.numpy as jnp
import numpy as np

from foedus.model.laws.incidents import KINDS
from foedus.model.order import LAWS
from foedus.simulate.ensemble import Plan, chunk_size
from foedus.simulate.state import STRANDS, LawParameters, Parameters, Setting, State

FIRST_YEAR = 2000
POSTERIOR = 64
MONTHS = 120
SERIES = {12: 6, 40: 20}
HORIZONS = (3, 12, 24, 36, 48, 60, 72, 84, 96, 108, 120)
LINKED_PAIRS = 3

TYPICAL: dict[str, dict[str, float]] = {
    "disputes": {
        "constant": -5.5, "land border": 0.5, "near by sea": 0.3, "distance": -0.3,
        "both major powers": 0.5, "one major power": 0.2, "imbalance": -0.1,
        "lower democracy": -0.1, "higher democracy": 0.05, "slow history": 0.4,
        "fast history": 0.5, "peace": -0.3, "onset in 6 months": 0.6,
        "onset in 7-12 months": 0.3, "onset in 13-24 months": 0.2, "others' disputes": 0.05,
    },
    "escalation": {
        "constant": 0.3, "land border": 0.1, "distance": -0.1, "both major powers": 0.1,
        "imbalance": -0.05, "lower democracy": -0.1, "slow history": 0.1,
        "force in the past": 0.8, "below": 1.0, "above": 4.0,
    },
    "incidents": {
        "constant": 1.5, "arena": 0.5, "reporting growth": 0.1,
        "size, cooperation in words": 4.0, "size, conflict in words": 3.0, "size, acts": 2.0,
        "size, arena": 5.0, "break share": 0.03, "break spread": 0.5, "break share, arena": 0.02,
        "break spread, arena": 0.6, "pull": 0.08, "lean": 0.4, "effort weight": 0.3,
    },
    "arming": {
        "constant": 0.01, "last growth": 0.2, "mean growth": 0.2, "economy": 0.3,
        "disputes": 0.02, "scale": 0.06, "tail": 0.5, "volatility weight": 0.5,
    },
    "growth": {
        "constant": 0.01, "last change": 0.3, "mean growth": 0.3, "scale": 0.03, "tail": 0.6,
        "volatility weight": 0.4,
    },
    "affinity": {
        "constant": 0.0, "last change": -0.1, "gap": -0.1, "scale": 0.08, "tail": 0.5,
        "volatility weight": 0.5,
    },
    "exchange": {
        "constant": 0.03, "last change": 0.1, "gap": -0.1, "economies": 0.5, "scale": 0.15,
        "tail": 0.7, "volatility weight": 0.4,
    },
    "technology": {"constant": 0.0, "scale": 0.03, "tail": 0.6},
    "alignment": {"constant": 0.0, "scale": 0.02, "tail": 0.9},
    "support": {"constant": 0.0, "scale": 0.1, "tail": 0.5},
}  # fmt: skip


def _single(values) -> np.ndarray:
    return np.asarray(values, dtype=np.float32)


def pairs_of(countries: int) -> tuple[np.ndarray, np.ndarray]:
    """Number the countries of every pair."""
    one, two = np.triu_indices(countries, 1)
    return one.astype(np.int32), two.astype(np.int32)


def _parameters(countries: int, pairs: int, series: int, luck: np.random.Generator) -> Parameters:
    units = {"country": countries, "pair": pairs, "dyad": countries, "series": series}
    laws = {}
    for name, typical in TYPICAL.items():
        law = LAWS[name]

        def around(part: str, typical: dict[str, float] = typical) -> np.ndarray:
            return _single(typical.get(part, 0.0) * luck.uniform(0.9, 1.1, POSTERIOR))

        spread = 0.3 if law.unit == "pair" and law.clock == "month" else 0.005
        laws[name] = LawParameters(
            coefficients={term.name: around(term.name) for term in law.terms},
            shape={part: around(part) for part in law.shapes},
            unit_level=_single(luck.normal(0, spread, (units[law.unit], POSTERIOR))),
            year_level=_single(np.zeros(POSTERIOR)),
            year_memory=_single(np.full(POSTERIOR, 0.5)),
            year_spread=_single(np.full(POSTERIOR, 0.005 if law.clock == "year" else 0.1)),
            last_year=np.asarray(FIRST_YEAR - 1, dtype=np.int32),
        )
    return Parameters(laws, _single(luck.uniform(0, 0.3, POSTERIOR)))


def _setting(countries: int, series: int, luck: np.random.Generator) -> Setting:
    one, two = pairs_of(countries)
    pairs = len(one)
    border = luck.random(pairs) < 0.1
    majors = luck.random(countries) < 0.25
    units = {"trade": pairs, "similarity": pairs}
    scores = luck.normal(0, 1, countries)
    kind = np.arange(series) % len(KINDS)
    kind[: series // 2] = KINDS.index("arena")
    link = np.zeros((pairs, series), dtype=np.float32)
    for arena in range(series // 2):
        link[luck.choice(pairs, LINKED_PAIRS, replace=False), arena] = 1.0
    names = ("spending", "output", "capability", "ideal", "trade", "similarity", "support")
    return Setting(
        first_year=np.asarray(FIRST_YEAR, dtype=np.int32),
        origin=np.asarray(12 * FIRST_YEAR - 1, dtype=np.int32),
        one=one,
        two=two,
        asked=np.arange(pairs, dtype=np.int32),
        begin=_single(np.full(pairs, 12 * 1950)),
        fixed={
            "land border": _single(border),
            "near by sea": _single(~border & (luck.random(pairs) < 0.2)),
            "distance": _single(luck.uniform(0, 2.5, pairs)),
            "both major powers": _single(majors[one] & majors[two]),
            "one major power": _single(majors[one] ^ majors[two]),
        },
        lower_democracy=_single(np.minimum(scores[one], scores[two])[None]),
        higher_democracy=_single(np.maximum(scores[one], scores[two])[None]),
        outside_rate=_single(luck.uniform(0, 0.05, countries)),
        observed={n: _single(np.full((1, units.get(n, countries)), np.nan)) for n in names},
        error={},
        observed_onsets=_single(np.full((1, pairs), np.nan)),
        observed_level=_single(np.full((1, pairs), np.nan)),
        observed_recent=_single(np.full((1, series), np.nan)),
        observed_slow=_single(np.full((1, series), np.nan)),
        reporting=_single(luck.uniform(0, 1, series)),
        kind=_single(kind),
        link=link,
    )


def _start(countries: int, series: int, luck: np.random.Generator) -> State:
    pairs = countries * (countries - 1) // 2
    past = luck.random(pairs) < 0.3

    def column(values):
        return jnp.asarray(_single(values)[:, None])

    def strands(values):
        return jnp.asarray(np.tile(_single(values)[None, :, None], (STRANDS, 1, 1)))

    def drawn(low: float, high: float, units: int):
        return column(luck.uniform(low, high, units))

    ideal, trade = drawn(-2, 2, countries), drawn(4, 10, pairs)
    onsets = past * luck.integers(1, 6, pairs)
    quiet = luck.integers(1, 360, pairs)
    recent = drawn(2, 20, series)
    return State(
        spending=drawn(1, 6, countries),
        spending_growth=drawn(-0.05, 0.1, countries),
        spending_mean=drawn(-0.02, 0.06, countries),
        spending_variance=drawn(0.005, 0.02, countries),
        output=drawn(4, 10, countries),
        output_change=drawn(0, 0.05, countries),
        output_slow=drawn(0, 0.05, countries),
        output_variance=drawn(0.001, 0.004, countries),
        capability=drawn(-7, -2, countries),
        ideal=ideal,
        ideal_change=drawn(-0.1, 0.1, countries),
        ideal_slow=ideal,
        ideal_variance=drawn(0.005, 0.02, countries),
        trade=trade,
        trade_change=drawn(-0.1, 0.2, pairs),
        trade_slow=trade,
        trade_variance=drawn(0.02, 0.08, pairs),
        similarity=drawn(-0.5, 1, pairs),
        support=drawn(-1, 1, countries),
        slow=strands(past * luck.uniform(0, 2, pairs)),
        fast=strands(past * luck.uniform(0, 1, pairs)),
        last=strands(np.where(past, 12 * FIRST_YEAR - quiet, -np.inf)),
        onsets=column(onsets),
        forceful=column(luck.binomial(onsets, 0.6)),
        outside=drawn(0, 0.5, countries),
        recent=recent,
        level=recent,
        shift_recent=jnp.zeros_like(recent),
        shift_level=jnp.zeros_like(recent),
        hazard=strands(np.full(pairs, -30.0)),
        ladder=column(np.zeros(pairs)),
        year_level={},
    )


def plan_of(countries: int, draws: int, *, chunk: int | None = None, months: int = MONTHS) -> Plan:
    """Plan a run of a synthetic world: all pairs, as many dyads as countries, half arenas."""
    luck = np.random.default_rng(countries)
    series = SERIES.get(countries, max(2, countries // 2))
    return Plan(
        setting=_setting(countries, series, luck),
        start=_start(countries, series, luck),
        parameters=_parameters(countries, countries * (countries - 1) // 2, series, luck),
        courses=((),),
        seed=11,
        draws=draws,
        origin=12 * FIRST_YEAR - 1,
        horizons=(*(h for h in HORIZONS if h < months), months),
        chunk=chunk or chunk_size(countries * (countries - 1) // 2),
    )
