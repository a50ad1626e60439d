import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.world.countries import countries, find_country
from foedus.world.errors import AmbiguousCountryError, FoedusError, UnknownCountryError


@pytest.mark.parametrize(
    ("given_name", "ccode"),
    [
        ("Japan", 740),
        ("jpn", 740),
        ("740", 740),
        ("PRC", 710),
        ("Taiwan", 713),
        ("ROK", 732),
        ("DPRK", 731),
        ("Soviet Union", 365),
        ("DEU", 255),
        ("GFR", 260),
        ("Viet Nam", 816),
        ("Côte d'Ivoire", 437),
        ("  united   states ", 2),
    ],
)
def test_names_codes_and_aliases_find_the_country(given_name: str, ccode: int):
    assert find_country(given_name).ccode == ccode


def test_korea_is_ambiguous_and_the_choices_are_named():
    with pytest.raises(AmbiguousCountryError, match="PRK North Korea, 732 KOR South Korea"):
        find_country("Korea")


def test_a_slip_gets_a_suggestion():
    with pytest.raises(UnknownCountryError, match="JPN Japan"):
        find_country("Jappan")


def test_membership_follows_the_spells():
    taiwan = find_country("TWN")
    assert not taiwan.exists(dt.date(1949, 12, 7))
    assert taiwan.exists(dt.date(1949, 12, 8))
    assert taiwan.exists(dt.date(2026, 1, 1))
    japan = find_country("JPN")
    assert not japan.exists(dt.date(1950, 1, 1))
    assert not find_country("GFR").exists_in(1991)


@given(st.sampled_from(sorted(countries())))
def test_every_country_is_found_by_its_number_and_name(ccode: int):
    item = countries()[ccode]
    assert find_country(ccode) is item
    try:
        assert find_country(item.name).name == item.name
    except AmbiguousCountryError:
        assert item.name in {"Congo"}


@given(st.text(max_size=40))
def test_any_text_gives_a_country_or_a_clear_error(text: str):
    with contextlib.suppress(FoedusError):
        assert find_country(text).name
