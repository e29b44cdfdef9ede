"""YAML text as a tree of nodes with line numbers, built from parser *events*.

PyYAML's own loader is not used because it follows YAML 1.1, where `on`, `12:30` and dates are not text, accepts
duplicate keys, and recurses without limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from attnviz.input import odd_characters
from attnviz.input.problems import Problem, ProblemsFound

MAX_VALUES = 100_000
MAX_DEPTH = 50

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# The core schema of YAML 1.2: `yes`, `on`, `12:30` and `2024-01-01` are text.
_CORE: list[tuple[str, re.Pattern[str], Any]] = [
    ("null", re.compile(r"null|Null|NULL|~|"), lambda text: None),
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    ("int", re.compile(r"[-+]?[0-9]+"), int),
    ("int", re.compile(r"0o[0-7]+"), lambda text: int(text[2:], 8)),
    ("int", re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text[2:], 16)),
    ("float", re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    ("float", re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"), lambda text: float(text.replace(".", ""))),
]

# Fragments of the messages of both parsers (C and Python), with clearer wording and a hint.
_MISFIT = "this line does not fit: its indentation, or a missing ':'"
_MISFIT_HINT = "text that starts with '{', '[' or a quote must be wholly in quotes"
_SYNTAX = [
    (
        "mapping values are not",
        "there is a ':' too many",
        "check the indentation, or put text with ': ' in quotes",
    ),
    ("cannot start any token", "text cannot start with this character", "put the text in quotes"),
    ("end of stream", "a quote is never closed", None),
    (
        "',' or ']'",
        "a list that starts with '[' is not closed, or a comma is missing",
        "put text with '[' in quotes",
    ),
    (
        "',' or '}'",
        "braces are not closed, or a comma is missing",
        "text that starts with '{' must be put in quotes",
    ),
    ("node content", "a value is missing, or a '[' or '{' is not closed", None),
    ("expected ':'", "a ':' is missing after a key", None),
    ("expected key", _MISFIT, _MISFIT_HINT),
    ("expected <block end>", _MISFIT, _MISFIT_HINT),
    ("'-' indicator", _MISFIT, _MISFIT_HINT),
    ("<document start>", "something follows after the end of the document", _MISFIT_HINT),
    ("block sequence entries", "a list item '- ' cannot start here", "start it on its own line"),
    ("escape", "unknown escape after a backslash in double quotes", "use single quotes, or write \\\\"),
]

_OPENED = ("',' or ']'", "',' or '}'", "end of stream", "expected ':'")  # reported at the line where it began


@dataclass
class Node:
    """A scalar, list or mapping as written, with aliases not yet expanded; `closed` once its end has been read."""

    line: int
    scalar: Any = None
    items: list[Node] | None = None
    entries: dict[str, tuple[int, Node]] | None = None
    key: tuple[str, int] | None = None
    closed: bool = True


def tree_of(text: str, path: Path) -> Node:
    """Parse a text of one YAML document; raise `ProblemsFound`, naming `path`, if it is malformed."""
    try:
        return _Reader(path, text).tree(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise ProblemsFound(_syntax_problem(path, text, error)) from None
    except yaml.YAMLError as error:
        raise ProblemsFound(Problem(f"not valid YAML: {str(error).splitlines()[0]}", path, 1)) from None
    except RecursionError:
        raise ProblemsFound(Problem("the file is nested too deeply", path, 1)) from None


class _Reader:
    """Builds a tree from parser events, with a stack instead of recursion."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text
        self.anchors: dict[str, Node] = {}
        self.stack: list[Node] = []
        self.root: Node | None = None
        self.values = 0

    def fail(self, message: str, line: int, hint: str | None = None) -> NoReturn:
        raise ProblemsFound(Problem(message, self.path, line, hint))

    def tree(self, events: Iterator[yaml.Event]) -> Node:
        """Consume all events, and return the root of the one document."""
        for event in events:
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
                self.fail("the file holds several documents", line, "keep one, without a '---' after it")
            elif isinstance(event, yaml.AliasEvent):
                self.add(self.anchored(event.anchor or "", line), line)
            elif isinstance(event, yaml.ScalarEvent):
                self.opened(event, Node(line, scalar=self.resolved(event, line)))
            elif isinstance(event, yaml.SequenceStartEvent):
                self.opened(event, Node(line, items=[], closed=False))
            elif isinstance(event, yaml.MappingStartEvent):
                self.opened(event, Node(line, entries={}, closed=False))
            elif isinstance(event, yaml.CollectionEndEvent):
                self.stack.pop().closed = True
        if self.root is None or (self.root.scalar is None and not (self.root.items or self.root.entries is not None)):
            self.fail("the file is empty", 1)
        return self.root

    def anchored(self, name: str, line: int) -> Node:
        """Return the node that an alias refers to."""
        if name not in self.anchors:
            self.fail(
                f"'*{name}' stands for nothing: there is no '&{name}' before it",
                line,
                "text with '*' needs quotes",
            )
        if not self.anchors[name].closed:
            self.fail(f"'*{name}' contains itself", line)
        return self.anchors[name]

    def opened(self, event: Any, node: Node) -> None:
        """Add a new node to its parent, and push it onto the stack if it is a collection."""
        self.values += 1
        if self.values > 2 * MAX_VALUES:  # keys and values
            self.fail(f"the file holds more than {MAX_VALUES:,} values", node.line)
        is_key = node.closed and bool(self.stack) and self.stack[-1].entries is not None and self.stack[-1].key is None
        if node.closed and event.style in (None, ""):  # without quotes
            self.check_characters(event, is_key=is_key)
        if is_key:
            node = Node(node.line, scalar=event.value)  # keys are text, even `1:` and `null:`
        elif not node.closed and event.tag not in (
            None,
            "!",
            "tag:yaml.org,2002:seq",
            "tag:yaml.org,2002:map",
        ):
            self.fail(f"the YAML tag '{_short(event.tag)}' is not allowed", node.line)
        if event.anchor:
            self.anchors[event.anchor] = node
        self.add(node, node.line)
        if not node.closed:
            self.stack.append(node)
            if len(self.stack) > MAX_DEPTH:
                self.fail("the file is nested too deeply", node.line, f"at most {MAX_DEPTH} levels")

    def check_characters(self, event: Any, *, is_key: bool) -> None:
        """Refuse text without quotes that has a space of another kind, or what cannot be seen, where none is meant."""
        found = odd_characters.in_plain(event.value, key=is_key)
        if found is None:
            return
        letter, lines = event.value[found], self.text.splitlines()
        start, end = event.start_mark, event.end_mark
        line, column = start.line, start.column + found
        if found and start.line != end.line:  # folded: it is the last
            line, column = end.line, lines[end.line].rindex(letter, 0, end.column)
        message, hint = odd_characters.message_about(column, letter, self.text)
        self.fail(message, line + 1, f"{hint}, or put the {'key' if is_key else 'text'} in quotes if it is meant")

    def add(self, node: Node, line: int) -> None:
        """Add a node to the list or mapping on top of the stack, as an item, a key or a value."""
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if parent.items is not None:
            parent.items.append(node)
        elif parent.entries is not None and parent.key is None:
            parent.key = self.name_of(node, parent.entries, line)
        elif parent.entries is not None and parent.key is not None:
            parent.entries[parent.key[0]] = (parent.key[1], node)
            parent.key = None

    def name_of(self, node: Node, entries: dict[str, tuple[int, Node]], line: int) -> tuple[str, int]:
        """Return a mapping's next key and its line; refuse a collection, a merge key, or a duplicate."""
        if node.items is not None or node.entries is not None:
            self.fail(
                "a key must be a name, not a list or mapping",
                line,
                "text that starts with '{' or '[' needs quotes",
            )
        name = str(node.scalar)
        if name == "<<":
            self.fail("merge keys ('<<') are not supported", line, "write the keys out")
        if name in entries:
            self.fail(f"the key '{name}' is written twice", line, f"the first is in line {entries[name][0]}")
        return name, line

    def resolved(self, event: Any, line: int) -> Any:
        """Return the value of a scalar: text if it is quoted, else what the core schema of YAML 1.2 makes of it."""
        text = event.value
        if any("\ud800" <= character <= "\udfff" for character in text):
            self.fail("the text contains half a character (a lone surrogate)", line)
        tag = None if event.tag in (None, "!") else event.tag.removeprefix("tag:yaml.org,2002:")
        if tag == "str" or (tag is None and (not event.implicit[0] or event.style not in (None, ""))):
            return text
        if tag not in (None, "null", "bool", "int", "float"):
            self.fail(f"the YAML tag '{_short(event.tag)}' is not allowed", line)
        for kind, pattern, convert in _CORE:
            if pattern.fullmatch(text) and tag in (None, kind):
                if len(text) > 400:
                    self.fail("this number has too many digits", line)
                return convert(text)
        return text if tag is None else self.fail(f"'{text}' is not of the YAML type '{tag}'", line)


