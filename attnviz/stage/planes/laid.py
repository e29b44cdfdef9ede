"""What is laid on a plane and follows it, and the words on it: old places, ways, clouds, drop lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from manim import Animation, CapStyleType, Circle, LineJointType, Mobject, VMobject

from attnviz.stage import frame, outlines, theme
from attnviz.stage.placement import Array, Rect, rect_of, rects_along
from attnviz.stage.planes.marker import ICON, WordMarker
from attnviz.stage.planes.plane import Plane

OLD = frame.px(18)
"""The radius of the ring that is left where a word was."""
CLOUD = frame.px(66)


class Laid(VMobject):
    """Something on a plane: `lay` draws it where the plane, and the words that it belongs to, are now.

    It can grow: `grown` is the fraction of it that is drawn.
    """

    grown = 1.0

    def lay(self, plane: Plane) -> None:
        """Draw it anew."""
        raise NotImplementedError

    def rects(self) -> list[Rect]:
        """Return small squares that cover it, as obstacles for labels."""
        return []


class OldPlace(Laid, Circle):
    """A small hollow ring where a word was."""

    def __init__(self, vector: Array, color: str) -> None:
        super().__init__(radius=OLD, color=color, stroke_width=3, stroke_opacity=0.85)
        self.vector = np.array(vector, dtype=float)
        self.set_z_index(1)

    @property
    def place(self) -> Array:
        """The position of the ring on screen (x, y, 0)."""
        return np.asarray(self.get_center(), dtype=float)

    @property
    def half(self) -> float:
        """How far what is drawn reaches from the point (frame units)."""
        return OLD

    def lay(self, plane: Plane) -> None:
        """Move the ring to where its vector is."""
        self.move_to(plane.at(self.vector))

    def rects(self) -> list[Rect]:
        """Return a square of three times its size: names may stand near it, but neither on it nor against it."""
        return [rect_of(self, 2 * OLD)]


class Way(Laid):
    """A line from vector to vector to a word, if it leads on to one; broken into dashes if `dashes` are asked for."""

    def __init__(
        self, stops: Sequence[Array], end: WordMarker | Array, color: str, *, width: float = 3, dashes: int = 0,
        opacity: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__(stroke_color=color, stroke_width=width, stroke_opacity=opacity)
        self.stops, self.end, self.dashes = [np.array(stop, dtype=float) for stop in stops], end, dashes
        self.joint_type = LineJointType.ROUND
        self.set_z_index(0)

    def lay(self, plane: Plane) -> None:
        """Draw the line through its stops."""
        points = [plane.at(vector) for vector in self.vectors]
        if not self.dashes:
            points[-1] = points[-2] + self.grown * (points[-1] - points[-2])
            self.set_points_as_corners(np.array(points))
            return
        start, way = points[0], points[-1] - points[0]
        self.clear_points()
        for k in range(self.dashes):
            first, last = k / self.dashes, min(self.grown, (k + 0.55) / self.dashes)
            if last > first:
                self.start_new_path(start + first * way)
                self.add_line_to(start + last * way)

    def rects(self) -> list[Rect]:
        """Return squares along the line, larger than along dashes, across which a name is easier to read."""
        size = 0.2 if self.dashes else 0.44
        return [r for a, b in pairwise(self.get_anchors()) for r in rects_along(a, b, size)]

    @property
    def vectors(self) -> list[Array]:
        """The vectors through which it leads."""
        return [*self.stops, self.end.vector if isinstance(self.end, WordMarker) else self.end]


class Cloud(Laid):
    """A soft outline around some words, and no others: their hull or, if strangers stand in it, a band through them.

    It follows its words.
    """

    def __init__(self, words: Sequence[WordMarker], strangers: Sequence[WordMarker], color: str) -> None:
        super().__init__(color=color)
        self.words, self.strangers = list(words), list(strangers)
        self.set_z_index(-2)
        self.joint_type = LineJointType.ROUND
        self.set_cap_style(CapStyleType.ROUND)
        self.is_band = self._has_strangers()
        if self.is_band:
            self.set_fill(opacity=0).set_stroke(color, width=2 * CLOUD * 100, opacity=0.16)
        else:
            self.set_fill(color, 0.1).set_stroke(color, width=2, opacity=0.6)

    def lay(self, plane: Plane) -> None:
        """Draw the outline around where its words are."""
        if self.is_band:
            self.set_points_as_corners(np.array(self._walk()))
        else:
            hull = self._hull()
            self.set_points_as_corners(np.array([*hull, hull[0]]))

    def _hull(self) -> list[Array]:
        turns = np.linspace(0, 2 * math.pi, 24, endpoint=False)
        around = [
            (w.place[0] + CLOUD * math.cos(t), w.place[1] + CLOUD * math.sin(t)) for w in self.words for t in turns
        ]
        return [np.array([x, y, 0.0]) for x, y in outlines.hull(around)]

    def _has_strangers(self) -> bool:
        hull = tuple((float(x), float(y)) for x, y, _ in self._hull())
        half = ICON / 2
        for word in self.strangers:
            x, y, _ = word.place
            box = ((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half))
            if outlines.common(hull, box) > 0 or outlines.common(hull, box[::-1]) > 0:
                return True
        return False

    def _walk(self) -> list[Array]:
        """Return a walk along the shortest tree that joins the words, there and back."""
        places = [word.place for word in self.words]
        kin: dict[int, list[int]] = {k: [] for k in range(len(places))}
        joined = {0}
        while len(joined) < len(places):
            pairs = [(a, b) for a in joined for b in kin if b not in joined]
            a, b = min(pairs, key=lambda pair: float(np.linalg.norm(places[pair[0]] - places[pair[1]])))
            kin[a].append(b)
            joined.add(b)

        def along(at: int) -> list[Array]:
            return [places[at], *[p for other in kin[at] for p in [*along(other), places[at]]]]

        walk = along(0)
        return walk if len(walk) > 1 else [walk[0], walk[0] + 1e-3]


class Leader(Laid):
    """A thin line with an elbow from the stacked names of words that have merged to their point."""

    def __init__(self, words: Sequence[WordMarker]) -> None:
        super().__init__(stroke_color=theme.AXIS, stroke_width=2.5)
        self.words = list(words)
        self.set_z_index(2)

    def lay(self, plane: Plane) -> None:
        """Draw the line from where the names are to where the words are."""
        x, y, _ = end = np.mean([word.place for word in self.words], axis=0)
        rects = [rect_of(word.label, 0.06) for word in self.words]
        edges = [np.array([min(max(x, x0), x1), min(max(y, y0), y1), 0.0]) for x0, y0, x1, y1 in rects]
        start = min(edges, key=lambda edge: float(np.linalg.norm(edge - end)))
        self.set_points_as_corners(np.array([start, end]))


class DropLine(Laid):
    """A line from a word straight to the plane of the first two axes, which shows how far it stands from it."""

    def __init__(self, word: WordMarker) -> None:
        super().__init__(stroke_color=word.word_color, stroke_width=4, stroke_opacity=1)
        self.word = word
        self.set_z_index(0)

    def lay(self, plane: Plane) -> None:
        """Draw the line in dashes, with a foot on the plane."""
        vector = np.array([*self.word.vector, 0.0])[:3]
        foot = plane.at([vector[0], vector[1], 0.0])
        self.clear_points()
        if abs(vector[2]) < 1e-9:
            return
        start, way = self.word.place, foot - self.word.place
        dashes = max(2, round(float(np.linalg.norm(way)) / 0.18))
        for k in range(dashes):
            self.start_new_path(start + k / dashes * way)
            self.add_line_to(start + (k + 0.6) / dashes * way)
        for along in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)):  # a small cross that lies in the plane
            reach = 0.16 * np.array(along) / plane.unit
            flat = np.array([vector[0], vector[1], 0.0])
            self.start_new_path(plane.at(flat - reach))
            self.add_line_to(plane.at(flat + reach))


class Growth(Animation):
    """Something on a plane grows from its start to its end."""

    def __init__(self, thing: Laid, plane: Plane, **kwargs: Any) -> None:
        self.plane = plane
        thing.grown = 0.0
        super().__init__(thing, introducer=True, **kwargs)

    def create_starting_mobject(self) -> Mobject:
        """Return the mobject itself: what it looks like is known from the plane."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Draw the fraction `alpha` of it."""
        self.mobject.grown = self.rate_func(alpha)
        self.mobject.lay(self.plane)
