"""The range of the cosine as a scale, from opposite to same direction."""

from __future__ import annotations

import numpy as np
from manim import DOWN, UP, Line, Triangle, VGroup, VMobject

from attnviz.stage import Array, Number, Tag, arrow_points, frame, number_marks, theme


class CosineScale(VGroup):
    """A line from the lowest to the highest cosine; two small arrows under each end and the middle show what it means.

    It extends from `left` to `right` (frame units); `pointer` marks a value.
    """

    def __init__(self, *, left: float, right: float, y: float) -> None:
        super().__init__()
        self.line = Line([left, y, 0], [right, y, 0], color=theme.AXIS, stroke_width=5)
        ends = [Number(float(v), str(v), formula="tick of the cosine's scale") for v in (-1, 0, 1)]
        for mark in number_marks(ends, size=theme.NOTE, color=theme.DIM):
            at = self.place(mark.number.value)
            tick = Line(at + 0.14 * UP, at + 0.14 * DOWN, color=theme.AXIS, stroke_width=5)
            mark.next_to(at, DOWN, buff=0.26)
            self.add(tick, Tag(mark, tick), self._pair(mark.number.value).move_to(at + 1.15 * DOWN))
        self.add(self.line)

    def place(self, value: float) -> Array:
        """Return the point on screen of a cosine on the scale."""
        return self.line.point_from_proportion((value + 1) / 2)

    def pointer(self, value: float) -> VGroup:
        """Return a pointer to a cosine on the scale."""
        point = Triangle(color=theme.INK, fill_opacity=1.0, stroke_width=0).scale_to_fit_height(0.26).rotate(np.pi)
        return VGroup(point.move_to(self.place(value) + 0.16 * UP, aligned_edge=DOWN)).set_z_index(2)

    @staticmethod
    def _pair(cosine: float) -> VMobject:
        """Return two small arrows at the angle that has this cosine."""
        one = np.array([1.0, 0.0, 0.0])
        other = {-1.0: np.array([-1.0, 0.0, 0.0]), 0.0: np.array([0.0, 1.0, 0.0])}.get(cosine, one)
        apart = np.array([0.0, 0.24, 0.0]) if cosine == 1.0 else np.zeros(3)
        pair, size = VGroup(), frame.px(64)
        for way, start in ((one, np.zeros(3)), (other, apart)):
            outline = arrow_points(start, start + size * way, width=frame.px(5), tip=frame.px(24))
            pair.add(VMobject(stroke_width=0, fill_color=theme.DIM, fill_opacity=1.0).set_points_as_corners(outline))
        return pair
