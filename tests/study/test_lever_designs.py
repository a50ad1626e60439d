"""Designs about levers recover a planted effect, catch planted selection, and ship current."""

import numpy as np
import pytest

from foedus.policy.instruments import instrument_names, load_instrument
from foedus.record.store import Record
from foedus.study.lever_designs import (
    ASSOCIATED,
    LEAD_YEARS,
    NONE_SHOWN,
    e_value,
    evidence_of,
    lever_design,
    lever_designs,
    lever_designs_record,
)
from foedus.study.lever_parts.levers import LEVERS, Lever
from foedus.study.theory_parts.pacts import PactCases

STATES, YEARS = 40, 40
LEVER = Lever("planted", "units", ("exercise-tempo",), ("nmc",), lambda *_: {}, ("target",))


def world(effect: float, *, selection: float = 0.0, seed: int = 0):
    """Directed pairs whose targets hold a lever that acts on, or follows, a hidden trouble."""
    luck = np.random.default_rng(seed)
    pairs = [(a, b) for a in range(STATES) for b in range(STATES) if 0 < abs(a - b) <= 2]
    trouble = np.zeros((STATES, YEARS))
    for year in range(1, YEARS):
        trouble[:, year] = 0.85 * trouble[:, year - 1] + luck.normal(0, 0.5, STATES)
    lever = luck.normal(0, 1, (STATES, YEARS)) + selection * trouble
    values = {(s, y): float(lever[s, y]) for s in range(STATES) for y in range(YEARS)}
    rows = [(a, b, y) for a, b in pairs for y in range(YEARS - LEAD_YEARS)]
    one, two, year = np.array(rows, dtype=np.int64).T
    rate = np.exp(-1.5 + effect * lever[two, year] + (selection > 0) * trouble[two, year])
    cases = PactCases(
        one,
        two,
        year,
        np.zeros(len(rows)),
        luck.normal(size=(len(rows), 5)),
        luck.normal(size=(len(rows), 5)),
        luck.poisson(rate).astype(np.float64),
    )
    return cases, values


def test_a_planted_effect_is_found_within_pairs_and_its_lead_is_none():
    cases, values = world(-0.3)
    found = lever_design(LEVER, values, cases, "target")
    assert found.within_lo90 < -0.3 < found.within_hi90 < 0
    assert found.lead_passes
    assert found.lead_lo90 < 0 < found.lead_hi90
    assert found.evidence == ASSOCIATED


def test_a_lever_that_follows_trouble_is_caught_by_its_lead():
    cases, values = world(0.0, selection=1.0)
    found = lever_design(LEVER, values, cases, "target")
    assert found.within_lo90 > 0
    assert not found.lead_passes
    assert found.lead_lo90 > 0


def test_without_an_effect_none_is_shown():
    cases, values = world(0.0, seed=2)
    found = lever_design(LEVER, values, cases, "target")
    assert found.evidence == NONE_SHOWN
    assert found.e_value_end == 1.0


def test_a_year_without_a_value_is_no_row():
    cases, values = world(0.0)
    fewer = {key: value for key, value in values.items() if key[1] >= 10}
    found = lever_design(LEVER, fewer, cases, "target")
    assert found.first_year == 10
    assert found.rows == int((cases.year >= 10).sum())


def test_identified_needs_a_named_reason_outside_and_a_lead_that_passes():
    assert evidence_of(0.1, 0.5, lead_passes=True, outside_variation="lottery") == "identified"
    assert evidence_of(0.1, 0.5, lead_passes=False, outside_variation="lottery") == ASSOCIATED
    assert evidence_of(0.1, 0.5, lead_passes=True, outside_variation="") == ASSOCIATED
    assert evidence_of(-0.1, 0.5, lead_passes=True, outside_variation="lottery") == NONE_SHOWN


def test_the_e_value_is_the_published_one():
    # VanderWeele and Ding 2017: a risk ratio of 3.9 has an E-value of 7.26.
    assert e_value(np.log(3.9)) == pytest.approx(7.26, abs=0.005)
    assert e_value(-np.log(3.9)) == e_value(np.log(3.9))
    assert e_value(0.0) == 1.0


def test_the_stored_designs_rest_on_the_record_that_ships(record: Record):
    digest, tables = lever_designs_record()
    assert record.digest(tables) == digest
    stored = lever_designs()
    assert len({one.key for one in stored}) == len(stored)
    assert {one.lever for one in stored} == {lever.name for lever in LEVERS}
    assert {name for one in stored for name in one.instruments} <= set(instrument_names())


def test_what_an_instrument_points_to_is_stored():
    keys = {one.lever for one in lever_designs()}
    named = {
        effect.association
        for name in instrument_names()
        for effect in load_instrument(name).effects
        if effect.association
    }
    assert named
    assert named <= keys
