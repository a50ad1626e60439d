"""Executors give the same results in the same order, wherever they run."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from foedus.compute.executors import cores, run_all
from foedus.world.errors import BadInputError


def square(number: int) -> int:
    return number * number


def die_once(job: tuple[int, str]) -> int:
    """Kill the worker the first time the second job is met."""
    number, marker = job
    seen = Path(marker)
    if number == 1 and not seen.exists():
        seen.write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def fail(number: int) -> int:
    raise ValueError(f"job {number}")


@pytest.mark.parametrize("place", ["here", "processes"])
def test_results_come_in_the_order_of_the_jobs(place: str):
    assert list(run_all(square, range(6), place=place, workers=2)) == [0, 1, 4, 9, 16, 25]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_a_killed_process_costs_time_and_no_result(tmp_path: Path):
    jobs = [(number, str(tmp_path / "marker")) for number in range(4)]
    assert list(run_all(die_once, jobs, place="processes", workers=1)) == [0, 1, 2, 3]
    assert (tmp_path / "marker").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_no_result_is_lost_where_a_process_is_killed_between_two_jobs(tmp_path: Path):
    def jobs():
        for number in range(6):
            # The fourth is asked for after the first result: by then the second job has killed.
            time.sleep(1.5 if number == 3 else 0)
            yield number, str(tmp_path / "marker")

    assert list(run_all(die_once, jobs(), place="processes", workers=1)) == list(range(6))


def test_an_error_in_a_job_is_the_callers_to_see():
    with pytest.raises(ValueError, match="job 0"):
        list(run_all(fail, range(3), workers=2))


def test_an_unknown_place_is_refused():
    with pytest.raises(BadInputError, match="no place 'moon'"):
        run_all(square, range(3), place="moon")


def test_there_is_a_core():
    assert cores() >= 1


def test_a_local_ray_of_two_workers_gives_the_same_and_survives_a_killed_worker(tmp_path: Path):
    ray = pytest.importorskip("ray")
    jobs = [(number, str(tmp_path / "marker")) for number in range(4)]
    assert list(run_all(die_once, jobs, place="ray", workers=2)) == [0, 1, 2, 3]
    assert (tmp_path / "marker").exists()
    assert not ray.is_initialized()
