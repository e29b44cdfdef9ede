"""A plane that takes the whole frame, its grid running to the edges; it makes room for what comes beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from manim import DOWN, Animation, AnimationGroup, Create, FadeIn, LaggedStart, Line, Mobject, VGroup, VMobject

from attnviz.stage import frame, theme
from attnviz.stage.frame import Region
from attnviz.stage.halo import WIDTH, haloed
from attnviz.stage.ownership import Anchor
from attnviz.stage.placement import Array, Rect, clipped, rect_of
from attnviz.stage.planes.axis_labels import AxisLabels
from attnviz.stage.planes.plane import FRONT, TURNED, nice_step, project, tick
from attnviz.stage.typesetting import Writing, number_marks, prose

ALONE = (frame.FULL, frame.PLANE_ALONE)
ASIDE = (frame.FULL._replace(right=frame.PLANE_EDGE), frame.PLANE_LEFT)
"""Where a plane is seen, and where its points and names stand: alone in the frame, and beside something."""
ABOVE = 0.1
"""How far the second axis goes on above where points and names stand."""
GAP = 0.2
SIDE, BELOW, TOP = 0.72, 0.86, 0.86
"""How far points keep from the edges of where they may stand: there is room for an icon, its name, the axes' names."""
INSET = 0.36
"""How far the points and names in a panel keep from its left and right edges, besides."""


