"""The store: everything that was made, kept in one folder from run to run, and checked whenever it is read.

* An *object* is bytes (a clip, a picture), found by its address: the SHA-256 of its content.
* A *record* is a small piece of JSON under a key that its writer computes; its first line is the SHA-256 of the rest.

A file appears whole or not at all, and its name says what must be in it. So runs can share a store, a run that is
killed leaves nothing half-written, and what was damaged is noticed, forgotten, and made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.scratch import ScratchFolder
from attnviz.input.whole_files import disk_says

OBJECTS = "objects"
LAYOUT = 1  # of the records: raise it when one gets other fields, so that older ones are not found
_UNFINISHED = "unfinished"
_PLAIN_NAME = re.compile(r"[0-9a-z-]+")
_ABANDONED = 3600  # seconds after which a file that nobody finished may be swept away
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of attnviz: it may be deleted at any time.\n"


def digest(*parts: Any) -> str:
    """Return the key of plain data: the SHA-256 of its JSON."""
    return hashlib.sha256(canonical((LAYOUT, *parts)).encode()).hexdigest()


def canonical(data: Any) -> str:
    """Return plain data as JSON; equal data gives equal text."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Entry:
    """One file of the store: what kind it is of, its size in bytes, and when it was last used (seconds)."""

    path: Path
    kind: str
    size: int
    used: float


