import numpy as np
import polars as pl
import pytest

from foedus.model.laws.escalation import Escalation
from foedus.record.store import Record
from foedus.study.law_cases.disputes import PairMonths
from foedus.study.law_cases.ladder import Onset
from foedus.study.score_parts import escalation
from foedus.study.score_parts.escalation import (
    Forecasts,
    Ladder,
    climatology,
    level_probability,
    ordinal_forecast,
)
from foedus.study.score_parts.rolling import Refit
from foedus.world.errors import HindsightError


def synthetic(seed: int = 2, disputes: int = 600) -> Ladder:
    """Draw disputes that reach war where democracy is low and stay at threats where it is high."""
    rng = np.random.default_rng(seed)
    years = np.arange(1960, 2001)
    pairs = 40
    democracy = np.repeat(rng.normal(size=(pairs, 1)), len(years), axis=1)
    panel = PairMonths(
        pairs=np.column_stack([np.full(pairs, 2), 20 + np.arange(pairs)]),
        years=years,
        member=np.ones(democracy.shape, dtype=bool),
        terms={"slow history": np.zeros(democracy.shape), "lower democracy": democracy},
        onsets=np.zeros((pairs, 12 * len(years)), dtype=np.int8),
        months_since=np.zeros((pairs, 12 * len(years)), dtype=np.float32),
        found=pl.DataFrame(),
        codes=np.arange(3),
        major=np.zeros((3, len(years)), dtype=bool),
    )
    pair = rng.integers(0, pairs, size=disputes)
    year = np.sort(rng.integers(1961, 2001, size=disputes))
    line = -3.0 * democracy[pair, 0] + rng.logistic(size=disputes)
    level = 2 + (line > -2).astype(int) + (line > 0) + (line > 2)
    items = [Onset(k, int(pair[k]), int(year[k]), int(level[k])) for k in range(disputes)]
    frame = pl.DataFrame({"dispnum": np.arange(disputes), "year": year, "level": level})
    settled = {k: int(year[k]) + (k % 10 == 0) for k in range(disputes)}
    return Ladder(panel, items, settled, {k: (0.0, 1.0, 0.0) for k in range(disputes)}, frame)


def test_levels_are_blank_until_the_dispute_is_over():
    rows = synthetic()
    known = rows.known(1990)
    assert max(item.year for item in known) == 1990
    for item in known:
        assert (item.level == 0) == (rows.settled[item.dispute] > 1990)


def test_climatology_counts_only_disputes_that_are_over():
    rows = synthetic()
    over = [i for i in rows.onsets if rows.settled[i.dispute] <= 1990]
    share = (sum(i.level >= 4 for i in over) + 1.0) / (len(over) + 2.0)
    assert climatology(rows, 1990)[2:].sum() == pytest.approx(share)
    assert climatology(rows, 1990, 10).sum() == pytest.approx(1.0)
    assert not np.allclose(climatology(rows, 1990, 10), climatology(rows, 1990))


def test_the_ordinal_rival_finds_what_drives_the_levels():
    rows = synthetic()
    items = [item for item in rows.onsets if item.year == 2000]
    p = ordinal_forecast(rows, 1999, items)
    assert p.sum(axis=1) == pytest.approx(np.ones(len(items)))
    democracy = np.array([rows.panel.terms["lower democracy"][i.pair, 0] for i in items])
    assert np.corrcoef(p[:, 2:].sum(axis=1), democracy)[0, 1] < -0.9


def test_the_ordinal_rival_refuses_a_year_it_has_seen():
    rows = synthetic()
    with pytest.raises(HindsightError):
        ordinal_forecast(rows, 2000, [item for item in rows.onsets if item.year == 2000])


def test_levels_of_the_law_add_up_and_rise_with_its_predictor():
    names = [term.name for term in Escalation().terms]
    coefficients = {name: np.zeros(3) for name in names} | {"land border": np.full(3, 2.0)}
    outer = {"year memory": 0.5, "year spread": 0.1, "unit spread": 0.1}
    shapes = {"below": 3.0, "above": 3.0}
    levels = np.zeros((3, 2))
    refit = Refit(Escalation(), 1999, coefficients, shapes, outer, np.zeros(3), levels, rows=10)
    inputs = np.zeros((2, len(names)))
    inputs[1, names.index("land border")] = 1.0
    p = level_probability(refit, inputs, np.array([0, 1]), 2000)
    assert p.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert p[1, 2:].sum() > p[0, 2:].sum() + 0.2
    with pytest.raises(HindsightError):
        level_probability(refit, inputs, np.array([0, 1]), 1999)


def test_the_prediction_file_has_the_documented_columns(
    record: Record, monkeypatch: pytest.MonkeyPatch
):
    p = np.array([[0.1, 0.2, 0.6, 0.1], [0.2, 0.2, 0.5, 0.1]])
    names = (escalation.MOVING, escalation.LAW)
    found = Forecasts(
        np.array([7, 9]), np.array([2000, 2001]), np.array([2, 1]), 0, dict.fromkeys(names, p)
    )
    monkeypatch.setattr(escalation, "forecasts", lambda *_: found)
    monkeypatch.setattr(escalation, "stored_choice", lambda *_: escalation.LAW)
    frame = escalation.export(record)
    assert frame.columns == ["dispnum", "p2", "p3", "p4", "p5"]
    assert (
        frame.select(pl.sum_horizontal("p2", "p3", "p4", "p5")).to_series().to_list()
        == [pytest.approx(1.0)] * 2
    )


@pytest.mark.slow
def test_the_law_is_not_worse_than_the_moving_climatology_on_the_choice_years(record: Record):
    (card,) = escalation.scorecards(record, "choice")
    ours = next(s for s in card.scores if s.forecaster == escalation.LAW)
    assert card.promised == 268
    assert ours.against[escalation.MOVING].hi90 <= escalation.MARGIN
