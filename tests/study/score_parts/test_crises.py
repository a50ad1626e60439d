from dataclasses import replace

import numpy as np
import pytest

from foedus.estimate.law_posterior import LawPosterior, read_law
from foedus.record.store import Record
from foedus.study.law_cases.disputes import PairMonths, everything, pair_months
from foedus.study.score_parts import icb
from foedus.world.errors import HindsightError


@pytest.fixture(scope="module")
def panel(record: Record) -> PairMonths:
    return pair_months(record, everything(), source="cow")


@pytest.fixture(scope="module")
def posterior() -> LawPosterior:
    return read_law("disputes")


def test_crises_are_counted_once_a_pair_and_year_of_onset(record: Record, panel: PairMonths):
    whole = icb.crisis_onsets(record, panel, 1995, 2004)
    parts = [icb.crisis_onsets(record, panel, year, year) for year in range(1995, 2005)]
    assert whole == sum(parts) > 0


def test_a_posterior_that_has_seen_the_years_is_refused(posterior: LawPosterior, panel: PairMonths):
    with pytest.raises(HindsightError, match="posterior of disputes was trained on years to 2015"):
        icb.yearly_onsets(replace(posterior, last_year=2015), panel, 5)


def test_more_onsets_imply_more_crises(record: Record, panel: PairMonths):
    few = icb.crisis_draws(record, panel, np.full((10, 5), 10.0), 2019)
    many = icb.crisis_draws(record, panel, np.full((10, 5), 50.0), 2019)
    assert many.mean() == pytest.approx(5 * few.mean(), rel=0.1)
