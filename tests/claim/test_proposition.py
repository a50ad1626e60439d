"""Every proposition is worth reading, and its rule is whole."""

import pytest
from pydantic import ValidationError

from foedus.claim.finder import Finder
from foedus.claim.proposition import FEWEST, MOST, Proposition, proposition, propositions
from foedus.record.store import Record
from foedus.world.errors import UnknownNameError

NAMES = {"ally": "Japan", "partner": "the United States", "rival": "China", "actor": "Japan",
         "arena": "the Taiwan Strait"}  # fmt: skip


def test_there_are_enough() -> None:
    assert len(propositions()) >= 40


@pytest.mark.parametrize("name", propositions())
def test_it_is_complete(name: str, record: Record) -> None:
    item = proposition(name)
    for text in (item.statement, item.measure, item.supports, item.contradicts, item.limits):
        assert len(text) > 5
    worded = item.worded(NAMES)
    assert "{" not in worded
    assert worded.endswith(".")
    assert item.paraphrases
    assert item.literature
    if item.test.kind == "absent":
        assert item.test.why
    else:
        assert FEWEST <= len(item.test.ways) <= MOST
        assert item.test.smallest >= 0
        assert item.test.why_smallest
        assert set(item.test.tables) & set(record.names())


def test_the_network_knows_all_of_them_and_no_other() -> None:
    pytest.importorskip("onnxruntime")
    assert set(Finder().propositions) == set(propositions())


def test_ways_are_every_combination_of_the_choices() -> None:
    ways = proposition("rival-arms").test.ways
    choices = proposition("rival-arms").test.specifications
    count = 1
    for options in choices.values():
        count *= len(options)
    assert len(ways) == count == len({tuple(way.items()) for way in ways})


def test_an_unknown_one_is_refused_with_the_list() -> None:
    with pytest.raises(UnknownNameError, match="alliance-lowers-disputes"):
        proposition("nothing")


def test_a_test_with_too_few_specifications_is_refused() -> None:
    given = proposition("rival-arms").model_dump()
    given["test"]["specifications"] = {"way": ("line",)}
    with pytest.raises(ValidationError, match="specifications"):
        Proposition(**given)
