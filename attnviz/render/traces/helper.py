"""The helper process of `process.py`: reads an order, and writes a list of datasets or a tuple of problems."""

from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING, BinaryIO

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.surroundings import hush_libraries
from attnviz.model.malloc import keep_freed_memory
from attnviz.render.traces.process import compute

if TYPE_CHECKING:
    import xarray as xr


def answer(questions: BinaryIO, answers: BinaryIO) -> None:
    """Read one order and write what it asks for."""
    hush_libraries()
    import torch  # noqa: F401  (the slow part, done while the order is still being written)

    keep_freed_memory()  # one pass comes after another, then this process ends

    order = pickle.load(questions)  # noqa: S301 (written by our own parent)
    found: list[xr.Dataset] | tuple[Problem, ...]
    try:
        found = compute(order)
    except ProblemsFound as problems:
        found = tuple(problems.problems)
    pickle.dump(found, answers)


if __name__ == "__main__":
    answer(sys.stdin.buffer, sys.stdout.buffer)
