from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from foedus.model.laws.disputes import Disputes
from foedus.record.store import Record
from foedus.study.law_cases.disputes import PairMonths
from foedus.study.score_parts import disputes
from foedus.study.score_parts.disputes import Forecasts, Question, onset_probability
from foedus.study.score_parts.pair_years import PairYears
from foedus.study.score_parts.rolling import Refit
from foedus.world.errors import HindsightError, UnknownNameError

YEARS = np.arange(1998, 2001)
NAMES = [term.name for term in Disputes().terms]


def rows(months_since: float) -> PairYears:
    shape = (2, 3)
    zero = {name: np.zeros(shape) for name in NAMES if not name.startswith("onset in")}
    panel = PairMonths(
        pairs=np.array([[2, 200], [2, 20]]),
        years=YEARS,
        member=np.ones(shape, dtype=bool),
        terms=zero | {"constant": np.ones(shape)},
        onsets=np.zeros((2, 36), dtype=np.int8),
        months_since=np.tile(np.array([[np.inf], [months_since]], dtype=np.float32), 36),
        found=pl.DataFrame(),
        codes=np.array([2, 20, 200]),
        major=np.zeros((3, 3), dtype=bool),
    )
    empty = np.zeros(shape)
    return PairYears(
        panel, empty, empty.astype(np.int64), panel.terms, {}, empty > 0, panel.member.copy()
    )


def refit(constant: float, recent: float) -> Refit:
    coefficients = {name: np.zeros(1) for name in NAMES}
    coefficients |= {
        "constant": np.array([constant]),
        "onset in 6 months": np.array([recent]),
        "onset in 7-12 months": np.array([recent / 2]),
    }
    still = {"year memory": 0.5, "year spread": 0.0, "unit spread": 1.0}
    return Refit(Disputes(), 1999, coefficients, {}, still, np.zeros(1), np.zeros((1, 2)), rows=100)


def test_a_year_is_one_less_the_product_of_its_quiet_months():
    """The second pair's last onset ages from 4 to 15 months along the path."""
    given = rows(months_since=4.0)
    found = onset_probability(refit(-4.0, 1.0), given, np.array([0, 1]), 2000)
    hazard = 1 - np.exp(-np.exp(-4.0))
    months = 4 + np.arange(12)
    rates = np.exp(-4.0 + np.where(months <= 6, 1.0, np.where(months <= 12, 0.5, 0.0)))
    assert found[0] == pytest.approx(1 - (1 - hazard) ** 12)
    assert found[1] == pytest.approx(1 - np.exp(-rates.sum()))


def test_a_posterior_trained_through_the_target_year_is_refused():
    leaked = replace(refit(-4.0, 0.0), trained_to=2000)
    with pytest.raises(HindsightError, match="asked to forecast 2000"):
        onset_probability(leaked, rows(4.0), np.array([0]), 2000)


def made(seed: int = 3, cases: int = 400) -> Forecasts:
    rng = np.random.default_rng(seed)
    truth = rng.beta(0.5, 10, size=cases)
    outcome = (rng.random(cases) < truth).astype(np.float64)
    pair = np.arange(cases) % 100
    return Forecasts(
        pair=pair,
        codes=np.column_stack([np.full(cases, 2), 20 + pair]),
        year=np.where(np.arange(cases) < 200, 2000, 2001),
        outcome=outcome,
        quiet=np.arange(cases) % 2 == 0,
        filled=np.zeros(cases, dtype=bool),
        gaps={"lower trade dependence": np.arange(cases) % 8 == 0},
        probability={
            "base rate": np.full(cases, truth.mean()),
            disputes.REFERENCE: np.clip(truth * 1.5, 0, 1),
            disputes.LAW: truth,
        },
    )


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch) -> Forecasts:
    found = made()
    monkeypatch.setattr(disputes, "forecasts", lambda *_, **__: found)
    monkeypatch.setattr(disputes, "stored_choice", lambda *_: None)
    return found


def test_the_prediction_file_has_the_documented_columns(faked: Forecasts, record: Record):
    frame = disputes.export(record, population="all", target="fatal", source="cow")
    assert frame.columns == ["ccode1", "ccode2", "year", "p"]
    assert frame.height == len(faked.outcome)
    assert frame["p"].to_list() == faked.probability[disputes.LAW].tolist()
    assert (frame["ccode1"] < frame["ccode2"]).all()


@pytest.mark.parametrize("wrong", [{"source": "icb"}, {"population": "some"}, {"target": "war"}])
def test_an_unknown_choice_names_the_choices(wrong: dict[str, str]):
    with pytest.raises(UnknownNameError, match="Expected"):
        disputes.question_of(**{"source": "gml", "population": "all", "target": "onset"} | wrong)


def test_a_card_says_what_was_chosen_and_whether_the_bar_was_reached(
    faked: Forecasts, record: Record
):
    question = Question("gml", "relevant", "onset")
    card = disputes.scorecard(record, question, "test")
    assert (card.first, card.last, card.rule) == ("2000", "2010", "dated")
    assert card.promised == 400
    assert card.chosen == disputes.LAW
    assert [s.forecaster for s in card.scores][-1] == disputes.LAW
    assert set(card.scores[-1].against) == {"base rate", disputes.REFERENCE}
    assert any(note.startswith("Bar (") for note in card.notes)
    assert any("hindsight" in note and "rivalry" in note for note in card.notes)
    assert any("lower trade dependence 12.5%" in note for note in card.notes)
    assert disputes.scorecard(record, question, "test", quiet=True).promised == 200


@pytest.mark.slow
def test_the_law_is_not_worse_than_the_rolling_logit_on_the_choice_years(record: Record):
    card = disputes.scorecard(record, Question("gml", "relevant", "onset"), "choice")
    ours = next(s for s in card.scores if s.forecaster == disputes.LAW)
    assert (card.promised, card.events) == (16153, 325)
    assert ours.measures["log loss"] == pytest.approx(0.0688, abs=0.0003)
    assert ours.against[disputes.REFERENCE].hi90 < disputes.MARGIN
    assert ours.measures["calibration error"] < disputes.CALIBRATION_BAR
