"""What a bending plane carries along: arrows, lines, areas, each drawn where the map takes its vectors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    UP,
    Animation,
    Dot,
    Line,
    LineJointType,
    Mobject,
    Polygon,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
)

from attnviz.stage import frame
from attnviz.stage.halo import WIDE, halo
from attnviz.stage.maps.sides import SHARES, along_line, beside, direction, reach, size_of, to_edge
from attnviz.stage.placement import Array, Rect, around, overlap, rects_along
from attnviz.stage.typesetting import Writing

CLOSE = 0.17
"""The gap between a drawing and its label (frame units)."""
OFF_CORNER = 0.2
"""The gap between an area and its label, if that stands beside it."""
NARROWEST_TURN = 0.9, 0.6
"""From which angle (radians) down a turn fades, and at which it is gone: a bent arrow has no room there."""
HEAVY = 8.0
"""What an area costs that a label covers."""
INSIDE = 0.05
"""What is kept free around the label of an area: inside it, that has no halo."""


class Carried(VGroup):
    """A drawing defined by vectors of a bending plane; `place` draws it where the map has taken them.

    It may have a label, which is no part of it but moves with it, always on the same side: `choice` says which of the
    places in `options` it has. `anchor` is the part that the label belongs to.
    """

    options = 1
    margin = WIDE / 200
    """What is kept free around its label: as far as a halo reaches."""
    may_change = True
    """Whether the label may change its side while the plane bends."""

    def __init__(self, vectors: Sequence[Sequence[float] | Array]) -> None:
        super().__init__()
        self.vectors = [np.asarray(vector, dtype=float) for vector in vectors]
        self.places: list[Array] = []
        self.label: VGroup | None = None
        self.choice = 0

    @property
    def anchor(self) -> Mobject:
        """The part that its label belongs to."""
        return self

    def place(self, places: Sequence[Array]) -> None:
        """Draw it through these points on screen, one for each vector, and its label beside it."""
        self.places = list(places)
        self.draw(self.places)
        if self.label is not None:
            self.label.move_to(self.spot((self.label.width, self.label.height), self.places))

    def draw(self, places: Sequence[Array]) -> None:
        """Draw it through points on screen, one for each vector."""
        raise NotImplementedError

    def ways(self, places: Sequence[Array]) -> list[tuple[Array, Array]]:
        """Return the lines that are drawn when it goes through points on screen."""
        return list(pairwise(places))

    def spot(self, size: tuple[float, float], places: Sequence[Array]) -> Array:
        """Return the centre of a label of a size (width, height) when the drawing goes through points on screen."""
        raise NotImplementedError

    def relabel(self, text: Writing, *, on_lines: bool = True) -> VGroup:
        """Give it another label, with a halo if it stands on lines, and return it, to be shown; it is in its place."""
        self.label = VGroup(*([halo(text)] if on_lines else []), text).set_z_index(3)
        if self.places:
            self.place(self.places)
        return self.label

    def settle(
        self,
        label: Mobject,
        *moments: tuple[Sequence[Array], Sequence[Rect]],
        bounds: Rect = frame.CONTENT,
        prefer: int = 0,
    ) -> None:
        """Choose the side on which a label will cover least at some moments, and keeps within bounds.

        A moment has the points on screen that it goes through, and rectangles to keep clear of. The side that it should
        `prefer` is left only if something is there.
        """

        size = size_of(label)

        def covers(choice: int) -> float:
            self.choice = choice
            cost = 0.0 if choice == prefer else 0.02 + 0.01 * choice
            for places, taken in moments:
                spot = self.spot(size, places)
                rect = around(spot, (size[0] + 2 * self.margin, size[1] + 2 * self.margin))
                lines = [each for start, end in self.ways(places) for each in rects_along(start, end)]
                cost += HEAVY * sum(overlap(one, other) for one in (rect, *lines) for other in taken)
                cost += 40 * (size[0] * size[1] - overlap(around(spot, size), bounds))
            return cost

        self.choice = min(range(self.options), key=covers)
        if self.places:
            self.place(self.places)

    @property
    def middle(self) -> Mobject:
        """A small thing, never drawn, at the middle of what the label belongs to, where the label can come from."""
        line = self.anchor
        at = line.point_from_proportion(0.5) if isinstance(line, VMobject) and line.has_points() else line.get_center()
        return Dot(at, radius=0.1)

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield its label, if it has one, with what it belongs to."""
        if self.label is not None:
            yield self.label, self.anchor


