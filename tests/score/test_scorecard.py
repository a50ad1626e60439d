from pathlib import Path

import numpy as np
import pytest

from foedus.score import scorecard
from foedus.score.scorecard import Difference, Score, Scorecard, Split


def card(split: Split) -> Scorecard:
    return Scorecard(
        task="disputes",
        question="a question",
        split=split,
        first="1990",
        last="1999",
        rule="dated",
        promised=3,
        events=1,
        lead="log loss",
        clusters="dyad",
        chosen="law",
        scores=(
            Score("base rate", 3, {"log loss": 0.2}),
            Score("law", 3, {"log loss": 0.1}, {"base rate": Difference(-0.1, -0.2, 0.0)}),
        ),
        notes=("one",),
    )


def test_cards_come_back_as_stored_and_every_look_at_the_test_set_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(scorecard, "scorecard_path", lambda task: tmp_path / f"{task}.json")
    cards = [card("choice"), card("test")]
    for looks in (1, 2):
        scorecard.store_scorecards("disputes", cards, {"record": "abc"})
        found, given = scorecard.read_scorecards("disputes")
        assert found == cards
        assert given == {"record": "abc", "test_evaluations": looks}
    scorecard.store_scorecards("disputes", cards[:1], {"record": "abc"})
    assert scorecard.read_scorecards("disputes")[1]["test_evaluations"] == 2
    assert [p.name for p in tmp_path.iterdir()] == ["disputes.json"]


def test_differences_are_paired_and_leave_out_oneself():
    losses = {"a": np.array([1.0, 2.0, 3.0]), "b": np.array([2.0, 3.0, 4.0])}
    (found,) = scorecard.differences(losses, "a", np.array([0, 1, 2])).items()
    assert found == ("b", Difference(-1.0, -1.0, -1.0))
