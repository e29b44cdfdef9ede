"""The grid of a plane that a map transforms: two families of parallel lines, clipped to the plane's window."""

from __future__ import annotations

import numpy as np
from manim import LEFT, RIGHT, Line, VGroup

from attnviz.stage import theme
from attnviz.stage.maps.view import View
from attnviz.stage.placement import Array, clipped

REACH, FAR = 40, 8
"""Grid lines on either side of the origin: REACH of them a step apart, and as many FAR steps apart, which a map that
shrinks the plane brings into view."""
NARROW = 0.16
"""Lines closer together than this (frame units) would merge into an area: every second one is hidden, repeatedly."""


class Grid(VGroup):
    """Lines parallel to the two basis vectors, `step` apart; `lay` draws them where a matrix takes them."""

    def __init__(self, step: float) -> None:
        super().__init__()
        self.step, self.faint = step, 1.0
        self.tone = theme.GRID, theme.GRID, 1.5
        near, far = range(-REACH, REACH + 1), range(-REACH * FAR, REACH * FAR + 1, FAR)
        self.add(*[_GridLine(along, rank) for along in (0, 1) for rank in sorted({*near, *far})])

    @property
    def seen(self) -> VGroup:
        """The lines that cross the window."""
        return VGroup(*[line for line in self if line.has_points()])

    def lay(self, matrix: Array, view: View) -> None:
        """Draw the lines in a view, as transformed by a matrix."""
        area = self.step * view.unit * abs(float(np.linalg.det(matrix)))
        gaps = [area / max(float(np.linalg.norm(row)), 1e-9) for row in matrix]
        for line in self:
            if line.show(gaps[line.along], self.faint):
                start = view.at(line.rank * self.step * matrix[1 - line.along])
                line.lay(clipped(start, view.unit * np.array([*matrix[line.along], 0.0]), view.window))
        self._paint_seen()

    def paint(self, color: str, main: str, width: float) -> None:
        """Give all lines a colour and a width; the two through the origin are `main`, and wider."""
        self.tone = color, main, width
        self._paint_seen()

    def _paint_seen(self) -> None:
        """Paint the lines that are in the window; the others when they come into it, since most never do."""
        color, main, width = self.tone
        for line in self:
            tone = (color, width, self.faint) if line.rank else (main, 1.5 * width, self.faint)
            if line.has_points() and line.tone != tone:
                line.tone = tone
                line.set_stroke(color=tone[0], width=tone[1], opacity=line.clear * self.faint)


class _GridLine(Line):
    """A grid line parallel to basis vector 0 or 1 (`along`), `rank` steps from the origin."""

    def __init__(self, along: int, rank: int) -> None:
        super().__init__(LEFT, RIGHT, color=theme.GRID, stroke_width=1.5)
        self.along, self.rank = along, rank
        self.every = rank & -rank  # the largest power of two that divides its rank
        self.clear = self.shown = 1.0
        self.tone = theme.GRID, 1.5, 1.0  # its colour, its width, and how faint all lines are

    def show(self, gap: float, faint: float) -> bool:
        """Fade the line if neighbours, `gap` apart (frame units), are too close; return whether it is visible at all.

        Lines of odd rank fade first, then those of odd multiples of two, and so on; `faint` scales the opacity.
        """
        self.clear = min(1.0, max(0.0, gap * self.every / NARROW - 1)) if self.rank else 1.0
        if self.clear * faint != self.shown:
            self.shown = self.clear * faint
            self.set_stroke(opacity=self.shown)
        if not self.clear:
            self.clear_points()
        return self.clear > 0

    def lay(self, ends: tuple[Array, Array] | None) -> None:
        """Draw the line between two points on screen, or not at all."""
        if ends is None:
            self.clear_points()
        else:
            self.set_points_as_corners(np.array(ends))
