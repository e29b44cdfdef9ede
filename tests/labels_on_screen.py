"""Which words label a drawn number, found from where they stand on screen, and whether its receipt says the same.

What a scene meant is left aside: a table's heads are looked up by their places, as a viewer does, not by its lists.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from unittest import mock

from manim import Mobject

from attnviz.input.writing import SUBSCRIPTS
from attnviz.stage import Stage
from attnviz.stage.arrows.word_arrow import WordArrow
from attnviz.stage.icons import Icon
from attnviz.stage.placement import Rect, rect_of
from attnviz.stage.reading import visible_word
from attnviz.stage.receipts import is_visible
from attnviz.stage.tables.table import Table
from attnviz.stage.typesetting import NumberMark, Writing

_PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


class _Head(NamedTuple):
    """A word at the head of a row or column, its box, and the height of the middle of its small letters."""

    head: Mobject
    rect: Rect
    line: float


class Labels:
    """What was found on one stage, or on several: how many labels were compared, by kind, and which are wrong."""

    def __init__(self) -> None:
        self.compared, self.wrong = Counter[str](), dict[str, None]()

    def look(self, family: Sequence[Mobject]) -> None:
        """Compare the words that stand beside the numbers on a stage with the labels of these."""
        tables = [each for each in family if isinstance(each, Table)]
        for table in tables:
            self._table(table, _heads_of_rows(table, tables))
        arrows = [each for each in family if isinstance(each, WordArrow) and is_visible(each.name)]
        for arrow in arrows:
            self._arrow(arrow, arrows)
        self._bars(family)

    def _table(self, table: Table, rows: Sequence[Mobject]) -> None:
        """The word of an entry's row is its label along the last dimension but one, that of its column along the last.

        A table may be transposed as a whole, as that of the keys in Q Kᵀ; one of queries and keys is so only where
        vectors are columns.
        """
        beside, over = _measured(rows), _measured([head for head in table.top_heads if is_visible(head)])
        marks = [mark for mark in table.marks if is_visible(mark) and mark.number.array and mark.number.coords]
        heads = [(mark, _row_head(mark, beside), _column_head(mark, over, table)) for mark in marks]
        readings = [Labels(), Labels()]
        for reading, turned in zip(readings, (False, True), strict=True):
            for mark, row, column in heads:
                reading._entry(mark, row, column, turned=turned)
        square = any({"query", "key"} <= {*mark.number.coords} for mark in marks)
        best = readings[int(table.transposed)] if square else min(readings, key=lambda reading: len(reading.wrong))
        self.compared += best.compared
        self.wrong |= best.wrong

    def _entry(self, mark: NumberMark, row: Mobject | None, column: Mobject | None, *, turned: bool) -> None:
        labels = list(mark.number.coords.values())
        two = [labels[-2:][:1], labels[-1:]] if row is not None and column is not None else [labels, labels]
        for head, expected in zip((row, column), two[::-1] if turned else two, strict=True):
            if head is not None:
                self._compare("table", mark, _said(head), expected)

    def _arrow(self, arrow: WordArrow, arrows: Sequence[WordArrow]) -> None:
        """Coordinates under a word: they are those of the nearest word, in the order of the axes."""
        marks = [mark for mark in arrow.marks if is_visible(mark) and mark.number.coords]
        for mark in marks:
            name = min((each.name for each in arrows), key=lambda each: _gap(each, mark)).source
            self._compare("arrow", mark, name, list(mark.number.coords.values())[:1])
        for one, other in pairwise(marks):
            if one.get_center()[0] >= other.get_center()[0]:
                self.wrong[f"the coordinates of {arrow.token} stand in another order"] = None

    def _bars(self, family: Sequence[Mobject]) -> None:
        """A number at the end of a line that begins with a word, alone in its writing, as those of bars are."""
        texts = [each for each in family if isinstance(each, Writing) and is_visible(each)]
        alone = [each for each in texts if each.source == "{w}" and each.marks["w"].number.array]
        words = [each for each in texts if not each.marks and vars(each.submobjects[0]).get("said") is not None]
        for text in alone:
            line = [each for each in words if abs(each.baseline - text.baseline) < 0.02 and _left_of(each, text)]
            if line:
                nearest = max(line, key=lambda each: rect_of(each)[2])
                self._compare("bar", text.marks["w"], nearest.source, list(text.marks["w"].number.coords.values()))

    def _compare(self, kind: str, mark: NumberMark, said: str, labels: Iterable[str]) -> None:
        self.compared[kind] += 1
        if not any(_means(said, label) for label in labels):
            self.wrong[f"{kind}: '{said}' stands beside {mark.number.text}, which is {mark.number.name}"] = None


@contextlib.contextmanager
def labels_watched() -> Iterator[Labels]:
    """Compare labels after every play of a stage, inside the `with` block."""
    found, checked = Labels(), Stage._checked_family

    def look(stage: Stage) -> list[Mobject]:
        family = checked(stage)
        found.look(family)
        return family

    with mock.patch.object(Stage, "_checked_family", look):
        yield found


def _heads_of_rows(table: Table, tables: Sequence[Table]) -> list[Mobject]:
    """Return the words at the rows of a table: its own, or those of the leftmost table with rows on the same lines."""

    def words(of: Table) -> list[Mobject]:
        return [head for head in of.side_heads if is_visible(head)]

    if own := words(table):
        return own
    lines = sorted(_cell_lines(table))
    beside = [
        each
        for each in tables
        if len(words(each)) == len(_cell_lines(each)) == len(lines)
        and all(abs(y - one) < 0.05 for y, one in zip(sorted(_cell_lines(each)), lines, strict=True))
    ]
    return words(min(beside, key=lambda each: rect_of(each.cells)[0])) if beside else []


def _cell_lines(table: Table) -> set[float]:
    return {round(float(cell.get_center()[1]), 2) for cell in table.cells}


def _measured(heads: Sequence[Mobject]) -> list[_Head]:
    return [
        _Head(head, rect_of(head), head.baseline + 0.13 if isinstance(head, Writing) else float(head.get_center()[1]))
        for head in heads
    ]


def _row_head(mark: NumberMark, heads: Sequence[_Head]) -> Mobject | None:
    """Return the nearest word to the left of a number on its own line."""
    x, y, _ = mark.get_center()
    line = [each for each in heads if each.rect[0] < x and abs(each.line - y) < 0.2]
    return max(line, key=lambda each: each.rect[2]).head if line else None


def _column_head(mark: NumberMark, heads: Sequence[_Head], table: Table) -> Mobject | None:
    """Return the word over a number, of the heads over one table: one that leans begins over its column."""
    x, y, _ = mark.get_center()

    def across(each: _Head) -> float:
        left, _, right, _ = each.rect
        return abs((left if table.leaning else (left + right) / 2) - x)

    over = [each for each in heads if each.rect[1] > y and across(each) < table.cell_size[0] / 2]
    return min(over, key=across).head if over else None


def _said(head: Mobject) -> str:
    return head.word if isinstance(head, Icon) else getattr(head, "source", "")


def _means(said: str, label: str) -> bool:
    """Tell whether a word on screen is a label's: `apple₂` is that of `apple#2`, and `informa…` of a long one."""
    word, mark, number = label.rpartition("#")
    word, number = (word, number) if mark and number.isdigit() else (label, "1")
    if said.endswith("…"):
        return word.startswith(said[:-1])
    assert number.translate(SUBSCRIPTS).translate(_PLAIN) == number
    return said in (visible_word(label), word + number.translate(SUBSCRIPTS), label)


def _left_of(one: Mobject, other: Mobject) -> bool:
    return rect_of(one)[2] < rect_of(other)[0]


def _gap(name: Mobject, mark: Mobject) -> float:
    """Return how far a name is from a number under it."""
    (a0, b0, a1, b1), (c0, d0, c1, d1) = rect_of(name), rect_of(mark)
    return max(c0 - a1, a0 - c1, 0.0) + max(b0 - d1, d0 - b1, 0.0)
