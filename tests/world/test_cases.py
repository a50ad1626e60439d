import pytest

from foedus.world.cases import case_ccodes, case_names, load_case
from foedus.world.errors import BadInputError, UnknownNameError


@pytest.mark.parametrize("name", case_names())
def test_each_case_names_its_parties_with_a_reason(name: str):
    case = load_case(name)
    assert {c.ccode for c in case.focal} < set(case.countries)
    assert case.rival.ccode in case.countries
    assert all(case.countries.values())
    assert case.rival not in case.partners()


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