class CarriedArrow(Carried):
    """An arrow from one vector to another, with its label at its tip; `width` is Manim's stroke width."""

    options = 5

    def __init__(
        self, start: Sequence[float] | Array, end: Sequence[float] | Array, color: str, width: float = 6
    ) -> None:
        super().__init__([start, end])
        self.head = 0.24 * max(1.0, width / 6)
        self.shaft = Line(LEFT, RIGHT, color=color, stroke_width=width)
        self.tip = Polygon(LEFT, UP, RIGHT, color=color, fill_opacity=1, stroke_width=0)
        self.add(self.shaft, self.tip)

    def grow(self) -> Animation:
        """Return the animation in which the arrow, drawn for the first time, grows out of its start."""
        start, end = self.places

        def reach_out(_: Mobject, share: float) -> None:
            self.place([start, start + max(share, 0.02) * (end - start)])

        return UpdateFromAlphaFunc(self, reach_out, introducer=True)

    def draw(self, places: Sequence[Array]) -> None:
        """Draw it through points on screen, one for each vector."""
        start, end = places
        size = float(np.linalg.norm(end - start))
        along = (end - start) / max(size, 1e-9)
        length = min(self.head, 0.5 * size)
        tip, across = length * along, length * 0.42 * np.array([-along[1], along[0], 0])
        self.shaft.set_points_as_corners(np.array([start, end - 0.9 * tip]))
        self.tip.set_points_as_corners(np.array([end, end - tip + across, end - tip - across, end]))

    def spot(self, size: tuple[float, float], places: Sequence[Array]) -> Array:
        """Return the centre of a label: beyond the tip (`choice` 0), to the left or right of it, or of the middle."""
        if self.choice == 0:
            along = direction(places[0], places[1])
            return np.asarray(places[1] + to_edge((size[0] / 2 + CLOSE, size[1] / 2 + CLOSE), along) * along)
        left = beside(places[0], places[1])
        away = left if self.choice % 2 else -left
        at = places[1] if self.choice < 3 else (places[0] + places[1]) / 2
        return np.asarray(at + (CLOSE + reach(size, away)) * away)


class CarriedShape(Carried):
    """A polyline through vectors; closed and filled with opacity `fill`, if that is positive.

    The label of a line stands beside its middle, or nearer to an end; that of an area (of four corners) inside, or if
    it is too narrow, at the corner opposite to the first, or at a side that ends there.
    """

    def __init__(
        self, vectors: Sequence[Sequence[float] | Array], color: str, width: float = 3, fill: float = 0
    ) -> None:
        super().__init__([*vectors, vectors[0]] if fill else vectors)
        self.options = 3 if fill else 2 * len(SHARES)
        self.margin = INSIDE if fill else self.margin
        self.outline = VMobject(stroke_color=color, stroke_width=width, fill_color=color, fill_opacity=fill)
        self.outline.joint_type = LineJointType.ROUND  # else the sharp corners of a thin area are spikes
        self.add(self.outline)

    def draw(self, places: Sequence[Array]) -> None:
        """Draw it through points on screen, one for each vector."""
        self.outline.set_points_as_corners(np.array(places))

    def spot(self, size: tuple[float, float], places: Sequence[Array]) -> Array:
        """Return the centre of a label: to the left of a line (even `choice`) or to its right; in an area, or at it."""
        if len(places) == 2:
            away, at = along_line(places, self.choice)
            return np.asarray(at + (CLOSE + reach(size, away)) * away)
        corners = [*places[:-1]]
        middle = np.asarray(np.mean(corners, axis=0))
        if self.choice == 0 and _fits(size, middle, corners):
            return middle
        far = corners[2]
        end = (far, (far + corners[1]) / 2, (far + corners[3]) / 2)[self.choice]
        away = direction(middle, end)
        if self.choice:
            away = beside(far, corners[2 * self.choice - 1])
            away = away if float(away @ (end - middle)) > 0 else -away
        return np.asarray(end + (OFF_CORNER + reach(size, away)) * away)


class CarriedTurn(Carried):
    """A bent arrow from the first of two vectors to the second, around the origin: which way the plane is turned."""

    def __init__(self, color: str, width: float = 3, radius: float = 0.36) -> None:
        angles = np.radians(np.linspace(12, 78, 17))
        way = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        super().__init__([np.zeros(2), *way])
        self.arc = VMobject(stroke_color=color, stroke_width=width)
        self.tip = Polygon(LEFT, UP, RIGHT, color=color, fill_opacity=1, stroke_width=0)
        self.add(self.arc, self.tip)

    def ways(self, places: Sequence[Array]) -> list[tuple[Array, Array]]:
        """Return the lines that are drawn, if there is room for any."""
        return list(pairwise(places[1:])) if self._room(places) > 0 else []

    def draw(self, places: Sequence[Array]) -> None:
        """Draw it through points on screen, of which the first is the origin; it fades where the angle is narrow."""
        room, places = self._room(places), places[1:]
        self.arc.set_stroke(opacity=room)
        self.tip.set_fill(opacity=room)
        length = sum(float(np.linalg.norm(b - a)) for a, b in pairwise(places))
        along, size = direction(places[-4], places[-1]), min(0.17, 0.4 * length)
        tip, across = size * along, size * 0.45 * np.array([-along[1], along[0], 0])
        end = places[-1] + 0.4 * tip
        self.arc.set_points_as_corners(np.array(places[:-2]))
        self.tip.set_points_as_corners(np.array([end, end - tip + across, end - tip - across, end]))

    @staticmethod
    def _room(places: Sequence[Array]) -> float:
        """Return from 0 to 1 how well there is room for it between the two vectors."""
        first, last = direction(places[0], places[1]), direction(places[0], places[-1])
        between = math.acos(float(np.clip(first @ last, -1, 1)))
        wide, narrow = NARROWEST_TURN
        sideways = min(between, math.pi - between)  # near half a turn the area is as thin
        return float(np.clip((sideways - narrow) / (wide - narrow), 0, 1))


def _fits(size: tuple[float, float], middle: Array, corners: Sequence[Array]) -> bool:
    """Tell whether a box around the middle of a convex polygon lies inside of it, with some room to spare."""
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        away = beside(start, end)
        if abs(float((middle - start) @ away)) < reach(size, away) + 0.06:
            return False
    return True