class OpenPlane(AxisLabels):
    """Grid and axes that fill a window of the frame; the points, shape (n, d) with d = 2 or 3, stand inside it.

    The window is the frame, or the left of it while the plane is `aside`; a plane that has a `panel` stays in that.
    Ticks stand at the axes, whose names may be set already. `subject` are the vectors that, with the origin, fill the
    window of a plane that has gone aside (None: all); `also` are those of words that stand elsewhere than at the
    points, and `ways` the ends of what is drawn from vector to vector.
    The scale is the same in all directions, so that angles and norms are undistorted.
    """

    def __init__(
        self, points: Array, axes: Sequence[str | Writing], *, ticks: bool = False, aside: bool = False,
        panel: Region | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.axes_names, self.aside, self._has_ticks = list(axes), aside, ticks
        self._layouts = (ALONE, ASIDE)
        if panel is not None:
            inner = Region(panel.left + INSET, panel.bottom, panel.right - INSET, panel.top - 1.2 * ABOVE)
            self._layouts = ((panel, inner),) * 2
        self.subject: list[Array] | None = None
        self.also: list[Array] = []
        self.ways: list[tuple[Array, Array]] = []
        self._outside: set[int] = set()
        self._points = [np.zeros(3), *(np.array([*p, 0.0])[:3] for p in points)]
        flat = np.array(self._points)
        self.low, self.high = flat[:, :2].min(axis=0), flat[:, :2].max(axis=0)
        if float((self.high - self.low).max()) < 1e-9:
            self.high = self.low + 1.0
        self.third = float(np.abs(flat[:, 2]).max()) if points.shape[1] > 2 else 0.0
        self.grid, self.axis_lines, self.labels = VGroup(), VGroup(), VGroup()
        self.places: list[Array] = []
        self._lines: list[tuple[Line, Array, Array]] = []
        wide = self._layouts[0][0].width
        most = max(4, round(15 * wide / frame.FULL.width))
        self.step = nice_step(wide / self._fitted(FRONT, self._layouts[0])[1], most=most)
        self.third += 0.6 * self.step if self.third else 0.0
        self._draw([theme.DIM] * len(axes), ticks)
        self.take(self.state(FRONT, aside))
        self.add(self.grid, self.axis_lines, self.labels)
        self.set_z_index(-5)

    # Where it is ----------------------------------------------------------------------------------------------

    def state(self, view: tuple[float, float], aside: bool) -> Array:
        """Return all that `take` needs to show a view: angles, origin, unit, window and room, as one vector."""
        window, room = layout = self._layouts[aside]
        origin, unit = self._fitted(view, layout)
        return np.array(
            [*view, *origin, unit, *window, *room, *self._standing(view, origin, unit, layout)], dtype=float
        )

    @property
    def now(self) -> Array:
        """The state that is shown."""
        return np.array([*self.view, *self.origin, self.unit, *self.window, *self.region, *self.stands])

    def take(self, state: Array) -> None:
        """Show a state, or what lies between two: everything of the plane is laid anew."""
        self.view, self.origin, self.unit = (float(state[0]), float(state[1])), np.array(state[2:5]), float(state[5])
        self.window, self.region = Region(*map(float, state[6:10])), Region(*map(float, state[10:14]))
        self.stands = np.array(state[14:])
        for line, start, end in self._lines:
            self._lay(line, start, end)
        self._lay_labels()

    def opening(self) -> Animation:
        """Return the animation that draws the plane: its axes at once, and its grid behind them."""
        seen = [line for line in self.grid if line.has_points()]
        axes = AnimationGroup(Create(self.axis_lines), FadeIn(self.labels), run_time=0.6)
        return AnimationGroup(axes, LaggedStart(*map(Create, seen), lag_ratio=0.04, run_time=1.2))

    def owned(self) -> Iterator[tuple[Mobject, Anchor]]:
        """Yield the axes' names and the tick numbers with their axes."""
        if self.view == FRONT:
            across, up = self.axis_lines[:2]
            near = abs(float(self.stands[1] - self.origin[1])) < 1.0
            yield self.labels[0], across if near else self.grid
            yield self.labels[1], up
            for k, mark in enumerate(self.ticks):
                if id(mark) not in self._outside:
                    yield mark, across if k < self._across else up

    @property
    def _turned(self) -> float:
        """How far the plane is turned: 0 at the front, 1 where the third axis is shown."""
        return min(1.0, max(abs(angle / most) for angle, most in zip(self.view, TURNED, strict=True)))

    def _fitted(self, view: tuple[float, float], layout: tuple[Rect, Rect]) -> tuple[Array, float]:
        left, bottom, right, top = layout[1]
        narrowed = self.subject is not None and view == FRONT and layout is ASIDE
        points = [self._points[0], *(self.subject or [])] if narrowed else self._points
        seen = np.array([project(point, view) for point in [*points, *self._depth(view)]])
        low, high = seen.min(axis=0)[:2], seen.max(axis=0)[:2]
        side = SIDE if layout is ALONE else 0.75 * SIDE
        low_corner = np.array([left + side + (0.35 if self._has_ticks else 0), bottom + BELOW])
        high_corner = np.array([right - side, top - TOP])
        size = np.maximum(high - low, 1e-9)
        unit = float(min((high_corner - low_corner) / size))
        middle = (low_corner + high_corner) / 2 - (low + high) / 2 * unit
        return np.array([*middle, 0.0]), unit

    def _depth(self, view: tuple[float, float]) -> list[Array]:
        corners = [np.array([x, y, 0.0]) for x in (self.low[0], self.high[0]) for y in (self.low[1], self.high[1])]
        return [] if view == FRONT else [*corners, np.array([0.0, 0.0, self.third])]

    # What it draws --------------------------------------------------------------------------------------------

    def _draw(self, colors: list[str], ticks: bool) -> None:
        reach = math.ceil(2 * frame.FULL.width / (self._fitted(FRONT, self._layouts[1])[1] * self.step)) + 1
        steps = [[k for k in range(-reach, reach + 1) if k] for _ in "xy"]
        for along, ranks in enumerate(steps):
            for k in ranks:
                self._grid_line(self.grid, along, k * self.step, theme.GRID, 1.5)
        for along in (0, 1):
            self._grid_line(self.axis_lines, along, 0.0, theme.AXIS, 2.5)
        for name, color in zip(self.axes_names[:2], colors, strict=False):
            self.labels.add(haloed(self._name(name, color)))
        self._ticked: list[Line] = []
        self._across = 0
        if ticks:
            self.labels.add(*self._ticks())

    def _name(self, axis: str | Writing, color: str) -> Writing:
        return axis if isinstance(axis, Writing) else prose(axis, size=theme.NOTE, color=color, own=True)

    def _grid_line(self, group: VGroup, along: int, at: float, color: str, width: float) -> None:
        """Add the line at a value of one axis that runs along the other: `along` 0 is across, 1 upwards."""
        base = np.array([at, 0.0, 0.0] if along else [0.0, at, 0.0])
        line = Line(color=color, stroke_width=width)
        self._lines.append((line, base, np.array([0.0, 1.0, 0.0] if along else [1.0, 0.0, 0.0])))
        group.add(line)

    def _lay(self, line: Line, base: Array, way: Array) -> None:
        """Lay a line through `base` along `way` from edge to edge of the window; of a turned plane, a sheet is left."""
        if base[2] or way[2]:  # the third axis
            line.set_points_by_ends(self.at(base), self.at(way))
            return
        # The second axis ends below the title, where its name stands
        window = self.window._replace(top=self.region.top + ABOVE) if line is self.axis_lines[1] else self.window
        ends = clipped(self.at(base), self.at(way) - self.origin, window)
        if ends is not None and self._turned > 1e-6:
            ends = self._sheet(base, way, ends)
        if ends is None:
            line.clear_points()
        else:
            line.set_points_as_corners(np.array(ends))

    def _sheet(self, base: Array, way: Array, ends: tuple[Array, Array]) -> tuple[Array, Array] | None:
        """Return the ends of a line on the sheet that is left of the grid when the plane is turned."""
        share = self._turned
        along, across = (0, 1) if way[0] else (1, 0)
        edge = 0.5 * self.step
        beyond = max(self.low[across] - edge - base[across], base[across] - self.high[across] - edge)
        if beyond > 40 * self.step * (1 - share) ** 2 + 1e-9:
            return None
        sheet = [self.at(base + way * limit[along]) for limit in (self.low - edge, self.high + edge)]
        reach = self.at(way) - self.origin
        if float(np.dot(ends[1] - ends[0], reach)) < 0:
            ends = ends[::-1]
        return tuple(end + share * (goal - end) for end, goal in zip(ends, sheet, strict=True))  # type: ignore[return-value]

    @property
    def ticks(self) -> list[Mobject]:
        """The numbers along the first two axes."""
        return list(self.labels[len("xy") : len("xy") + len(self._ticked)])

    def _ticks(self) -> list[Mobject]:
        made: list[Mobject] = []
        for axis in (0, 1):
            found = {round(float(base[axis] / self.step)): line for line, base, way in self._lines if way[1 - axis]}
            first = math.ceil((self.low[axis] - 0.3 * self.step) / self.step)
            last = math.floor((self.high[axis] + 0.3 * self.step) / self.step)
            numbers = {k: tick(k * self.step, self.step, str(self.axes_names[axis])) for k in range(first, last + 1)}
            marks = dict(zip(numbers, number_marks([*numbers.values()], size=theme.TICK, color=theme.DIM), strict=True))
            widest = max((mark.width for mark in marks.values()), default=0.0) + 0.3
            every = next(
                n for n in (1, 2, 5, 10, 100) if n * self.step * self._fitted(FRONT, self._layouts[1])[1] > widest
            )
            ranks = [k for k in numbers if k % every == 0 and (k or axis == 0)]  # one zero is enough
            made += [_haloed(marks[k]) for k in ranks]
            self.places += [np.array([k * self.step, 0.0] if axis == 0 else [0.0, k * self.step]) for k in ranks]
            self._ticked += [found[k] for k in ranks]
            if axis == 0:
                self._across = len(made)  # so many of the ticks are along the first axis
        return made

    def _lay_labels(self) -> None:
        share, (across, up), sides = self._turned, self.stands[:4].reshape(2, 2), self.stands[4:]
        goals = [np.array([*across, 0.0]), np.array([*up, 0.0])]
        if share > 1e-6:
            goals = [goal + share * (end - goal) for goal, end in zip(goals, self._turned_places(), strict=True)]
        ticks = enumerate(zip(self.ticks, self.places, sides, strict=True))
        goals += [self.at(place) + self._tick_offset(k, mark, place, side) for k, (mark, place, side) in ticks]
        for label, goal in zip(self.labels, goals, strict=False):
            label.move_to(goal)
        for mark in self.ticks:
            self._show_inside(mark)
        for label in self.labels[len(goals) :]:
            self._at_third(label)

    def _show_inside(self, mark: Mobject) -> None:
        """Show a tick only where the window shows its place: all of it, and below the title."""
        x, y, _ = mark.get_center()
        left, right = max(self.window.left, frame.FULL.left + mark.width / 2), self.window.right
        shown = left < x < right and self.window.bottom < y < self.region.top + ABOVE
        if shown != (id(mark) not in self._outside):
            (self._outside.discard if shown else self._outside.add)(id(mark))
            mark.set_fill(opacity=float(shown)).set_stroke(opacity=float(shown), background=True)

    def _turned_places(self) -> list[Array]:
        """Return where the axes' names stand once the plane is turned: at the edges of its sheet."""
        high = self.high + 0.5 * self.step
        across, up = self.labels[:2]
        goals = [self._turned_across(across, high[0]), self.at((0.0, high[1]))]
        goals[1] = goals[1] + np.array([-0.15 - up.width / 2, 0.4 if self.ticks else 0.1, 0.0])
        goals[1][1] = min(goals[1][1], self.region.top - up.height / 2)
        return goals

    def _turned_across(self, name: Mobject, end: float) -> Array:
        """Return where the first axis's name stands once the plane is turned: at its end or, at the edge, below it."""
        place = self.at((end, 0.0)) + np.array([0.12 + name.width / 2, 0.0, 0.0])
        if place[0] + name.width / 2 <= self.region.right + 0.25:
            return np.asarray(place)
        below = 0.62 if self.ticks else 0.28  # of the numbers at the axis
        return np.asarray(self.at((0.4 * end, 0.0)) + np.array([-0.3 * name.width / 2, -below - name.height / 2, 0.0]))

    # The third axis -------------------------------------------------------------------------------------------

    def third_axis(self) -> Line:
        """Add the third axis and return it (a point in the front view, a line once the plane is turned)."""
        line = Line(color=theme.AXIS, stroke_width=2.5).set_z_index(-5)
        self._lines.append((line, np.zeros(3), np.array([0.0, 0.0, self.third])))
        self._lay(*self._lines[-1])
        self.axis_lines.add(line)
        return line

    def third_axis_label(self, view: tuple[float, float] = TURNED) -> Writing:
        """Return the third axis's name, placed at that axis's end as it is seen now."""
        name = haloed(self._name(self.axes_names[2], theme.DIM))
        self._at_third(name)
        return name

    def _at_third(self, name: Mobject) -> None:
        name.next_to(self.at((0.0, 0.0, self.third)), DOWN, buff=0.12)
        name.shift(np.array([max(0.0, self.window.left + 0.3 - float(name.get_left()[0])), 0.0, 0.0]))

    def drop_third_axis(self) -> VGroup:
        """Remove the third axis and its name from the plane, and return them."""
        known = len("xy") + len(self._ticked)
        gone = VGroup(*self.axis_lines[2:], *self.labels[known:])
        self._lines = [each for each in self._lines if each[0] not in gone.submobjects]
        self.axis_lines.submobjects = self.axis_lines.submobjects[:2]
        self.labels.submobjects = self.labels.submobjects[:known]
        return gone

    def written(self) -> list[Rect]:
        """Return the rectangles of the axes' names and the ticks, with room for a gap between words beside them."""
        grown = [(rect_of(name, 0.08), GAP) for name in self.labels[:2]]
        grown += [(rect_of(tick, 0.04), GAP / 2) for tick in self.labels[2:]]
        return [(x0 - gap, y0, x1 + gap, y1) for (x0, y0, x1, y1), gap in grown]


def _haloed(text: VMobject) -> VMobject:
    return text.set_stroke(theme.GROUND, width=WIDTH, background=True)
