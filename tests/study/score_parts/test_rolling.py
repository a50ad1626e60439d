from dataclasses import replace

import numpy as np
import pytest

from foedus.estimate.laplace import Cases
from foedus.model.laws.disputes import Disputes
from foedus.study.score_parts import rolling
from foedus.study.score_parts.rolling import Grid, refits, require_no_later_knowledge
from foedus.world.errors import HindsightError

YEARS = tuple(range(1980, 2000))


def synthetic(seed: int, border: float) -> Cases:
    """Draw yearly onset counts of 150 pairs from the law itself."""
    rng = np.random.default_rng(seed)
    pairs = 150
    names = [term.name for term in Disputes().terms]
    unit, year = (part.ravel() for part in np.meshgrid(np.arange(pairs), np.arange(len(YEARS))))
    terms = np.zeros((len(unit), len(names)))
    terms[:, names.index("constant")] = 1.0
    terms[:, names.index("land border")] = (unit % 2 == 0) * 1.0
    rate = 12 * np.exp(-5.0 + border * terms[:, names.index("land border")])
    return Cases(
        value=rng.poisson(rate).astype(np.float64),
        terms=terms,
        offset=np.full(len(unit), np.log(12.0)),
        unit=unit,
        units=tuple(str(k) for k in range(pairs)),
        year=year,
        years=YEARS,
        extra={},
    )


def test_a_rolling_refit_finds_the_truth_and_grows_by_a_year():
    """The tolerance is three standard errors of the coefficient, missed in 0.3 % of seeds."""
    cases = synthetic(5, border=1.2)
    found = dict(refits(Disputes(), lambda _: cases, (1998, 1999), draws=100))
    assert found[1999].rows - found[1998].rows == 150
    assert found[1999].trained_to == 1998
    border = found[1999].coefficients["land border"]
    assert border.mean() == pytest.approx(1.2, abs=3 * border.std())
    assert border.std() < 0.3


def test_a_refit_is_fixed_by_its_seed_and_blind_to_later_rows():
    cases = synthetic(6, border=0.5)
    changed = replace(cases, value=np.where(cases.year >= 18, cases.value + 5, cases.value))
    for other in (cases, changed):
        ((_, one),) = refits(Disputes(), lambda _: cases, (1998,), draws=20)
        ((_, two),) = refits(Disputes(), lambda _, o=other: o, (1998,), draws=20)
        assert np.array_equal(one.year_level, two.year_level)
        assert np.array_equal(one.unit_level, two.unit_level)


def test_a_refit_refuses_years_it_was_trained_on():
    ((_, refit),) = refits(Disputes(), lambda _: synthetic(7, 0.0), (1990,), draws=10)
    assert refit.level_ahead(1990).shape == (10,)
    leaked = replace(refit, trained_to=1990)
    for year in (1990, 1980):
        with pytest.raises(HindsightError, match="trained on years to 1990"):
            leaked.level_ahead(year)


def planted(leak: bool):
    rng = np.random.default_rng(8)
    units = tuple("abcdefgh")
    outcome = (rng.random((8, 20)) < 0.3).astype(np.float64)

    def build(last: int | None) -> dict[str, Grid]:
        stop = len(YEARS) if last is None else YEARS.index(last) + 1
        seen = outcome[:, :stop]
        honest = np.cumsum(seen, axis=1)
        ahead = np.column_stack([seen[:, 1:], np.full(8, np.nan)])
        grids = {"past": honest} | ({"next year": ahead} if leak else {})
        return {name: Grid(units, YEARS[:stop], values) for name, values in grids.items()}

    return build


def test_a_planted_column_of_next_years_outcome_is_caught():
    require_no_later_knowledge(planted(leak=False), (1989, 1995))
    with pytest.raises(HindsightError, match="'next year' at the end of 1989"):
        require_no_later_knowledge(planted(leak=True), (1989, 1995))


def test_a_feature_that_needs_the_later_record_to_exist_is_caught():
    build = planted(leak=False)

    def hidden(last: int | None) -> dict[str, Grid]:
        return {"late": build(last)["past"]} if last is None else {}

    with pytest.raises(HindsightError, match="'late'"):
        require_no_later_knowledge(hidden, (1989,))


def test_the_guard_names_what_to_do():
    with pytest.raises(HindsightError, match="refit with years to 1989"):
        rolling.require_unseen(1995, 1990, "a model")
