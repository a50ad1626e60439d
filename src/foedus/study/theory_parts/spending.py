"""Rivals' spending: does its growth last year tell a state's own growth this year?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from foedus.record.coverage import covered_years
from foedus.record.store import Record
from foedus.score import proper
from foedus.study.theory_parts.estimators import Clusters, Fit, Floats, Ints, fit_linear, year_terms
from foedus.study.theory_parts.evidence import paired_gain
from foedus.study.theory_parts.result import Gain

RIVAL_YEARS = 10
LARGEST_CHANGE = 0.5
FIRST_TARGET = 1990
UNITED_STATES = 2
RUSSIA = 365
RUSSIA_FROM = 1992
_QUANTILES = np.linspace(0.005, 0.995, 199)


@dataclass(frozen=True)
class SpendingCases:
    """State-years with a rival, as arrays; growth is the yearly change of the log.

    Args:
        state: COW number.
        year: Year of the outcome.
        growth: Growth of the state's own spending in the year.
        own: Its growth one and two years before, shape (case, 2).
        rivals: Growth of its rivals' spending the year before.
    """

    state: Ints
    year: Ints
    growth: Floats
    own: Floats
    rivals: Floats


def rival_pairs(record: Record) -> pl.DataFrame:
    """List for every state and year the states it had a dispute with in the ten years before.

    Returns:
        `ccode, rival, year`; only years whose ten years before are covered by the disputes.
    """
    first, last = covered_years(record.spec("dyadic_mid"))
    disputes = record.read("dyadic_mid", columns=["ccode1", "ccode2", "year"]).unique()
    later = pl.concat(
        disputes.with_columns(pl.col("year").cast(pl.Int32) + lag)
        for lag in range(1, RIVAL_YEARS + 1)
    )
    return (
        later.rename({"ccode1": "ccode", "ccode2": "rival"})
        .unique()
        .filter(pl.col("year").is_between(first + RIVAL_YEARS, last + 1))
        .sort("ccode", "rival", "year")
    )


def nmc_own_prices(record: Record) -> pl.DataFrame:
    """Give spending in constant prices: current dollars over the state's own dollar price level.

    The price level is GDP in current dollars over real GDP, so that inflation and the exchange
    rate both drop out. State-years without either GDP figure are missing, and so is the Soviet
    Union, whose number carries the GDP of Russia alone in one of the two tables.
    """
    return (
        _spending(record)
        .filter((pl.col("ccode") != RUSSIA) | (pl.col("year") >= RUSSIA_FROM))
        .join(_prices(record), on=["ccode", "year"])
        .select("ccode", "year", level=pl.col("milex") / pl.col("price"))
    )


def nmc_us_prices(record: Record) -> pl.DataFrame:
    """Give spending in dollars over the price level of the United States."""
    price = _prices(record).filter(pl.col("ccode") == UNITED_STATES).drop("ccode")
    return (
        _spending(record)
        .join(price, on="year")
        .select("ccode", "year", level=pl.col("milex") / pl.col("price"))
    )


def sipri_constant(record: Record) -> pl.DataFrame:
    """Give spending in constant dollars as SIPRI publishes it, for the states that are here."""
    wanted = ["ccode", "year", "constant_2023_musd"]
    found = record.read("sipri_milex", columns=wanted).drop_nulls()
    return found.select("ccode", pl.col("year").cast(pl.Int32), level="constant_2023_musd")


def _spending(record: Record) -> pl.DataFrame:
    found = record.read("nmc", columns=["ccode", "year", "milex"]).filter(pl.col("milex") > 0)
    return found.with_columns(pl.col("year").cast(pl.Int32))


def _prices(record: Record) -> pl.DataFrame:
    current = record.read("wb_gdp_pop", columns=["ccode", "year", "gdp_current_usd"])
    real = record.read("gdp_pop_cow", columns=["ccode", "year", "pwtrgdp"])
    return (
        current.join(real, on=["ccode", "year"])
        .drop_nulls()
        .select(
            "ccode",
            pl.col("year").cast(pl.Int32),
            price=pl.col("gdp_current_usd") / pl.col("pwtrgdp") / 1e6,
        )
    )


def growth_rates(levels: pl.DataFrame) -> pl.DataFrame:
    """Give yearly log changes, held within half a log point either way: `ccode, year, growth`.

    The Soviet Union and Russia share a number and are not one series: no change spans 1991.
    """
    before = levels.with_columns(pl.col("year") + 1).rename({"level": "before"})
    both = levels.join(before, on=["ccode", "year"])
    kept = both.filter((pl.col("ccode") != RUSSIA) | (pl.col("year") != RUSSIA_FROM))
    change = (pl.col("level") / pl.col("before")).log()
    return kept.select("ccode", "year", growth=change.clip(-LARGEST_CHANGE, LARGEST_CHANGE)).sort(
        "ccode", "year"
    )


def mean_rival_growth(levels: pl.DataFrame, rivals: pl.DataFrame) -> pl.DataFrame:
    """Average the growth of a state's rivals over those with a figure: `ccode, year, rivals`."""
    grown = growth_rates(levels).rename({"ccode": "rival"}).with_columns(pl.col("year") + 1)
    known = rivals.join(grown, on=["rival", "year"])
    return known.group_by("ccode", "year").agg(rivals=pl.col("growth").mean())


