"""A plane whose grid a matrix bends, and what is carried along: arrows, areas, paths, words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Animation, Line, Mobject, Polygon, VGroup, VMobject, smooth
from numpy.typing import NDArray

from attnviz.stage import theme
from attnviz.stage.numbers import Number, show
from attnviz.stage.placement import Rect
from attnviz.stage.plane import nice_step
from attnviz.stage.typesetting import number_marks, prose
from attnviz.stage.words import WordPoint

Array = NDArray[np.float64]
REACH = 40  # lines that are kept ready on either side of the origin; a map that shrinks brings them in


class BendingPlane(VGroup):
    """A window on a plane: axes that stand still, and a grid that can be bent by a matrix.

    `points` (n, 2) must find room in the box that `center`, `width` and `height` give (frame units); the grid fills
    the box and nothing of it leaves the box. Row vectors stand left of the matrix: x goes to x · M.
    """

    def __init__(
        self,
        points: Array,
        axes: Sequence[str] = (),
        *,
        center: Sequence[float] = (0.0, 0.0),
        width: float = 7.6,
        height: float = 5.8,
        ticks: bool = False,
        pad: float = 0.45,
    ) -> None:
        super().__init__()
        flat = np.vstack([points[:, :2], np.zeros((1, 2))])
        low, high = flat.min(axis=0), flat.max(axis=0)
        room, span = np.array([width, height]) - 2 * pad, np.maximum(high - low, 1e-9)
        self.unit = float((room / span).min())
        middle, half = np.array(center[:2], dtype=float), np.array([width, height]) / 2
        self.box: Rect = (*(middle - half), *(middle + half))
        self.origin = np.array([*(middle - self.unit * (low + high) / 2), 0.0])
        self.low, self.high = (
            (middle - half - self.origin[:2]) / self.unit,
            (middle + half - self.origin[:2]) / self.unit,
        )
        self.step = nice_step(float((self.high - self.low).max()), most=13)
        self.matrix: Array = np.eye(2)
        self.carried: list[Carried] = []
        self.still, self.grid, self.axis_lines, self.labels = VGroup(), VGroup(), VGroup(), VGroup()
        self._draw()
        if axes:
            self.labels.add(*self._names(axes))
        if ticks:
            self.labels.add(*self._ticks(axes))
        self.add(self.still, self.grid, self.axis_lines, self.labels)
        self.set_z_index(-5)

    def at(self, vector: Sequence[float] | Array) -> Array:
        """Return the place on screen of a vector; the same, however the grid is bent."""
        x, y = np.asarray(vector, dtype=float)[:2]
        return self.origin + self.unit * np.array([x, y, 0.0])

    def holds(self, vector: Sequence[float] | Array, margin: float = 0.12) -> bool:
        """Tell whether a vector lies inside the window, `margin` (frame units) from its edge."""
        x, y, _ = self.at(vector)
        left, bottom, right, top = self.box
        return bool(left + margin <= x <= right - margin and bottom + margin <= y <= top - margin)

    @property
    def seen(self) -> VGroup:
        """The lines of the grid that cross the window."""
        return VGroup(*[line for line in self.grid if line.has_points()])

    def tint(self, across: str, up: str) -> VGroup:
        """Return the grid with each family of lines in the colour of the basis vector that it runs along."""
        goal = self.grid.copy()
        for line, mine in zip(goal, self.grid, strict=True):
            color, strength = (up if mine.along else across), 0.62 if mine.rank == 0 else 0.34
            line.set_stroke(theme.blend(theme.GROUND, color, strength), width=2.4 if mine.rank == 0 else 1.4)
        return goal

    def bend(self, matrix: Array) -> None:
        """Show the grid, and all that is carried, as a matrix leaves them."""
        self.matrix = matrix
        for line in self.grid:
            ends = line.rank * self.step * matrix[1 - line.along], matrix[line.along]
            line.lay(clipped(self.at(ends[0]), self.unit * np.array([*ends[1], 0.0]), self.box))
        for thing in self.carried:
            thing.place([self.at(vector @ matrix) for vector in thing.vectors])

    def carry(self, *things: Carried) -> None:
        """Let things be carried along from now on, and put them where they belong."""
        for thing in things:
            self.carried.append(thing)
            thing.place([self.at(vector @ self.matrix) for vector in thing.vectors])

    def drop(self, *things: Mobject) -> None:
        """Carry things no longer."""
        gone = {id(thing) for thing in things}
        self.carried = [thing for thing in self.carried if id(thing) not in gone]

    def _draw(self) -> None:
        for along in (0, 1):
            for rank in range(-REACH, REACH + 1):
                self.grid.add(_GridLine(along, rank))
        self.bend(np.eye(2))
        self.still.add(*[line.copy().set_stroke(theme.GRID, width=1, opacity=0.55) for line in self.seen])
        left, bottom, right, top = self.box
        x, y, _ = self.origin
        for a, b in (((left, y, 0), (right, y, 0)), ((x, bottom, 0), (x, top, 0))):
            self.axis_lines.add(Line(np.array(a), np.array(b), color=theme.AXIS, stroke_width=2.2))

    def _names(self, axes: Sequence[str]) -> list[Mobject]:
        left, bottom, right, top = self.box
        across, up = (prose(name, size=theme.NOTE, color=theme.DIM, own=True) for name in axes[:2])
        across.next_to(np.array([right, self.origin[1], 0]), DOWN, buff=0).align_to(np.array([right, 0, 0]), RIGHT)
        across.seat(float(max(self.origin[1] - 0.42, bottom + 0.12)))
        up.next_to(np.array([self.origin[0], top, 0]), UP, buff=0.14)
        up.shift(RIGHT * max(0.0, left - up.get_left()[0]))
        return [across, up]

    def _ticks(self, axes: Sequence[str]) -> list[Mobject]:
        made: list[Mobject] = []
        for axis, (side, gap) in enumerate(((DOWN, 0.13), (LEFT, 0.15))):
            inside = range(
                math.ceil(self.low[axis] / self.step + 0.3), math.floor(self.high[axis] / self.step - 0.3) + 1
            )
            every = 2 if self.unit * self.step < 0.8 else 1
            values = [k * self.step for k in inside if k and k % every == 0]
            name = axes[axis] if axes else "plane"
            numbers = [Number(v, show(v, "short", 3), formula=f"tick of the axis {name}") for v in values]
            for value, mark in zip(values, number_marks(numbers, size=theme.SMALLEST, color=theme.DIM), strict=True):
                made.append(mark.next_to(self.at((value, 0.0) if axis == 0 else (0.0, value)), side, buff=gap))
        return made


class _GridLine(Line):
    """A line of the grid along basis vector 0 or 1, `rank` steps from the origin."""

    def __init__(self, along: int, rank: int) -> None:
        super().__init__(LEFT, RIGHT, color=theme.GRID, stroke_width=1.5)
        self.along, self.rank = along, rank

    def lay(self, ends: tuple[Array, Array] | None) -> None:
        """Lie between two places, or nowhere."""
        if ends is None:
            self.clear_points()
        else:
            self.set_points_as_corners(np.array(ends))


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


class Bend(Animation):
    """Bend a plane from the matrix that it shows to another; words ride along and end with labels at `label_places`."""

    def __init__(
        self,
        plane: BendingPlane,
        matrix: Array,
        words: Sequence[tuple[WordPoint, Array]] = (),
        label_places: Sequence[Array] = (),
        **kwargs: Any,
    ) -> None:
        self.plane, self.path = plane, matrix_path(plane.matrix, np.asarray(matrix, dtype=float))
        self.words = [
            (point, vector[:2], point.label.get_center() - point.place, place - plane.at(vector[:2] @ matrix))
            for (point, vector), place in zip(words, label_places, strict=True)
        ]
        kwargs = {"run_time": 2.4, "rate_func": smooth} | kwargs
        super().__init__(VGroup(plane, *plane.carried, *[point for point, _ in words]), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the plane at a share of the way."""
        share = self.rate_func(alpha)
        matrix = self.path(share)
        self.plane.bend(matrix)
        for point, vector, before, after in self.words:
            place = self.plane.at(vector @ matrix)
            point.body.move_to(place)
            point.label.move_to(place + (1 - share) * before + share * after)
            point.vector = vector @ matrix


