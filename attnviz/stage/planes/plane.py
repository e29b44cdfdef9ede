"""A plane with named axes, in which vectors are points; it is turned to show vectors of three dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    LaggedStart,
    Line,
    Mobject,
    VGroup,
    smooth,
)  # fmt: skip

from attnviz.stage import frame, theme
from attnviz.stage.numbers import Number, show
from attnviz.stage.placement import Array, Rect
from attnviz.stage.typesetting import Writing, number_marks, prose

FRONT = (0.0, 0.0)
"""The front view, onto the first two axes: (azimuth, elevation) in radians."""
TURNED = (math.radians(-32), math.radians(18))
"""A view that shows the third axis, coming towards the viewer: (azimuth, elevation) in radians."""


def nice_step(span: float, most: int = 9) -> float:
    """Return the smallest step of the form 1, 2 or 5 × 10ᵏ that divides a positive span into at most `most` parts."""
    for power in range(math.floor(math.log10(span)) - 2, math.floor(math.log10(span)) + 2):
        for factor in (1, 2, 5):
            step = factor * 10.0**power
            if span / step <= most:
                return step
    raise AssertionError("a positive span has a step")


Beat = tuple[Animation, float]
"""An animation and its duration in seconds."""
Rider = tuple[Mobject, Array, Array | None]
"""Something that moves along when a plane is turned: the mobject, the vector that it is attached to, and its final
offset from that vector's point on screen (None: its current offset)."""
NEAR = (np.array([-0.15, -0.85, 0.0]), np.array([0.0, 0.3, 0.0]))
"""The offsets of the names of the first two axes from the ends of these axes, in a turned view."""


