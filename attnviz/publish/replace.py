"""Output files that replace older ones only when they are complete."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attnviz.problems import Problem, ProblemsFound


def check_writable(folder: Path) -> None:
    """Make an output folder and try it, before any work is done; raises `ProblemsFound`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        hint = "choose another place with --output"
        raise ProblemsFound(Problem(f"cannot write to '{folder}': {_reason(error)}", hint=hint)) from error


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; what was written to it takes `path`'s place when the block ends well.

    An operating system's refusal (disk full, say) becomes one problem.
    """
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        hint = "the older file, if there was one, is untouched"
        raise ProblemsFound(Problem(f"cannot write '{path}': {_reason(error)}", hint=hint)) from error
    finally:
        part.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return error.strerror or str(error)
