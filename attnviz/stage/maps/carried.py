"""What a bending plane carries along: arrows, lines, areas, each drawn where the map takes its vectors."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from manim import LEFT, RIGHT, UP, Line, Polygon, VGroup, VMobject

from attnviz.stage import theme
from attnviz.stage.placement import Array


class Carried(VGroup):
    """A drawing defined by vectors of a bending plane; `place` draws it where the map has taken them."""

    def __init__(self, vectors: Sequence[Sequence[float] | Array]) -> None:
        super().__init__()
        self.vectors = [np.asarray(vector, dtype=float) for vector in vectors]

    def place(self, places: Sequence[Array]) -> None:
        """Draw it through these points on screen, one for each vector."""
        raise NotImplementedError


class CarriedArrow(Carried):
    """An arrow from one vector to another; `width` is Manim's stroke width."""

    def __init__(
        self, start: Sequence[float] | Array, end: Sequence[float] | Array, color: str, width: float = 6
    ) -> None:
        super().__init__([start, end])
        self.shaft = Line(LEFT, RIGHT, color=color, stroke_width=width)
        self.tip = Polygon(LEFT, UP, RIGHT, color=color, fill_opacity=1, stroke_width=0)
        self.add(self.shaft, self.tip)

    def place(self, places: Sequence[Array]) -> None:
        """Draw it through these points on screen, one for each vector."""
        start, end = places
        size = float(np.linalg.norm(end - start))
        along = (end - start) / max(size, 1e-9)
        tip, across = min(0.24, 0.5 * size) * along, min(0.24, 0.5 * size) * 0.42 * np.array([-along[1], along[0], 0])
        self.shaft.set_points_as_corners(np.array([start, end - 0.9 * tip]))
        self.tip.set_points_as_corners(np.array([end, end - tip + across, end - tip - across, end]))


class CarriedShape(Carried):
    """A polyline through vectors; closed and filled with opacity `fill`, if that is positive."""

    def __init__(
        self, vectors: Sequence[Sequence[float] | Array], color: str, width: float = 3, fill: float = 0
    ) -> None:
        super().__init__([*vectors, vectors[0]] if fill else vectors)
        self.outline = VMobject(stroke_color=color, stroke_width=width, fill_color=color, fill_opacity=fill)
        self.add(self.outline)

    def place(self, places: Sequence[Array]) -> None:
        """Draw it through these points on screen, one for each vector."""
        self.outline.set_points_as_corners(np.array(places))


class CarriedAngle(CarriedShape):
    """The lines from a vertex (the second of three vectors) to the other two, and the arc between them."""

    def __init__(self, vectors: Sequence[Sequence[float] | Array], color: str, width: float = 3) -> None:
        super().__init__(vectors, color, width)
        self.wedge = VMobject(stroke_width=0, fill_color=theme.WEIGHT, fill_opacity=0.2)
        self.arc = VMobject(stroke_color=theme.WEIGHT, stroke_width=width + 1)
        self.add_to_back(self.wedge).add(self.arc)

    def place(self, places: Sequence[Array]) -> None:
        """Draw it through these points on screen, one for each vector."""
        super().place(places)
        arc = arc_between(places)
        self.arc.set_points_as_corners(arc)
        self.wedge.set_points_as_corners([places[1], *arc, places[1]])


def arc_between(places: Sequence[Array]) -> Array:
    """Return points, shape (25, 3), along the shorter arc between two lines from a vertex, the second of three points.

    A narrow angle gets a larger radius, so that it can be seen.
    """
    first, second = (place - places[1] for place in (places[0], places[2]))
    start = math.atan2(first[1], first[0])
    turn = (math.atan2(second[1], second[0]) - start + math.pi) % (2 * math.pi) - math.pi
    most = 0.7 * min(float(np.linalg.norm(first)), float(np.linalg.norm(second)))
    radius = min(max(0.75, 0.26 / max(abs(math.sin(turn / 2)), 0.02)), most)
    angles = start + turn * np.linspace(0, 1, 25)
    return np.asarray(places[1] + radius * np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1))
