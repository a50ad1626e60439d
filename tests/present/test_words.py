import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.present import words
from foedus.present.page_one import obligation_sentence


@given(st.floats(0, 1))
def test_no_probability_is_given_as_a_percentage_below_one_or_above_99(probability: float):
    text = words.percent(probability)
    if text.endswith("%"):
        assert 1 <= int(text.removesuffix("%")) <= 99


@given(st.floats(0, 1))
def test_a_whole_number_out_of_a_hundred_is_neither_none_nor_all(chance: float):
    text = words.whole_of_hundred(chance)
    if text.isdigit():
        assert 1 <= int(text) <= 99
        assert abs(int(text) - 100 * chance) <= 0.5 + 1e-9
    else:
        assert text == ("fewer than 1" if chance < 0.5 else "more than 99")


@given(st.floats(0, 1))
def test_the_word_of_a_probability_is_the_one_whose_range_holds_it(probability: float):
    word = words.likelihood(probability)
    step = next(item for item in words.LIKELIHOOD if item.word == word)
    assert step.low <= probability <= step.high


def test_the_ranges_of_the_words_leave_no_gap():
    edges = [(item.low, item.high) for item in words.LIKELIHOOD]
    assert edges[0][0] == 0
    assert edges[-1][1] == 1
    assert all(a[1] == b[0] for a, b in itertools.pairwise(edges))


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(53490.0, 3, "53,500"), (0.01371, 3, "0.0137"), (-1.456, 3, "-1.46"), (0.0, 3, "0")],
)
def test_numbers_keep_their_significant_digits(value: float, digits: int, text: str):
    assert words.number(value, digits) == text


def test_rise_and_fall_are_said_the_same_way():
    assert words.change(110, 100) == "up 10%"
    assert words.change(90, 100) == "down 10%"
    assert words.change(100, 100) == "unchanged"


def test_the_sentence_on_obligations_is_mirrored_when_the_allies_change_places():
    one = obligation_sentence(("Japan", "United States"), (False, True), 2018)
    other = obligation_sentence(("United States", "Japan"), (True, False), 2018)
    assert one == other
    assert one.startswith("The United States owes Japan defence, and Japan owes the United States")
