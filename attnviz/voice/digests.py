"""Digests of files that are asked for again and again: one that was not touched is not read again."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path


def digest_of(path: Path) -> str:
    """Return the digest of a file's content; raises `OSError`."""
    return _read(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=1024)
def _read(path: Path, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
