from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from foedus.record.sources import tables
from foedus.record.store import Record
from foedus.score import scorecard
from foedus.score.scorecard import Score, Scorecard, Split
from foedus.study import score_laws
from foedus.study.score_parts.dispute_words import in_words
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
    def scorecards(record: Record, split: Split, *, target: str = "") -> list[Scorecard]:
        return [replace(card(split), question=in_words("gml", "relevant", target or "onset"))]

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
        with pytest.raises(UnknownNameError, match="disputes, escalation, ladder, spending"):
            ask(["wars"])
    with pytest.raises(UnknownNameError, match="choice, test, both"):
        score_laws.score(["pacts"], record, split="half")


def test_every_task_names_the_tables_its_scores_rest_on():
    for name in score_laws.TASKS:
        module = import_module(f"foedus.study.score_parts.{name}")
        assert set(module.TABLES) <= set(tables()), name


def test_a_run_is_stored_with_its_fingerprint_and_counted(faked: Path, record: Record):
    said: list[str] = []
    for looks in (1, 2):
        found = score_laws.score(["pacts"], record, store=True, progress=said.append)
        cards, given = found["pacts"]
        assert [c.split for c in cards] == ["choice", "test"]
        assert given["test_evaluations"] == looks
        assert given["record"] == record.digest(["nmc"])
    assert said[:2] == ["pacts: choice", "pacts: test"]
    assert [c.looks for c in cards] == [0, 2]
    assert score_laws.stored(["pacts"])["pacts"][0] == cards
    assert not score_laws.other_record(given)
    assert score_laws.other_record(given | {"record": "another"})


def test_a_run_that_is_not_stored_says_how_often_it_would_have_looked(faked: Path, record: Record):
    assert score_laws.score(["pacts"], record)["pacts"][1]["test_evaluations"] == 1
    assert score_laws.score(["pacts"], record, split="choice")["pacts"][1]["test_evaluations"] == 0
    assert list(faked.iterdir()) == []
    with pytest.raises(BadInputError, match="both"):
        score_laws.score(["pacts"], record, split="test", store=True)


def test_a_question_stored_alone_leaves_the_others_and_their_looks(faked: Path, record: Record):
    hostile = {"target": "hostile"}
    score_laws.score(["disputes"], record, store=True)
    found = score_laws.score(["disputes"], record, store=True, options=hostile)["disputes"]
    assert [(c.question, c.looks) for c in found[0]] == [
        (in_words("gml", "relevant", "hostile"), looks) for looks in (0, 1)
    ]
    assert found[1]["test_evaluations"] == 2
    assert score_laws.stored(["disputes"], options=hostile)["disputes"] == found
    again = score_laws.score(["disputes"], record, store=True, options=hostile)["disputes"][0]
    assert [c.looks for c in again] == [0, 2]
    whole, given = score_laws.stored(["disputes"])["disputes"]
    assert [c.looks for c in whole] == [0, 1, 0, 2]
    assert given["test_evaluations"] == 3
    assert score_laws.stored(["disputes"], options={"source": "cow"})["disputes"][0] == []


def test_a_question_is_not_stored_beside_those_of_another_record(faked: Path, record: Record):
    other = {"record": "another", "tables": ["nmc"]}
    scorecard.store_scorecards("disputes", [card("test")], other)
    with pytest.raises(BadInputError, match="another record"):
        score_laws.score(["disputes"], record, store=True, options={"target": "fatal"})


def test_a_question_is_stored_beside_those_that_read_fewer_tables_of_the_same_record(
    faked: Path, record: Record
):
    fewer = {"record": record.digest(["cow_states"]), "tables": ["cow_states"]}
    scorecard.store_scorecards("disputes", [card("test")], fewer)
    cards, given = score_laws.score(["disputes"], record, store=True, options={"target": "fatal"})[
        "disputes"
    ]
    assert [c.looks for c in cards] == [0, 1]
    assert given["tables"] == ["nmc"]
    assert "q" in {c.question for c in score_laws.stored(["disputes"])["disputes"][0]}


def test_options_of_disputes_are_refused_elsewhere_and_their_words_checked(record: Record):
    for ask in (score_laws.stored, lambda t, options: score_laws.score(t, record, options=options)):
        with pytest.raises(BadInputError, match="disputes alone"):
            ask(["pacts"], options={"target": "fatal"})
        with pytest.raises(UnknownNameError, match="onset, hostile, fatal"):
            ask(["disputes"], options={"target": "war"})


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
