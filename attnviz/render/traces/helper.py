"""The helper process of `process.py`: reads an order, and writes a list of datasets or a tuple of problems."""

from __future__ import annotations

import os
import pickle
import sys
from typing import TYPE_CHECKING, BinaryIO

from attnviz.input.parents import die_with_parent
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.surroundings import hush_libraries
from attnviz.model.malloc import keep_freed_memory
from attnviz.render.traces.process import compute

if TYPE_CHECKING:
    import xarray as xr


class ParentEnded(Exception):
    """The process that this one computes for has ended."""


def answer(questions: BinaryIO, answers: BinaryIO) -> None:
    """Read one order and write what it asks for; raises `ParentEnded` if nobody is left to give or take it."""
    hush_libraries()
    import torch  # noqa: F401  (the slow part, done while the order is still being written)

    keep_freed_memory()  # one pass comes after another, then this process ends

    try:
        order = pickle.load(questions)  # noqa: S301 (written by our own parent)
    except (EOFError, pickle.UnpicklingError) as error:
        raise ParentEnded from error
    found: list[xr.Dataset] | tuple[Problem, ...]
    try:
        found = compute(order)
    except ProblemsFound as problems:
        found = tuple(problems.problems)
    try:
        pickle.dump(found, answers)
        answers.flush()
    except BrokenPipeError as error:
        raise ParentEnded from error


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    try:
        answer(sys.stdin.buffer, sys.stdout.buffer)
    except ParentEnded:
        os._exit(1)  # quietly; closing the pipe would complain once more
