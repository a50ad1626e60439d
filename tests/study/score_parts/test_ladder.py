"""The ladder's scores: months share out a whole, rivals count, nothing later is known."""

import datetime as dt

import numpy as np
import pytest

from foedus.model.laws.ladder import Ladder
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.law_cases.disputes import pair_months
from foedus.study.law_cases.within_dispute import LadderRows, ladder_cases, ladder_rows
from foedus.study.score_parts import ladder, ladder_icb
from foedus.study.score_parts import ladder_forecasts as made
from foedus.study.score_parts.rolling import Refit
from foedus.world.errors import HindsightError


@pytest.fixture(scope="module")
def rows(record: Record) -> LadderRows:
    return made.read_rows(record)


def refit(rows: LadderRows, trained_to: int) -> Refit:
    names = [term.name for term in Ladder().terms]
    weights = {name: np.zeros(4) for name in names}
    weights |= {"constant": np.full(4, -1.5), "incident last month": np.full(4, 1.0)}
    return Refit(
        Ladder(),
        trained_to,
        weights,
        {"below": 0.1, "above": 1.5, "above after force": 0.5},
        {"year memory": 0.5, "year spread": 0.001, "unit spread": 0.001},
        np.zeros(4),
        np.zeros((4, len(rows.panel.pairs))),
        rows=10,
    )


def test_months_of_a_year_are_forecast_whole_and_begin_with_an_incident(rows: LadderRows):
    cells = made.months_of(rows, 2003)
    p = made.month_probability(rows, refit(rows, 2002), 2003, cells)
    assert p.sum(axis=1) == pytest.approx(np.ones(len(p)))
    first = rows.moving["first month"][cells] > 0
    assert first.any()
    assert (p[first, 0] == 0).all()
    assert (p[~first, 0] > 0).all()
    with pytest.raises(HindsightError):
        made.month_probability(rows, refit(rows, 2003), 2003, cells)


def test_tables_are_shares_of_earlier_months_of_the_same_kind(rows: LadderRows):
    cells = made.months_of(rows, 2003)
    found = made.rival_tables(rows, 2002, cells)
    for p in found.values():
        assert p.sum(axis=1) == pytest.approx(np.ones(len(p)))
    past = rows.episodes.until(2002)
    later = past & (rows.moving["first month"] == 0)
    count = np.bincount(rows.episodes.level[later], minlength=4) + 0.5
    now = np.flatnonzero(rows.moving["first month"][cells] == 0)[0]
    assert found[made.CLIMATOLOGY][now] == pytest.approx(count / count.sum())
    with pytest.raises(HindsightError):
        made.rival_tables(rows, 2003, cells)


def test_inputs_of_a_year_are_the_same_without_the_later_record(record: Record, rows: LadderRows):
    """The leak guard: the record is cut at two years, and every earlier row must stay as it was."""
    whole = ladder_rows(record, AsOf(dt.date(2100, 1, 1), Rule.DATED), rows.panel)
    for year in (2002, 2008):
        day = AsOf(dt.date(year, 12, 31), Rule.DATED)
        cut = ladder_cases(ladder_rows(record, day, pair_months(record, day)))
        then = ladder_cases(whole, year)
        names = np.array(then.units)[then.unit], np.array(cut.units)[cut.unit]
        order = [
            np.lexsort((*given.terms.T, given.value, given.year, who))
            for given, who in zip((then, cut), names, strict=True)
        ]
        assert len(then.value) == len(cut.value) > 2000
        np.testing.assert_allclose(then.terms[order[0]], cut.terms[order[1]], atol=1e-9)
        assert (then.value[order[0]] == cut.value[order[1]]).all()


def test_lengths_of_a_year_or_more_count_as_twelve():
    share = made.length_shares(np.array([1, 1, 12, 40]), 0.0)
    assert share[0] == 0.5
    assert share[11] == 0.5
    assert share.sum() == pytest.approx(1.0)


def test_crises_are_counted_once_a_pair_and_run_from_a_display_or_force(
    record: Record, rows: LadderRows
):
    whole = ladder_icb.crisis_pairs(record, rows.panel, 1995, 2004)
    parts = [ladder_icb.crisis_pairs(record, rows.panel, y, y).height for y in range(1995, 2005)]
    assert whole.height == sum(parts) > 20
    assert whole["months"].to_numpy().min() >= 1
    cards = ladder_icb.crisis_cards(record)
    assert [card.question for card in cards] == [ladder_icb.VIOLENT, ladder_icb.LASTING]
    assert all(score.measures["expected"] > 0 for card in cards for score in card.scores)


def test_the_prediction_file_has_the_documented_columns(
    record: Record, monkeypatch: pytest.MonkeyPatch
):
    found = made.Monthly(
        np.array([7]),
        np.array([[2, 20]]),
        np.array([12 * 2003 + 4]),
        np.array([2]),
        {made.LAW: np.array([[0.5, 0.1, 0.2, 0.2]])},
    )
    monkeypatch.setattr(made, "forecasts", lambda *_: (found, None, None))
    monkeypatch.setattr(ladder, "stored_choice", lambda *_: made.LAW)
    frame = ladder.export(record)
    assert frame.row(0) == (7, 2, 20, "2003-05", 0.5, 0.1, 0.2, 0.2)
    assert frame.columns == ["dispnum", "ccode1", "ccode2", "month", "p0", "p1", "p2", "p3"]


@pytest.mark.slow
def test_the_law_beats_every_table_on_the_choice_years(record: Record):
    card = next(c for c in ladder.scorecards(record, "choice") if c.question == ladder.MONTHLY)
    assert card.chosen == made.LAW
    ours = next(score for score in card.scores if score.forecaster == made.LAW)
    for name in (made.CLIMATOLOGY, made.MARKOV, made.TABLE):
        assert ours.against[name].hi90 < 0
