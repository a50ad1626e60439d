"""Rows of the simple rivals of onset."""

import datetime as dt

import numpy as np
import pytest

from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.dispute_cases import HALF_LIVES_YEARS, dispute_cases, settled_disputes

DAY = AsOf(dt.date(2100, 1, 1), Rule.DATED)


@pytest.mark.parametrize("pair", [(710, 740), (2, 710), (750, 770)])
def test_the_memory_of_a_pair_is_the_fading_sum_of_its_onsets(record: Record, pair):
    cases = dispute_cases(record, DAY)
    began = [
        start.year
        for one, two, year, start in settled_disputes(record, DAY)
        .select("ccode1", "ccode2", "year", "dyad_start")
        .iter_rows()
        if (one, two) == pair and year == start.year
    ]
    rows = np.flatnonzero(cases.panel.pair == cases.number(*pair))
    assert len(rows) > 30
    for row in rows[[0, len(rows) // 2, -1]]:
        now = int(cases.panel.year[row])
        for k, half_life in enumerate(HALF_LIVES_YEARS.values()):
            left = sum(0.5 ** ((now - year) / half_life) for year in began if year <= now)
            assert cases.panel.history[row, k] == pytest.approx(np.log1p(left))