class Plane(VGroup):
    """Grid and axes in a region of the frame, scaled to fit the given points.

    `points` has shape (n, d) with d = 2 or 3; `axes` names the dimensions. The scale is the same in all directions, so
    that angles and norms are undistorted. `region` is (left, bottom, right, top) in frame units.
    """

    def __init__(
        self,
        points: Array,
        axes: Sequence[str],
        *,
        region: Rect = frame.PLANE_ALONE,
        colors: Sequence[str] | None = None,
        ticks: bool = False,
        pad: float = 0.55,
    ) -> None:
        super().__init__()
        self.view = FRONT
        self.axes_names = list(axes)
        flat = np.vstack([points, np.zeros((1, points.shape[1]))])
        low, high = flat[:, :2].min(axis=0), flat[:, :2].max(axis=0)
        self.step = nice_step(max(float((high - low).max()), 1e-9) * 1.15)
        self.low, self.high = low - pad * self.step, high + pad * self.step
        self.third = float(np.abs(flat[:, 2]).max()) + 0.6 * self.step if points.shape[1] > 2 else 0.0
        self._points = [np.array([*p, 0.0])[:3] for p in points]
        self.region = frame.Region(*region)
        self.origin, self.unit = self.fit(FRONT)
        self._lines: list[tuple[Line, Array, Array]] = []
        self.grid, self.axis_lines, self.labels = VGroup(), VGroup(), VGroup()
        self.places: list[Array] = []
        self._draw(list(colors) if colors else [theme.DIM] * len(axes), ticks)
        if ticks:
            self.labels.add(*self._ticks())
        self.offsets = [
            label.get_center() - self.at(place) for label, place in zip(self.labels, self.places, strict=True)
        ]
        self.add(self.grid, self.axis_lines, self.labels)
        self.set_z_index(-5)

    def opening(self) -> Iterator[Beat]:
        """Yield the animations that draw the plane, with their durations: its grid, then its axes with their names."""
        yield LaggedStart(*[Create(line) for line in self.grid], lag_ratio=0.06), 1.2
        yield AnimationGroup(Create(self.axis_lines), FadeIn(self.labels, shift=0.1 * UP)), 0.8

    @property
    def ticks(self) -> list[Mobject]:
        """The numbers along the first two axes."""
        return list(self.labels[len("xy") : len(self.places)])

    def fit(self, view: tuple[float, float]) -> tuple[Array, float]:
        """Return the origin (x, y, 0) and the unit (frame units) at which a view fills the plane's region."""
        corners = [np.array([x, y, 0.0]) for x in (self.low[0], self.high[0]) for y in (self.low[1], self.high[1])]
        if view != FRONT:
            corners += [np.array([0.0, 0.0, self.third]), *self._points]
        seen = np.array([project(c, view) for c in corners])
        low, high = seen.min(axis=0), seen.max(axis=0)
        unit = float(min(self.region.width / (high - low)[0], self.region.height / (high - low)[1]))
        return np.array([*self.region.center, 0.0]) - (low + high) / 2 * unit, unit

    def at(self, vector: Sequence[float] | Array) -> Array:
        """Return the point on screen of a vector (2 or 3 coordinates) in the current view."""
        return self.origin + self.unit * project(np.asarray(vector, dtype=float), self.view)

    def _draw(self, colors: list[str], ticks: bool) -> None:
        (x0, y0), (x1, y1) = self.low, self.high
        for x in self._multiples(0):
            self._line(self.grid, (x, y0), (x, y1), theme.GRID, 1.5)
        for y in self._multiples(1):
            self._line(self.grid, (x0, y), (x1, y), theme.GRID, 1.5)
        self._line(self.axis_lines, (x0, 0), (x1, 0), theme.AXIS, 2.5)
        self._line(self.axis_lines, (0, y0), (0, y1), theme.AXIS, 2.5)
        across, up = (
            prose(name, size=theme.NOTE, color=color, own=True)
            for name, color in zip(self.axes_names[:2], colors, strict=False)
        )
        right = self.at((x1, 0))
        across.next_to(right, DOWN, buff=0).align_to(right, RIGHT)
        below = float(right[1] - self.at((0, y0))[1])
        across.seat(float(right[1]) - (below + 0.42 if below < (1.1 if ticks else 0.6) else 0.9 if ticks else 0.46))
        up.next_to(self.at((0, y1)), UP, buff=0.14)
        up.shift(RIGHT * max(0.0, -frame.WIDTH / 2 + frame.MARGIN - up.get_left()[0]))
        self.places += [np.array([x1, 0.0]), np.array([0.0, y1])]
        for name in (across, up):
            name.set_stroke(theme.GROUND, width=6, background=True)
        self.labels.add(across, up)

    def _multiples(self, axis: int) -> list[float]:
        """Return the multiples of the grid's step that lie on an axis."""
        first, last = math.ceil(self.low[axis] / self.step - 1e-9), math.floor(self.high[axis] / self.step + 1e-9)
        return [k * self.step for k in range(first, last + 1)]

    def _line(self, group: VGroup, start: Sequence[float], end: Sequence[float], color: str, width: float) -> Line:
        a, b = (np.array([*p, 0.0])[:3] for p in (start, end))
        line = Line(self.at(a), self.at(b), color=color, stroke_width=width)
        self._lines.append((line, a, b))
        group.add(line)
        return line

    def _ticks(self) -> list[Mobject]:
        made: list[Mobject] = []
        for axis, (side, gap) in enumerate(((DOWN, 0.3), (LEFT, 0.3))):
            values = [value for value in self._multiples(axis) if value != 0]
            name = self.axes_names[axis]
            numbers = [tick(v, self.step, name) for v in values]
            for value, mark in zip(values, number_marks(numbers, size=theme.SMALLEST, color=theme.DIM), strict=True):
                place = (value, 0.0) if axis == 0 else (0.0, value)
                made.append(mark.next_to(self.at(place), side, buff=gap))
                self.places.append(np.array(place))
        return made

    def third_axis(self) -> Line:
        """Add the third axis and return it (a point in the front view, a line once the plane is turned)."""
        return self._line(self.axis_lines, (0, 0, 0), (0, 0, self.third), theme.AXIS, 2.5).set_z_index(-5)

    def riders(self, view: tuple[float, float]) -> list[Rider]:
        """Return the axes' names and the tick numbers as riders for a turn to `view`.

        An axis's name moves close to the end of its axis when the plane is turned.
        """
        riders: list[Rider] = []
        for k, (label, place) in enumerate(zip(self.labels, self.places, strict=False)):
            home = self.offsets[k] if view == FRONT else NEAR[k] if k < len(NEAR) else self.offsets[k]
            riders.append((label, place, home))
        return riders

    def third_axis_label(self, view: tuple[float, float] = TURNED) -> Writing:
        """Return the third axis's name, placed at that axis's end as seen in `view`."""
        origin, unit = self.fit(view)
        name = prose(self.axes_names[2], size=theme.NOTE, color=theme.DIM, own=True)
        name.next_to(origin + unit * project(np.array([0, 0, self.third]), view), DOWN, buff=0.12)
        return name.shift(RIGHT * max(0.0, -frame.WIDTH / 2 + frame.MARGIN - name.get_left()[0]))

    def drop_third_axis(self) -> VGroup:
        """Remove the third axis and its name from the plane, and return them."""
        gone = VGroup(*self.axis_lines[2:], *self.labels[len(self.places) :])
        self.axis_lines.submobjects = self.axis_lines.submobjects[:2]
        self.labels.submobjects = self.labels.submobjects[: len(self.places)]
        return gone

    def turn(self, view: tuple[float, float], run_time: float = 2.4) -> Turn:
        """Return the animation that turns the plane to a view (azimuth and elevation in radians)."""
        return Turn(self, view, self.riders(view), rate_func=smooth, run_time=run_time)

    def put(self, view: tuple[float, float], origin: Array, unit: float) -> None:
        """Set the view, origin and unit, and move every line accordingly."""
        self.view, self.origin, self.unit = view, origin, unit
        for line, start, end in self._lines:
            line.set_points_by_ends(self.at(start), self.at(end))


