"""What a bending plane carries along: arrows, lines, areas. Each is drawn where its vectors are taken."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import LEFT, RIGHT, UP, Line, Polygon, VGroup, VMobject
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Carried(VGroup):
    """Something drawn at vectors of a bending plane; `place` draws it where the map has taken them."""

    def __init__(self, vectors: Sequence[Sequence[float] | Array]) -> None:
        super().__init__()
        self.vectors = [np.asarray(vector, dtype=float) for vector in vectors]

    def place(self, places: Sequence[Array]) -> None:
        """Draw it at these places on screen."""
        raise NotImplementedError


class CarriedArrow(Carried):
    """The arrow from one vector to another."""

    def __init__(
        self, start: Sequence[float] | Array, end: Sequence[float] | Array, color: str, width: float = 6
    ) -> None:
        super().__init__([start, end])
        self.shaft = Line(LEFT, RIGHT, color=color, stroke_width=width)
        self.tip = Polygon(LEFT, UP, RIGHT, color=color, fill_opacity=1, stroke_width=0)
        self.add(self.shaft, self.tip)

    def place(self, places: Sequence[Array]) -> None:
        """Draw it at these places on screen."""
        start, end = places
        size = float(np.linalg.norm(end - start))
        along = (end - start) / max(size, 1e-9)
        tip, across = min(0.24, 0.5 * size) * along, min(0.24, 0.5 * size) * 0.42 * np.array([-along[1], along[0], 0])
        self.shaft.set_points_as_corners(np.array([start, end - 0.9 * tip]))
        self.tip.set_points_as_corners(np.array([end, end - tip + across, end - tip - across, end]))


class CarriedShape(Carried):
    """A line through vectors; closed and filled if `fill` is more than 0."""

    def __init__(
        self, vectors: Sequence[Sequence[float] | Array], color: str, width: float = 3, fill: float = 0
    ) -> None:
        super().__init__([*vectors, vectors[0]] if fill else vectors)
        self.outline = VMobject(stroke_color=color, stroke_width=width, fill_color=color, fill_opacity=fill)
        self.add(self.outline)

    def place(self, places: Sequence[Array]) -> None:
        """Draw it at these places on screen."""
        self.outline.set_points_as_corners(np.array(places))
