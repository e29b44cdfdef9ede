"""The rows of a batch: sentences from a .csv, a .jsonl or a file of plain lines, each with its line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import ConfigDict, Field, ValidationError

from attnviz.clips.request import ClipRequest
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.validation import problems_of
from attnviz.input.yamlsource import Source, text_of
from attnviz.render.shots.selection import slug
from attnviz.storyboard.strict_keys import Keys

LARGEST = 10_000_000  # bytes of a file
MOST_ROWS = 1000
Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class RowKeys(Keys):
    """What a row says of a clip; what it does not say is as for the whole batch."""

    model_config = ConfigDict(strict=False)  # a table has only texts

    sentence: Text
    word: Name | None = None
    model: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    layer: Annotated[int, Field(ge=1)] | None = None
    head: Name | None = None
    template: Name | None = None
    other: Text | None = None
    name: Name | None = None


class Row(NamedTuple):
    """A clip of a batch: its request, the name of its files, and its line."""

    request: ClipRequest
    name: str
    line: int


def read_rows(path: Path, usual: ClipRequest) -> tuple[list[Row], list[Problem]]:
    """Return the rows of a file, and what is wrong with the others; `usual` is what they do not say.

    Raises `ProblemsFound` for a file that cannot be read.
    """
    text = text_of(path, LARGEST, (path.suffix,))
    rows, problems, taken = list[Row](), list[Problem](), dict[str, int]()
    for line, data in _entries(path, text, problems):
        if len(rows) + len(problems) >= MOST_ROWS:
            raise ProblemsFound(Problem(f"a batch has at most {MOST_ROWS:,} rows", path, line, "make several of it"))
        try:
            keys = RowKeys.model_validate(data)
        except ValidationError as error:
            problems += problems_of(error, RowKeys, Source(path, data, {(): line}))
            continue
        said = keys.model_dump(exclude_none=True, exclude={"name"})
        request = replace(usual, **said)
        name = slug(keys.name or request.name)
        taken[name] = taken.get(name, 0) + 1
        rows.append(Row(request, name if taken[name] == 1 else f"{name}-{taken[name]}", line))
    if not rows and not problems:
        raise ProblemsFound(Problem("there is no sentence in this file", path))
    return rows, sorted(problems, key=lambda problem: problem.line or 0)


def _entries(path: Path, text: str, problems: list[Problem]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what every row says, with its line; rows that cannot be read are told among the problems."""
    if path.suffix.lower() == ".csv":
        yield from _of_table(path, text, problems)
        return
    for line, row in enumerate(
        io.StringIO(text, newline=None), 1
    ):  # not by `splitlines`: U+2028, say, is a letter of its row
        if not row.strip():
            continue
        if path.suffix.lower() != ".jsonl":
            yield line, {"sentence": row.strip()}
            continue
        try:
            data = json.loads(row)
        except (ValueError, RecursionError):
            problems.append(Problem("this line is not JSON", path, line, 'write it like {"sentence": "…"}'))
            continue
        if isinstance(data, dict):
            yield line, data
        else:
            problems.append(Problem("expected an object", path, line, 'write it like {"sentence": "…"}'))


def _of_table(path: Path, text: str, problems: list[Problem]) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(LARGEST)
    table = csv.DictReader(io.StringIO(text, newline=""), restkey="")
    if "sentence" not in (table.fieldnames or ()):
        hint = f"write the names of the columns there, of: {', '.join(RowKeys.model_fields)}"
        raise ProblemsFound(Problem("the first line names no column 'sentence'", path, 1, hint))
    try:
        for row in table:
            if "" in row:
                hint = "put a sentence with commas in quotes"
                problems.append(Problem("the row has more cells than there are columns", path, table.line_num, hint))
            elif any(row.values()):
                yield table.line_num, {name: cell.strip() for name, cell in row.items() if cell and cell.strip()}
    except csv.Error as error:
        problems.append(Problem(f"the table cannot be read: {error}", path, table.line_num))
