"""Records what was written where, so that files that are up to date are left alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from attnviz.render.cache.store import Store, digest

_RECORD = "outputs"


class Outputs:
    """The files of one command; `content` is the digest of all that goes into them."""

    def __init__(self, store: Store, files: Sequence[Path], content: str) -> None:
        self._store, self._content = store, content
        self._key = digest([str(path.resolve()) for path in files])
        self.files: list[Path] = list(files)

    def are_up_to_date(self) -> bool:
        """Tell whether the files were written with this content and have not changed since."""
        record = self._store.read(_RECORD, self._key)
        if record is None or record["content"] != self._content:
            return False
        self.files = [Path(path) for path, _ in record["files"]]
        return all(_digest_of(Path(path)) == known for path, known in record["files"])

    def written(self, files: Iterable[Path]) -> None:
        """Record the files as they are now."""
        record = {"content": self._content, "files": [[str(path), _digest_of(path)] for path in files]}
        self._store.note(_RECORD, self._key, record)


def _digest_of(path: Path) -> str | None:
    """Return the digest of a file, or of all files in a folder; None if it is not there."""
    try:
        if path.is_dir():
            return digest([[each.name, _digest_of(each)] for each in sorted(path.iterdir())])
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
