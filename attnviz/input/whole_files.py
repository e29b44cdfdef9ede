"""Atomic file writes: files are written whole or not at all, and replace older ones only once they are complete."""

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

ABANDONED = 24 * 3600  # seconds after which an unfinished file counts as abandoned


def check_writable(paths: Iterable[Path]) -> None:
    """Create the folders of files that are to be written, and check that they are writable, before any work is done.

    Raises `ProblemsFound` if a folder is not writable, or if a path exists but is not an ordinary file.
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


def why_not_writable(paths: Iterable[Path]) -> ProblemsFound | None:
    """Return what `check_writable` would raise, for those who may find that nothing has to be written."""
    try:
        check_writable(paths)
    except ProblemsFound as refused:
        return refused
    return None


@contextlib.contextmanager
def no_empty_folder(folder: Path) -> Iterator[None]:
    """Remove a folder, with any parents, that was created inside the block but left empty."""
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # a folder that is not empty stays
            for each in made:
                each.rmdir()


@contextlib.contextmanager
def replacing_all(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield a temporary path beside each path; if the block succeeds, what was written there replaces the originals.

    Raises `ProblemsFound` in place of an `OSError` (a full disk, say), saying what became of the older files.
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
    """Yield a temporary path beside one path, as `replacing_all` does for several."""
    with replacing_all([path]) as [part]:
        yield part


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that other processes see all of it or nothing; raises `OSError`."""
    part = _part(path)
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def disk_says(error: OSError) -> str:
    """Return the operating system's reason for an error, in words."""
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return error.strerror or str(error)


def _part(path: Path) -> Path:
    """Return a temporary path: short, however long the file's name, but with its suffix, which some writers need."""
    return path.with_name(f".attnviz-{os.urandom(6).hex()}.part{path.suffix[:16]}")


def _sweep(folder: Path) -> None:
    """Delete unfinished files left behind by runs that were killed long ago."""
    for part in folder.glob(".attnviz-*.part*"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > ABANDONED:
                shutil.rmtree(part) if part.is_dir() else part.unlink()


def _check_replaceable(path: Path) -> None:
    """Raise `OSError` if the path is a folder or a device, which no file may replace."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not an ordinary file", str(path))


def _refused(what: str, error: OSError, hint: str) -> Problem:
    return Problem(f"cannot write {what}: {disk_says(error)}", hint=hint)


def _state(replaced: Sequence[Path], paths: Sequence[Path]) -> str:
    """Return what became of the older files, in words."""
    if replaced:
        names = ", ".join(f"'{path.name}'" for path in replaced)
        kept = ", ".join(f"'{path.name}'" for path in paths if path not in replaced)
        return f"{names} new already, {kept} as before"
    if len(paths) == 1:
        return "the older file, if there was one, is untouched"
    return "the older files, if there were any, are untouched"
