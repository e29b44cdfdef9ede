"""Small C libraries, built when first needed if a C compiler is there; without one the same is done in Python.

They need neither headers of Python nor of Cairo: what they use of either is handed to them, or is found in the
process that loads them. A library is kept in the user's cache folder under a name that follows from its source, from
how it is built and for which machine, and appears there whole or not at all.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from attnviz.input.scratch import ScratchFolder

# No -march and no -ffast-math, and products are not fused with sums: every machine must find the same numbers.
FLAGS = ("-std=c11", "-O3", "-fPIC", "-shared", "-ffp-contract=off")
COMPILERS = ("cc", "gcc", "clang")
LONGEST_BUILD = 60  # seconds


@functools.cache
def library(name: str) -> ctypes.PyDLL | None:
    """Return the library built from `name`.c, or None where none can be built or loaded."""
    source = Path(__file__).with_name(f"{name}.c")
    flags = (*FLAGS, "-undefined", "dynamic_lookup") if sys.platform == "darwin" else FLAGS
    try:
        key = hashlib.sha256(source.read_bytes() + repr((flags, platform.machine(), sys.platform)).encode())
        file_name = f"{name}-{key.hexdigest()[:24]}.so"
    except OSError:
        return None
    for folder in _folders():
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            path = folder / file_name
            if not path.exists():
                _build(source, flags, path)
            return ctypes.PyDLL(str(path))
    return None


def _build(source: Path, flags: tuple[str, ...], path: Path) -> None:
    """Compile a library to `path`; raises OSError or SubprocessError."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        raise FileNotFoundError("there is no C compiler")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}-{os.urandom(6).hex()}.part")
    try:
        command = [compiler, *flags, "-o", str(part), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=LONGEST_BUILD)  # noqa: S603
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _folders() -> Iterator[Path]:
    """Yield where a library may be kept: the user's cache, else a folder of this process alone."""
    with contextlib.suppress(RuntimeError):  # a person without a home
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "attnviz" / "accelerations"
    if any(map(shutil.which, COMPILERS)):
        yield Path(_temporary_folder().name)


@functools.cache
def _temporary_folder() -> ScratchFolder:
    return ScratchFolder("accelerations")
