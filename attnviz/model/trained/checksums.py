"""Checksums that a training leaves in its report: whether a folder's files are still those that were measured.

A byte that is damaged in the middle of a file of parameters gives other numbers, and nothing else would tell.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attnviz.input.problems import Problem, ProblemsFound

CHECKSUMS = "sha256"  # the report's key
ACCEPT_VARIABLE = "ATTNVIZ_ACCEPT_CHANGED"
ACCEPT_OPTION = "--accept-changed"
_TITLE = re.compile(rb"^title:.*\n?", re.MULTILINE)


def checksums_of(files: Mapping[str, Path]) -> dict[str, str]:
    """Return the checksum of each file under its name in the folder; raises `OSError`."""
    return {name: _checksum(name, path) for name, path in files.items()}


def changed_since(report: Mapping[str, Any], folder: Path) -> list[str]:
    """Return the names of the files that are not as a training has left them; none if its report has no checksums.

    Raises `TypeError` if the report's checksums are none; files that cannot be read are left to their readers.
    """
    known = report.get(CHECKSUMS, {})
    if not isinstance(known, dict) or not all(isinstance(each, str) for pair in known.items() for each in pair):
        raise TypeError("checksums are texts by names of files")
    return [name for name, checksum in known.items() if _now(folder, name) not in (checksum, None)]


def check_unchanged(changed: Sequence[str], folder: Path) -> None:
    """Raise `ProblemsFound` for files that have changed, unless they are accepted as they are."""
    if os.environ.get(ACCEPT_VARIABLE):
        return
    hint = f"copy it again, or train again; {ACCEPT_OPTION} uses it as it is"
    message = "the file is not as training has left it: its checksum is not that of report.json"
    if changed:
        raise ProblemsFound(Problem(message, folder / name, hint=hint) for name in changed)


def _now(folder: Path, name: str) -> str | None:
    if Path(name).name != name:
        raise TypeError("files are in the folder itself")
    try:
        return _checksum(name, folder / name)
    except OSError:
        return None


def _checksum(name: str, path: Path) -> str:
    """Return the SHA-256 of a file; of a text without its title, and whichever way it ends its lines."""
    with path.open("rb") as file:
        if name.endswith(".safetensors"):
            return hashlib.file_digest(file, "sha256").hexdigest()
        text = file.read().replace(b"\r\n", b"\n")
    return hashlib.sha256(_TITLE.sub(b"", text) if name.endswith(".yaml") else text).hexdigest()