def total_rival_growth(levels: pl.DataFrame, rivals: pl.DataFrame) -> pl.DataFrame:
    """Grow the summed spending of a state's rivals, those with both figures: as above."""
    before = levels.with_columns(pl.col("year") + 1).rename({"level": "before"})
    both = levels.join(before, on=["ccode", "year"])
    both = both.filter((pl.col("ccode") != RUSSIA) | (pl.col("year") != RUSSIA_FROM))
    both = both.rename({"ccode": "rival"}).with_columns(pl.col("year") + 1)
    known = rivals.join(both, on=["rival", "year"])
    change = (pl.col("level").sum() / pl.col("before").sum()).log()
    return known.group_by("ccode", "year").agg(rivals=change.clip(-LARGEST_CHANGE, LARGEST_CHANGE))


def spending_cases(
    levels: pl.DataFrame,
    rivals: pl.DataFrame,
    measure: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame] = mean_rival_growth,
) -> SpendingCases:
    """Join a state's growth, its own two years before and its rivals' the year before.

    State-years lacking any of them are left out.
    """
    own = growth_rates(levels)
    found = own.join(measure(levels, rivals), on=["ccode", "year"])
    for lag in (1, 2):
        earlier = own.with_columns(pl.col("year") + lag).rename({"growth": f"own{lag}"})
        found = found.join(earlier, on=["ccode", "year"])
    return _arrays(found.sort("ccode", "year"))


def _arrays(found: pl.DataFrame) -> SpendingCases:
    return SpendingCases(
        found["ccode"].to_numpy().astype(np.int64),
        found["year"].to_numpy().astype(np.int64),
        found["growth"].to_numpy(),
        found.select("own1", "own2").to_numpy(),
        found["rivals"].to_numpy(),
    )


def rivals_as_recorded(
    noisy: pl.DataFrame, better: pl.DataFrame, rivals: pl.DataFrame
) -> tuple[SpendingCases, Floats]:
    """Give cases whose rivals are figured twice, by a noisy series and by a better one.

    The rivals' growth of a case is averaged over the same rivals in both.

    Returns:
        Cases with the noisy figures, and the better figure of the rivals' growth.
    """
    keys = ["ccode", "year"]
    shared = [
        one.join(other.select(keys), on=keys, how="semi")
        for one, other in ((noisy, better), (better, noisy))
    ]
    own = growth_rates(noisy)
    first, second = (mean_rival_growth(levels, rivals) for levels in shared)
    found = own.join(first, on=keys).join(second.rename({"rivals": "better"}), on=keys)
    for lag in (1, 2):
        earlier = own.with_columns(pl.col("year") + lag).rename({"growth": f"own{lag}"})
        found = found.join(earlier, on=keys)
    found = found.sort(keys)
    return _arrays(found), found["better"].to_numpy()


def noise_slope(cases: SpendingCases, better: Floats) -> Fit:
    """Regress the better figure of the rivals' growth on the noisy one, beside the other terms.

    The first coefficient is what a point of growth in the noisy figures stands for; dividing an
    effect by it corrects for noise that has nothing to do with growth.

    Source: Carroll, R. J., D. Ruppert, L. A. Stefanski and C. M. Crainiceanu. 2006. Measurement
    Error in Nonlinear Models, 2nd ed., chapter 4 (regression calibration).
    """
    return fit_linear(_terms(cases), better, Clusters(cases.state))


def corrected(effect: Fit, slope: Fit) -> Fit:
    """Divide an effect by what a point of its noisy term stands for, errors by the delta method.

    The two are taken as independent, and the degrees of freedom of the fewer clusters are used.
    """
    value = effect.coefficient[0] / slope.coefficient[0]
    variance = effect.covariance[0, 0] + value**2 * slope.covariance[0, 0]
    variance = variance / slope.coefficient[0] ** 2
    fewer = min(effect.clusters, slope.clusters)
    return Fit(np.array([value]), np.array([[variance]]), fewer, effect.rows)


def _terms(cases: SpendingCases) -> Floats:
    constant = np.ones((len(cases.year), 1))
    return np.column_stack([cases.rivals, cases.own, year_terms(cases.year), constant])


def rival_effect(cases: SpendingCases) -> Fit:
    """Regress growth on rivals' growth the year before; the first coefficient is theirs.

    Beside it stand the state's own two past years and an intercept for each year, so a common
    trend in a year is nobody's reaction.
    """
    return fit_linear(_terms(cases), cases.growth, Clusters(cases.state))


def rival_gain(cases: SpendingCases) -> Gain:
    """Forecast each year from 1990 on with and without the rivals, fitted on earlier years alone.

    A forecast is the regression's mean plus the quantiles of its past errors.
    """
    gaps, states = [], []
    for year in range(FIRST_TARGET, int(cases.year.max()) + 1):
        past, now = cases.year < year, cases.year == year
        if not now.any():
            continue
        losses = []
        for use in (True, False):
            columns = [cases.own, np.ones((len(cases.year), 1))]
            terms = np.column_stack([*columns, cases.rivals] if use else columns)
            coefficient = np.linalg.lstsq(terms[past], cases.growth[past], rcond=None)[0]
            errors = np.quantile(cases.growth[past] - terms[past] @ coefficient, _QUANTILES)
            draws = (terms[now] @ coefficient)[:, None] + errors[None, :]
            losses.append(proper.crps(draws, cases.growth[now]))
        gaps.append(losses[0] - losses[1])
        states.append(cases.state[now])
    gap, state = np.concatenate(gaps), np.concatenate(states)
    return paired_gain("CRPS of log growth", gap, Clusters(state))