def matrix_path(start: Array, goal: Array) -> Callable[[float], Array]:
    """Return the way from one matrix to another: straight, or with a turn where straight would fold the plane flat."""
    dets = [float(np.linalg.det(start + s * (goal - start))) for s in np.linspace(0, 1, 21)]
    if dets[0] * dets[-1] <= 0 or min(abs(d) for d in dets) >= 0.3 * min(abs(dets[0]), abs(dets[-1])):
        return lambda share: start + share * (goal - start)
    change = np.linalg.solve(start, goal)
    left, sizes, right = np.linalg.svd(change)
    stretch, turn = left @ np.diag(sizes) @ left.T, left @ right
    angle = math.atan2(turn[0, 1], turn[0, 0])

    def turning(share: float) -> Array:
        c, s = math.cos(share * angle), math.sin(share * angle)
        return np.asarray(start @ (np.eye(2) + share * (stretch - np.eye(2))) @ np.array([[c, s], [-s, c]]))

    return turning


def clipped(point: Array, direction: Array, box: Rect) -> tuple[Array, Array] | None:
    """Return the piece of an endless line that lies in a box, if there is one (Liang and Barsky's method)."""
    first, last = -math.inf, math.inf
    if float(np.abs(direction[:2]).max()) < 1e-9:
        return None
    for axis in (0, 1):
        low, high, d = box[axis] - point[axis], box[axis + 2] - point[axis], direction[axis]
        if abs(d) < 1e-9:
            if low > 1e-9 or high < -1e-9:
                return None
            continue
        first, last = max(first, min(low / d, high / d)), min(last, max(low / d, high / d))
    return (point + first * direction, point + last * direction) if last - first > 1e-9 else None
