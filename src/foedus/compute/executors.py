"""Where chunks of work run: in this process, in several processes, or on Ray.

A chunk is a function of its job and of nothing else, so the place and the number of workers
cannot change a result. Results come back in the order of the jobs. Processes and Ray take jobs as
they come and hold no more than a few a worker, so that jobs may be a stream without an end.
"""

import logging
import os
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import Any, Literal, TypeVar

from foedus.world.errors import BadInputError

Job = TypeVar("Job")
Result = TypeVar("Result")
Place = Literal["here", "processes", "ray"]
PLACES = ("here", "processes", "ray")
MOST_TRIES = 3
JOBS_A_WORKER = 3


def cores() -> int:
    """Count the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    function: Callable[[Job], Result],
    jobs: Iterable[Job],
    *,
    place: str = "here",
    workers: int | None = None,
) -> Iterator[Result]:
    """Run every job and give the results in order.

    Args:
        function: A function of a module, of one job.
        jobs: Jobs; a stream of them is taken as it comes, but for `here`.
        place: `here` (threads; compiled code runs beside itself), `processes`, `ray` (a Ray
            started on this machine), or the `ray://` address of a running one.
        workers: Workers; as many as cores by default.

    Raises:
        BadInputError: There is no such place, or Ray is not installed or does not answer.
    """
    count = workers or cores()
    if place == "here":
        return _threads(function, jobs, count)
    if place == "processes":
        return _processes(function, jobs, count)
    if place == "ray" or place.startswith("ray://"):
        return _ray(function, jobs, count, None if place == "ray" else place)
    raise BadInputError(
        f"there is no place {place!r} to run on",
        expected=f"{', '.join(PLACES)} or a ray:// address",
        where="--on",
        hint="--on processes",
    )


def _threads(
    function: Callable[[Job], Result], jobs: Iterable[Job], count: int
) -> Iterator[Result]:
    with ThreadPoolExecutor(count) as pool:
        try:
            yield from pool.map(function, jobs)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _processes(
    function: Callable[[Job], Result], jobs: Iterable[Job], count: int
) -> Iterator[Result]:
    """Run in fresh processes. A worker that dies costs its unfinished jobs a second try."""
    stream = iter(jobs)
    held: deque[Job] = deque(islice(stream, JOBS_A_WORKER * count))
    for attempt in range(MOST_TRIES):
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            try:
                running: deque[Future[Result]] = deque(pool.submit(function, job) for job in held)
                while running:
                    result = running.popleft().result()
                    held.popleft()
                    # Given before anything else is sent: a pool may break just then.
                    yield result
                    for job in islice(stream, 1):
                        held.append(job)
                        running.append(pool.submit(function, job))
            except BrokenProcessPool:
                if attempt == MOST_TRIES - 1:
                    raise
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            else:
                return


def _ray(
    function: Callable[[Job], Result], jobs: Iterable[Job], count: int, address: str | None
) -> Iterator[Result]:
    try:
        import ray
    except ImportError:
        raise BadInputError(
            "Ray is not installed",
            expected="the extra `scale`",
            where="--on ray",
            hint="pip install 'foedus[scale]'",
        ) from None
    ours = not ray.is_initialized()
    if ours:
        options: dict[str, Any] = (
            {"address": address} if address else {"num_cpus": count, "include_dashboard": False}
        )
        try:
            with warnings.catch_warnings():
                # Ray forks its daemons and replaces them at once; JAX warns of any fork.
                warnings.filterwarnings("ignore", message=r"os\.fork\(\) was called")
                ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
        except (ConnectionError, RuntimeError) as error:
            raise BadInputError(
                f"Ray does not answer ({str(error).splitlines()[0]})",
                expected="a running Ray at that address",
                where=f"--on {address or 'ray'}",
                hint="--on processes",
            ) from error
    remote = ray.remote(max_retries=MOST_TRIES)(function)
    try:
        if address:
            count = max(count, int(ray.cluster_resources().get("CPU", 0)))
        stream = iter(jobs)
        running = deque(remote.remote(job) for job in islice(stream, JOBS_A_WORKER * count))
        while running:
            result = ray.get(running.popleft())
            running.extend(remote.remote(job) for job in islice(stream, 1))
            yield result
    finally:
        if ours:
            ray.shutdown()
