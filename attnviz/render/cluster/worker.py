"""A worker's own process: does one job after the other, and forks for it, which the process of a cluster must not.

Jobs come in through standard input, results go out through standard output; when the former ends, so does the worker.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys

from attnviz.input.parents import die_with_parent
from attnviz.input.problems import Problem
from attnviz.input.surroundings import hush_libraries
from attnviz.render.cluster.jobs import Job, Result, do_job


class Worker:
    """Another process that does jobs; it ends when its owner does, as the pipe closes then."""

    def __init__(self, jobs: int = 1) -> None:
        command = [sys.executable, "-P", "-m", "attnviz.render.cluster.worker", str(jobs), str(os.getpid())]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"OMP_NUM_THREADS": "1"}
        )

    def do(self, job: Job) -> Result:
        """Have a job done; if the process dies, that is a problem of the result."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump(job, self._process.stdin)
            self._process.stdin.flush()
            result = pickle.load(self._process.stdout)  # noqa: S301 (from our own process)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            status = self._process.wait()
            self._process.stdout.close()
            with contextlib.suppress(BrokenPipeError):  # of what could not be sent
                self._process.stdin.close()
            return Result(problems=(Problem(f"a worker died (exit status {status}) at {job.shots[0]}"),))
        assert isinstance(result, Result)
        return result

    @property
    def lives(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None


def main() -> None:
    """Do jobs from standard input; what a scene prints goes to standard error, not between the results."""
    hush_libraries()
    die_with_parent(int(sys.argv[2]))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            job = pickle.load(sys.stdin.buffer)  # noqa: S301 (from our own parent)
        except (EOFError, pickle.UnpicklingError):  # its parent has ended, perhaps in the middle of a job
            return
        result = do_job(job, int(sys.argv[1]))
        try:
            pickle.dump(result, answers)
            answers.flush()
        except BrokenPipeError:
            os._exit(1)  # nobody is left who would read it; closing the pipe would say so once more


if __name__ == "__main__":
    main()
