"""Tables whose headers are the words themselves, and whose entries are numbers with receipts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from manim import (
    DOWN,
    LEFT,
    UP,
    Animation,
    AnimationGroup,
    ManimColor,
    Mobject,
    Rectangle,
    ReplacementTransform,
    RoundedRectangle,
    Scene,
    VGroup,
)

from attnviz.stage import theme
from attnviz.stage.numbers import Number
from attnviz.stage.tables.head_words import SMALLEST_WORD, fitted_words
from attnviz.stage.typesetting import NumberMark, Writing, number_marks, prose

CLOSEST = 0.08
"""What is free between the heads of neighbouring columns, at least; where it would be less, they lean."""
CLEAR = 0.16
"""The same, where a table asks for more room between its heads than that: these lean in the smallest type."""
TILT = 0.66
"""How far (radians) column heads lean when they are wider than their columns."""


class Table(VGroup):
    """A grid of numbers with a word at the head of each row and column.

    `numbers` is row by row; `rows` and `columns` are labels (tokens, axes …) with their `colors` (by label). A cell's
    fill shows its value in units of `full` (which is the brightest), in `color`, or in the colour that its column or
    row has in `fills`. Column heads shrink to leave `head_gap` between neighbours, as far as they can be read; they
    lean where even so they are wider than their columns. The middle of the cells stands at `center` (x, y) if it is
    given, else the first cell at the origin.

    Rows and columns stand as in a matrix in every script: the first column is the leftmost one in a right-to-left
    sentence, too. A table is read together with the formulas beside it, which are written from the left, and a row of
    it is one of its vectors.
    """

    def __init__(
        self,
        numbers: Sequence[Sequence[Number]],
        rows: Sequence[str],
        columns: Sequence[str],
        colors: dict[str, str],
        *,
        cell: tuple[float, float] = (1.0, 0.86),
        size: float = 28,
        color: str | None = None,
        full: float = 1.0,
        head_width: float = 2.4,
        head_gap: float = CLOSEST,
        fills: Mapping[str, str] | None = None,
        center: tuple[float, float] | None = None,
    ) -> None:
        super().__init__()
        self.row_labels, self.column_labels = list(rows), list(columns)
        self.cell_size, self.full, self.size = cell, full, size
        given = fills or {}
        self.fills = [given.get(c, given.get(r, color)) for r in self.row_labels for c in self.column_labels]
        self.cells = VGroup(*[self._cell(i, j) for i in range(len(rows)) for j in range(len(columns))])
        self.marks = VGroup(*number_marks([n for row in numbers for n in row], size=size))
        self.row_heads, self.column_heads = VGroup(), VGroup()
        for box, mark, tint in zip(self.cells, self.marks, self.fills, strict=True):
            box.set_fill(self._settle(mark, box, tint))
        self._head_rows(colors, head_width)
        self.leaning = self._head_columns(colors, head_width, head_gap)
        self.add(self.cells, self.marks, self.row_heads, self.column_heads)
        if center is not None:
            self.shift([*center, 0] - self.cells.get_center())

    def _cell(self, i: int, j: int) -> Rectangle:
        w, h = self.cell_size
        cell = Rectangle(width=w - 0.04, height=h - 0.04, stroke_width=0, fill_opacity=1, fill_color=theme.SURFACE)
        return cell.move_to([j * w, -i * h, 0])

    def _settle(self, mark: NumberMark, cell: Rectangle, tint: str | None) -> object:
        """Put digits into a cell, small enough and legible; return the fill that the cell must have."""
        fill, ink = self._fill_and_ink(mark.number, tint)
        if mark.width > self.cell_size[0] - 0.14:
            mark.scale_to_fit_width(self.cell_size[0] - 0.14)
        mark.set_color(ink).move_to(cell)
        return fill

    def _fill_and_ink(self, number: Number, tint: str | None) -> tuple[ManimColor, str]:
        value = number.value / self.full if math.isfinite(number.value) else 0.0
        fill = theme.cell_color(value, tint)
        return fill, theme.DIM if abs(value) < 5e-4 else theme.ink_on(fill)

    def _head_rows(self, colors: dict[str, str], most: float) -> None:
        heads = fitted_words(self.row_labels, most, size=self.head_size, colors=colors)
        for i, head in enumerate(heads):
            first = self.cells[i * len(self.column_labels)]
            self.row_heads.add(head.next_to(first, LEFT, buff=0.22).seat(float(first.get_center()[1]) - 0.09))

    def _head_columns(self, colors: dict[str, str], most: float, gap: float) -> bool:
        """Write the column heads; tell whether they had to lean."""
        width = self.cell_size[0]
        heads = fitted_words(self.column_labels, most, size=self.head_size, colors=colors)
        widest, size = max(head.width for head in heads), heads[0].type_size
        smallest = SMALLEST_WORD / size
        leaning = crowded([head.width * smallest for head in heads], width, gap)
        share = min(1.0, (width - CLOSEST) / widest, max((width - gap) / widest, smallest))
        for head, cell in zip(heads, self.cells, strict=False):
            if leaning:
                lean(head if gap == CLOSEST else head.scale(smallest), cell)
                continue
            head.scale(share).next_to(cell, UP, buff=0.2).seat(float(cell.get_top()[1]) + 0.24)
        self.column_heads.add(*heads)
        return leaning

    @property
    def head_size(self) -> float:
        """The type size of the words at the heads."""
        return max(SMALLEST_WORD, self.size - 1)

    def cell(self, row: str, column: str) -> Rectangle:
        """Return the box of one entry."""
        return self.cells[self._index(row, column)]

    def mark(self, row: str, column: str) -> NumberMark:
        """Return the digits of one entry."""
        return self.marks[self._index(row, column)]

    def row_marks(self, row: str) -> list[NumberMark]:
        """Return the digits of one row, left to right."""
        return [self.mark(row, column) for column in self.column_labels]

    def column_marks(self, column: str) -> list[NumberMark]:
        """Return the digits of one column, from top to bottom."""
        return [self.mark(row, column) for row in self.row_labels]

    def row_numbers(self, row: str) -> list[Number]:
        """Return the numbers of one row, left to right."""
        return [mark.number for mark in self.row_marks(row)]

    def column_numbers(self, column: str) -> list[Number]:
        """Return the numbers of one column, from top to bottom."""
        return [mark.number for mark in self.column_marks(column)]

    def _index(self, row: str, column: str) -> int:
        return self.row_labels.index(row) * len(self.column_labels) + self.column_labels.index(column)

    def row_frame(self, row: str, color: str) -> RoundedRectangle:
        """Return a frame around one row."""
        return self._frame([row], self.column_labels, color)

    def column_frame(self, column: str, color: str) -> RoundedRectangle:
        """Return a frame around one column."""
        return self._frame(self.row_labels, [column], color, around=0.03)  # clear of a head that leans

    def columns_frame(self, columns: Sequence[str], color: str) -> RoundedRectangle:
        """Return one frame around columns side by side, such as those of a head; neighbours' frames do not meet."""
        frame = self._frame(self.row_labels, columns, color)
        return frame.stretch_to_fit_width(frame.width - 0.12)

    def _frame(
        self, rows: Sequence[str], columns: Sequence[str], color: str, *, around: float = 0.05
    ) -> RoundedRectangle:
        cells = VGroup(*[self.cell(row, column) for row in rows for column in columns])
        frame = RoundedRectangle(
            corner_radius=0.08,
            width=cells.width + 2 * around,
            height=cells.height + 2 * around,
            stroke_width=4,
            color=color,
        )
        return frame.move_to(cells).set_z_index(3)

    def cell_frame(self, row: str, column: str, color: str) -> RoundedRectangle:
        """Return a frame around one cell."""
        w, h = self.cell_size
        frame = RoundedRectangle(corner_radius=0.08, width=w + 0.06, height=h + 0.06, stroke_width=4, color=color)
        return frame.move_to(self.cell(row, column)).set_z_index(3)

    def caption(self, text: str) -> Writing:
        """Return a dim line, centred under the cells, that says what the table shows; it is no part of the table."""
        return self.set_under(prose(text, size=theme.NOTE, color=theme.DIM))

    def set_under(self, note: Writing) -> Writing:
        """Put a line of text under the cells, and return it: it is no part of the table."""
        return note.next_to(self.cells, DOWN, buff=0.32).seat(float(self.cells.get_bottom()[1]) - 0.58)

    def set_over(self, note: Writing) -> Writing:
        """Put a line of text, such as the table's name, over the heads of its columns, and return it.

        It is no part of the table: what happens to the table does not happen to it.
        """
        top = float(VGroup(self.cells, self.column_heads).get_top()[1])
        return note.next_to(self.cells, UP, buff=0.2).seat(top + 0.36)

    def tint(self, colors: Mapping[str, str]) -> Animation:
        """Return the animation in which columns or rows take colours, by label: their cells, and the words at heads."""
        steps: list[Animation] = []
        labels = [(row, column) for row in self.row_labels for column in self.column_labels]
        for k, (row, column) in enumerate(labels):
            color = colors.get(column, colors.get(row))
            if color is not None:
                self.fills[k] = color
                fill, ink = self._fill_and_ink(self.marks[k].number, color)
                steps += [self.cells[k].animate.set_fill(fill).build(), self.marks[k].animate.set_color(ink).build()]
        heads = zip((*self.row_labels, *self.column_labels), (*self.row_heads, *self.column_heads), strict=True)
        steps += [head.animate.set_color(colors[label]).build() for label, head in heads if label in colors]
        return Whole([self], [], *steps)

    def change_to(self, numbers: Sequence[Number], *, full: float | None = None, lag: float = 0.0) -> Animation:
        """Return the animation in which every entry changes in place to a new number (row by row)."""
        self.full = self.full if full is None else full
        fresh = VGroup(*number_marks(list(numbers), size=self.size))
        steps: list[Animation] = []
        for cell, old, new, tint in zip(self.cells, list(self.marks), fresh, self.fills, strict=True):
            fill = self._settle(new, cell, tint)
            steps.append(AnimationGroup(cell.animate.set_fill(fill).build(), ReplacementTransform(old, new)))
        return _Change(self, fresh, *steps, lag_ratio=lag)


