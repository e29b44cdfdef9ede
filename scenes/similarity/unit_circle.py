"""The unit circle on a board of arrows: words slide along their rays onto it, and rings mark where they were."""

from __future__ import annotations

import numpy as np
from manim import DOWN, LEFT, Dot, Line, VGroup, VMobject

from attnviz.stage import (
    Array,
    ArrowBoard,
    Field,
    Number,
    Pose,
    Rect,
    Writing,
    formula,
    frame,
    phrase,
    prose,
    seen,
    squares,
    theme,
)

SMALLEST = 0.15
"""The smallest radius (frame units) at which the circle can be seen."""
ROOM_GAINED = 1.3
"""How much larger the circle must be for it to be worth looking at from nearby."""


class UnitCircle(VGroup):
    """The unit circle (in three dimensions, one on each coordinate plane) on a board of arrows."""

    def __init__(self, board: ArrowBoard) -> None:
        super().__init__()
        self.board, count = board, len(board.field.axes_names)
        self.turns: list[Array] = []
        for i in range(count):
            for j in range(i + 1, count):
                points = np.zeros((97, 3))
                points[:, i], points[:, j] = (f(np.linspace(0, 2 * np.pi, 97)) for f in (np.cos, np.sin))
                self.turns.append(points)
                self.add(VMobject(color=theme.INK, stroke_width=4, stroke_opacity=0.8 if count == 2 else 0.4))
        self.put(board.field)
        self.set_z_index(-2)

    @staticmethod
    def obstacle(board: ArrowBoard) -> tuple[str, str] | None:
        """Return why there can be no unit circle on a board, and what to do about it; None if there can be one."""
        if board.field.aside.unit < SMALLEST:
            return "the unit circle would be too small to see", "use a model with smaller coordinates"
        if any(not arrow.vector.any() for arrow in board.arrows.values()):
            return "a word at the origin has no direction", "leave it out of show_vectors"
        return None

    def put(self, field: Field) -> None:
        """Draw the circle on a field."""
        for circle, points in zip(self, self.turns, strict=True):
            circle.set_points_as_corners([field.at(point) for point in points])

    def rects(self, pose: Pose) -> list[Rect]:
        """Return small squares along the circle as it is in a pose, as obstacles for labels."""
        return [rect for points in self.turns for rect in squares([seen(pose, p) for p in points], 0.06)]

    @property
    def is_worth_approaching(self) -> bool:
        """Whether the circle is small on the board, and can be looked at from nearby."""
        field = self.board.field
        return len(self.turns) == 1 and field.near.unit > ROOM_GAINED * field.aside.unit


class Traces(VGroup):
    """What arrows leave behind as they slide along their rays: the ray, and a ring where each of them ended."""

    def __init__(self, board: ArrowBoard) -> None:
        super().__init__()
        self.ends = [arrow.vector.copy() for arrow in board.arrows.values()]
        for arrow in board.arrows.values():
            ray = Line(np.zeros(3), np.ones(3)).set_stroke(arrow.word_color, width=3, opacity=0.4).set_z_index(-1)
            ring = Dot(radius=frame.px(11), fill_opacity=0.0).set_stroke(arrow.word_color, width=3, opacity=0.8)
            self.add(VGroup(ray, ring))
        self.put(board.field)

    def put(self, field: Field) -> None:
        """Draw them on a field."""
        for (ray, ring), end in zip(self, self.ends, strict=True):
            start, goal = field.cut(field.origin, field.at(end))
            ray.put_start_and_end_on(start, goal)
            ring.move_to(field.at(end)).set_stroke(opacity=0.8 * field.shows(field.at(end)))


def norm_becomes(norm: Writing, one: Number, width: float) -> VGroup:
    """Return lines on what a norm is (of one word, in numbers), what is done to every vector, and the result."""
    lead = prose("the norm: how long an arrow is", size=theme.NOTE, color=theme.DIM)
    line = formula("bold(x) arrow.r.long bold(x) / norm(bold(x))", size=theme.BIG)
    goal = phrase("every norm becomes {n}", size=theme.WORD, color=theme.DIM, numbers={"n": one})
    norm.scale(min(1.0, width / norm.width))
    head = VGroup(lead, norm).arrange(DOWN, buff=0.3, aligned_edge=LEFT)
    tail = VGroup(line, goal).arrange(DOWN, buff=0.35, aligned_edge=LEFT)
    return VGroup(head, tail).arrange(DOWN, buff=0.6, aligned_edge=LEFT)
