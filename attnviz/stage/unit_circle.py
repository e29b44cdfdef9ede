"""The unit circle on a board of arrows: words slide along their rays onto it, and rings stay where they were."""

from __future__ import annotations

import numpy as np
from manim import DOWN, LEFT, AnimationGroup, FadeIn, FadeOut, Line, Transform, VGroup, VMobject

from attnviz.stage import theme
from attnviz.stage.arrow_geometry import point_rects, shaft_rects
from attnviz.stage.numbers import Number
from attnviz.stage.placement import Rect, rect_of
from attnviz.stage.plane import FRONT, Plane
from attnviz.stage.typesetting import formula
from attnviz.stage.word_arrows import ArrowBoard

AROUND = (1.75, 1.25)
"""How far a plane reaches to each side that is drawn around the unit circle."""


class UnitCircle(VGroup):
    """The unit circle (of three dimensions: one on each coordinate plane), with rays and rings of a board's words.

    A circle that is small on its plane is looked at more closely: `closer` and `farther` change the board's plane.
    """

    def __init__(self, board: ArrowBoard) -> None:
        super().__init__()
        self.board, self.far = board, board.plane
        self.circles = self._circles(board.plane)
        rays = [Line(self.far.origin, a.place, color=a.word_color) for a in board.arrows.values()]
        self.behind = VGroup(*[ray.set_stroke(width=2, opacity=0.4).set_z_index(-1) for ray in rays])
        self.behind.add(*[a.ghost() for a in board.arrows.values()])
        self.add(self.circles)

    @staticmethod
    def _circles(plane: Plane) -> VGroup:
        count = len(plane.axes_names)
        turns = np.linspace(0, 2 * np.pi, 97)
        circles = VGroup()
        for i in range(count):
            for j in range(i + 1, count):
                points = np.zeros((len(turns), count))
                points[:, i], points[:, j] = np.cos(turns), np.sin(turns)
                circle = VMobject(color=theme.INK, stroke_width=3, stroke_opacity=0.75 if count == 2 else 0.4)
                circles.add(circle.set_points_as_corners([plane.at(p) for p in points]))
        return circles

    def rects(self) -> list[Rect]:
        """Return small rectangles along the circle and the rays, for labels to keep clear of."""
        rects = [r for circle in self.circles for r in point_rects(circle.get_anchors()[::2])]
        if self.board.plane is self.far:
            rays = self.behind[: len(self.behind) // 2]
            rects += [rect_of(m, 0.05) for m in self.behind[len(rays) :]]
            rects += [r for ray in rays for r in shaft_rects(ray.get_start(), ray.get_end())]
        return rects

    def closer(self) -> AnimationGroup | None:
        """Return the animation to a larger plane around the circle; None if the plane is turned or large enough."""
        corner = np.array([AROUND])
        x, y, width, height = self.far.box
        near = Plane(np.vstack([corner, -corner]), self.far.axes_names[:2], center=(x, y), width=width, height=height)
        if self.far.view != FRONT or len(self.far.axes_names) > 2 or near.unit < 1.3 * self.far.unit:
            return None
        return self._change(near)

    def farther(self) -> AnimationGroup | None:
        """Return the animation back to the plane on which the words stood before; None if it is the same."""
        return None if self.board.plane is self.far else self._change(self.far)

    def _change(self, plane: Plane) -> AnimationGroup:
        old, self.board.plane = self.board.plane, plane
        zoom = [Transform(a, b) for a, b in zip(self.circles, self._circles(plane), strict=True)]
        fade = FadeIn(self.behind) if plane is self.far else FadeOut(self.behind)
        return AnimationGroup(FadeOut(old), FadeIn(plane), fade, *zoom)


def norm_becomes(one: Number) -> VGroup:
    """Write what is done to every vector, and what its norm becomes."""
    line = formula("bold(x) arrow.r.long bold(x) / norm(bold(x))", size=theme.BIG)
    goal = formula('"every norm becomes" med {n}', size=theme.WORD, color=theme.DIM, n=one)
    return VGroup(line, goal).arrange(DOWN, buff=0.5, aligned_edge=LEFT)
