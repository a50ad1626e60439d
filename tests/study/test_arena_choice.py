"""What stands for the arenas' series: the choice of past origins, and none that was not known."""

import datetime as dt

import numpy as np
import pytest

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.score.scorecard import read_scorecards
from foedus.study.arena_fits import arena_fit
from foedus.study.outlook_parts.arena_choice import (
    OWN_RULE,
    OWN_VALUES,
    SHOWN_MONTHS,
    ArenaAnswer,
    arena_answers,
    choice_note,
    with_arena_choice,
)
from foedus.study.outlook_parts.series import series_rows
from foedus.study.score_parts import arenas
from foedus.world.cases import load_case

NOW = AsOf(dt.date(2026, 10, 31), Rule.KNOWN)


@pytest.fixture(scope="module")
def answers(record: Record) -> list[ArenaAnswer]:
    return arena_answers(record, load_case("japan-us"), NOW)


def test_the_choice_is_that_of_the_stored_cards(answers: list[ArenaAnswer]):
    cards = {(c.question, c.split): c.chosen for c in read_scorecards("arenas")[0]}
    assert len(answers) == len(arenas.SPLIT_ORIGIN)
    for answer in answers:
        for months in arenas.HORIZONS:
            question = arenas.question(answer.series.name, months)
            assert cards[question, "choice"] == answer.method
    assert any(answer.method.startswith("law, pooled") for answer in answers)


def test_a_choice_card_names_one_forecaster_and_ends_together():
    ends: dict[str, set[tuple[str, str]]] = {}
    for card in read_scorecards("arenas")[0]:
        if card.split == "choice":
            ends.setdefault(card.question.split(",")[0], set()).add((card.chosen, card.last))
    assert all(len(found) == 1 for found in ends.values()), ends


def test_the_chosen_forecast_is_the_one_that_is_scored(record: Record, answers: list[ArenaAnswer]):
    origin = 12 * NOW.day.year + NOW.day.month - 1
    known = {item.name: item for item in arenas.known_series(record, origin)}
    for answer in answers:
        if answer.method in arenas.RIVALS:
            item = known[answer.series.name]
            steps = origin + 3 - int(item.months[-1])
            wanted = arenas.RIVALS[answer.method](item, steps)
            np.testing.assert_array_equal(answer.draws[3], wanted)
        else:
            assert len(answer.draws[3]) == arenas.EVEN * (1 + len(arenas.POOLS[answer.method]))


def test_what_was_not_known_at_a_date_chooses_and_scores_nothing(record: Record):
    case = load_case("japan-us")
    assert arena_answers(record, case, AsOf(dt.date(2016, 12, 31), Rule.KNOWN)) == []
    assert "nothing had been chosen" in choice_note([])
    found = arena_answers(record, case, AsOf(dt.date(2024, 7, 31), Rule.KNOWN))
    assert {answer.series.name for answer in found} == {"nk_launch_days", "scs_incidents"}
    assert all(not answer.tests for answer in found)


def test_a_fit_knows_no_more_than_the_date():
    assert arena_fit(dt.date(2023, 12, 31)) is None
    assert arena_fit(dt.date(2024, 1, 30)) is None
    old, new = arena_fit(dt.date(2024, 1, 31)), arena_fit(dt.date(2026, 10, 31))
    assert old is not None
    assert new is not None
    assert old[0].coefficients.shape == new[0].coefficients.shape
    assert (old[0].coefficients != new[0].coefficients).any()


def test_the_choice_takes_the_place_of_the_simple_rule(record: Record, answers: list[ArenaAnswer]):
    case = load_case("japan-us")
    rules = [row for arena in case.arenas for row in series_rows(record, arena, NOW)]
    rows = with_arena_choice(rules, answers)
    for answer in answers:
        for months in SHOWN_MONTHS:
            stands = [
                row
                for row in rows
                if row["series"] == answer.series.name
                and row["horizon_months"] == months
                and row["chosen"]
            ]
            method = OWN_RULE if answer.method == OWN_VALUES else answer.method
            assert [row["method"] for row in stands] == [method]
            assert stands[0]["lo90"] <= stands[0]["value"] <= stands[0]["hi90"]
    far = [row for row in rows if row["horizon_months"] == 60 and row["chosen"]]
    assert {row["method"] for row in far} == {OWN_RULE}


def test_the_note_names_every_choice(answers: list[ArenaAnswer]):
    text = choice_note(answers)
    for answer in answers:
        assert f"{answer.series.title}: {answer.method}" in text
