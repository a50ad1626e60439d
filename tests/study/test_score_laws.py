from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from foedus.record.store import Record
from foedus.score import scorecard
from foedus.score.scorecard import Score, Scorecard, Split
from foedus.study import score_laws
from foedus.world.errors import BadInputError, DamagedRecordError, UnknownNameError


def card(split: Split) -> Scorecard:
    return Scorecard(
        task="disputes",
        question="q",
        split=split,
        first="2000",
        last="2010",
        rule="dated",
        promised=1,
        events=None,
        lead="rps",
        clusters="dispute",
        chosen="law",
        scores=(Score("law", 1, {"rps": 0.1}),),
    )


def module(frame: pl.DataFrame) -> SimpleNamespace:
    def scorecards(record: Record, split: Split) -> list[Scorecard]:
        return [card(split)]

    def export(record: Record, *, population: str = "relevant") -> pl.DataFrame:
        return frame

    return SimpleNamespace(scorecards=scorecards, export=export, TABLES=("nmc",))


FRAME = pl.DataFrame({"ccode1": [2] * 2000, "p": [0.1] * 1999 + [None]})


@pytest.fixture
def faked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(scorecard, "scorecard_path", lambda task: tmp_path / f"{task}.json")
    monkeypatch.setattr(score_laws, "_module", lambda _: module(FRAME))
    return tmp_path


def test_every_task_of_the_registry_has_its_file():
    folder = Path(score_laws.__file__).parent / "score_parts"
    assert [name for name in score_laws.TASKS if not (folder / f"{name}.py").is_file()] == []


def test_an_unknown_task_or_split_names_the_choices(record: Record):
    for ask in (score_laws.stored, score_laws.score, score_laws.checked):
        with pytest.raises(UnknownNameError, match="disputes, escalation, spending"):
            ask(["wars"])
    with pytest.raises(UnknownNameError, match="choice, test, both"):
        score_laws.score(["pacts"], record, split="half")


def test_a_run_is_stored_with_its_fingerprint_and_counted(faked: Path, record: Record):
    said: list[str] = []
    for looks in (1, 2):
        found = score_laws.score(["pacts"], record, store=True, progress=said.append)
        cards, given = found["pacts"]
        assert [c.split for c in cards] == ["choice", "test"]
        assert given["test_evaluations"] == looks
        assert given["record"] == record.digest(["nmc"])
    assert said[:2] == ["pacts: choice", "pacts: test"]
    assert score_laws.stored(["pacts"])["pacts"][0] == cards
    assert not score_laws.other_record(given)
    assert score_laws.other_record(given | {"record": "another"})


def test_a_run_that_is_not_stored_says_how_often_it_would_have_looked(faked: Path, record: Record):
    assert score_laws.score(["pacts"], record)["pacts"][1]["test_evaluations"] == 1
    assert score_laws.score(["pacts"], record, split="choice")["pacts"][1]["test_evaluations"] == 0
    assert list(faked.iterdir()) == []
    with pytest.raises(BadInputError, match="both"):
        score_laws.score(["pacts"], record, split="test", store=True)


def test_absent_scores_say_how_to_make_them(faked: Path):
    with pytest.raises(DamagedRecordError, match="foedus score arenas --again"):
        score_laws.stored(["arenas"])


def test_a_prediction_file_covers_its_task_or_is_refused(faked: Path, record: Record):
    assert score_laws.export("pacts", record).height == 1999
    holes = FRAME.with_columns(p=pl.when(pl.int_range(2000) > 2).then(0.1).otherwise(float("nan")))
    with pytest.raises(BadInputError, match="1997 of 2000"):
        score_laws.whole("pacts", holes)


def test_an_option_a_task_does_not_know_is_named(faked: Path, record: Record):
    with pytest.raises(BadInputError, match="--population"):
        score_laws.export("pacts", record, options={"series": "nmc"})


def test_cards_are_plain_data():
    (data,) = score_laws.as_data([replace(card("test"), notes=("a",))])
    assert data["scores"][0]["measures"] == {"rps": 0.1}
