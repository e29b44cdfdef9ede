"""A worker's own process: does one job after the other, and forks for it, which the process of a cluster must not.

Jobs come in through standard input, results go out through standard output; when the former ends, so does the worker.
"""

from __future__ import annotations

import sys
from functools import partial

from attnviz.input.answering import AnsweringProcess, ProcessEnded, answer_orders, answers_of_this_process
from attnviz.input.problems import Problem
from attnviz.input.surroundings import hush_libraries
from attnviz.render.cluster.jobs import Job, Result, do_job


class Worker:
    """Another process that does jobs; it ends when its owner does."""

    def __init__(self, jobs: int = 1) -> None:
        self._process = AnsweringProcess(__name__, str(jobs), environment={"OMP_NUM_THREADS": "1"})

    def do(self, job: Job) -> Result:
        """Have a job done; if the process dies, that is a problem of the result."""
        try:
            result = self._process.ask(job)
        except ProcessEnded as ended:
            return Result(problems=(Problem(f"a worker died ({ended}) at {job.shots[0]}"),))
        assert isinstance(result, Result)
        return result


def main() -> None:
    """Do jobs from standard input."""
    orders, answers = answers_of_this_process()
    hush_libraries()
    answer_orders(partial(do_job, jobs=int(sys.argv[2])), orders, answers)


if __name__ == "__main__":
    main()
