import datetime as dt
import io
import json
import os
import time
from pathlib import Path

import pytest

from foedus.record.add import add_copy
from foedus.record.store import BUNDLE, AsOf, Record
from foedus.study import read_texts as module
from foedus.study.law_cases.disputes import everything
from foedus.study.law_cases.incidents import OWN, incident_cases, monthly_series, own_series
from foedus.study.law_cases.registry import tables_read
from foedus.study.read_texts import read_texts
from foedus.world.errors import BadInputError, CannotWriteError

code_block = module._code
LINE = {"id": "a", "date": "2024-04-12", "text": "Japan accused China of violating its airspace."}


def news(path: Path, count: int) -> Path:
    told = ["airspace", "waters", "a treaty", "fishing rules", "the ceasefire", "a contract"]
    rows = [
        {**LINE, "id": str(i), "text": f"Japan accused China of violating {told[i % 6]} {i}."}
        for i in range(count)
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def test_standard_input_is_read_and_never_taken_for_an_earlier_one(tmp_path: Path):
    stream = io.BytesIO(json.dumps(LINE).encode() + b"\n")
    found = read_texts(["-"], tmp_path, stdin=stream)
    assert [row["source_country"] for row in found.rows()] == ["JPN"]
    again = read_texts(["-"], tmp_path, stdin=io.BytesIO(b"China accused Japan of lying."))
    assert [row["source_country"] for row in again.rows()] == ["CHN"]


def test_a_cut_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "BLOCK_CHARACTERS", 100)
    path = news(tmp_path / "news.jsonl", 12)
    whole = read_texts([path], tmp_path / "whole")
    code = module._code
    done = 0

    def cut(block):
        nonlocal done
        done += 1
        if done == 3:
            raise KeyboardInterrupt
        return code(block)

    monkeypatch.setattr(module, "_code", cut)
    with pytest.raises(KeyboardInterrupt):
        read_texts([path], tmp_path / "out")
    assert not (tmp_path / "out" / "events.parquet").exists()
    monkeypatch.setattr(module, "_code", code)
    again = read_texts([path], tmp_path / "out")
    assert again.output.read_bytes() == whole.output.read_bytes()
    assert done == 3
    assert again.documents == 12


def code_beside_another(block):
    """Code a block once two processes have begun one, each leaving its mark."""
    marks = Path(os.environ["FOEDUS_TEST_MARKS"])
    (marks / str(os.getpid())).touch()
    for _ in range(600):
        if len(list(marks.iterdir())) > 1:
            break
        time.sleep(0.1)
    return code_block(block)


@pytest.mark.parametrize("place", ["processes", pytest.param("ray", marks=pytest.mark.slow)])
def test_blocks_spread_over_two_workers_give_the_same_events(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if place == "ray":
        pytest.importorskip("ray")
    path = news(tmp_path / "news.jsonl", 24)
    monkeypatch.setattr(module, "BLOCK_CHARACTERS", 200)
    here = read_texts([path], tmp_path / "here")
    marks = tmp_path / "marks"
    marks.mkdir()
    monkeypatch.setenv("FOEDUS_TEST_MARKS", str(marks))
    monkeypatch.setattr(module, "_code", code_beside_another)
    there = read_texts([path], tmp_path / "there", place=place, workers=2)
    assert len(list(marks.iterdir())) == 2
    assert sum(row["reports"] for row in here.rows()) == 24
    assert list(here.rows()) == list(there.rows())


def test_other_languages_are_refused_and_counted(tmp_path: Path):
    (tmp_path / "a.txt").write_text("Japan accused China of violating its airspace.")
    (tmp_path / "b.txt").write_text("El gobierno de España acusó a Rusia de violar su territorio.")
    found = read_texts([tmp_path], tmp_path / "out")
    assert found.refused == {"es": 1}
    assert found.events == 1


def test_bodies_are_kept_only_when_asked(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("The European Union imposed sanctions on Chinese officials.")
    without = read_texts([path], tmp_path)
    assert (without.events, without.bodies, list(without.rows())) == (0, 1, [])
    assert read_texts([path], tmp_path, bodies=True).events == 1


def test_broken_files_in_a_folder_are_set_aside(tmp_path: Path):
    (tmp_path / "a.txt").write_text("Japan accused China of violating its airspace.")
    (tmp_path / "b.pdf").write_bytes(b"no pdf")
    found = read_texts([tmp_path], tmp_path / "out")
    assert [name for name, _ in found.set_aside] == ["b.pdf"]


def test_events_feed_the_law_of_incidents_through_the_record(tmp_path: Path):
    told = [("Japan", "accused China of spying"), ("China", "accused Japan of lying"),
            ("Japan", "held talks with China"), ("Kenya", "sent food to Somalia")]  # fmt: skip
    rows = [
        {"text": f"{who} {what}, officials said.", "date": f"{2020 + n // 12}-{n % 12 + 1:02}-15"}
        for n in range(36)
        for who, what in told
    ]
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    read_texts([path], tmp_path / "out")
    spec = Record(BUNDLE, tmp_path).spec(OWN)
    add_copy(tmp_path / "out" / "monthly.csv", spec, tmp_path / "record")
    record = Record(BUNDLE, tmp_path / "record")
    found, refused = own_series(record, AsOf(dt.date(2022, 12, 31)))
    series = {item.name: item for item in found}
    assert set(series) == {
        "JPN>CHN conflict in words, own texts",
        "CHN>JPN conflict in words, own texts",
        "JPN>CHN cooperation in words, own texts",
        "KEN>SOM acts, own texts",
    }
    assert series["KEN>SOM acts, own texts"].counts.tolist() == [1.0] * 36
    assert {item.file for item in refused} == {OWN}
    assert OWN in tables_read("incidents", record)
    cases = incident_cases(monthly_series(record, everything())[0])
    assert set(series) <= set(cases.units)
    assert own_series(record, AsOf(dt.date(2021, 6, 30)))[0] == []


def test_a_long_text_is_read_in_pieces_with_the_same_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    text = "".join(
        f"Japan accused China of {what}.\n{'' if number % 3 else 'Nothing else was said.'}\n"
        for number, what in enumerate(["spying", "lying", "dumping", "theft", "fraud"] * 8)
    )
    path = tmp_path / "long.txt"
    path.write_text(f"April 12, 2024\n{text}")
    whole = read_texts([path], tmp_path / "whole")
    monkeypatch.setattr(module, "BLOCK_CHARACTERS", 120)
    steps: list[str] = []
    cut = read_texts([path], tmp_path / "cut", progress=steps.append)
    assert len(steps) > 3
    assert (whole.documents, cut.documents) == (1, 1)
    assert list(whole.rows()) == list(cut.rows())
    for row in cut.rows():
        assert path.read_text()[row["start"] : row["end"]] == row["sentence"]


def test_nothing_to_read_and_no_place_to_write_are_errors(tmp_path: Path):
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(BadInputError, match="nothing to read"):
        read_texts([tmp_path / "empty.jsonl"], tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWriteError):
        read_texts([news(tmp_path / "n.jsonl", 1)], tmp_path / "file")
