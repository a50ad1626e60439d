"""Further terms of the rivals, on two or three states whose numbers can be worked out by hand."""

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.law_cases.disputes import PairMonths, everything
from foedus.study.score_parts import pair_terms
from foedus.study.score_parts.pair_terms import faded, pair_rows, pair_values, rival_terms
from foedus.world.countries import countries

USA, CANADA, RUSSIA = 2, 20, 365


def panel(onsets: list[tuple[int, int, int]], years: range = range(1990, 1993)) -> PairMonths:
    """Three pairs of three states, with onsets given as two states and a month."""
    pairs = np.array([[USA, CANADA], [USA, RUSSIA], [CANADA, RUSSIA]])
    shape = (len(pairs), len(years))
    near = np.zeros(shape)
    near[0] = 1.0
    found = pl.DataFrame(
        {
            "ccode1": [a for a, _, _ in onsets],
            "ccode2": [b for _, b, _ in onsets],
            "month": [m for _, _, m in onsets],
        },
        schema={"ccode1": pl.Int16, "ccode2": pl.Int16, "month": pl.Int64},
    )
    return PairMonths(
        pairs=pairs,
        years=np.array(years),
        member=np.ones(shape, dtype=bool),
        terms={"land border": near, "near by sea": np.zeros(shape)},
        onsets=np.zeros((len(pairs), 12 * len(years)), dtype=np.int8),
        months_since=np.zeros((len(pairs), 12 * len(years)), dtype=np.float32),
        found=found,
        codes=np.array(sorted(countries())),
        major=np.zeros((len(countries()), len(years)), dtype=bool),
    )


def test_what_happened_halves_with_every_half_life():
    events = np.array([[1.0, 0.0, 0.0, 2.0]])
    found = faded(events, 1990, np.arange(1990, 1994), half_life_years=1.0)
    assert found[0].tolist() == [1.0, 0.5, 0.25, 2.125]
    later = faded(events, 1990, np.arange(1992, 1996), half_life_years=1.0)
    assert later[0].tolist() == [0.25, 2.125, 0.0, 0.0]


def test_own_onsets_fade_from_their_month_on():
    """An onset in January 1990 is eleven months old at the end of the year."""
    given = panel([(USA, RUSSIA, 12 * 1990), (USA, RUSSIA, 12 * 1992 + 11)])
    found = rival_terms_of(given)["last year's onsets"]
    assert found[1, 0] == pytest.approx(np.log1p(0.5 ** (11 / 12)))
    assert found[1, 1] == pytest.approx(np.log1p(0.5 ** (23 / 12)))
    assert found[1, 2] == pytest.approx(np.log1p(1 + 0.5 ** (35 / 12)))
    assert (found[[0, 2]] == 0).all()


def rival_terms_of(given: PairMonths) -> dict[str, np.ndarray]:
    return pair_terms._own_onsets(given) | pair_terms._disputes_with_others(given)


def test_disputes_with_others_leave_out_those_with_each_other():
    given = panel([(USA, RUSSIA, 12 * 1990 + 5), (USA, CANADA, 12 * 1990 + 6)])
    found = rival_terms_of(given)
    calm = found["recent disputes of the calmer state"][:, 0]
    busy = found["recent disputes of the busier state"][:, 0]
    assert calm.tolist() == pytest.approx([0.0, 0.0, np.log(2)])
    assert busy.tolist() == pytest.approx([np.log(2), np.log(2), np.log(2)])


def test_a_pair_is_found_in_either_order_and_another_is_not():
    given = panel([])
    rows = pair_rows(given, np.array([RUSSIA, USA, USA]), np.array([USA, CANADA, 999]))
    assert rows.tolist() == [1, 0, -1]


def test_values_stay_missing_where_the_table_has_no_row_and_zero_where_it_says_zero():
    frame = pl.DataFrame(
        {"ccode1": [USA, USA], "ccode2": [CANADA, RUSSIA], "year": [1990, 1991], "x": [0.0, 3.0]}
    )
    found = pair_values(panel([]), frame, "x")
    assert found[0, 0] == 0.0
    assert found[1, 1] == 3.0
    assert np.isfinite(found).sum() == 2


class Stub(Record):
    """A record of the flows between the three states, and of one state's whole trade less."""

    def read(self, name, *, columns=None, as_of=None):
        if name == "cow_trade_dyad":
            rows = [
                (USA, CANADA, 1990, 30, 20),
                (USA, RUSSIA, 1990, 0, 0),
                (USA, CANADA, 1991, 5, None),
            ]
            return pl.DataFrame(
                rows, schema=["ccode1", "ccode2", "year", "flow1", "flow2"], orient="row"
            )
        rows = [(USA, 1990, 100.0, 100.0), (CANADA, 1990, 60.0, 40.0), (RUSSIA, 1990, 5.0, 5.0)]
        return pl.DataFrame(rows, schema=["ccode", "year", "imports", "exports"], orient="row")


def test_trade_dependence_is_a_share_of_all_trade_and_missing_is_not_zero():
    found = pair_terms._trade(Stub(Path(), Path()), everything(), panel([]))
    low, high = found["lower trade dependence"], found["higher trade dependence"]
    assert low[0, 0] == pytest.approx(np.log1p(1000 * 50 / 200))
    assert high[0, 0] == pytest.approx(np.log1p(1000 * 50 / 100))
    assert low[1, 0] == high[1, 0] == 0.0
    assert np.isnan(low[0, 1])
    assert np.isnan(low[2]).all()


def test_the_record_gives_every_term_and_hides_none_behind_hindsight(record: Record):
    """Read under `known`, a column coded with hindsight would be refused."""
    given = panel([(USA, RUSSIA, 12 * 1990 + 5)])
    known = AsOf(dt.date(1999, 12, 31), Rule.KNOWN)
    found = rival_terms(record, known, given, "cow")
    whole = rival_terms(record, everything(), given, "gml")
    assert set(found) == set(whole)
    assert all(part.shape == given.member.shape for part in found.values())
    assert whole["any alliance"][0, 0] == 1.0
    assert whole["similarity of alliances"][0, 0] > whole["similarity of alliances"][1, 0]
    assert whole["disputes with the other's allies"][2, 0] == pytest.approx(np.log1p(1.0))
    assert whole["shortest distance"][0].tolist() == [0.0, 0.0, 0.0]
    assert (whole["young neighbours"][1] == 0).all()
