from collections.abc import Callable

import numpy as np
import pytest

from foedus.record.store import Record
from foedus.study.score_parts import pair_years as rows
from foedus.study.score_parts.pair_years import PairYears, Question, fill, guarded_features
from foedus.study.score_parts.rolling import Grid, require_no_later_knowledge
from foedus.world.errors import HindsightError

QUESTION = Question("gml", "relevant", "onset")


@pytest.fixture(scope="module")
def gml(record: Record) -> PairYears:
    return rows.pair_years(record, QUESTION)


def test_rows_and_events_are_those_the_task_promises(gml: PairYears):
    years = range(2000, 2011)
    member = np.stack([gml.panel.member[:, gml.at(y) - 1] for y in years], axis=1)
    onset = np.stack([gml.outcome[:, gml.at(y)] for y in years], axis=1)
    assert member.sum() == 19610
    assert onset[member].sum() == 288


def test_levels_count_only_once_the_dispute_is_over(gml: PairYears):
    known = gml.known(1999, "hostile")
    assert not known[:, gml.at(2000) :].any()
    late = gml.settled > 1999
    assert late[:, gml.at(1998)].any()
    assert not known[late].any()
    assert gml.known(1999, "onset")[:, : gml.at(2000)].all()


def test_a_gap_takes_the_last_value_of_five_years_then_the_mean_of_the_year():
    values = np.array([[1.0, np.nan, np.nan], [np.nan, np.nan, np.nan], [4.0, 6.0, 8.0]])
    member = np.ones((3, 3), dtype=bool)
    member[1, 2] = False
    found, gaps = fill(values, member)
    assert found[0].tolist() == [1.0, 1.0, 1.0]
    assert found[1, :2].tolist() == [2.5, 6.0]
    assert np.isnan(found[1, 2])
    assert gaps.sum() == 4
    old = np.full((2, 8), np.nan)
    old[0, 0], old[1] = 9.0, 3.0
    assert fill(old, np.ones((2, 8), dtype=bool))[0][0].tolist() == [9.0] * 6 + [3.0] * 2


def test_filling_uses_nothing_later():
    rng = np.random.default_rng(1)
    values = np.where(rng.random((6, 12)) < 0.4, np.nan, rng.normal(size=(6, 12)))
    member = np.ones(values.shape, dtype=bool)
    cut = fill(values[:, :7], member[:, :7])[0]
    assert np.array_equal(fill(values, member)[0][:, :7], cut, equal_nan=True)


def with_leak(record: Record) -> Callable[[int | None], dict[str, Grid]]:
    honest = guarded_features(record, QUESTION)
    whole = rows.pair_years(record, QUESTION)

    def build(last: int | None) -> dict[str, Grid]:
        grids = honest(last)
        some = grids["slow history"]
        ahead = np.full(some.values.shape, np.nan)
        if last is None:
            ahead[:, :-1] = whole.outcome[:, 1:]
        return grids | {"onset": Grid(some.units, some.years, ahead)}

    return build


def test_features_of_the_record_pass_the_guard_and_a_planted_outcome_does_not(record: Record):
    require_no_later_knowledge(guarded_features(record, QUESTION), (1989, 1999))
    with pytest.raises(HindsightError, match="'onset' at the end of 1999"):
        require_no_later_knowledge(with_leak(record), (1999,))


def test_a_further_term_of_the_rivals_that_looks_a_year_ahead_is_caught(
    record: Record, monkeypatch: pytest.MonkeyPatch
):
    honest = rows.rival_terms

    def leaking(*given):
        found = honest(*given)
        ahead = found["recent onsets"].copy()
        ahead[:, :-1] = ahead[:, 1:]
        return found | {"recent onsets": ahead}

    monkeypatch.setattr(rows, "rival_terms", leaking)
    with pytest.raises(HindsightError, match="'recent onsets' at the end of 1989"):
        require_no_later_knowledge(guarded_features(record, QUESTION), (1989,))
