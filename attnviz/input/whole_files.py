"""Files that are written whole or not at all: new ones take the place of older ones only when they are complete."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from attnviz.input.problems import Problem, ProblemsFound

ABANDONED = 24 * 3600  # seconds after which nobody will finish a file


def check_writable(paths: Iterable[Path]) -> None:
    """Make the folders of files that are to be written and try them, before any work is done.

    Raises `ProblemsFound`, also where one of the files cannot be replaced because it is a folder.
    """
    targets = list(paths)
    for folder in dict.fromkeys(path.parent for path in targets):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
            _sweep(folder)
        except OSError as error:
            raise ProblemsFound(_refused(f"to '{folder}'", error, "choose another place")) from error
    for path in targets:
        try:
            _check_replaceable(path)
        except OSError as error:
            raise ProblemsFound(_refused(f"'{path}'", error, "choose another place")) from error


@contextlib.contextmanager
def no_empty_folder(folder: Path) -> Iterator[None]:
    """Take away a folder that was made inside the block, if nothing came to be in it."""
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # one that holds something stays
            for each in made:
                each.rmdir()


@contextlib.contextmanager
def replacing_all(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Give a temporary name beside each path; what was written there replaces all of them when the block ends well.

    An operating system's refusal (disk full, say) becomes one problem, which tells what became of the older files.
    """
    parts = [_part(path) for path in paths]
    replaced: list[Path] = []
    try:
        yield parts
        for path in paths:
            _check_replaceable(path)
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
            replaced.append(path)
    except OSError as error:
        names = {str(part): path for part, path in zip(parts, paths, strict=True)} | {str(path): path for path in paths}
        path = names.get(str(error.filename), paths[-1])
        raise ProblemsFound(_refused(f"'{path}'", error, _state(replaced, paths))) from error
    finally:
        for part in parts:
            with contextlib.suppress(OSError):
                part.unlink()


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Do the same for one file."""
    with replacing_all([path]) as [part]:
        yield part


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that other processes see all of it or none; raises OSError."""
    part = _part(path)
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def disk_says(error: OSError) -> str:
    """Return an operating system's refusal in words for people."""
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return error.strerror or str(error)


def _part(path: Path) -> Path:
    """Return a temporary name: short, whatever the file's own, and with its suffix, by which some writers go."""
    return path.with_name(f".attnviz-{os.urandom(6).hex()}.part{path.suffix[:16]}")


def _sweep(folder: Path) -> None:
    """Delete what a run that was killed long ago has left unfinished."""
    for part in folder.glob(".attnviz-*.part*"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > ABANDONED:
                shutil.rmtree(part) if part.is_dir() else part.unlink()


def _check_replaceable(path: Path) -> None:
    """Refuse to put a file in the place of a folder or of a device."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not an ordinary file", str(path))


def _refused(what: str, error: OSError, hint: str) -> Problem:
    return Problem(f"cannot write {what}: {disk_says(error)}", hint=hint)


def _state(replaced: Sequence[Path], paths: Sequence[Path]) -> str:
    """Say what became of the older files."""
    if replaced:
        names = ", ".join(f"'{path.name}'" for path in replaced)
        kept = ", ".join(f"'{path.name}'" for path in paths if path not in replaced)
        return f"{names} new already, {kept} as before"
    if len(paths) == 1:
        return "the older file, if there was one, is untouched"
    return "the older files, if there were any, are untouched"
