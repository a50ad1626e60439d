"""Allies and rivals are told apart by the record, whoever is focal."""

import pytest

from foedus.claim.camps import Camps
from foedus.record.store import Record


@pytest.fixture(scope="module")
def camps(record: Record) -> Camps:
    return Camps(record)


@pytest.mark.parametrize(
    ("sentences", "alliance", "rival"),
    [
        ([["JPN", "USA"], ["CHN"], ["JPN", "USA", "CHN"]], ("JPN", "USA"), "CHN"),
        ([["KOR", "USA"], ["PRK"], ["KOR", "PRK"]], ("KOR", "USA"), "PRK"),
        ([["POL", "USA"], ["RUS"], ["POL", "RUS"]], ("POL", "USA"), "RUS"),
        ([["PRK", "CHN"], ["USA"], ["PRK", "USA"]], ("PRK", "CHN"), "USA"),
    ],
)
def test_the_alliance_and_its_rival_are_found(
    camps: Camps, sentences: list[list[str]], alliance: tuple[str, str], rival: str
) -> None:
    assert camps.alliance(sentences) == alliance
    assert camps.rival([code for codes in sentences for code in codes], alliance) == rival


def test_allies_are_no_rivals_whatever_their_quarrels(camps: Camps) -> None:
    assert camps.friendly("GRC", "TUR") == 1
    assert camps.hostile("GRC", "TUR") == 0


def test_a_text_on_one_state_has_no_alliance_and_no_rival(camps: Camps) -> None:
    assert camps.alliance([["JPN"], ["JPN"]]) == ("", "")
    assert camps.rival(["JPN", "CHN"], ("", "")) == ""


def test_names_the_record_does_not_count_do_no_harm(camps: Camps) -> None:
    assert camps.friendly("ZZZ", "USA") == 0
    assert camps.hostile("ZZZ", "USA") == 0