def tick(value: float, step: float, axis: str) -> Number:
    """Return the number at a tick of an axis, with as many decimals as steps of this size need."""
    decimals = max(0, -math.floor(math.log10(step)))
    return Number(value, show(value, "short", decimals), formula=f"tick of the axis {axis}")


def project(vector: Array, view: tuple[float, float]) -> Array:
    """Return the orthographic projection (x, y, 0) of a vector (2 or 3 coordinates) in a view (in radians).

    The first axis points right and the second up; the third comes towards the viewer, and is hidden in the front view.
    """
    x, y, z = (*vector, 0.0)[:3]
    azimuth, elevation = view
    across = x * math.cos(azimuth) + z * math.sin(azimuth)
    towards = -x * math.sin(azimuth) + z * math.cos(azimuth)
    return np.array([across, y * math.cos(elevation) - towards * math.sin(elevation), 0.0])


class Turn(Animation):
    """Animate a plane to another view; `riders` move along, each with the vector that it is attached to."""

    def __init__(self, plane: Plane, view: tuple[float, float], riders: Sequence[Rider] = (), **kwargs: Any) -> None:
        self.plane = plane
        (origin, unit), now = plane.fit(view), plane.view
        self.start, self.goal = (*now, *plane.origin, plane.unit), (*view, *origin, unit)
        self.riders = []
        for mobject, vector, goal in riders:
            offset = mobject.get_center() - plane.at(vector)
            self.riders.append((mobject, np.asarray(vector, dtype=float), offset, offset if goal is None else goal))
        super().__init__(VGroup(plane, *[mobject for mobject, *_ in riders]), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the plane at the fraction `alpha` of the animation."""
        share = self.rate_func(alpha)
        now = [a + share * (b - a) for a, b in zip(self.start, self.goal, strict=True)]
        self.plane.put((now[0], now[1]), np.array(now[2:5]), now[5])
        for mobject, vector, offset, goal in self.riders:
            mobject.move_to(self.plane.at(vector) + offset + share * (goal - offset))
