"""A plane whose grid is transformed by a matrix, carrying along arrows, areas, paths and words."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Animation, AnimationGroup, Line, Mobject, VGroup, smooth

from attnviz.stage import frame, theme
from attnviz.stage.maps.carried import Carried
from attnviz.stage.maps.halo import halo
from attnviz.stage.maps.matrix_path import matrix_path, swung
from attnviz.stage.numbers import Number, show
from attnviz.stage.placement import Array, Rect, clipped, find_places, rect_of, rects_along
from attnviz.stage.planes.plane import nice_step
from attnviz.stage.typesetting import number_marks, prose
from attnviz.stage.words import WordPoint

REACH, FAR = 40, 8
"""Grid lines on either side of the origin: REACH of them a step apart, and as many FAR steps apart, which a map that
shrinks the plane brings into view."""
NARROW = 0.12
"""Lines closer together than this (frame units) would merge into an area: every second one is hidden, repeatedly."""


class BendingPlane(VGroup):
    """A window onto a plane, with fixed axes and a grid that a matrix transforms.

    The plane is scaled so that the `points`, shape (n, 2), fit into the `region` (left, bottom, right, top), which the
    grid fills and to which it is clipped. `unit` (frame units) sets the scale instead. At most
    `lines` grid lines are side by side (if `thin`, only every second one once a map is applied).
    Vectors are rows, to the left of the matrix: x is mapped to x · M.
    """

    def __init__(
        self,
        points: Array,
        axes: Sequence[str] = (),
        *,
        region: Rect = frame.BENT_PLANE,
        ticks: bool = False,
        pad: float = 0.45,
        unit: float | None = None,
        lines: int = 13,
        thin: bool = True,
    ) -> None:
        super().__init__()
        wanted = frame.Region(*region)
        self.region = frame.Region.around(wanted.center, wanted.width, wanted.height)
        flat = np.vstack([points[:, :2], np.zeros((1, 2))])
        low, high = flat.min(axis=0), flat.max(axis=0)
        size = np.array([self.region.width, self.region.height])
        room, span = size - 2 * pad, np.maximum(high - low, 1e-9)
        self.unit = unit or float((room / span).min())
        middle, half = np.array(self.region.center), size / 2
        self.origin = np.array([*(middle - self.unit * (low + high) / 2), 0.0])
        self.low, self.high = (
            (middle - half - self.origin[:2]) / self.unit,
            (middle + half - self.origin[:2]) / self.unit,
        )
        self.step = nice_step(float((self.high - self.low).max()), most=lines)
        self.matrix: Array = np.eye(2)
        self.thin, self.level = thin, 0.0
        self.carried: list[Carried] = []
        self.words: dict[str, WordPoint] = {}
        self.homes: dict[str, Array] = {}
        self.still, self.grid, self.axis_lines, self.labels = VGroup(), VGroup(), VGroup(), VGroup()
        self._draw()
        self.names = VGroup(*[VGroup(halo(n), n) for n in self._names(axes, 0.8 if ticks else 0.42)] if axes else [])
        self.labels.add(*self.names)
        if ticks:
            self.labels.add(*[VGroup(halo(mark), mark) for mark in self._ticks(axes)])
        self.add(self.still, self.grid, self.axis_lines, self.labels)
        self.set_z_index(-5)

    def at(self, vector: Sequence[float] | Array) -> Array:
        """Return the point on screen of a vector, whatever matrix the grid is transformed by."""
        x, y = np.asarray(vector, dtype=float)[:2]
        return self.origin + self.unit * np.array([x, y, 0.0])

    def holds(self, vector: Sequence[float] | Array, margin: float = 0.12) -> bool:
        """Return whether a vector lies inside the window, at least `margin` (frame units) from its edges."""
        x, y, _ = self.at(vector)
        left, bottom, right, top = self.region
        return bool(left + margin <= x <= right - margin and bottom + margin <= y <= top - margin)

    @property
    def seen(self) -> VGroup:
        """The grid lines that cross the window."""
        return VGroup(*[line for line in self.grid if line.has_points()])

    def color_lines(self, across: str, up: str) -> None:
        """Give each grid line the colour of the basis vector that it is parallel to."""
        for line in self.grid:
            line.set_stroke(**self._style(line, across, up))

    def tint(self, across: str, up: str) -> Animation:
        """Return the animation in which grid lines take the colours of the basis vectors that they are parallel to."""
        changes = [line.animate.set_stroke(**self._style(line, across, up)).build() for line in self.seen]
        for line in self.grid:
            if not line.has_points():
                line.set_stroke(**self._style(line, across, up))
        return AnimationGroup(*changes)

    def _style(self, line: _GridLine, across: str, up: str) -> dict[str, Any]:
        color, main = (up if line.along else across), line.rank == 0
        return {"color": theme.blend(theme.GROUND, color, 0.62 if main else 0.32), "width": 2.2 if main else 1.2}

    def bend(self, matrix: Array) -> None:
        """Draw the grid, and everything that is carried along, as transformed by a matrix."""
        self.matrix = matrix
        area = self.step * self.unit * abs(float(np.linalg.det(matrix)))
        gaps = [area / max(float(np.linalg.norm(row)), 1e-9) for row in matrix]
        for line in self.grid:
            level = self.level if self.thin and line.rank % 2 else 0.0
            if not line.show(gaps[line.along], 1 - level):
                continue
            ends = line.rank * self.step * matrix[1 - line.along], matrix[line.along]
            line.lay(clipped(self.at(ends[0]), self.unit * np.array([*ends[1], 0.0]), self.region))
        for thing in self.carried:
            thing.place([self.at(vector @ matrix) for vector in thing.vectors])

    def show_mapped(self, level: float) -> None:
        """Fade the original grid and the axes' names: from unmapped (0) to mapped (1); `bend` then thins the grid."""
        self.level = level
        for line in self.still:
            line.set_stroke(opacity=0.55 - 0.45 * level)
        for behind, name in self.names:
            name.set_fill(opacity=1 - level)
            behind.set_opacity(1 - level)

    def carry(self, *things: Carried) -> None:
        """Carry things along from now on, and draw them where the current matrix takes them."""
        for thing in things:
            self.carried.append(thing)
            thing.place([self.at(vector @ self.matrix) for vector in thing.vectors])

    def drop(self, *things: Mobject) -> None:
        """Stop carrying things along."""
        gone = {id(thing) for thing in things}
        self.carried = [thing for thing in self.carried if id(thing) not in gone]

    def make_points(
        self, homes: Mapping[str, Array], colors: Mapping[str, str], *, icons: bool = True, size: float = theme.WORD
    ) -> list[WordPoint]:
        """Return new word points at their own vectors, to be carried along; their labels go where they cover least."""
        for token, vector in homes.items():
            home = np.asarray(vector, dtype=float)[:2]
            point = WordPoint(token, home, self.at(home), colors[token], with_icon=icons, size=size)
            point.label.add_to_back(halo(point.name_text).set_z_index(2))
            self.words[token], self.homes[token] = point, home
        for (token, point), place in zip(self.words.items(), self.label_places(self.matrix), strict=True):
            if token in homes:
                point.label.move_to(place)
        return [self.words[token] for token in homes]

    def label_places(self, matrix: Array) -> list[Array]:
        """Return the centre of each word's label once the plane is transformed by a matrix."""
        lines = [(line.get_start(), line.get_end()) for line in self.axis_lines]
        for thing in self.carried:
            places = [self.at(vector @ matrix) for vector in thing.vectors]
            lines += list(itertools.pairwise(places)) * (5 if len(places) in (2, 3) else 1)
        avoid = [rect_of(label, 0.05) for label in self.labels]
        avoid += [rect for start, end in lines for rect in rects_along(start, end, 0.2)]
        sizes = [(point.label.width, point.label.height) for point in self.words.values()]
        left, bottom, right, top = self.region
        inside = (left + 0.12, bottom + 0.12, right - 0.12, top - 0.12)
        return find_places(sizes, [self.at(home @ matrix) for home in self.homes.values()], avoid=avoid, bounds=inside)

    def standing(self, matrix: Array | None = None) -> list[Rect]:
        """Return rectangles that cover the axes, labels, lines and words, now or once transformed by a matrix."""
        goal = self.matrix if matrix is None else matrix
        homes = [self.at(home @ goal) for home in self.homes.values()]
        taken = [rect_of(label, 0.03) for label in self.labels]
        for axis in self.axis_lines:
            taken += rects_along(axis.get_start(), axis.get_end())
        for thing in self.carried:
            places = [self.at(vector @ goal) for vector in thing.vectors]
            taken += [rect for start, end in itertools.pairwise(places) for rect in rects_along(start, end)]
        for point, home, center in zip(self.words.values(), homes, self.label_places(goal), strict=True):
            shift = center - point.label.get_center(), home - point.dot.get_center()
            for part, way in zip((point.label, point.dot), shift, strict=True):
                left, bottom, right, top = rect_of(part, 0.03)
                taken.append((left + way[0], bottom + way[1], right + way[0], top + way[1]))
        return taken

    def _draw(self) -> None:
        for along in (0, 1):
            near, far = range(-REACH, REACH + 1), range(-REACH * FAR, REACH * FAR + 1, FAR)
            for rank in sorted({*near, *far}):
                self.grid.add(_GridLine(along, rank))
        self.bend(np.eye(2))
        self.still.add(*[line.copy().set_stroke(theme.GRID, width=1, opacity=0.55) for line in self.seen])
        left, bottom, right, top = self.region
        x, y, _ = self.origin
        for a, b in (((left, y, 0), (right, y, 0)), ((x, bottom, 0), (x, top, 0))):
            self.axis_lines.add(Line(np.array(a), np.array(b), color=theme.AXIS, stroke_width=2.2))

    def _names(self, axes: Sequence[str], below: float) -> list[Mobject]:
        left, bottom, right, top = self.region
        across, up = (prose(name, size=theme.NOTE, color=theme.DIM, own=True) for name in axes[:2])
        across.next_to(np.array([right, self.origin[1], 0]), DOWN, buff=0).align_to(np.array([right, 0, 0]), RIGHT)
        across.seat(float(max(self.origin[1] - below, bottom + 0.12)))
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
    """A grid line parallel to basis vector 0 or 1 (`along`), `rank` steps from the origin."""

    def __init__(self, along: int, rank: int) -> None:
        super().__init__(LEFT, RIGHT, color=theme.GRID, stroke_width=1.5)
        self.along, self.rank = along, rank
        self.every = rank & -rank  # the largest power of two that divides its rank
        self.shown = 1.0

    def show(self, gap: float, level: float) -> bool:
        """Fade the line if neighbours, `gap` apart (frame units), are too close; return whether it is visible at all.

        Lines of odd rank fade first, then those of odd multiples of two, and so on; `level` scales the opacity.
        """
        clear = min(1.0, max(0.0, gap * self.every / NARROW - 1)) if self.rank else 1.0
        if clear * level != self.shown:
            self.shown = clear * level
            self.set_stroke(opacity=self.shown)
        if not clear:
            self.clear_points()
        return clear > 0

    def lay(self, ends: tuple[Array, Array] | None) -> None:
        """Draw the line between two points on screen, or not at all."""
        if ends is None:
            self.clear_points()
        else:
            self.set_points_as_corners(np.array(ends))


