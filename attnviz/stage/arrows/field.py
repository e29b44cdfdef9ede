"""The plane of arrows: a grid that runs through the frame, and slides aside when something comes beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from manim import VGroup, VMobject

from attnviz.stage import frame, theme
from attnviz.stage.numbers import Number, show
from attnviz.stage.ownership import Anchor
from attnviz.stage.placement import Array, Rect, overlap, rect_of
from attnviz.stage.planes.plane import FRONT, TURNED, nice_step, project
from attnviz.stage.typesetting import NumberMark, Writing, number_marks, prose

FAR = 40.0
"""How far (frame units) axes reach before they are cut at the window's edges."""
APART = frame.px(14)
"""The distance between an axis and its ticks."""
NAME_APART = frame.px(20)
"""The distance between an axis and its name."""
ROOM = 0.62
"""The side of the square around the end of an arrow that the names of axes keep clear of."""


@dataclass(frozen=True)
class Pose:
    """How a field stands: its view, the place of its origin, its unit, and where its window ends on the right.

    `near` is how much of the ticks around the unit circle is seen in place of the others (0 … 1).
    """

    view: tuple[float, float]
    origin: tuple[float, float]
    unit: float
    right: float
    near: float = 0.0

    def towards(self, other: Pose, share: float) -> Pose:
        """Return the pose on the way to another."""
        one, goal = (np.array([*p.view, *p.origin, p.unit, p.right, p.near]) for p in (self, other))
        a, b, x, y, unit, right, near = (float(v) for v in one + share * (goal - one))
        return Pose((a, b), (x, y), unit, right, near)


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
        return clipped(start, end, self.window) or (start, start + np.array([0.001, 0.0, 0.0]))

    def owned(self) -> Iterator[tuple[VMobject, Anchor]]:
        """Yield the names of the axes with their axes, and the ticks with their points."""
        yield from zip(self.names, self.axis_lines, strict=True)
        for tick, place in zip(self.ticks, self.tick_places, strict=True):
            yield tick, self.at(_on_axis(place[0], place[1]))

    def put(self, pose: Pose, reveal: float = 1.0) -> None:
        """Take a pose; `reveal` is how much of the window is seen, from the origin outwards (0 … 1)."""
        self.pose = pose
        window = self._opened(reveal)
        self.grid.set_points(_subpaths(self._grid_lines(window)))
        for k, line in enumerate(self.axis_lines):
            ends = (-FAR, FAR) if k < len("xy") else (0.0, self.third * pose.unit + 0.6)
            a, b = (self.at(_on_axis(k, end / pose.unit)) for end in ends)
            line.set_points(_subpaths([c for c in [clipped(a, b, window)] if c]))
        ticks = zip(self.ticks, self.tick_places, self.tick_sides, strict=True)
        for tick, (axis, value, far, close), side in ticks:
            place = self.at(_on_axis(axis, value))
            half = side * (tick.height / 2 + APART if axis == 0 else tick.width / 2 + APART)
            tick.move_to(place - np.array([0.0, half, 0.0] if axis == 0 else [half, 0.0, 0.0]))
            shown = (far * (1 - pose.near) + close * pose.near) * abs(side)
            lit = shown * (reveal >= 1)
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
                found += _squares(np.linspace(points[k], points[k + 3], count), 0.02)
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
                    covered = covered or any(overlap(rect_of(tick, 0.02), rect) > 0 for rect in rects)
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
        return Pose(view, (float(x), float(y)), unit, right)

    def _around_circle(self) -> Pose:
        """Return the pose that shows the whole unit circle beside a calculation."""
        left, bottom, _, top = frame.ARROWS_ASIDE
        unit = 0.82 * (top - bottom) / 2
        return replace(self.aside, origin=(left - 1.0 + unit, (bottom + top) / 2 - 0.2), unit=unit, near=1.0)

    def _opened(self, reveal: float) -> Rect:
        x, y = self.origin[:2]
        left, bottom, right, top = self.window
        return (
            x + reveal * (left - x), y + reveal * (bottom - y), x + reveal * (right - x), y + reveal * (top - y),
        )  # fmt: skip

    def _grid_lines(self, window: Rect) -> list[tuple[Array, Array]]:
        """Return the lines of the grid within a window."""
        across, up = (project(_on_axis(k, 1.0), self.pose.view)[:2] * self.unit for k in range(2))
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
                a, b = (self.at(_on_axis(axis, k * step) + _on_axis(other, end)) for end in ends)
                if (cut := clipped(a, b, window)) is not None:
                    lines.append(cut)
        return lines

    def _name(self, text: str) -> Writing:
        name = prose(text, size=theme.NOTE, color=theme.DIM, own=True)
        return name.set_stroke(theme.GROUND, width=8, background=True)

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
            self.spots = {p: self._name_spots(p) for p in (self.wide, self.aside, self.near)}
        span = self.wide.right - self.aside.right
        aside = (self.wide.right - pose.right) / span
        shares = {self.wide: 1 - aside, self.aside: aside * (1 - pose.near), self.near: aside * pose.near}
        return [
            np.sum([share * self.spots[p][k] for p, share in shares.items()], axis=0) for k in range(len(self.names))
        ]

    def _name_spots(self, pose: Pose) -> list[Array]:
        """Return where the names of the axes stand: at the end of their axis, or as near to it as arrows allow."""
        lengths = np.linalg.norm(self.vectors, axis=1, keepdims=True)
        ends = self.vectors / np.maximum(lengths, 1e-9)  # on the unit circle, which is seen from elsewhere only if near
        vectors = ends if pose.near else np.vstack([self.vectors, ends]) if self.turned else self.vectors
        taken: list[Rect] = []
        labelled: list[Rect] = []
        wide = 1.45 if self.turned else 0.45  # half of where labels may stand: three coordinates are long
        for vector in vectors:
            tip, start = seen(pose, vector), seen(pose, np.zeros(2))
            way = (tip - start) / max(float(np.linalg.norm(tip - start)), 1e-9)
            x, y = (tip + 0.4 * way)[:2]
            taken.append((x - ROOM / 2, y - ROOM / 2, x + ROOM / 2, y + ROOM / 2))
            labelled.append((x - wide, y - 1.1, x + wide, y + 1.1))
            taken += _squares(np.linspace(start, tip, 40), 0.07)
        for k in range(len(self.axis_lines)):
            ends = [seen(pose, _on_axis(k, t / pose.unit)) for t in (-FAR, FAR)]
            taken += _squares(np.linspace(ends[0], ends[1], 800), 0.03)
        if pose.near:
            taken += _squares([seen(pose, (np.cos(t), np.sin(t))) for t in np.linspace(0, 2 * np.pi, 150)], 0.05)
        for axis, value, far, close in self.tick_places:
            if close if pose.near else far:
                x, y = (seen(pose, _on_axis(axis, value)) - np.array([[0.0, 0.25, 0.0], [0.25, 0.0, 0.0]][axis]))[:2]
                taken.append((x - 0.2, y - 0.16, x + 0.2, y + 0.16))
        spots: list[Array] = []
        taken = [r for r in taken if overlap(r, frame.FULL)]
        for k, name in enumerate(self.names):
            spots.append(self._name_spot(k, name, pose, taken, labelled))
            x, y = spots[-1][:2]
            taken.append((x - name.width / 2, y - name.height / 2, x + name.width / 2, y + name.height / 2))
        return spots

    def _name_spot(
        self, axis: int, name: Writing, pose: Pose, taken: Sequence[Rect], labelled: Sequence[Rect]
    ) -> Array:
        room = (frame.LABELS.left, frame.CONTENT.bottom, min(pose.right - 0.15, frame.CONTENT.right), frame.CONTENT.top)
        start, along = seen(pose, np.zeros(2)), seen(pose, _on_axis(axis, 1.0)) - seen(pose, np.zeros(2))
        length = float(np.linalg.norm(along))
        along = along / max(length, 1e-9)
        flat = abs(along[0]) >= abs(along[1])
        w, h = name.width / 2, name.height / 2
        sides = (np.array([0.0, h + NAME_APART, 0.0]), np.array([0.0, -h - NAME_APART, 0.0]))
        if not flat:
            sides = (np.array([-w - NAME_APART, 0.0, 0.0]), np.array([w + NAME_APART, 0.0, 0.0]))
        spots = []
        if axis < len("xy"):
            ways = np.arange(14.0, -7.0, -0.05)
        else:  # all of the name stands beside the axis, or beyond its end
            reach = (self.third + 0.6 / pose.unit) * length
            ways = np.arange(max(0.05, reach - w * abs(along[0])), 0.0, -0.05)
            room_for = ((w + NAME_APART) / max(abs(along[0]), 1e-9), (h + NAME_APART) / max(abs(along[1]), 1e-9))
            spots.append((reach, start + (reach + min(room_for)) * along))
        slant = abs(along[1] / along[0]) * w if flat else abs(along[0] / along[1]) * h
        for t in ways:
            spots += [(t, start + t * along + side * (1 + slant / np.abs(side).max())) for side in sides]
        best: tuple[float, Array] | None = None
        for rank, (t, center) in enumerate(spots):
            rect = (center[0] - w, center[1] - h, center[0] + w, center[1] + h)
            outside = 4 * w * h - overlap(rect, room)
            if outside > w * h:
                continue
            cost = 40 * outside + 20 * sum(overlap(rect, r) for r in taken) - 0.01 * t + 0.02 * (rank % 2)
            cost += 0.6 * sum(overlap(rect, r) for r in labelled)
            if best is None or cost < best[0] - 1e-9:
                best = (cost, center)
        return best[1] if best is not None else start


