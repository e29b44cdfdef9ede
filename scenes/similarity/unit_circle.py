"""The unit circle on a board of arrows: words slide along their rays onto it, and rings mark where they were."""

from __future__ import annotations

import numpy as np
from manim import DOWN, LEFT, AnimationGroup, FadeIn, FadeOut, Line, Transform, VGroup, VMobject

from attnviz.stage import (
    FRONT,
    ArrowBoard,
    Number,
    Plane,
    Rect,
    Writing,
    formula,
    phrase,
    point_rects,
    prose,
    rect_of,
    shaft_rects,
    theme,
)

SMALLEST = 0.15
"""The smallest radius (frame units) at which the circle can be seen."""
AROUND = (1.97, 1.7)
"""How far a plane drawn around the unit circle extends to each side (vector units): its grid has steps of one."""


class UnitCircle(VGroup):
    """The unit circle (in three dimensions, one on each coordinate plane), with rays and rings for a board's words.

    If the circle is small on its plane, `closer` zooms in by changing the board's plane, and `farther` zooms back out.
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
    def obstacle(board: ArrowBoard) -> tuple[str, str] | None:
        """Return why there can be no unit circle on a board, and what to do about it; None if there can be one."""
        if board.plane.unit < SMALLEST:
            return "the unit circle would be too small to see", "use a model with smaller coordinates"
        if any(not arrow.vector.any() for arrow in board.arrows.values()):
            return "a word at the origin has no direction", "leave it out of show_vectors"
        return None

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
        """Return small squares along the circle and the rays, as obstacles for labels."""
        rects = [r for circle in self.circles for r in point_rects(circle.get_anchors()[::2])]
        if self.board.plane is self.far:
            rays = self.behind[: len(self.behind) // 2]
            rects += [rect_of(m, 0.05) for m in self.behind[len(rays) :]]
            rects += [r for ray in rays for r in shaft_rects(ray.get_start(), ray.get_end())]
        return rects

    def closer(self) -> AnimationGroup | None:
        """Return the animation that zooms in on the circle; None if the plane is turned or the circle large enough."""
        corner = np.array([AROUND])
        near = Plane(
            np.vstack([corner, -corner]), self.far.axes_names[:2], region=self.far.region, ticks=True, pad=0.0,
        )  # fmt: skip
        if self.far.view != FRONT or len(self.far.axes_names) > 2 or near.unit < 1.3 * self.far.unit:
            return None
        for tick, place in zip(near.labels[2:], near.places[2:], strict=True):
            tick.shift(-0.24 * np.array([*np.sign(place), 0.0])[:3])  # clear of the grid lines and the circle
        return self._change(near)

    def farther(self) -> AnimationGroup | None:
        """Return the animation back to the board's original plane; None if that is still on screen."""
        return None if self.board.plane is self.far else self._change(self.far)

    def _change(self, plane: Plane) -> AnimationGroup:
        old, self.board.plane = self.board.plane, plane
        zoom = [Transform(a, b) for a, b in zip(self.circles, self._circles(plane), strict=True)]
        fade = FadeIn(self.behind) if plane is self.far else FadeOut(self.behind)
        return AnimationGroup(FadeOut(old), FadeIn(plane), fade, *zoom)


def norm_becomes(norm: Writing, one: Number, width: float) -> VGroup:
    """Return lines on what a norm is (of one word, in numbers), what is done to every vector, and the result."""
    lead = prose("the norm: how large a vector is", size=theme.NOTE, color=theme.DIM)
    line = formula("bold(x) arrow.r.long bold(x) / norm(bold(x))", size=theme.BIG)
    goal = phrase("every norm becomes {n}", size=theme.WORD, color=theme.DIM, numbers={"n": one})
    norm.scale(min(1.0, width / norm.width))
    head = VGroup(lead, norm).arrange(DOWN, buff=0.3, aligned_edge=LEFT)
    tail = VGroup(line, goal).arrange(DOWN, buff=0.5, aligned_edge=LEFT)
    return VGroup(head, tail).arrange(DOWN, buff=0.75, aligned_edge=LEFT)
