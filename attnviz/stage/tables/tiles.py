"""Small tables: every entry a tile, as bright as its cell would be in any other table, without digits or with them."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup, VMobject

from attnviz.stage.numbers import Number
from attnviz.stage.tables.fills import look
from attnviz.stage.typesetting import NumberMark

APART, SHARE = 0.03, 0.12
"""The gap between two tiles, at most (frame units), and as a share of their pitch."""
LINE, FULL = 1.5, 0.12
"""How thick the outline of a hollow tile is (in strokes), and the pitch below which it is thinner."""


class Tiles(VGroup):
    """A table of tiles of one pitch (frame units), its middle at the origin; `color` is that of what owns it.

    They are squares, unless their rows are so far apart as `row_pitch` says, or their columns as wide as `widths`. No
    tile stands for None. Tiles that look alike are one shape, so that many tables can move at once.
    """

    def __init__(
        self,
        numbers: Sequence[Sequence[Number | None]],
        pitch: float,
        color: str | None = None,
        *,
        row_pitch: float | None = None,
        widths: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        self.tint, self.shape = color, (len(numbers), len(numbers[0]))
        self.pitch, self.row_pitch, self.widths = pitch, row_pitch or pitch, widths
        gap = min(APART, SHARE * min(self.pitch, self.row_pitch))
        alike: dict[tuple[str, str | None], VMobject] = {}
        for i, row in enumerate(numbers):
            for j, number in enumerate(row):
                if number is None:
                    continue
                fill, outline, _ = look(number, color)
                key = (str(fill), outline)
                if key not in alike:
                    shape = VMobject(fill_color=fill, fill_opacity=1, stroke_color=outline or fill)
                    alike[key] = shape.set_stroke(width=min(LINE, LINE * pitch / FULL) if outline else 0)
                width = self.pitch if widths is None else widths[j]
                self._add_tile(alike[key], i, j, (width - gap, self.row_pitch - gap))
        self.add(*alike.values())

    def place(self, row: int, column: int) -> tuple[float, float]:
        """Return the middle (x, y) of a tile where the table stands before it is moved."""
        rows, columns = self.shape
        if self.widths is not None:
            x = sum(self.widths[:column]) + (self.widths[column] - sum(self.widths)) / 2
            return x, ((rows - 1) / 2 - row) * self.row_pitch
        return (column - (columns - 1) / 2) * self.pitch, ((rows - 1) / 2 - row) * self.row_pitch

    def lay(self, digits: Sequence[NumberMark]) -> None:
        """Lay digits on all tiles, row by row, each in a legible colour; the table was not moved yet."""
        for k, mark in enumerate(digits):
            mark.set_color(look(mark.number, self.tint).ink).shift([*self.place(*divmod(k, self.shape[1])), 0])

    def _add_tile(self, shape: VMobject, row: int, column: int, size: tuple[float, float]) -> None:
        x, y = self.place(row, column)
        w, h = size[0] / 2, size[1] / 2
        corners = [[x - w, y - h, 0], [x + w, y - h, 0], [x + w, y + h, 0], [x - w, y + h, 0]]
        shape.start_new_path(corners[0])
        shape.add_points_as_corners([*corners[1:], corners[0]])
