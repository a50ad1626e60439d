import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from foedus.score import scorecard
from foedus.score.backtest import cluster_interval, cluster_intervals
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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(scorecard, "scorecard_path", lambda task: tmp_path / f"{task}.json")
    return tmp_path


def test_cards_come_back_as_stored_and_every_look_at_the_test_set_is_counted(folder: Path):
    cards = [card("choice"), card("test")]
    for looks in (1, 2):
        scorecard.store_scorecards("disputes", cards, {"record": "abc"})
        found, given = scorecard.read_scorecards("disputes")
        assert found == [cards[0], replace(cards[1], looks=looks)]
        assert given == {"record": "abc", "test_evaluations": looks}
    scorecard.store_scorecards("disputes", cards[:1], {"record": "abc"})
    assert scorecard.read_scorecards("disputes")[1]["test_evaluations"] == 2
    assert [p.name for p in folder.iterdir()] == ["disputes.json"]


def test_a_card_that_stays_counts_no_further_look(folder: Path):
    scorecard.store_scorecards("disputes", [card("test")], {"record": "abc"})
    (kept,), _ = scorecard.read_scorecards("disputes")
    other = replace(card("test"), question="another question")
    scorecard.store_scorecards("disputes", [kept, other], {"record": "abc"})
    found, given = scorecard.read_scorecards("disputes")
    assert [c.looks for c in found] == [1, 1]
    assert given["test_evaluations"] == 2
    scorecard.store_scorecards("disputes", found, {"record": "abc"})
    assert scorecard.read_scorecards("disputes")[1]["test_evaluations"] == 2


def test_a_card_from_before_looks_were_counted_by_question_had_all_of_its_task(folder: Path):
    scorecard.store_scorecards("disputes", [card("choice"), card("test")], {"record": "abc"})
    path = folder / "disputes.json"
    data = json.loads(path.read_text("utf-8"))
    for held in data["cards"]:
        del held["looks"]
    path.write_text(json.dumps(data | {"test_evaluations": 3}), "utf-8")
    assert [c.looks for c in scorecard.read_scorecards("disputes")[0]] == [0, 3]


def test_differences_are_paired_and_leave_out_oneself():
    losses = {"a": np.array([1.0, 2.0, 3.0]), "b": np.array([2.0, 3.0, 4.0])}
    (found,) = scorecard.differences(losses, "a", np.array([0, 1, 2])).items()
    assert found == ("b", Difference(-1.0, -1.0, -1.0))


def test_intervals_over_the_same_draws_are_those_of_each_alone():
    rng = np.random.default_rng(6)
    for cases, clusters in ((60, 5), (5000, 1201)):
        cluster = rng.integers(0, clusters, size=cases)
        values = [rng.normal(size=cases) for _ in range(3)]
        together = cluster_intervals(values, cluster, seed=9)
        assert together == [cluster_interval(part, cluster, seed=9) for part in values]
        _, index = np.unique(cluster, return_inverse=True)
        sums, sizes = np.bincount(index, values[0]), np.bincount(index)
        drawn = np.random.default_rng(9).integers(0, len(sums), size=(1000, len(sums)))
        means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
        assert together[0] == pytest.approx(tuple(np.quantile(means, [0.05, 0.95])))
