"""The process of `worker`: reads jobs until there are no more."""

from __future__ import annotations

import os
import pickle
import sys

from attnviz.render.cluster.jobs import do_job
from attnviz.render.shots.children import die_with_parent


def main() -> None:
    """Do jobs from standard input; what a scene prints goes to standard error, not between the results."""
    die_with_parent()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            job = pickle.load(sys.stdin.buffer)  # noqa: S301 (from our own parent)
        except EOFError:
            return
        pickle.dump(do_job(job, int(sys.argv[1])), answers)
        answers.flush()


if __name__ == "__main__":
    main()
