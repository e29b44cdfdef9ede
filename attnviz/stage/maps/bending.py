"""A plane whose grid is transformed by a matrix, carrying along arrows, areas, paths, rulers and words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from manim import LEFT, RIGHT, Animation, Line, Mobject, UpdateFromAlphaFunc, VGroup

from attnviz.stage import theme
from attnviz.stage.frame import CONTENT, Region
from attnviz.stage.halo import halo, widen_halo
from attnviz.stage.maps.carried import Carried
from attnviz.stage.maps.grid import Grid
from attnviz.stage.maps.names import CLEAR, grown, name_spots
from attnviz.stage.maps.sides import size_of
from attnviz.stage.maps.view import View
from attnviz.stage.numbers import Number, show
from attnviz.stage.ownership import Anchor
from attnviz.stage.placement import Array, Rect, around, rect_of, rects_along
from attnviz.stage.planes.marker import RING, WordMarker
from attnviz.stage.planes.plane import nice_step
from attnviz.stage.reading import visible_word
from attnviz.stage.typesetting import number_marks, prose

MOST_LINES, TICKS_APART = 16, 1.0
"""So many grid lines stand side by side at most, and so far apart are numbers along the axes (frame units)."""
PRAISED = 0.4
"""How loud the grid of the best of several small planes is."""


class BendingPlane(VGroup):
    """A window onto a plane, with fixed axes and a grid that a matrix transforms.

    It is drawn in a `view` (see `view_of`), which `Bend` can change. `ticks` is the view for which there are numbers at
    the lower and left edges, if there are any; `step` is that of the grid. If the plane is the `subject`, its bent grid
    is bright as long as it bends, until it should `stand_back`; else it never is. Vectors are rows, to the left of the
    matrix: x is mapped to x · M.
    """

    def __init__(
        self,
        view: View,
        axes: Sequence[str] = (),
        *,
        ticks: View | None = None,
        step: float | None = None,
        subject: bool = True,
    ) -> None:
        super().__init__()
        self.view, self.subject = view, subject
        self.step = step or nice_step(max(view.window.width, view.window.height) / view.unit, most=MOST_LINES)
        self.matrix: Array = np.eye(2)
        self.level, self.loud = 0.0, float(subject)
        self.carried: list[Carried] = []
        self.words: dict[str, WordMarker] = {}
        self.homes: dict[str, Array] = {}
        self.left_behind: list[Mobject] = []  # what is not carried along, and names keep clear of
        self.still, self.grid = Grid(self.step), Grid(self.step)
        self.still.paint(theme.GRID, theme.GRID, 1.5)
        self.axis_lines = VGroup(*[Line(LEFT, RIGHT, color=theme.AXIS, stroke_width=2.5) for _ in "xy"])
        names = [prose(name, size=theme.NOTE, color=theme.DIM, own=True) for name in axes[:2]]
        self.names = VGroup(*[VGroup(halo(name), name) for name in names])
        self.tick_places = [] if ticks is None else self._tick_values(axes, ticks)
        marks = number_marks([number for _, _, number in self.tick_places], size=theme.TICK, color=theme.DIM)
        self.ticks = VGroup(*[VGroup(halo(mark), mark) for mark in marks])
        self.add(self.still, self.grid, self.axis_lines, self.names, self.ticks)
        self.bend(np.eye(2), view)
        self.show_mapped(0.0)
        self.set_z_index(-5)

    def at(self, vector: Sequence[float] | Array) -> Array:
        """Return the point on screen of a vector, whatever matrix the grid is transformed by."""
        return self.view.at(vector)

    def holds(self, vector: Sequence[float] | Array, view: View | None = None, margin: float = 0.3) -> bool:
        """Return whether a vector lies inside the room of a view, at least `margin` (frame units) from its edges."""
        view = view or self.view
        x, y, _ = view.at(vector)
        left, bottom, right, top = view.room
        return bool(left + margin <= x <= right - margin and bottom + margin <= y <= top - margin)

    @property
    def region(self) -> Region:
        """The window, which the grid fills."""
        return self.view.window

    @property
    def origin(self) -> Array:
        """The point on screen of the plane's origin."""
        return self.view.origin

    @property
    def unit(self) -> float:
        """The length of 1 on screen (frame units)."""
        return self.view.unit

    @property
    def seen(self) -> VGroup:
        """The grid lines that cross the window."""
        return self.grid.seen

    @property
    def labels(self) -> list[Mobject]:
        """The names of the axes, and the numbers along them."""
        return [*self.names, *self.ticks]

    def owned(self) -> Iterator[tuple[Mobject, Anchor]]:
        """Yield the names of the axes with their axes, and ticks with their lines of the straight grid."""
        yield from zip(self.names, self.axis_lines, strict=False)
        for mark, (axis, value, _) in zip(self.ticks, self.tick_places, strict=True):
            rank = round(value / self.step)
            yield mark, next(line for line in self.still if line.along == 1 - axis and line.rank == rank)

    def bend(self, matrix: Array, view: View | None = None) -> None:
        """Draw the grid, and everything that is carried along, as transformed by a matrix, and in a view, if given."""
        self.matrix = matrix
        if view is not None:
            self.view = view
            self.still.lay(np.eye(2), view)
            self._lay_axes()
        self.grid.lay(matrix, self.view)
        for thing in self.carried:
            thing.place([self.at(vector @ matrix) for vector in thing.vectors])

    def show_mapped(self, level: float) -> None:
        """Show the grid from unmapped (0), when it is furniture, to mapped (1), when it stands out from the axes."""
        self.level = level
        self._paint()
        self.axis_lines.set_stroke(opacity=1 - 0.45 * level)
        self.names.set_opacity(1 - level)  # they name the axes of the straight grid
        self.still.faint = 1 - 0.55 * level
        self.still.paint(theme.GRID, theme.GRID, 1.5)

    def stand_out(self) -> Animation:
        """Return the animation in which a plane that stood back stands out a little, among others."""
        return self._turned_to(PRAISED)

    def stand_back(self) -> Animation:
        """Return the animation in which the bent grid stands back, so that what is on it can be read."""
        return self._turned_to(0.0)

    def _turned_to(self, goal: float) -> Animation:
        start = self.loud

        def paint(_: Mobject, share: float) -> None:
            self.loud = start + share * (goal - start)
            self._paint()

        return UpdateFromAlphaFunc(self, paint)

    def _paint(self) -> None:
        """Paint the grid, as far as it is mapped, and as loud as it is."""
        bent = theme.blend(theme.BENT_BACK, theme.BENT_GRID, self.loud).to_hex()
        color = theme.blend(theme.GRID, bent, self.level).to_hex()
        self.grid.paint(color, color, 1.5 + (0.4 + 0.5 * self.loud) * self.level)

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
        self, homes: Mapping[str, Array], colors: Mapping[str, str], *, icons: bool = True, size: float = 1.0
    ) -> list[WordMarker]:
        """Return new words at their own vectors, to be carried along; their names go where they cover least.

        Of two kinds of a thing, such as `fruit-apple` and `tech-apple`, each wears a ring in its own colour. In a plane
        so small that words have less than their usual `size`, icons have no names.
        """
        for token, vector in homes.items():
            home = np.asarray(vector, dtype=float)[:2]
            point = WordMarker(token, home, self.at(home), colors[token], with_icon=icons)
            if point.has_icon and "-" in visible_word(token):
                point.wear(colors[token])
            if size < 1 and point.has_icon:
                point.drop_name()
            widen_halo(point.label)
            point.label.set_z_index(point.body.z_index - 0.5)  # so wide a halo reaches into the ring
            point.body.scale(size, scale_stroke=True)
            self.words[token], self.homes[token] = point, home
        for (token, point), place in zip(self.words.items(), self.label_places(self.matrix), strict=True):
            if token in homes:
                point.label.move_to(place)
        return [self.words[token] for token in homes]

    def settle(self, matrix: Array, view: View) -> None:
        """Let each label of what is carried choose the side on which it will cover least."""
        for thing in self.carried:
            if thing.label is not None and thing.may_change:
                places = [view.at(vector @ matrix) for vector in thing.vectors]
                moment = places, self.standing(matrix, view, without=thing)
                thing.settle(thing.label, moment, bounds=view.room, prefer=thing.choice)

    def forget(self, *tokens: str) -> None:
        """Carry these words along no longer."""
        for token in tokens:
            del self.words[token], self.homes[token]

    def label_places(self, matrix: Array, view: View | None = None) -> list[Array]:
        """Return the centre of each word's label once the plane is transformed by a matrix, or seen in another view."""
        view = view or self.view
        avoid = 3 * self._label_rects(view)
        avoid += 3 * [grown(rect) for rects in self._drawn(matrix, view) for rect in rects]
        avoid += [rect_of(thing, CLEAR) for thing in self.left_behind]
        places = [view.at(home @ matrix) for home in self.homes.values()]
        bodies = [around(place, body_of(point)) for place, point in zip(places, self.words.values(), strict=True)]
        now = [point.label.get_center() - point.place for point in self.words.values()]
        sizes = [size_of(point.label) for point in self.words.values()]
        return name_spots(sizes, bodies, now, avoid=avoid, bounds=view.room)

    def standing(
        self, matrix: Array | None = None, view: View | None = None, *, without: Mobject | None = None
    ) -> list[Rect]:
        """Return rectangles that cover the labels, lines and words, now or once transformed by a matrix (in a view)."""
        goal, view = self.matrix if matrix is None else matrix, view or self.view
        taken = self._label_rects(view) + [rect_of(thing) for thing in self.left_behind]
        taken += [rect for rects in self._drawn(goal, view, without) for rect in rects]
        centers = self.label_places(goal, view)
        for point, home, center in zip(self.words.values(), self.homes.values(), centers, strict=True):
            taken += [around(view.at(home @ goal), body_of(point)), around(center, size_of(point.label))]
        return taken

    def _drawn(self, matrix: Array, view: View, without: Mobject | None = None) -> Iterator[list[Rect]]:
        """Yield what covers the lines of each carried thing, once transformed by a matrix, and its label."""
        for thing in self.carried:
            if thing is without:
                continue
            places = [view.at(vector @ matrix) for vector in thing.vectors]
            yield [rect for start, end in thing.ways(places) for rect in rects_along(start, end)]
            if thing.label is not None:
                size = size_of(thing.label)
                yield [around(thing.spot(size, places), size)]

    def _lay_axes(self) -> None:
        """Draw the axes across the window, with their names at their ends, and ticks."""
        (left, bottom, right, top), room = self.region, self.view.room
        x, y, _ = self.origin
        ends = ((left, y, 0), (right, y, 0)), ((x, bottom, 0), (x, min(top, CONTENT.top), 0))  # below the title
        for axis, line in zip(self.axis_lines, ends, strict=True):
            axis.set_points_as_corners(np.array(line))
        for label, spot in zip(self.labels, self._label_spots(self.view), strict=True):
            label.move_to(spot)
        for mark, (axis, value, _) in zip(self.ticks, self.tick_places, strict=True):
            place = self.at(_on_axis(axis, value))[axis]
            mark.set_opacity(float(room[axis] + 0.4 <= place <= room[axis + 2] - 0.1))

    def _label_spots(self, view: View) -> list[Array]:
        """Return the centres of the names of the axes, and of ticks, in a view."""
        room, spots = view.room, list[Array]()
        x, y, _ = view.origin
        if self.names:
            across, up = (size_of(name) for name in self.names)
            spots.append(np.array([room.right - across[0] / 2, y + 0.14 + across[1] / 2, 0.0]))
            spots.append(np.array([min(x + 0.16 + up[0] / 2, room.right - up[0] / 2), room.top - up[1] / 2, 0.0]))
        for mark, (axis, value, _) in zip(self.ticks, self.tick_places, strict=True):
            at = view.at(_on_axis(axis, value))
            at[1 - axis] = room[1 - axis] + 0.06 + (mark.height if axis == 0 else mark.width) / 2
            spots.append(at)
        return spots

    def _label_rects(self, view: View) -> list[Rect]:
        """Return rectangles that cover the names of the axes, and ticks, in a view."""
        pairs = zip(self._label_spots(view), self.labels, strict=True)
        return [around(spot, (label.width + 0.1, label.height + 0.1)) for spot, label in pairs]

    def _tick_values(self, axes: Sequence[str], view: View) -> list[tuple[int, float, Number]]:
        """Return the ticks of a view, which keep clear of each other: the axis of each, its value, its number."""
        made: list[tuple[int, float, Number]] = []
        for axis, name in enumerate([*axes[:2], "plane", "plane"][:2]):
            low = (view.room[axis] - view.origin[axis]) / view.unit
            high = (view.room[axis + 2] - view.origin[axis]) / view.unit
            gap = nice_step(high - low, most=max(1, int((high - low) * view.unit / TICKS_APART)))
            gap = self.step * max(1, round(gap / self.step))
            inside = range(math.ceil(low / gap + 0.2), math.floor(high / gap - 0.2) + 1)
            values = [k * gap for k in inside if k]
            made += [(axis, v, Number(v, show(v, "short", 3), formula=f"tick of the axis {name}")) for v in values]
        return made


def _on_axis(axis: int, value: float) -> tuple[float, float]:
    return (value, 0.0) if axis == 0 else (0.0, value)


def body_of(point: WordMarker) -> tuple[float, float]:
    """Return the width and height of a word's point."""
    size = 2 * point.half * float(point.ring.width) / (2 * RING)
    return size, size
