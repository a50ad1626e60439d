"""Task 7: what is forecast together, what never chooses, and what the stored cards hold."""

import numpy as np
import pytest

from foedus.score.scorecard import Score, Scorecard, read_scorecards
from foedus.study.score_parts import ensemble_joint as joint
from foedus.study.score_parts.ensemble_levels import COMPARED, WALK, best
from foedus.study.score_parts.ensemble_past import ALONE, COUPLED, longer

CASES, DRAWS, PARTS = 60, 400, 4


def worlds(tie_of_draws: float, tie_of_truth: float) -> list[joint.Together]:
    """Give forecasts of three logs whose draws, and whose truth, share a common part."""
    rng = np.random.default_rng(7)

    def tied(size: int, tie: float):
        common = rng.normal(size=(size, 1))
        return 0.1 * (np.sqrt(tie) * common + np.sqrt(1 - tie) * rng.normal(size=(size, PARTS)))

    found = []
    for number in range(CASES):
        draws = tied(DRAWS, tie_of_draws)
        truth = tied(1, tie_of_truth)[0]
        case = joint.Together(joint.ALLIES, str(2001 + number % 10), draws, draws, truth)
        found.append(case)
    return found


def gap(card: Scorecard, rival: str):
    ours = next(score for score in card.scores if score.forecaster == COUPLED)
    return ours.against[rival]


def test_a_planted_dependence_is_found_by_both_scores():
    for card in joint.joint_cards(worlds(0.8, 0.8), "test"):
        assert gap(card, joint.UNTIED).hi90 < 0, card.question


def test_a_dependence_that_is_not_there_is_punished():
    for card in joint.joint_cards(worlds(0.8, 0.0), "test"):
        assert gap(card, joint.UNTIED).lo90 > 0, card.question


def test_draws_that_are_independent_gain_and_lose_nothing_by_shuffling():
    for card in joint.joint_cards(worlds(0.0, 0.0), "test"):
        loss = next(score for score in card.scores if score.forecaster == COUPLED)
        assert abs(gap(card, joint.UNTIED).mean) < 0.01 * loss.measures[card.lead], card.question


def test_laws_that_are_the_same_alone_differ_by_exactly_nothing():
    for card in joint.joint_cards(worlds(0.5, 0.5), "test"):
        assert gap(card, ALONE).mean == 0


def test_a_sum_of_tied_parts_is_too_narrow_once_they_are_shuffled():
    (card,) = joint.sum_cards(worlds(0.9, 0.9), "test")
    covered = {score.forecaster: score.measures["coverage"] for score in card.scores}
    assert covered[COUPLED] == pytest.approx(0.9, abs=0.1)
    assert covered[joint.UNTIED] < covered[COUPLED] - 0.1
    assert gap(card, joint.UNTIED).mean < 0


def test_the_sums_add_up_on_their_natural_scale():
    logs = np.log([[[30.0, 10.0, 20.0]]])
    assert joint.ADDED[joint.ALLIES](logs)[0, 0] == pytest.approx(np.log(40))
    assert joint.ADDED[joint.RATIO](logs)[0, 0] == pytest.approx(np.log(2))
    assert joint.ADDED[joint.TOTAL](np.array([[[1.0, 0.0, 2.0]]]))[0, 0] == 3


def test_what_is_there_for_comparison_is_never_chosen():
    scores = tuple(
        Score(name, 1, {"crps": value})
        for name, value in ((WALK, 3.0), (COUPLED, 2.0), *((name, 1.0) for name in COMPARED))
    )
    assert best(scores, "crps") == COUPLED
    for card in read_scorecards("ensemble")[0]:
        assert card.chosen not in COMPARED, card.question


def test_added_rows_observe_nothing():
    found = longer(np.ones((2, 3)), 4)
    np.testing.assert_array_equal(found[:2], 1)
    assert np.isnan(found[2:]).all()
    np.testing.assert_array_equal(longer(np.ones((2, 3)), 1), np.ones((2, 3)))


def test_every_stored_level_stands_beside_its_law_alone():
    cards = [card for card in read_scorecards("ensemble")[0] if " of the year " in card.question]
    beside = [card for card in cards if ALONE in {score.forecaster for score in card.scores}]
    assert len(beside) >= 30
    for card in beside:
        if card.question.split(" of the year")[0] in ("output", "ideal point", "capability"):
            assert abs(gap(card, ALONE).mean) < 1e-6, card.question


def test_joint_scores_choose_nothing():
    stored = [card for card in read_scorecards("ensemble")[0] if card.lead in joint.SCORES]
    assert len(stored) >= 30
    assert {card.split for card in stored} == {"test"}
