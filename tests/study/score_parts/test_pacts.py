import numpy as np
import pytest

from foedus.model.laws.commitment import Commitment
from foedus.record.store import Record
from foedus.study.score_parts import pacts
from foedus.study.score_parts.pacts import Forecasts, pact_probability
from foedus.study.score_parts.rolling import Refit
from foedus.world.errors import HindsightError


def test_without_levels_the_probability_is_the_logit():
    names = [term.name for term in Commitment().terms]
    coefficients = {name: np.zeros(2) for name in names} | {"constant": np.full(2, -3.0)}
    outer = {"year memory": 0.5, "year spread": 0.0, "unit spread": 0.1}
    refit = Refit(
        Commitment(), 1999, coefficients, {}, outer, np.zeros(2), np.zeros((2, 3)), rows=5
    )
    inputs = {name: np.zeros(2) for name in names} | {"constant": np.ones(2)}
    found = pact_probability(refit, inputs, np.array([0, 2]), 2000)
    assert found == pytest.approx(np.full(2, 1 / (1 + np.exp(3.0))))
    with pytest.raises(HindsightError):
        pact_probability(refit, inputs, np.array([0]), 1999)


def test_card_and_file_of_a_reported_task(record: Record, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(1)
    p = rng.uniform(0.001, 0.02, size=300)
    found = Forecasts(
        pair=np.arange(300),
        codes=np.column_stack([np.full(300, 2), np.arange(20, 320)]),
        year=2000 + np.arange(300) % 3,
        outcome=(rng.random(300) < 0.05).astype(np.float64),
        filled=2,
        probability={"base rate": np.full(300, 0.05), pacts.LAW: p},
    )
    monkeypatch.setattr(pacts, "forecasts", lambda *_: found)
    (card,) = pacts.scorecards(record, "test")
    assert card.chosen == "base rate"
    assert card.notes[0].startswith("Reported only")
    frame = pacts.export(record)
    assert frame.columns == ["ccode1", "ccode2", "year", "p"]
    assert frame["p"].to_list() == [0.05] * 300
