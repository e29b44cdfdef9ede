"""The range of the cosine as a scale, from opposite to the same direction."""

from __future__ import annotations

import numpy as np
from manim import DOWN, UP, Dot, Line, VGroup
from numpy.typing import NDArray

from attnviz.stage import theme
from attnviz.stage.numbers import Number
from attnviz.stage.typesetting import number_marks, prose


class CosineScale(VGroup):
    """A line from the lowest to the highest cosine, with what they mean written above; `dot` stands on a value."""

    def __init__(self, *, left: float, right: float, y: float) -> None:
        super().__init__()
        self.left, self.right, self.y = left, right, y
        self.line = Line([left, y, 0], [right, y, 0], color=theme.AXIS, stroke_width=3)
        ends = [Number(float(v), str(v), formula="tick of the cosine's scale") for v in (-1, 0, 1)]
        marks = number_marks(ends, size=theme.NOTE, color=theme.DIM)
        for mark, text in zip(marks, ("opposite", "perpendicular", "same direction"), strict=True):
            at = self.place(mark.number.value)
            tick = Line(at + 0.1 * UP, at + 0.1 * DOWN, color=theme.AXIS, stroke_width=3)
            mark.next_to(at, DOWN, buff=0.22)
            note = prose(text, size=theme.SMALLEST + 2, color=theme.DIM).next_to(at, DOWN, buff=0.5)
            note.seat(y - 0.78).shift(0 * UP)
            self.add(tick, mark, note)
            for edge in (left, right):
                over = note.get_right()[0] - (right + 0.05) if edge == right else (left - 0.05) - note.get_left()[0]
                if over > 0:
                    note.shift([-over if edge == right else over, 0, 0])
        self.add(self.line)

    def place(self, value: float) -> NDArray[np.float64]:
        """Return the place of a cosine on the scale."""
        return self.line.point_from_proportion((value + 1) / 2)

    def dot(self, value: float) -> Dot:
        """Return a dot on a cosine."""
        return Dot(self.place(value), radius=0.13, color=theme.WEIGHT).set_z_index(2)
