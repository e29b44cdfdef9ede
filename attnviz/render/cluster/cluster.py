"""Shot jobs on a Dask cluster: the same jobs, done by workers on other machines.

Clips come back through the store, if the workers reach the same folder, and over the wire if not. Dask starts threads,
so the process that plays and forks is one of the worker's own (`worker.py`). An optional extra: `attnviz[cluster]`.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.render.cluster.jobs import Job, Result, jobs_of
from attnviz.render.cluster.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from attnviz.render.shots.work import Work

LOCAL = "local"
PATIENCE = 30  # seconds for a scheduler to answer, and for the first worker
LOOK = 5  # seconds after which, when nothing has come back, it is looked whether there are workers
RETRIES = 2  # of a job whose worker has died

_own = threading.local()  # of each thread of a Dask worker: its Worker


def draw_on_cluster(work: Work, unmade: Sequence[str], address: str, jobs: int, on_shot: Callable[[str], None]) -> None:
    """Make on a cluster the shots that are not made yet.

    `address` is that of a Dask scheduler, or `local` for one started here. Raises `ProblemsFound`: no such cluster,
    shots that cannot be drawn, workers with other code.
    """
    with _client(address, jobs) as client:
        to_do = jobs_of(work, unmade, _threads_of(client, address))
        futures = {client.submit(do_on_worker, job, pure=False, retries=RETRIES): job for job in to_do}
        problems: list[Problem] = []
        for future in _as_completed(client, address, list(futures)):
            job = futures.pop(future)
            result = _result_of(future, job)
            problems += result.problems
            for kind, key, data in result.entries:
                work.store.adopt(kind, key, data)
            for name in job.shots if not result.problems else ():
                on_shot(name)
        if problems:
            raise ProblemsFound(dict.fromkeys(problems))


def _threads_of(client: Any, address: str) -> int:
    """Return how many jobs the workers can do at a time; waits for the first worker to start."""
    with contextlib.suppress(TimeoutError):
        client.wait_for_workers(1, timeout=PATIENCE)
    threads: int = sum(client.nthreads().values())
    if not threads:
        raise ProblemsFound(Problem(f"the cluster at {address} has no workers", hint="start some: dask worker …"))
    return threads


def _as_completed(client: Any, address: str, futures: Iterable[Any]) -> Iterator[Any]:
    """Yield futures as they are done. Dask would wait for ever for a new worker when the last one has gone."""
    from distributed import CancelledError, wait

    waiting = list(futures)
    try:
        while waiting:
            try:
                done, not_done = wait(waiting, timeout=LOOK, return_when="FIRST_COMPLETED")  # type: ignore[no-untyped-call]
            except TimeoutError:
                if not client.nthreads():
                    hint = "is attnviz installed on them, and is there enough memory? What was made is kept"
                    raise ProblemsFound(Problem(f"the cluster at {address} has no workers left", hint=hint)) from None
                continue
            waiting = list(not_done)
            yield from done
    except (CancelledError, OSError) as error:
        hint = "the next run goes on from what came back"
        raise ProblemsFound(Problem(f"the connection to the cluster at {address} was lost", hint=hint)) from error


def _result_of(future: Any, job: Job) -> Result:
    """Return the result of a finished job; whatever went wrong becomes one of its problems."""
    from distributed.scheduler import KilledWorker

    try:
        result: Result = future.result()
    except KilledWorker:
        return Result(
            problems=(Problem(f"every worker that took {job.shots[0]} died", hint="out of memory, perhaps?"),)
        )
    except Exception as error:
        return Result(problems=(Problem(f"a worker failed at {job.shots[0]}: {type(error).__name__}: {error}"),))
    return result


def do_on_worker(job: Job) -> Result:
    """Do a job in a process of this thread's own (on a worker of the cluster)."""
    worker: Worker | None = getattr(_own, "worker", None)
    if worker is None:
        worker = _own.worker = Worker()
    return worker.do(job)


@contextlib.contextmanager
def _client(address: str, jobs: int) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        hint = "pip install 'attnviz[cluster]'"
        raise ProblemsFound(Problem("--cluster needs Dask, which is not installed", hint=hint)) from error
    for name in [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # each has its own level; we tell what matters
    if address == LOCAL:
        # A worker whose last heartbeat finds the scheduler gone would say so, with a traceback, while all ends well.
        quiet: dict[str, Any] = {"dashboard_address": None, "silence_logs": logging.CRITICAL}
        # Even without a dashboard a scheduler serves HTTP: on a free port, as another cluster may have the usual one.
        quiet["scheduler_kwargs"] = {"dashboard_address": ":0"}
        with (
            LocalCluster(n_workers=jobs, threads_per_worker=1, **quiet) as cluster,  # type: ignore[no-untyped-call]
            Client(cluster) as client,  # type: ignore[no-untyped-call]
        ):
            yield client
        return
    try:
        client = Client(address, timeout=PATIENCE)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        hint = "expected the address of a Dask scheduler, like tcp://10.0.0.5:8786, or `local`"
        raise ProblemsFound(Problem(f"no cluster answers at '{address}'", hint=hint)) from error
    with client:
        yield client
