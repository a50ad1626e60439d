"""Courses: files that are held to what exists, with errors that name the line."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.policy.checked_file import line_of
from foedus.policy.courses import (
    Course,
    actors,
    course_names,
    course_schema,
    load_course,
    read_course,
)
from foedus.policy.instruments import instrument_names, load_instrument
from foedus.world.cases import case_names, load_case
from foedus.world.errors import BadInputError, UnknownNameError

GOOD = """\
title = "More exercises"
study = "either"
relative_to = "what is in force"
summary = "Two exercises more."

[[step]]
instrument = "exercise-tempo"
level = 2

[[step]]
instrument = "minilaterals"
level = 1
by = ["JPN", "USA"]
"""


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_course_is_read_with_its_steps(tmp_path: Path):
    course = read_course(write(tmp_path, GOOD))
    assert course.name == "mine"
    assert [step.instrument for step in course.steps] == ["exercise-tempo", "minilaterals"]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("level = 1", "level = 99", 10, "a level of -4 to 4"),
        ("level = 1", 'level = "many"', 12, "valid number"),
        ('instrument = "minilaterals"', 'instrument = "magic"', 11, "arms-sales-taiwan"),
        ('by = ["JPN", "USA"]', 'by = ["Atlantis"]', 13, "or one of allies"),
        ('by = ["JPN", "USA"]', "strength = 3", 13, "only fields that exist"),
        ('study = "either"', 'study = "sometimes"', 2, "retrospective"),
        ("level = 2", 'level = 2\nbegins = "soon"', 9, "2024-03"),
        ('title = "More exercises"\n', "", 1, "which is missing"),
        ("level = 2", "level = nan", 8, "finite"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, said: str
):
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(BadInputError) as caught:
        read_course(path)
    assert caught.value.where.endswith(f"line {line}")
    assert said in caught.value.expected


def test_further_errors_are_named_with_their_lines_beside_the_first(tmp_path: Path):
    text = GOOD.replace("level = 2", 'level = "two"').replace("level = 1", "level = 1\ncolour = 3")
    with pytest.raises(BadInputError) as caught:
        read_course(write(tmp_path, text))
    assert caught.value.where.endswith("line 8")
    assert "also line 13: step 2.colour" in caught.value.given


def test_broken_toml_is_named_with_its_line(tmp_path: Path):
    with pytest.raises(BadInputError) as caught:
        read_course(write(tmp_path, GOOD.replace('"minilaterals"', '"minilaterals')))
    assert caught.value.where.endswith("line 11")


@pytest.mark.parametrize(
    "text", ["= nothing", "[[step]\n", 'title = "a" "b"', "\x00", "a = 1\na = 2"]
)
def test_what_is_not_toml_is_refused(tmp_path: Path, text: str):
    with pytest.raises(BadInputError, match="not TOML"):
        read_course(write(tmp_path, text))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInputError, match="cannot be read"):
        read_course(path)


@given(st.text(max_size=200))
def test_any_text_is_a_course_or_a_clear_refusal(text: str):
    from foedus.policy.courses import _parse

    try:
        _parse(text, "here", "mine")
    except (BadInputError, UnknownNameError) as error:
        refused = error
    else:
        return
    assert refused.expected
    assert refused.where


def test_a_course_builds_on_another_and_may_drop_an_instrument():
    whole, less = (
        load_course(name) for name in ("april-2024-upgrade", "upgrade-without-command-integration")
    )
    gone = [step for step in whole.steps if step not in less.steps]
    assert [step.instrument for step in gone] == ["command-integration"]
    assert less.elements_of == whole.elements_of


def test_a_chain_of_bases_that_closes_is_refused(tmp_path: Path):
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    write(tmp_path, f'base = "{two}"\n' + GOOD, "one.toml")
    write(tmp_path, f'base = "{one}"\n' + GOOD, "two.toml")
    with pytest.raises(BadInputError, match="its own base"):
        read_course(one)


def test_what_the_base_does_not_hold_cannot_be_dropped(tmp_path: Path):
    text = 'base = "drift"\ndrop = ["tariffs"]\n' + GOOD
    with pytest.raises(BadInputError, match="tariffs cannot be dropped"):
        read_course(write(tmp_path, text))


def test_courses_join_only_within_one_study():
    both = load_course("april-2024-upgrade+probing")
    assert both.study == "retrospective"
    assert len(both.steps) == 13
    with pytest.raises(BadInputError, match="different studies"):
        load_course("april-2024-upgrade+upgrade-completed")


def test_roles_are_the_countries_of_the_case():
    for name in case_names():
        case = load_case(name)
        assert actors(("allies",), case) == case.focal
        assert actors(("rival",), case) == (case.rival,)
        assert actors(("partners",), case) == case.partners()
        assert set(case.partners()).isdisjoint({*case.focal, case.rival})


@pytest.mark.parametrize("name", course_names())
def test_every_course_that_ships_can_be_read(name: str):
    course = load_course(name)
    assert course.steps
    assert course.case in ("", *case_names())


@pytest.mark.parametrize("name", instrument_names())
def test_every_instrument_acts_on_inputs_the_laws_publish(name: str):
    from foedus.model.order import LAWS

    for effect in load_instrument(name).effects:
        law = LAWS[effect.law]
        assert effect.kind == "shift" or effect.term in {term.name for term in law.terms}
        if effect.evidence == "assumed" and effect.association:
            assert effect.low < 0 < effect.high


def test_no_instrument_claims_to_be_identified_or_published_without_a_sample():
    for name in instrument_names():
        for effect in load_instrument(name).effects:
            assert effect.evidence == "assumed" or effect.sample


def test_the_schema_names_every_field_and_instrument():
    schema = course_schema()
    assert set(schema["properties"]) == {
        field.alias or name for name, field in Course.model_fields.items() if name != "name"
    }
    assert schema["$defs"]["Step"]["properties"]["instrument"]["enum"] == list(instrument_names())
    json.dumps(schema)


def test_a_line_is_found_within_the_right_table():
    assert line_of(GOOD, ("step", 0, "level")) == 8
    assert line_of(GOOD, ("step", 1, "level")) == 12
    assert line_of(GOOD, ("summary",)) == 4
    assert line_of(GOOD, ("step", 1, "until")) == 10
