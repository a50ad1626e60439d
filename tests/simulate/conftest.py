"""A small world whose numbers are easy to follow."""

import jax.numpy as jnp
import numpy as np
import pytest

from foedus.model.order import LAWS
from foedus.simulate.state import STRANDS, LawParameters, Parameters, Setting, State

COUNTRIES, PAIRS, ASKED, DYADS, SERIES = 3, 3, 2, 2, 2
FIRST_YEAR, ORIGIN_YEAR, POSTERIOR = 2000, 2001, 4
UNITS = {"country": COUNTRIES, "pair": PAIRS, "dyad": DYADS, "series": SERIES}
OF_ASKED = ("disputes", "escalation")
SIMULATED = (
    "disputes",
    "escalation",
    "incidents",
    "arming",
    "growth",
    "affinity",
    "exchange",
    "technology",
    "alignment",
    "support",
)
POSITIVE = {"tail": 0.5, "scale": 0.05, "pull": 0.05}


def single(values) -> np.ndarray:
    return np.asarray(values, dtype=np.float32)


def law_parameters(name: str, *, unit_level: float = 0.0, **coefficients: float) -> LawParameters:
    law = LAWS[name]
    full = np.ones(POSTERIOR)
    units = ASKED if name in OF_ASKED else UNITS[law.unit]

    def shape(part: str) -> float:
        if part.startswith("size"):
            return 5.0
        if part.startswith("break share"):
            return 0.05
        if part.startswith("break spread"):
            return 0.5
        return POSITIVE.get(part, 1.0)

    return LawParameters(
        coefficients={t.name: single(full * coefficients.get(t.name, 0.0)) for t in law.terms},
        shape={part: single(full * shape(part)) for part in law.shapes},
        unit_level=single(np.full((units, POSTERIOR), unit_level)),
        year_level=single(0 * full),
        year_memory=single(0.5 * full),
        year_spread=single(0.1 * full),
        last_year=np.asarray(FIRST_YEAR - 1, dtype=np.int32),
    )


@pytest.fixture
def parameters() -> Parameters:
    laws = {name: law_parameters(name) for name in SIMULATED}
    laws["disputes"] = law_parameters(
        "disputes", constant=-4.0, **{"fast history": 0.8, "onset in 6 months": 0.7}
    )
    laws["incidents"] = law_parameters("incidents", constant=1.0)
    return Parameters(laws, single(np.zeros(POSTERIOR)))


@pytest.fixture
def setting() -> Setting:
    years = ORIGIN_YEAR - FIRST_YEAR + 1
    nothing = np.full((12 * years, ASKED), np.nan)
    observed = {
        name: np.full((years, count), np.nan)
        for name, count in (
            ("spending", COUNTRIES),
            ("output", COUNTRIES),
            ("capability", COUNTRIES),
            ("ideal", COUNTRIES),
            ("trade", PAIRS),
            ("similarity", PAIRS),
            ("support", DYADS),
        )
    }
    observed["spending"][0] = [1.0, 2.0, 3.0]
    return Setting(
        first_year=np.asarray(FIRST_YEAR, dtype=np.int32),
        origin=np.asarray(12 * ORIGIN_YEAR + 11, dtype=np.int32),
        one=np.array([0, 0, 1], dtype=np.int32),
        two=np.array([1, 2, 2], dtype=np.int32),
        asked=np.array([0, 1], dtype=np.int32),
        begin=single([0, 0]),
        fixed={
            name: single(np.zeros(ASKED))
            for name in (
                "land border",
                "near by sea",
                "distance",
                "both major powers",
                "one major power",
            )
        },
        lower_democracy=single(np.zeros((years + 1, ASKED))),
        higher_democracy=single(np.zeros((years + 1, ASKED))),
        outside_rate=single([0.01, 0.0, 0.02]),
        observed={name: single(part) for name, part in observed.items()},
        error={"ideal": single([0.1, 0.1, 0.1])},
        observed_onsets=single(nothing),
        observed_level=single(nothing),
        observed_recent=single(np.full((12 * years, SERIES), np.nan)),
        observed_slow=single(np.full((12 * years, SERIES), np.nan)),
        reporting=single(np.zeros(SERIES)),
        kind=single([3, 3]),
        link=single(np.zeros((ASKED, SERIES))),
    )


@pytest.fixture
def start() -> State:
    def column(*values: float):
        return jnp.asarray(single(values)[:, None])

    def strands(*values: float):
        return jnp.asarray(np.tile(single(values)[None, :, None], (STRANDS, 1, 1)))

    zero = column(0, 0, 0)
    return State(
        spending=column(1, 2, np.nan),
        spending_growth=column(0.02, 0.02, np.nan),
        spending_mean=zero,
        spending_variance=column(0.01, 0.01, 0.01),
        output=column(5, 6, 7),
        output_change=column(0.02, 0.03, 0.01),
        output_slow=column(0.02, 0.03, 0.01),
        output_variance=column(0.001, 0.001, 0.001),
        capability=column(-2, -3, -4),
        ideal=column(1, 0, -1),
        ideal_change=zero,
        ideal_slow=column(1, 0, -1),
        ideal_variance=column(0.01, 0.01, 0.01),
        trade=column(8, 9, 7),
        trade_change=column(0.05, 0.05, 0.05),
        trade_slow=column(8, 9, 7),
        trade_variance=column(0.01, 0.01, 0.01),
        similarity=column(0.9, 0.5, 0.1),
        support=column(0.5, -0.5),
        slow=strands(0.5, 0.1),
        fast=strands(0.3, 0.0),
        last=strands(12 * 1999 + 5, -np.inf),
        onsets=column(3, 1),
        forceful=column(1, 1),
        outside=column(0.2, 0.0, 0.1),
        recent=column(10, 2),
        level=column(10, 2),
        shift_recent=column(0, 0),
        shift_level=column(0, 0),
        hazard=strands(-30, -30),
        ladder=column(0, 0),
        year_level={},
    )
