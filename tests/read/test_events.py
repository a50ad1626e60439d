import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from foedus.read import merge
from foedus.read.coder import QUADS, ROOTS
from foedus.read.documents import Document
from foedus.read.events import CAMEO, Event, Reader, mode_of, split, stated_day
from foedus.read.merge import merge_files, signature
from foedus.study.read_texts import SCHEMA, _reader

FRIDAY = dt.date(2024, 4, 12)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return _reader(2)


def coded(reader: Reader, text: str, day: dt.date | None = FRIDAY) -> list[Event]:
    return reader.code(list(reader.sentences([Document("a", text, day)])))


def test_an_event_says_who_did_what_to_whom_where_and_when(reader: Reader):
    text = (
        "Nothing happened here.\nBeijing's coast guard fired water cannon at a Philippine supply "
        "boat near Second Thomas Shoal on Tuesday."
    )
    (event,) = coded(reader, text)
    assert (event.source_country, event.target_country) == ("CHN", "PHL")
    assert (event.source_ccode, event.source_role) == (710, "military")
    assert (event.event, event.quad, event.cameo, event.goldstein) == ("ASSAULT", 4, "19", -10.0)
    assert event.arena == "south-china-sea"
    assert event.date == dt.date(2024, 4, 9)
    assert text[event.start : event.end] == event.sentence


@pytest.mark.parametrize(
    "text",
    [
        "Japan did not impose sanctions on China.",
        "If China attacked Taiwan, the United States might send forces.",
        "Japan is an island country to the east of China.",
        "El gobierno de Japón impuso sanciones contra China por su conducta.",
    ],
)
def test_what_did_not_happen_is_no_event(reader: Reader, text: str):
    assert coded(reader, text) == []


def test_swapped_actors_give_the_swapped_event(reader: Reader):
    (one,) = coded(reader, "China accused Japan of violating its airspace.")
    (two,) = coded(reader, "Japan accused China of violating its airspace.")
    assert (one.source_country, one.target_country) == ("CHN", "JPN")
    assert (two.source_country, two.target_country) == ("JPN", "CHN")
    assert one.event == two.event == "ACCUSE"


def test_a_body_of_states_is_no_country(reader: Reader):
    (event,) = coded(reader, "The European Union imposed sanctions on Chinese officials.")
    assert (event.source_country, event.source_body, event.source_role) == (None, "EU", "IGO")


def test_several_targets_are_several_events(reader: Reader):
    found = coded(reader, "Russia accused Britain and France of sending weapons to rebels.")
    assert {(e.source_country, e.target_country) for e in found} == {("RUS", "GBR"), ("RUS", "FRA")}


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("US, China hold talks on trade in Geneva", [("USA", "CHN")]),
        ("Kishida welcomed Biden's pledge to defend the Senkaku Islands.", [("JPN", "USA")]),
        ("iran warns israel of 'crushing response' to any attack", [("IRN", "ISR")]),
        ("IRAN WARNS ISRAEL OF CRUSHING RESPONSE", [("IRN", "ISR")]),
        ("Both Russia and the Syrian government have accused Poland.",
         [("RUS", "POL"), ("SYR", "POL")]),
        ("Kenyan police fired tear gas at protesters in Nairobi.", [("KEN", "KEN")]),
    ],
)  # fmt: skip
def test_sides_are_found_however_a_sentence_is_set(
    reader: Reader, text: str, sides: list[tuple[str, str]]
):
    assert [(e.source_country, e.target_country) for e in coded(reader, text)] == sides


def test_a_name_is_quoted_whole_and_its_role_told(reader: Reader):
    (event,) = coded(reader, "South Korea's president warned North Korea of retaliation.")
    assert event.source.startswith("South Korea")
    assert event.source_role == "head of state"
    assert event.target == "North Korea"


def test_every_root_has_a_code_and_a_class(reader: Reader):
    assert set(CAMEO) == set(QUADS) == set(ROOTS)


