import pytest

from foedus.world.cases import case_ccodes, case_names, load_case
from foedus.world.errors import BadInputError, UnknownNameError


@pytest.mark.parametrize("name", case_names())
def test_each_case_names_its_parties_with_a_reason(name: str):
    case = load_case(name)
    assert {c.ccode for c in case.focal} < set(case.countries)
    assert case.rival.ccode in case.countries
    assert all(case.countries.values())
    assert case.rival not in case.others()
    assert {one.ccode for one in case.others()} == {
        *(one.ccode for one in case.partners()),
        *case.beside_rival,
    }


def test_whoever_stands_with_the_rival_is_no_partner():
    named = {name: {one.iso3 for one in load_case(name).partners()} for name in case_names()}
    assert named["japan-us"].isdisjoint({"PRK", "RUS"})
    assert named["korea-us"].isdisjoint({"CHN", "RUS"})
    assert named["china-north-korea"] == {"RUS"}


def test_an_ally_cannot_stand_with_the_rival(tmp_path):
    path = tmp_path / "mine.toml"
    head = 'title = "x"\nfocal = ["JPN", "USA"]\nrival = "CHN"\nseen_from = "the allies"\n'
    more = 'arenas = []\nquestion = "?"\nbeside_rival = ["JPN"]\n'
    path.write_text(f'{head}{more}[countries]\nJPN = "a"\nUSA = "b"\nCHN = "c"\n')
    with pytest.raises(BadInputError, match="beside_rival"):
        load_case(str(path))


def test_an_unknown_case_lists_the_cases():
    with pytest.raises(UnknownNameError, match="japan-us"):
        load_case("japan-uk")


def test_a_broken_case_file_is_one_clear_error(tmp_path):
    path = tmp_path / "mine.toml"
    for text in ("title = ", 'title = "x"', 'focal = ["Korea", "USA"]', "[countries]\nUSA = 1"):
        path.write_text(text)
        with pytest.raises(BadInputError, match=r"mine\.toml"):
            load_case(str(path))


def test_the_bundle_covers_both_cases():
    assert {2, 740, 710, 731, 713} <= set(case_ccodes())
