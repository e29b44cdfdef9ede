"""Where the names of a plane's axes and the numbers along them stand: at the axes, clear of points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from manim import DOWN, Mobject

from attnviz.stage.placement import Array, Rect, around, overlap, overlaps, rects_along
from attnviz.stage.planes.plane import FRONT, Plane, project
from attnviz.stage.spots import Spot
from attnviz.stage.typesetting import Writing

NEXT_TO, BESIDE = 0.1, 0.27
"""How far a number stands from its axis, and along the axis from a point that covers its place."""
FARTHER = (0.276, 0.294)
"""How far from its axis it stands, to the side and below or above, where a point covers its place next to it."""
FAR = 0.5
"""So far along its axis a name may slide."""
ON_SIDES = (1.0, -1.0, 2.0, -2.0, 0.0)
"""Where a number may stand, what is liked best first."""
OFF_SCALE = np.array([0.0, 0.0, 0.0, 0.0, 0.1])
"""How much each of these is disliked: beside a point, a number is no longer at its place on the scale."""


class AxisLabels(Plane):
    """A plane that finds the places of its axes' names and of its tick numbers."""

    subject: list[Array] | None
    also: list[Array]
    ways: list[tuple[Array, Array]]
    axes_names: list[str | Writing]
    _across: int

    def pointable(self) -> Iterator[Spot]:
        """Yield the axes, by their names."""
        for name, line in zip(self.axes_names, self.axis_lines, strict=False):
            yield Spot((name.source if isinstance(name, Writing) else name,), line, "path")

    def move_name(self, start: Array, goal: Array, share: float) -> None:
        """Let the first axis's name go, and come elsewhere, where it would slide along its axis, or across it.

        Words stand there. `start` and `goal` are states that the plane is between.
        """
        begins, ends = (state[14:16] - state[2:4] for state in (start, goal))
        slides = abs(begins[0] - ends[0]) > FAR or begins[1] * ends[1] < 0
        if not slides or (start[:2] != goal[:2]).any():
            return
        level = min(1.0, abs(4 * share - 2) / 1.4) if 0.15 < share < 0.85 else 1.0
        name = self.labels[0].move_to([*self.origin[:2] + (begins if share < 0.5 else ends), 0.0])
        name.set_fill(opacity=level).set_stroke(opacity=level, background=True)

    def _tick_offset(self, k: int, mark: Mobject, place: Array, side: float) -> Array:
        """Return where a tick stands from its place: below or left of its axis (side 1), or on the other side (−1).

        Where a point covers both, it stands farther out (2 or −2) or, if that is taken, too, beside that point (0);
        what lies between is passed on the way.
        """
        out = max(0.0, abs(side) - 1)
        across, up = (NEXT_TO + out * (far - NEXT_TO) for far in FARTHER)
        across, up = across + mark.width / 2, up + mark.height / 2
        if not place.any():
            return np.array([-across, -up, 0.0])
        side = max(-1.0, min(1.0, side))
        aside, off = 1 - abs(side), -(side + 1 - abs(side))
        if k < self._across:
            return np.array([aside * (BESIDE + mark.width / 2), off * up, 0.0])
        return np.array([off * across, aside * (BESIDE + mark.height / 2), 0.0])

    def _standing(
        self, view: tuple[float, float], origin: Array, unit: float, layout: tuple[Rect, Rect]
    ) -> list[float]:
        """Return the centres of the axes' names in the front view, and the side of its axis on which each tick stands.

        The names keep to the ends of their axes, on the side that is free of points.
        """
        known = [*(self._points[1:] if self.subject is None else self.subject), *self.also]
        places = [origin + unit * project(point, FRONT) for point in (np.unique(known, axis=0) if known else ())]
        icons = [around(place, (0.84, 0.84)) for place in places]
        below = [around(place + 0.62 * DOWN, (1.2, 0.7)) for place in places]
        up = self._name_up(origin, layout, icons, below)
        standing = self.also or known  # numbers give way to what can be seen, not to all that there must be room for
        seen = [around(origin + unit * project(point, view), (0.66, 0.66)) for point in standing]
        for way in self.ways:
            start, end = (origin + unit * project(vector, view) for vector in way)
            seen += rects_along(start, end)

        # Of the places for the first axis's name, the one that leaves most to see
        found: list[tuple[float, list[float]]] = []
        for dislike, spot in self._names_across(origin, layout):
            names = [_box(self.labels[0], spot), _box(self.labels[1], up)]
            cost = dislike + _covered(self.labels[0], spot, icons, below) + 3 * float(overlaps(names[:1], seen).sum())
            sides, stood = [], [*seen, *names]
            for k, (mark, place) in enumerate(zip(self.ticks, self.places, strict=True)):
                at = origin + unit * project(place, view)
                boxes = [_box(mark, at + self._tick_offset(k, mark, place, side)) for side in ON_SIDES]
                covered = overlaps(boxes, stood).sum(axis=0)
                best = int(np.argmin(np.round(covered + OFF_SCALE, 3)))
                sides.append(ON_SIDES[best])
                stood.append(boxes[best])
                cost += 10 * covered[best]
            found.append((round(cost, 2), [*spot, *up, *sides]))
        return min(found, key=lambda each: each[0])[1]

    def _names_across(self, origin: Array, layout: tuple[Rect, Rect]) -> list[tuple[float, tuple[float, float]]]:
        """Return where the first axis's name may stand, with dislikes: at its right end, or else at the lower edge."""
        (_, _, edge, _), (_, bottom, right, top) = layout
        half = np.array([self.labels[0].width, self.labels[0].height]) / 2
        y, x = float(origin[1]), max(right + 0.15 - half[0], float(origin[0]) + NEXT_TO + half[0])
        x = float(min(x, edge - 0.15 - half[0]))
        ups = [y + NEXT_TO + half[1], y - (0.295 if self.ticks else NEXT_TO) - half[1]]
        low = bottom + 0.08 + half[1]
        found = [(0.0, (x, up)) for up in ups if low <= up <= top - half[1]]
        return [*found, (0.12, (x, float(low)))]

    def _name_up(
        self, origin: Array, layout: tuple[Rect, Rect], icons: list[Rect], below: list[Rect]
    ) -> tuple[float, float]:
        """Return the centre of the second axis's name: at its upper end, to its right or, at the edge, to its left."""
        (left, _, right, _), (_, _, _, top) = layout
        half = np.array([self.labels[1].width, self.labels[1].height]) / 2
        x, y = float(origin[0]), top - half[1]
        spots = [x + NEXT_TO + half[0], x - NEXT_TO - half[0]]
        inside = [(s, y) for s in spots if left + 0.3 <= s - half[0] and s + half[0] <= right - 0.1]
        inside = inside or [(spots[0], y)]
        return min(inside, key=lambda spot: round(_covered(self.labels[1], spot, icons, below), 2))


def _box(label: Mobject, center: Sequence[float] | Array) -> Rect:
    return around(np.array(center), (label.width, label.height))


def _covered(label: Mobject, spot: tuple[float, float], icons: list[Rect], below: list[Rect]) -> float:
    """Return how much a label at a spot would cover of points and, for less, of where their names may stand."""
    box = _box(label, spot)
    return sum(3 * overlap(box, i) + 0.5 * overlap(box, n) for i, n in zip(icons, below, strict=True))
