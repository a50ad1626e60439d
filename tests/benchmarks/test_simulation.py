"""The engines the simulator is timed against run the same laws as it does."""

import pytest
from benchmarks.simulation import WIDEST_Z, disagreement
from benchmarks.simulation_bound import build, run_bound
from benchmarks.simulation_mesa import run_mesa, worlds
from benchmarks.simulation_world import plan_of

from foedus.simulate.ensemble import Drawn, run_plan

COUNTRIES, DRAWS, MONTHS = 5, 512, 24


@pytest.fixture(scope="module")
def ours() -> Drawn:
    return run_plan(plan_of(COUNTRIES, DRAWS, chunk=DRAWS, months=MONTHS))


def held(found: dict[str, float]) -> None:
    """Twelve means within 4.5 standard errors: a false alarm in ten thousand seeds."""
    assert len(found) >= 10
    assert max(abs(z) for z in found.values()) < WIDEST_Z, found


def test_the_plain_agents_agree_with_ours(ours: Drawn):
    plan = plan_of(COUNTRIES, DRAWS, months=MONTHS)
    held(disagreement(ours, run_mesa(worlds(plan, 128), MONTHS)))


def test_the_bound_in_c_agrees_with_ours(ours: Drawn):
    program = build()
    if program is None:
        pytest.skip("there is no C compiler here")
    plan = plan_of(COUNTRIES, 8 * DRAWS, months=MONTHS)
    held(disagreement(ours, run_bound(program, plan, threads=1)))
