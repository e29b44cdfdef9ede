"""Temporary folders that the next run sweeps away if the process that made them was killed.

A folder belongs to whoever holds the lock on the file `OWNER` in it. The system lets go of the lock when the last
process that holds it ends, however it ends: a process and the children that it forked share it, others do not.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PREFIX = "attnviz-"
OWNER = ".attnviz-owner"
LONG_AGO = 3600.0  # seconds; a process takes its folder within a few microseconds


class ScratchFolder(tempfile.TemporaryDirectory[str]):
    """A temporary folder, as the standard library's; making one sweeps away those whose owner was killed."""

    def __init__(self, name: str) -> None:
        sweep(Path(tempfile.gettempdir()))
        super().__init__(prefix=f"{PREFIX}{name}-")
        self._lock = _owned(Path(self.name))

    def cleanup(self) -> None:
        """Delete the folder, and let go of it."""
        super().cleanup()
        self._let_go()

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._let_go()

    def _let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None


def sweep(folder: Path) -> None:
    """Delete this user's folders in a folder for temporary files that a killed process of attnviz has left behind."""
    for left in _left_behind(folder):
        shutil.rmtree(left, ignore_errors=True)


def _owned(folder: Path) -> int | None:
    """Lock a folder's file `OWNER`, and return its descriptor; None where the file system has no locks.

    The file gets its name when it is locked already, so that nobody finds it without its lock.
    """
    unnamed = folder / f"{OWNER}-new"
    descriptor = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        unnamed.unlink()
        return None
    unnamed.rename(folder / OWNER)
    return descriptor


def _left_behind(folder: Path) -> Iterator[Path]:
    """Yield the folders whose owner has ended. One without a lock of its own is left alone: who knows whose it is?

    But for an old and empty one: a signal can end a process that has just made it, before it could take it.
    """
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if not entry.name.startswith(PREFIX) or not entry.is_dir(follow_symlinks=False):
                    continue
                status, path = entry.stat(follow_symlinks=False), Path(entry.path)
                never_taken = status.st_mtime < time.time() - LONG_AGO and not os.listdir(path)
                if status.st_uid == os.getuid() and (never_taken or _is_dead(path / OWNER)):
                    yield path


def _is_dead(owner: Path) -> bool:
    """Tell whether nobody holds the lock on a folder's file; raises `OSError` if there is none."""
    descriptor = os.open(owner, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
