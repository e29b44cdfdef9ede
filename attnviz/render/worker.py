"""A worker's own process: does one job after the other, and forks for it, which the process of a cluster must not.

Jobs come in through standard input, results go out through standard output; when the former ends, so does the worker.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from types import TracebackType
from typing import Self

from attnviz.problems import Problem
from attnviz.render.jobs import Job, Result


class Worker:
    """Another process that does jobs; used as a context manager, so that it does not outlive its owner."""

    def __init__(self, jobs: int = 1) -> None:
        command = [sys.executable, "-P", "-m", "attnviz.render.worker_process", str(jobs)]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"OMP_NUM_THREADS": "1"}
        )

    def do(self, job: Job) -> Result:
        """Have a job done; a problem says if the process has died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump(job, self._process.stdin)
            self._process.stdin.flush()
            result = pickle.load(self._process.stdout)  # noqa: S301 (from our own process)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            status = self._process.wait()
            return Result(problems=(Problem(f"a worker died (exit status {status}) at {job.shots[0]}"),))
        assert isinstance(result, Result)
        return result

    @property
    def lives(self) -> bool:
        """Whether the process can do more."""
        return self._process.poll() is None

    def end(self) -> None:
        """End the process."""
        if self.lives:
            self._process.kill()
        with self._process:
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