class Bend(Animation):
    """Animate a plane from its current matrix to another, with all that it carries, its words, and their labels."""

    def __init__(self, plane: BendingPlane, matrix: Array, **kwargs: Any) -> None:
        goal = np.asarray(matrix, dtype=float)
        self.plane, self.path = plane, matrix_path(plane.matrix, goal)
        self.levels = [float(not np.allclose(matrix, np.eye(2))) for matrix in (plane.matrix, goal)]
        self.offsets = [
            (point.label.get_center() - point.place, place - plane.at(home @ goal))
            for point, home, place in zip(
                plane.words.values(), plane.homes.values(), plane.label_places(goal), strict=True
            )
        ]
        kwargs = {"run_time": 2.4, "rate_func": smooth} | kwargs
        super().__init__(VGroup(plane, *plane.carried, *plane.words.values()), **kwargs)

    def create_starting_mobject(self) -> Mobject:
        """Return the mobject itself: its start is known from the matrix, so no copy is needed."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the plane at the fraction `alpha` of the animation."""
        share = self.rate_func(alpha)
        matrix = self.path(share)
        self.plane.show_mapped(self.levels[0] + share * (self.levels[1] - self.levels[0]))
        self.plane.bend(matrix)
        for (token, point), (before, after) in zip(self.plane.words.items(), self.offsets, strict=True):
            point.vector = self.plane.homes[token] @ matrix
            place = self.plane.at(point.vector)
            point.body.move_to(place)
            point.label.move_to(place + swung(before, after, share))