def seen(pose: Pose, vector: Array | Sequence[float]) -> Array:
    """Return the point on screen of a vector in a pose."""
    return np.array([*pose.origin, 0.0]) + pose.unit * project(np.asarray(vector, dtype=float), pose.view)


def clipped(a: Array, b: Array, window: Rect) -> tuple[Array, Array] | None:
    """Return the part of a segment within a window, or None (Liang and Barsky, 1984)."""
    first, last = 0.0, 1.0
    for k, (low, high) in enumerate(((window[0], window[2]), (window[1], window[3]))):
        way = float(b[k] - a[k])
        if abs(way) < 1e-12:
            if not low <= a[k] <= high:
                return None
            continue
        one, other = sorted(((low - a[k]) / way, (high - a[k]) / way))
        first, last = max(first, float(one)), min(last, float(other))
    return (a + first * (b - a), a + last * (b - a)) if first < last else None


def _on_axis(axis: int, value: float) -> Array:
    vector = np.zeros(3)
    vector[axis] = value
    return vector


def _squares(spots: Iterable[Array], half: float) -> list[Rect]:
    return [(p[0] - half, p[1] - half, p[0] + half, p[1] + half) for p in spots]


def _subpaths(lines: Sequence[tuple[Array, Array]]) -> Array:
    """Return the points of one mobject that draws straight lines."""
    if not lines:
        return np.zeros((0, 3))
    return np.concatenate([np.linspace(a, b, 4) for a, b in lines])
