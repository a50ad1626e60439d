import datetime as dt

import pytest

from foedus.read.actors import Names, cow_number, role_of
from foedus.record.store import open_record


@pytest.fixture(scope="module")
def names() -> Names:
    return Names(open_record())


def found(names: Names, text: str, day: str | None = None) -> list[tuple[str, str]]:
    on = dt.date.fromisoformat(day) if day else None
    return [(text[m.start : m.end], m.code) for m in names.find(text, on)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tokyo told Kishida that the PLA had moved.", ["JPN", "JPN", "CHN"]),
        ("Beijing's coast guard met the U.S. Navy.", ["CHN", "USA"]),
        ("South Korea and North Korea, not South Sudan.", ["KOR", "PRK", "SSD"]),
        ("The Democratic Republic of Congo and Congo-Brazzaville.", ["COD", "COG"]),
        ("They told us it is so, said us lawmakers.", []),
        ("A Saudi-led strike hit the EU mission.", ["SAU", "EU"]),
        ("IRAN WARNS SRI LANKA AND THE UK", ["IRN", "LKA", "GBR"]),
        ("us and china hold talks", ["USA", "CHN"]),
        ("he told us, and polish people", []),
        ("CAR BOMB KILLS 20 IN IRAQ", ["IRQ"]),
        ("Ships in the Sea of Japan and the Gulf of Oman.", []),
        ("The pope left Rome for Prague.", ["ITA", "CZE"]),
        ("Erdoğan spoke with Peña Nieto.", ["TUR", "MEX"]),
    ],
)
def test_names_stand_for_countries(names: Names, text: str, expected: list[str]):
    assert [
        code for _, code in found(names, text, "2016-05-01" if "Nieto" in text else "2024-01-01")
    ] == expected


@pytest.mark.parametrize(
    ("day", "code"), [("1995-06-01", ["USA"]), ("2024-06-01", []), ("1940-01-01", [])]
)
def test_a_holder_of_office_counts_near_the_time_in_office(names: Names, day: str, code: list[str]):
    assert [c for _, c in found(names, "Clinton spoke.", day)] == code


def test_leaders_before_2016_come_from_the_record(names: Names):
    assert found(names, "Hu Jintao spoke.", "2008-01-01") == [("Hu Jintao", "CHN")]
    assert found(names, "Hu Jintao spoke.", "1950-01-01") == []


@pytest.mark.parametrize(
    ("words", "role"),
    [
        ("Chinese warships", "military"),
        ("Japan's prime minister", "head of state"),
        ("opposition leader", "opposition"),
        ("a Spanish court", "judiciary"),
        ("Taliban militants", "rebels"),
        ("Toyota Motor Corp", "firm"),
        ("Washington", "government"),
    ],
)
def test_roles_follow_the_words(words: str, role: str):
    assert role_of(words) == role


def test_bodies_have_no_number():
    assert (cow_number("JPN"), cow_number("EU"), cow_number("PSE")) == (740, None, None)