class Store:
    """A folder of objects and records; raises `ProblemsFound` where it cannot be written.

    What is new goes to the folder `aside`, if there is one, and is found there first: so one can plan with a store that
    may only be read.
    """

    def __init__(self, folder: Path, aside: Path | None = None) -> None:
        self.folder, self._written = folder, aside or folder

    def put(self, data: bytes) -> str:
        """Keep bytes and return their address."""
        address = hashlib.sha256(data).hexdigest()
        if not self.holds(address):
            self._write(self._new_path(OBJECTS, address), data)
        return address

    def get(self, address: str) -> bytes | None:
        """Return the bytes at an address; None if they are not there, or not as they were written."""
        path = self._path(OBJECTS, address)
        data = _read(path)
        if data is not None and hashlib.sha256(data).hexdigest() != address:
            _forget(path)
            return None
        return data

    def holds(self, address: str) -> bool:
        """Tell whether the bytes at an address are there and undamaged, without keeping them in memory."""
        path = self._path(OBJECTS, address)
        try:
            with path.open("rb") as file:
                sound = hashlib.file_digest(file, "sha256").hexdigest() == address
        except OSError:
            return False
        if sound:
            _mark_used(path)
        else:
            _forget(path)
        return sound

    def write(self, kind: str, key: str, record: Any) -> None:
        """Keep a record under a key, in place of an older one."""
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
        self._write(self._new_path(kind, key), hashlib.sha256(text).hexdigest().encode() + b"\n" + text)

    def note(self, kind: str, key: str, record: Any) -> None:
        """Keep a record that only saves time, or only explains, if the store can be written."""
        with contextlib.suppress(ProblemsFound):
            self.write(kind, key, record)

    def check_writable(self) -> None:
        """Raise `ProblemsFound` if nothing can be written here; ask before doing work whose results are to be kept."""
        with self._told():
            self._make_folders(self._written / _UNFINISHED)
            with tempfile.TemporaryFile(dir=self._written / _UNFINISHED):
                pass

    def read(self, kind: str, key: str) -> Any:
        """Return the record under a key; None if there is none, or it is damaged."""
        return self._record(self._path(kind, key))

    def forget(self, kind: str, key: str) -> None:
        """Delete the record under a key, if there is one."""
        _forget(self._path(kind, key))

    def variants(self, kind: str, key: str) -> Iterator[tuple[str, Any]]:
        """Yield the records under `key-…`, each with its own key."""
        folders = {self._new_path(kind, key).parent, (self.folder / kind / key[:2])}
        for path in sorted(path for folder in folders for path in folder.glob(f"{key}-*")):
            record = self._record(path)
            if record is not None:
                yield path.name, record

    def mark(self, kind: str) -> str:
        """Keep a record by which another process can tell that it sees this very store; return its key."""
        key = os.urandom(16).hex()
        self.write(kind, key, time.time())
        return key

    def exported(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield kind, key and content of everything here, for another store."""
        for entry in self.entries():
            if entry.kind != _UNFINISHED and (data := _read(entry.path)) is not None:
                yield entry.kind, entry.path.name, data

    def adopt(self, kind: str, key: str, data: bytes) -> None:
        """Keep an entry of another store, unless it arrived damaged."""
        checksum, _, text = data.partition(b"\n")
        sound = (
            hashlib.sha256(data).hexdigest() == key
            if kind == OBJECTS
            else hashlib.sha256(text).hexdigest().encode() == checksum
        )
        if sound and _PLAIN_NAME.fullmatch(kind) and _PLAIN_NAME.fullmatch(key):
            self._write(self._new_path(kind, key), data)

    def entries(self) -> list[Entry]:
        """Return every file of the store, including unfinished ones."""
        found = []
        for kind in _folders(self.folder):
            for path in (path for path in kind.rglob("*") if path.is_file()):
                with contextlib.suppress(OSError):
                    status = path.stat()
                    found.append(Entry(path, kind.name, status.st_size, status.st_mtime))
        return found

    def prune(self, limit: int) -> list[Entry]:
        """Delete the least recently used files until at most `limit` bytes are left; return what was deleted."""
        entries = sorted(self.entries(), key=lambda entry: entry.used)
        size = sum(entry.size for entry in entries)
        gone = []
        for entry in entries:
            abandoned = entry.kind == _UNFINISHED and time.time() - entry.used > _ABANDONED
            if (abandoned or (size > limit and entry.kind != _UNFINISHED)) and _forget(entry.path):
                gone.append(entry)
                size -= entry.size
        return gone

    def _path(self, kind: str, key: str) -> Path:
        new = self._new_path(kind, key)
        return self.folder / kind / key[:2] / key if self._written != self.folder and not new.exists() else new

    def _new_path(self, kind: str, key: str) -> Path:
        return self._written / kind / key[:2] / key

    def _record(self, path: Path) -> Any:
        data = _read(path)
        if data is None:
            return None
        checksum, _, text = data.partition(b"\n")
        if hashlib.sha256(text).hexdigest().encode() != checksum:
            _forget(path)
            return None
        return json.loads(text)

    def _write(self, path: Path, data: bytes) -> None:
        part = self._written / _UNFINISHED / f"{os.getpid()}-{os.urandom(6).hex()}"
        try:
            with self._told():
                self._make_folders(path.parent, part.parent)
                part.write_bytes(data)
                part.replace(path)
        finally:
            with contextlib.suppress(OSError):
                part.unlink()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            hint = "choose another folder with --cache, or make room (`attnviz cache --prune 0` empties it)"
            what = f"cannot write to the cache '{self.folder}': {disk_says(error)}"
            raise ProblemsFound(Problem(what, hint=hint)) from error

    def _make_folders(self, *folders: Path) -> None:
        if not self._written.exists():
            self._written.mkdir(parents=True, exist_ok=True)
            (self._written / "CACHEDIR.TAG").write_text(_TAG)
            (self._written / ".gitignore").write_text("*\n")
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def store_to_plan_with(folder: Path) -> Iterator[Store]:
    """Yield the store in a folder; if it may only be read, what is found out is kept aside until the block ends."""
    store = Store(folder)
    try:
        store.check_writable()
    except ProblemsFound:
        with ScratchFolder("plan") as aside:
            yield Store(folder, Path(aside))
    else:
        yield store


def _folders(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.is_dir()] if folder.is_dir() else []


def _read(path: Path) -> bytes | None:
    """Return a file's content and mark it as used; None if it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    _mark_used(path)
    return data


def _mark_used(path: Path) -> None:
    with contextlib.suppress(OSError):  # of a store that may be read only
        os.utime(path)


def _forget(path: Path) -> bool:
    """Delete a file; tell whether that could be done."""
    try:
        path.unlink()
    except OSError:
        return False
    return True
