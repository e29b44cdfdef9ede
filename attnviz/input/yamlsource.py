"""Safe YAML with line numbers: plain data out, and every defect as a `Problem` with file and line.

Size, nesting and the number of values are limited, so that no file can slow down or crash the program.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from attnviz.input import odd_characters
from attnviz.input.problems import Problem, ProblemsFound, closest
from attnviz.input.stand_ins import HEAD, check_is_itself
from attnviz.input.validation import Place, problems_of, value_at
from attnviz.input.yamltree import MAX_DEPTH, MAX_VALUES, Node, tree_of

Model = TypeVar("Model", bound=BaseModel)

_BINARY = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Source:
    """A YAML file as plain data, with the line (counted from 1) of everything in it."""

    path: Path
    data: Any
    lines: dict[Place, int] = field(repr=False)

    def line_of(self, at: Place) -> int:
        """Return the line of the value at `at`, or of its nearest ancestor that exists."""
        for length in range(len(at), 0, -1):
            if at[:length] in self.lines:
                return self.lines[at[:length]]
        return self.lines.get((), 1)


def read_yaml(path: Path, max_bytes: int = 1_000_000) -> Source:
    """Read a file of one YAML document; raise `ProblemsFound` (with one problem) if that fails."""
    text = _yaml_text(path, max_bytes)
    root = tree_of(text, path)
    lines: dict[Place, int] = {}
    data = _plain(root, (), path, lines)
    return Source(path, data, lines)


def validate(model_class: type[Model], source: Source, at: Place = ()) -> Model:
    """Return the value at `at` as a pydantic model; raise `ProblemsFound`, with lines, if it does not fit."""
    try:
        return model_class.model_validate(value_at(source.data, at))
    except ValidationError as error:
        raise ProblemsFound(problems_of(error, model_class, source, at)) from None


def text_of(path: Path, max_bytes: int, suffixes: Sequence[str]) -> str:
    """Return the text of a file; raise `ProblemsFound` if it cannot be read, is too large, or is not UTF-8 text.

    For a file that is not there, those beside it are proposed that have one of the `suffixes`.
    """

    def fail(message: str, line: int | None = None, hint: str | None = None) -> NoReturn:
        raise ProblemsFound(Problem(message, path, line, hint)) from None

    try:
        if path.is_dir():
            fail(f"this is a folder, not a {'YAML' if '.yaml' in suffixes else 'text'} file")
        if path.exists() and not path.is_file():
            fail("this is not a regular file")
        with path.open("rb") as file:
            raw = file.read(max_bytes + 1)
    except FileNotFoundError:
        fail("there is no such file", hint=_nearby(path, suffixes))
    except (OSError, ValueError) as error:
        fail(f"the file cannot be read: {getattr(error, 'strerror', None) or error}")
    if raw.strip():  # an empty one is told with the line
        check_is_itself(path, raw[:HEAD])
    if len(raw) > max_bytes:
        fail(f"the file is larger than {max_bytes:,} bytes", hint="is this the right file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fail("the file is not UTF-8 text", raw.count(b"\n", 0, error.start) + 1, "save it as UTF-8")


def _yaml_text(path: Path, max_bytes: int) -> str:
    """Return the text of a YAML file; raise `ProblemsFound` for letters, too, that have no place in one."""
    text = text_of(path, max_bytes, (".yaml", ".yml"))
    if found := _BINARY.search(text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"the file contains the control character U+{ord(found[0]):04X}"
        raise ProblemsFound(Problem(message, path, line, "is it a text file?"))
    if never := odd_characters.never_meant(text):
        (line, column), letter = never
        message, hint = odd_characters.message_about(column, letter, text)
        raise ProblemsFound(Problem(message, path, line + 1, hint))
    return text


def _nearby(path: Path, suffixes: Sequence[str]) -> str | None:
    """Return a hint: files of these kinds and of similar name in the same folder, or that there is no such folder."""
    folder = path.parent
    try:
        files = {file.stem: file for file in sorted(folder.iterdir()) if file.suffix in suffixes}
    except OSError:
        return None if folder.exists() else f"there is no folder '{folder}' either"
    near = closest(path.stem, files)
    return "did you mean " + " or ".join(f"'{files[stem]}'" for stem in near) + "?" if near else None


def _plain(node: Node, at: Place, path: Path, lines: dict[Place, int]) -> Any:
    """Return a tree as plain data with aliases expanded, and record every line; a limit stops alias bombs."""
    lines.setdefault(at, node.line)
    if len(lines) > MAX_VALUES:
        hint = "do aliases ('*name') repeat each other?"
        raise ProblemsFound(Problem(f"the file holds more than {MAX_VALUES:,} values", path, node.line, hint))
    if len(at) > MAX_DEPTH:
        raise ProblemsFound(Problem("the file is nested too deeply", path, node.line, f"at most {MAX_DEPTH} levels"))
    if node.items is not None:
        return [_plain(item, (*at, index), path, lines) for index, item in enumerate(node.items)]
    if node.entries is None:
        return node.scalar
    data = {}
    for name, (line, value) in node.entries.items():
        lines[*at, name] = line  # of the key rather than the value: readers look for the key
        data[name] = _plain(value, (*at, name), path, lines)
    return data
