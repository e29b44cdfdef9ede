"""The plane of arrows: a grid that runs through the frame, and slides aside when something comes beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from manim import VGroup, VMobject

from attnviz.stage import frame, theme
from attnviz.stage.arrows.axis_names import name_spots
from attnviz.stage.arrows.pose import FAR, Pose, on_axis, seen, subpaths, within
from attnviz.stage.halo import haloed
from attnviz.stage.numbers import Number, show
from attnviz.stage.ownership import Anchor
from attnviz.stage.placement import Array, Rect, overlap, rect_of, squares
from attnviz.stage.planes.plane import FRONT, TURNED, nice_step, project
from attnviz.stage.typesetting import NumberMark, Writing, number_marks, prose

APART = frame.px(14)
"""The distance between an axis and its ticks."""
BELOW = 0.4
"""How much lower the origin stands (frame units) if all arrows point upwards."""


class Field(VGroup):
    """Grid, axes, their names and ticks, at one scale in all directions, so that angles and norms are undistorted.

    `vectors` has shape (word, axis), with two or three axes, which `axes` names. The field fills the frame (`wide`),
    the part of it beside a calculation (`aside`), or shows the unit circle there (`near`, with two axes only).
    """

    def __init__(self, vectors: Array, axes: Sequence[str]) -> None:
        super().__init__()
        self.axes_names, self.vectors = list(axes), np.asarray(vectors, dtype=float)
        flat = np.vstack([self.vectors, np.zeros((1, self.vectors.shape[1]))])
        self.low, self.high = flat[:, :2].min(axis=0), flat[:, :2].max(axis=0)
        self.step = nice_step(max(float((self.high - self.low).max()), 1e-9) * 1.15)
        self.third = float(np.abs(flat[:, 2:]).max(initial=0.0))
        self.turned = self.third > 0
        view = TURNED if self.turned else FRONT
        self.wide = self._fitted(view, frame.ARROWS, frame.FULL.right)
        self.aside = self._fitted(view, frame.ARROWS_ASIDE, frame.ARROW_WINDOW.right)
        self.near = self._around_circle()
        self.grid = VMobject(color=theme.GRID, stroke_width=2)
        self.axis_lines = VGroup(*[VMobject(color=theme.AXIS, stroke_width=3) for _ in range(3 if self.turned else 2)])
        self.names = VGroup(*[self._name(name) for name in self.axes_names[: len(self.axis_lines)]])
        self.tick_places: list[tuple[int, float, bool, bool]] = []
        self.ticks = VGroup(*([] if self.turned else self._ticks()))
        self.tick_sides = [1] * len(self.ticks)
        self.spots: dict[Pose, list[Array]] = {}
        self.put(self.wide)
        self.add(self.grid, self.axis_lines, self.ticks, self.names)
        self.set_z_index(-5)
        for text in (*self.ticks, *self.names):
            text.set_z_index(-1.5)

    @property
    def origin(self) -> Array:
        """The point on screen of the origin."""
        return self.at(np.zeros(2))

    @property
    def unit(self) -> float:
        """The length of one unit, in frame units."""
        return self.pose.unit

    @property
    def window(self) -> Rect:
        """Where the grid is seen at present."""
        return (frame.FULL.left, frame.FULL.bottom, self.pose.right, frame.FULL.top)

    def at(self, vector: Array | Sequence[float]) -> Array:
        """Return the point on screen of a vector (2 or 3 coordinates)."""
        return seen(self.pose, vector)

    def shows(self, point: Array) -> bool:
        """Tell whether a point on screen is within the window."""
        left, bottom, right, top = self.window
        return bool(left <= point[0] <= right and bottom <= point[1] <= top)

    def cut(self, start: Array, end: Array) -> tuple[Array, Array]:
        """Return the ends of the part of a line that is within the window; `start` must be."""
        return within(start, end, self.window) or (start, start + np.array([0.001, 0.0, 0.0]))

    def owned(self) -> Iterator[tuple[VMobject, Anchor]]:
        """Yield the names of the axes with their axes, and the ticks with their points."""
        yield from zip(self.names, self.axis_lines, strict=True)
        for tick, place in zip(self.ticks, self.tick_places, strict=True):
            yield tick, self.at(on_axis(place[0], place[1]))

    def put(self, pose: Pose, reveal: float = 1.0) -> None:
        """Take a pose; `reveal` is how much of the window is seen, from the origin outwards (0 … 1)."""
        self.pose = pose
        window = self._opened(reveal)
        self.grid.set_points(subpaths(self._grid_lines(window)))
        for k, line in enumerate(self.axis_lines):
            ends = (-FAR, FAR) if k < len("xy") else (0.0, self.third * pose.unit + 0.6)
            a, b = (self.at(on_axis(k, end / pose.unit)) for end in ends)
            if k == 1 and pose.view == FRONT:
                b[1] = min(b[1], max(frame.CONTENT.top, a[1]))  # it ends below the title
            line.set_points(subpaths([c for c in [within(a, b, window)] if c]))
        ticks = zip(self.ticks, self.tick_places, self.tick_sides, strict=True)
        for tick, (axis, value, far, close), side in ticks:
            place = self.at(on_axis(axis, value))
            size = np.array([tick.width / 2 + APART, tick.height / 2 + APART, 0.0])
            ways = on_axis(axis, math.copysign(pose.near, value)) - on_axis(1 - axis, side)  # the circle crosses there
            tick.move_to(place + ways * size)
            shown = (far * (1 - pose.near) + close * pose.near) * abs(side)
            lit = shown * (reveal >= 1) * bool(place[0] + tick.width / 2 < pose.right)  # none on what stands beside it
            tick.set_fill(opacity=lit).set_stroke(opacity=lit, background=True)
        for name, spot in zip(self.names, self._between(pose), strict=True):
            name.move_to(spot)

    def texts(self) -> list[Rect]:
        """Return where the names of the axes and the visible ticks are, with some room around them."""
        found = [rect_of(name, 0.06) for name in self.names]
        for tick, (_, _, far, close) in zip(self.ticks, self.tick_places, strict=True):
            if close if self.pose.near > 0.5 else far:
                found.append(rect_of(tick, 0.04))
        return found

    def lines(self) -> list[Rect]:
        """Return small squares along the axes."""
        found = []
        for line in self.axis_lines:
            points = line.points
            for k in range(0, len(points), 4):
                count = max(2, int(np.linalg.norm(points[k + 3] - points[k]) / 0.15))
                found += squares(np.linspace(points[k], points[k + 3], count), 0.02)
        return found

    def give_way(self, labels: Mapping[Pose, Sequence[Rect]]) -> None:
        """Move ticks that labels would cover, in any pose, to the other side of their axis; hide one with no room."""
        now = self.pose
        for k, tick in enumerate(self.ticks):
            for side in (self.tick_sides[k], -self.tick_sides[k], 0):
                self.tick_sides[k] = side
                covered = False
                for pose, rects in labels.items():
                    self.put(pose)
                    names = [rect_of(name) for name in self.names]
                    covered = covered or any(overlap(rect_of(tick, 0.02), rect) > 0 for rect in (*rects, *names))
                if not covered:
                    break
        self.put(now)

    # How --------------------------------------------------------------------------------------------------------

    def _fitted(self, view: tuple[float, float], region: frame.Region, right: float) -> Pose:
        """Return the pose in which all vectors stand within a region."""
        corners = [np.array([x, y]) for x in (self.low[0], self.high[0]) for y in (self.low[1], self.high[1])]
        shown = np.array([project(v, view)[:2] for v in (corners if view == FRONT else self.vectors)])
        shown = np.vstack([shown, np.zeros((1, 2))])
        if view != FRONT:
            shown = np.vstack([shown, project(np.array([0.0, 0.0, self.third]), view)[:2]])
        low, high = shown.min(axis=0), shown.max(axis=0)
        size = np.maximum(high - low, 1e-9)
        unit = float(min(region.width / size[0], region.height / size[1]))
        x, y = np.array(region.center) - (low + high) / 2 * unit
        if low[1] == 0:  # no arrow points down, so that more labels stand above
            y -= BELOW
        return Pose(view, (float(x), float(y)), unit, right)

    def _around_circle(self) -> Pose:
        """Return the pose that shows the whole unit circle beside a calculation."""
        left, bottom, _, top = frame.ARROWS_ASIDE
        unit = 0.77 * (top - bottom) / 2
        return replace(self.aside, origin=(left - 1.4 + unit, (bottom + top) / 2 - 0.2), unit=unit, near=1.0)

    def _opened(self, reveal: float) -> Rect:
        x, y = self.origin[:2]
        left, bottom, right, top = self.window
        return (
            x + reveal * (left - x), y + reveal * (bottom - y), x + reveal * (right - x), y + reveal * (top - y),
        )  # fmt: skip

    def _grid_lines(self, window: Rect) -> list[tuple[Array, Array]]:
        """Return the lines of the grid within a window."""
        across, up = (project(on_axis(k, 1.0), self.pose.view)[:2] * self.unit for k in range(2))
        left, bottom, right, top = self.window
        corners = np.array([[x, y] for x in (left, right) for y in (bottom, top)]) - self.origin[:2]
        spans = corners @ np.linalg.inv(np.array([across, up]))  # in vector units
        step = 1.0 if self.pose.near > 0.5 else self.step
        lines = []
        for axis in range(2):
            other = 1 - axis
            ends = (float(spans[:, other].min()), float(spans[:, other].max()))
            first, last = (
                math.ceil(float(spans[:, axis].min()) / step),
                math.floor(float(spans[:, axis].max()) / step),
            )
            for k in range(max(first, -200), min(last, 200) + 1):
                a, b = (self.at(on_axis(axis, k * step) + on_axis(other, end)) for end in ends)
                if (cut := within(a, b, window)) is not None:
                    lines.append(cut)
        return lines

    def _name(self, text: str) -> Writing:
        return haloed(prose(text, size=theme.NOTE, color=theme.DIM, own=True))

    def _ticks(self) -> list[NumberMark]:
        """Return the ticks: those in the range of the vectors, and those around the unit circle."""
        decimals = max(0, -math.floor(math.log10(self.step)))
        numbers = []
        for axis in range(2):
            first = math.ceil(self.low[axis] / self.step - 1e-9)
            last = math.floor(self.high[axis] / self.step + 1e-9)
            far = {round(k * self.step, 9) for k in range(first, last + 1) if k}
            for value in sorted(far | {-1.0, 1.0}):
                self.tick_places.append((axis, value, value in far, abs(value) == 1.0))
                text = show(value, "short", decimals)
                numbers.append(Number(value, text, formula=f"tick of the axis {self.axes_names[axis]}"))
        marks = number_marks(numbers, size=theme.TICK, color=theme.DIM)
        for mark in marks:
            mark.set_stroke(theme.GROUND, width=9, background=True)
        return marks

    def _between(self, pose: Pose) -> list[Array]:
        """Return the middles of the axes' names: those of the three main poses, weighted."""
        if not self.spots:
            self.spots = {p: name_spots(self, p) for p in (self.wide, self.aside, self.near)}
        span = self.wide.right - self.aside.right
        aside = (self.wide.right - pose.right) / span
        shares = {self.wide: 1 - aside, self.aside: aside * (1 - pose.near), self.near: aside * pose.near}
        return [
            np.sum([share * self.spots[p][k] for p, share in shares.items()], axis=0) for k in range(len(self.names))
        ]
