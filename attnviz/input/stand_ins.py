"""What lies where a file should be: a pointer of Git LFS, a web page, nothing at all, or only the file's beginning.

Weights are large, so they are often not fetched, or fetched wrongly; a parser's message about it would mislead.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from attnviz.input.problems import Problem, ProblemsFound

HEAD = 1024  # bytes that tell what a file is
_POINTER = re.compile(rb"version https://(?:git-lfs|hawser)\.github\.com/spec/")
_POINTER_SIZE = re.compile(rb"^size (\d{1,18})$", re.MULTILINE)
_ANNEX = re.compile(rb"(?:\.\./)*(?:/annex/objects/|\.git/annex/objects/)")
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html|<head)", re.IGNORECASE)
_REFUSALS = (b"Entry not found", b"Repository not found", b"Invalid username or password", b"Access to model ")
_LONGEST_HEADER = 100_000_000  # bytes: safetensors' own limit
AGAIN = "copy it again, or download it again"


def check_is_itself(path: Path, head: bytes, *, text: bool = False) -> None:
    """Raise `ProblemsFound` if a file, which begins with `head`, only stands for the one that is wanted.

    A file of `text` may be empty, or a web page.
    """
    if found := stand_in(head, text=text):
        what, hint = found
        raise ProblemsFound(Problem(what, path, hint=hint))


def check_file_is_itself(path: Path) -> None:
    """Do the same with a file that is not read yet; one that cannot be read is left to its reader."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError:
        return
    check_is_itself(path, head)


def stand_in(head: bytes, *, text: bool = False) -> tuple[str, str] | None:
    """Return what a file is instead of itself, judged by its first bytes, and what to do; None if it is itself."""
    if _POINTER.match(head):
        size = _POINTER_SIZE.search(head)
        of = f" of {int(size[1]):,} bytes" if size else ""
        return f"this is a Git LFS pointer, not the file{of} itself", "`git lfs pull` in its repository fetches it"
    if _ANNEX.match(head):
        return "this is a git-annex pointer, not the file itself", "`git annex get` in its repository fetches it"
    if text:
        return None
    if _PAGE.match(head):
        page = "this is a web page (HTML), not the file itself"
        return (
            page,
            "download the file, not the page that shows it: on the Hugging Face hub, /resolve/ instead of /blob/",
        )
    if head.startswith(_REFUSALS):
        said = head.decode("utf-8", "replace").splitlines()[0][:80]
        return f"this is what a server said instead of giving the file: '{said}'", "download it again"
    return None if head else ("the file is empty", AGAIN)


def check_not_cut_short(path: Path) -> None:
    """Raise `ProblemsFound` if a safetensors file has fewer bytes than its header says; raises `OSError`.

    A header that is none is left to the reader of the file.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = file.read(length) if length <= _LONGEST_HEADER else b""
    wanted = 8 + length
    if len(header) == length:
        try:
            tensors = [each for name, each in json.loads(header).items() if name != "__metadata__"]
            wanted += max((int(each["data_offsets"][1]) for each in tensors), default=0)
        except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError):
            return
    elif length > _LONGEST_HEADER or not header.startswith(b"{"):
        return
    if size < wanted:
        raise ProblemsFound(Problem(f"the file is cut short: {size:,} of at least {wanted:,} bytes", path, hint=AGAIN))