class Whole(AnimationGroup):
    """Parts of things moving one by one; when it is over, the stage has `things` in one piece each, and not `gone`."""

    def __init__(
        self, things: Sequence[Mobject], gone: Sequence[Mobject], *steps: Animation, lag_ratio: float = 0.0
    ) -> None:
        super().__init__(*steps, lag_ratio=lag_ratio)
        self.things, self.gone = things, gone

    def gather(self, scene: Scene) -> None:
        """Leave the stage as promised; each thing lies where the lowest of its parts lay."""
        for thing in self.things:
            parts = {id(part) for part in thing.get_family()}
            place = next((k for k, listed in enumerate(scene.mobjects) if id(listed) in parts), len(scene.mobjects))
            scene.remove(*thing.get_family())
            scene.mobjects.insert(place, thing)
        scene.remove(*[part for thing in self.gone for part in thing.get_family()])


def make_whole(scene: Scene, animations: Iterable[Animation]) -> None:
    """Put together what animations that are over have taken apart, also those that are parts of others."""
    for animation in animations:
        if isinstance(animation, Whole):
            animation.gather(scene)
        if isinstance(animation, AnimationGroup):
            make_whole(scene, animation.animations)


class _Change(Whole):
    """Entries of a table changing in place; the table holds the new ones when it is over."""

    def __init__(self, table: Table, fresh: VGroup, *steps: Animation, lag_ratio: float) -> None:
        super().__init__([table], [*table.marks], *steps, lag_ratio=lag_ratio)
        self.changed, self.fresh = table, fresh

    def clean_up_from_scene(self, scene: Scene) -> None:
        super().clean_up_from_scene(scene)
        self.changed.marks.submobjects = list(self.fresh)


def fit(numbers: Sequence[Number], size: float, width: float) -> bool:
    """Tell whether numbers set at a type size fit into cells of a width without becoming too small to read."""
    widest = number_marks([max(numbers, key=lambda number: len(number.text))], size=size)[0]
    return size * min(1.0, (width - 0.14) / widest.width) >= theme.SMALLEST - 0.01


def crowded(widths: Sequence[float], width: float, gap: float = CLOSEST) -> bool:
    """Tell whether words of some widths are too wide for columns of a width, or too near to each other over them."""
    between = [width - (one + other) / 2 for one, other in pairwise(widths)]
    most = (width - CLOSEST) * SMALLEST_WORD / (SMALLEST_WORD - 0.1)
    return max(widths) > most or (gap > CLOSEST and min(between, default=width) < CLEAR)


def lean(head: Writing, cell: Rectangle) -> Writing:
    """Let the head of a column lean to the right, its first letter above the middle of the column."""
    head.rotate(TILT)
    return head.next_to(cell, UP, buff=0.1).align_to(cell.get_center(), LEFT).shift(0.08 * LEFT)