def test_sentences_are_found_where_they_stand():
    text = "A title\nU.S. President Joe Biden met Gen. Ngo. He left.\n\n  Next."
    assert [text[s : s + len(t)] == t for s, t in split(text)] == [True] * 4


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("They met on 3 May 2023.", dt.date(2023, 5, 3)),
        ("They met on May 3, 2023.", dt.date(2023, 5, 3)),
        ("They met on Dec. 30.", dt.date(2023, 12, 30)),
        ("They met on Wednesday.", dt.date(2024, 4, 10)),
        ("They met yesterday.", dt.date(2024, 4, 11)),
        ("TOKYO, April 12, 2024 - They met on Monday.", dt.date(2024, 4, 8)),
        ("They met on 31 February 2023.", None),
        ("They met.", None),
    ],
)
def test_days_are_told_from_the_sentence(text: str, day: dt.date | None):
    assert stated_day(text, FRIDAY) == day


def test_modes_follow_words():
    assert mode_of("PROTEST", "Miners went on hunger strike.") == "HUNGER"
    assert mode_of("AGREE", "They agreed.") is None


def test_reports_of_one_happening_become_one_row(reader: Reader, tmp_path: Path):
    texts = [
        "Japan accused China of violating its airspace near Okinawa on Thursday.",
        "On Thursday Japan accused China of violating its airspace near Okinawa island.",
        "Japan accused China of stealing trade secrets from a chip maker.",
    ]
    rows = []
    for number, text in enumerate(texts):
        (event,) = reader.code(list(reader.sentences([Document(str(number), text, FRIDAY)])))
        rows.append({**vars(event), "date": FRIDAY, "signature": signature(event.sentence)})
    part = tmp_path / "part.parquet"
    frame = pl.DataFrame(rows, schema=SCHEMA).with_columns(block=0).with_row_index("row")
    frame.write_parquet(part)
    assert merge_files([part], tmp_path / "events.parquet", bodies=False) == (2, 0)
    found = pl.read_parquet(tmp_path / "events.parquet")
    assert found["reports"].to_list() == [2, 1]
    assert list(found.columns) == list(SCHEMA)[:-1]


def test_merging_is_the_same_in_whatever_portions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    kinds = ["sunk a ship", "closed its border", "tested a missile", "shot down a drone"]
    row = dict.fromkeys(SCHEMA) | {"target_country": "CHN", "confidence": 0.5, "reports": 1}
    rows = []
    for number in range(600):
        who, kind = ["JPN", "KOR", "IND"][number % 3], kinds[number % 4]
        day = None if number % 5 == 0 else FRIDAY - dt.timedelta(days=number % 2)
        said = f"{who} said China had {kind}{' again' if number % 7 else ''}."
        told = {"doc": str(number), "date": day, "source_country": who, "event": "ACCUSE"}
        rows.append({**row, **told, "sentence": said, "signature": signature(said)})
    frame = pl.DataFrame(rows, schema=SCHEMA).with_columns(block=0).with_row_index("row")
    frame.write_parquet(tmp_path / "part.parquet")
    merge_files([tmp_path / "part.parquet"], tmp_path / "whole.parquet", bodies=False)
    monkeypatch.setattr(merge, "PORTION", 60)
    merge_files([tmp_path / "part.parquet"], tmp_path / "small.parquet", bodies=False)
    whole = pl.read_parquet(tmp_path / "whole.parquet")
    assert whole.equals(pl.read_parquet(tmp_path / "small.parquet"))
    assert whole["reports"].sum() == 600
    undated = whole.filter(pl.col("date").is_null())
    assert undated.height == undated["sentence"].n_unique() == 24
    assert whole.filter(pl.col("date").is_not_null()).height == 12
    assert whole["date"].to_list() == sorted(whole["date"].drop_nulls()) + [None] * 24


def test_very_long_lines_are_read_to_their_end():
    text = "It rained all day in the hills. " * 4000 + "Nobody came."
    found = list(split(text))
    assert found[-1] == (text.index("Nobody"), "Nobody came.")
    assert len(found) == 4001
