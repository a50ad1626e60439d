"""What a sentence states, of whom, and what it denies."""

import pytest

from foedus.claim.camps import Camps
from foedus.claim.finder import Finder
from foedus.claim.proposition import proposition
from foedus.claim.statements import Slots, Spoken, Statement, asked_of, statements
from foedus.read.actors import Names
from foedus.read.events import arenas_in, split
from foedus.record.store import Record

pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def read(record: Record):
    names, finder, camps = Names(record), Finder(), Camps(record)

    def of(text: str) -> list[Statement]:
        spoken = [
            Spoken(part, start, tuple(names.find(part)), tuple(arenas_in(part)))
            for start, part in split(text)
        ]
        return statements(spoken, finder, camps)

    return of


def test_a_sentence_may_state_several_things(read) -> None:
    found = read("Japan and the United States are expanding cooperation in cyber security, space "
                 "and artificial intelligence.")  # fmt: skip
    names = {item.proposition for item in found}
    assert {"cooperation-cyber", "cooperation-space", "cooperation-technology"} <= names
    assert all(item.slots.ally == "JPN" and item.slots.partner == "USA" for item in found)


def test_a_denial_is_told(read) -> None:
    (stated,) = read("Military exercises deter aggression and lower the risk of war.")[:1]
    (denied,) = read("Military exercises do not deter anyone, and there is no evidence that they "
                     "lower the risk of war.")[:1]  # fmt: skip
    assert stated.proposition == denied.proposition == "exercises-lower-disputes"
    assert (stated.negated, denied.negated) == (False, True)


def test_what_ought_to_be_is_no_claim(read) -> None:
    (found,) = read("Washington and Tokyo must never abandon the people of Taiwan.")
    assert (found.sort, found.proposition) == ("normative", "")


def test_the_rival_is_whom_the_sentence_names_and_else_whom_the_text_is_about(read) -> None:
    found = read(
        "The alliance of South Korea and the United States faces North Korea. Pyongyang has "
        "tested more missiles than ever before. Russia is building up its armed forces as well. "
        "North Korea fired again. Seoul and Washington answered North Korea."
    )
    arming = [item for item in found if item.proposition == "rival-arms"]
    assert [item.slots.rival for item in arming] == ["RUS"]
    assert {(item.slots.ally, item.slots.partner) for item in found} == {("KOR", "USA")}


def test_what_stands_twice_is_listed_once_with_its_first_place(read) -> None:
    line = "China is rapidly modernising its armed forces."
    found = read(f"{line}\n\n{line}")
    assert [item.start for item in found] == [0]


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("since 1945", "1945-"),
        ("between 2018 and 2021", "2018-2021"),
        ("in the 1990s", "1990-1999"),
        ("in 2010", "2010-2010"),
        ("of late", ""),
    ],
)
def test_years_are_read(read, text: str, period: str) -> None:
    (found, *_) = read(f"The two allies have worked together more closely {text}.")
    assert found.slots.period == period


def test_a_general_proposition_asks_of_no_one_and_an_arena_is_its_own() -> None:
    slots = Slots(ally="JPN", partner="USA", rival="CHN", arena="korea")
    assert asked_of(proposition("alliance-lowers-disputes"), slots) == {}
    assert asked_of(proposition("rival-assertive-taiwan-strait"), slots) == {
        "rival": "CHN",
        "arena": "taiwan-strait",
    }


def test_offsets_are_those_of_the_text(read) -> None:
    text = "Something else.\n\n  China has increased its military spending every year.  \n"
    for item in read(text):
        assert text[item.start : item.end] == item.sentence
