"""Tables whose headers are the words themselves, and whose entries are numbers with receipts."""

from __future__ import annotations

from collections.abc import Sequence

from manim import (
    DOWN,
    LEFT,
    UP,
    Animation,
    AnimationGroup,
    Rectangle,
    ReplacementTransform,
    RoundedRectangle,
    VGroup,
)

from attnviz.stage import theme
from attnviz.stage.numbers import Number
from attnviz.stage.typesetting import NumberMark, Writing, number_marks, prose
from attnviz.stage.words import visible_word


class Table(VGroup):
    """A grid of numbers with a word at the head of each row and column.

    `numbers` is row by row; `rows` and `columns` are token labels with their `colors` (by label). A cell's fill
    shows its value in units of `full` (which is the brightest).
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
        color: str = theme.WEIGHT,
        full: float = 1.0,
    ) -> None:
        super().__init__()
        self.row_labels, self.column_labels = list(rows), list(columns)
        self.cell_size, self.full, self.color_scale, self.size = cell, full, color, size
        self.cells = VGroup(*[self._cell(i, j) for i in range(len(rows)) for j in range(len(columns))])
        self.marks = VGroup(*number_marks([n for row in numbers for n in row], size=size))
        self.row_heads, self.column_heads = VGroup(), VGroup()
        self._dress()
        self._head(colors)
        self.add(self.cells, self.marks, self.row_heads, self.column_heads)

    def _cell(self, i: int, j: int) -> Rectangle:
        w, h = self.cell_size
        cell = Rectangle(width=w - 0.04, height=h - 0.04, stroke_width=0, fill_opacity=1, fill_color=theme.SURFACE)
        return cell.move_to([j * w, -i * h, 0])

    def _dress(self) -> None:
        for cell, mark in zip(self.cells, self.marks, strict=True):
            value = mark.number.value / self.full if mark.number.value == mark.number.value else 0.0
            fill = theme.cell_color(value, self.color_scale)
            cell.set_fill(fill)
            if mark.width > self.cell_size[0] - 0.16:
                mark.scale_to_fit_width(self.cell_size[0] - 0.16)
            mark.set_color(theme.DIM if abs(value) < 5e-4 else theme.ink_on(fill)).move_to(cell)

    def _head(self, colors: dict[str, str]) -> None:
        w, _ = self.cell_size
        n = len(self.column_labels)
        for i, label in enumerate(self.row_labels):
            head = self._word(label, colors)
            head.next_to(self.cells[i * n], LEFT, buff=0.22)
            self.row_heads.add(head.seat(float(self.cells[i * n].get_center()[1]) - 0.09))
        for j, label in enumerate(self.column_labels):
            head = self._word(label, colors)
            if head.width > w - 0.08:
                head.scale_to_fit_width(w - 0.08)
            head.next_to(self.cells[j], UP, buff=0.2)
            self.column_heads.add(head.seat(float(self.cells[j].get_top()[1]) + 0.24))

    def _word(self, label: str, colors: dict[str, str]) -> Writing:
        return prose(visible_word(label), size=self.size - 1, color=colors.get(label, theme.INK), own=True)

    def cell(self, row: str, column: str) -> Rectangle:
        """Return the box of one entry."""
        return self.cells[self._index(row, column)]

    def mark(self, row: str, column: str) -> NumberMark:
        """Return the digits of one entry."""
        return self.marks[self._index(row, column)]

    def row_marks(self, row: str) -> list[NumberMark]:
        """Return the digits of one row, left to right."""
        return [self.mark(row, column) for column in self.column_labels]

    def _index(self, row: str, column: str) -> int:
        return self.row_labels.index(row) * len(self.column_labels) + self.column_labels.index(column)

    @property
    def block(self) -> VGroup:
        """The cells, without heads; what neighbours align to."""
        return self.cells

    def row_frame(self, row: str, color: str) -> RoundedRectangle:
        """Return a frame around one row."""
        cells = VGroup(*[self.cell(row, column) for column in self.column_labels])
        frame = RoundedRectangle(
            corner_radius=0.08,
            width=cells.width + 0.1,
            height=cells.height + 0.1,
            stroke_width=4,
            color=color,
        )
        return frame.move_to(cells)

    def caption(self, text: str) -> Writing:
        """Return a line under the table that says what it shows."""
        note = prose(text, size=theme.NOTE, color=theme.DIM)
        return note.next_to(self.cells, DOWN, buff=0.32).seat(float(self.cells.get_bottom()[1]) - 0.55)

    def change_to(self, numbers: Sequence[Number], *, full: float | None = None, lag: float = 0.0) -> Animation:
        """Return the animation in which every entry changes in place to a new number (row by row)."""
        self.full = self.full if full is None else full
        fresh = VGroup(*number_marks(list(numbers), size=self.size))
        steps: list[Animation] = []
        for cell, old, new in zip(self.cells, list(self.marks), fresh, strict=True):
            value = new.number.value / self.full if new.number.value == new.number.value else 0.0
            fill = theme.cell_color(value, self.color_scale)
            if new.width > self.cell_size[0] - 0.16:
                new.scale_to_fit_width(self.cell_size[0] - 0.16)
            new.set_color(theme.DIM if abs(value) < 5e-4 else theme.ink_on(fill)).move_to(cell)
            steps.append(AnimationGroup(ReplacementTransform(old, new), cell.animate.set_fill(fill).build()))
        self.marks.submobjects = list(fresh)
        return AnimationGroup(*steps, lag_ratio=lag)
