"""Views of depth: ranges as stated, mixed in equal parts, and the file's figures kept true."""

import numpy as np
import pytest

from foedus.policy.depth import VIEWS, deepening, depth_views, draw_depth

LUCK = np.random.default_rng(3).random((3, 30_000))


def test_each_view_stays_in_its_range():
    part = deepening()
    for view in depth_views():
        size = draw_depth(*LUCK, view=view.name)  # type: ignore[arg-type]
        low, high = np.log1p(np.array([view.low_percent, view.high_percent]) / 100)
        assert size.min() >= low * part.high - 1e-12
        assert size.max() <= high * part.high + 1e-12


def test_the_mixture_gives_each_view_a_third():
    size = draw_depth(*LUCK)
    for share in ((size < 0).mean(), (size == 0).mean(), (size > 0).mean()):
        assert abs(share - 1 / 3) < 0.02


def test_views_are_the_mixture_and_those_of_the_file():
    assert ("mixture", *(view.name for view in depth_views())) == VIEWS


def test_the_upper_end_of_emboldening_is_what_the_record_shows():
    from foedus.study.theory_tests import theory_tests

    test = next(t for t in theory_tests() if t.name == "pact and onset")
    within = next(part for part in test.parts if part.name == "within dyads")
    stated = next(view for view in depth_views() if view.name == "emboldens")
    assert stated.high_percent == pytest.approx(100 * np.expm1(within.hi90), abs=0.6)
