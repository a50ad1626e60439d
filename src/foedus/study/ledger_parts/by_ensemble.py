"""The ensemble's answers to the ledger's questions."""

import datetime as dt
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from foedus.study import forecast as study
from foedus.study.ledger_parts.lines import Statistic
from foedus.study.ledger_parts.questions import Question
from foedus.study.ledger_parts.rules import Forecast
from foedus.world.countries import country

Floats = NDArray[np.float64]
METHOD = "ensemble"


def by_ensemble(found: study.Forecast) -> Callable[[Question], Forecast | None]:
    """Give a forecaster that reads its answers off an ensemble.

    It has nothing to say, and gives None, where the ensemble does not hold the series or the
    window, and then the best simple rule stands in.
    """
    readers = {
        "pla_aircraft": _months,
        "pla_vessels": _months,
        "nk_launch_days": _months,
        "military_spending": _spending,
        "un_distance": _distance,
    }

    def answer(question: Question) -> Forecast | None:
        reader = readers.get(question.criterion.series)
        draws = reader(found, question) if reader is not None else None
        if draws is None or not np.isfinite(draws).all():
            return None
        return Forecast(METHOD, draws)

    return answer


def _months(found: study.Forecast, question: Question) -> Floats | None:
    data = found.dataset["incidents"].isel(course=0)
    rule = question.criterion
    months = [dt.date.fromisoformat(str(month)[:10]) for month in data["month"].values]
    wanted = [k for k, day in enumerate(months) if rule.first <= day <= rule.last]
    length = 12 * (rule.last.year - rule.first.year) + rule.last.month - rule.first.month + 1
    if rule.series not in data["series"].values or len(wanted) != length:
        return None
    counts = data.sel(series=rule.series).isel(month=wanted).values.astype(np.float64)
    return counts.max(axis=1) if rule.statistic is Statistic.LARGEST else counts.sum(axis=1)


def _spending(found: study.Forecast, question: Question) -> Floats | None:
    data = found.dataset["spending"].isel(course=0)
    rule = question.criterion
    (code,) = rule.countries
    iso = country(code).iso3
    if rule.base is None or iso not in data["country"].values:
        return None
    seen = found.start.observed("spending", iso)
    if rule.first.year not in data["year"].values or rule.base not in seen:
        return None
    values = data.sel(country=iso, year=rule.first.year).values.astype(np.float64)
    return 100 * values / seen[rule.base]


def _distance(found: study.Forecast, question: Question) -> Floats | None:
    data = found.dataset["ideal_point"].isel(course=0)
    one, two = (country(code).iso3 for code in question.criterion.countries)
    year = question.criterion.first.year
    if year not in data["year"].values or not {one, two} <= set(data["country"].values):
        return None
    level = data.sel(year=year).astype(np.float64)
    return np.abs(level.sel(country=one).values - level.sel(country=two).values)