def _syntax_problem(path: Path, text: str, error: yaml.MarkedYAMLError) -> Problem:
    """Translate a parser's error into a problem."""
    said = f"{error.problem or ''} {error.context or ''}"
    mark = error.problem_mark or error.context_mark
    line = 1 if mark is None else mark.line + 1
    lines = text.splitlines() or [""]
    written = lines[min(line, len(lines)) - 1]
    indentation = written[: len(written) - len(written.lstrip())]
    if "\t" in indentation or (mark is not None and written[mark.column : mark.column + 1] == "\t"):
        column = 1 + (indentation.find("\t") if mark is None or "\t" in indentation else mark.column)
        return Problem(f"column {column} holds a tab, which YAML does not allow here", path, line, "use spaces")
    if mark is not None and (found := _odd_character(text, mark, error.context_mark)):
        what, advice = odd_characters.message_about(found[1], lines[found[0]][found[1]], text)
        return Problem(what, path, found[0] + 1, advice)
    for fragment, message, hint in _SYNTAX:
        if fragment in said:
            if fragment in _OPENED and error.context_mark is not None:
                line = error.context_mark.line + 1
            return Problem(message, path, line, hint)
    return Problem(f"not valid YAML: {error.problem or error.context}", path, line)


def _odd_character(text: str, failed: yaml.Mark, began: yaml.Mark | None) -> odd_characters.Place | None:
    """Return the place of a character that only looks like a part of YAML and for which the text cannot be read."""

    def failure_of(other: str) -> odd_characters.Place | None:
        try:
            for _ in yaml.parse(other, Loader=_Loader):
                pass
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            return (0, 0) if mark is None else (mark.line, mark.column)
        return None

    start = None if began is None else (began.line, began.column)
    return odd_characters.culprit(text, (failed.line, failed.column), start, failure_of)


def _short(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")
