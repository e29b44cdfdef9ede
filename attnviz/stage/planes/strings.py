"""Strings and arrows from word to word, as wide and as bright as their weights, and the numbers that ride them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from manim import ManimColor, Mobject, VGroup

from attnviz.stage import frame, theme
from attnviz.stage.halo import haloed
from attnviz.stage.ownership import FARTHEST, Anchor, gap
from attnviz.stage.placement import Array, Rect, around, overlap, rects_along
from attnviz.stage.planes.laid import OLD, Laid, OldPlace
from attnviz.stage.planes.marker import RING, WordMarker
from attnviz.stage.planes.plane import Plane
from attnviz.stage.spots import Spot
from attnviz.stage.typesetting import Writing

WEAK = 0.03
"""The string of a smaller weight is only hinted at."""
TIP = 0.7
STROKE = 100 * frame.px(1)
"""Manim's stroke width of one pixel at 1080p."""


def string_width(weight: float) -> float:
    """Return the width (frame units) of the string of a weight: 2 + 46 px × weight."""
    return frame.px(2 + 46 * min(1.0, abs(weight)))


def string_color(weight: float) -> ManimColor:
    """Return the colour of the string of a weight: brighter than the ground even where it is nearly nothing."""
    return theme.blend(theme.GROUND, theme.WEIGHT, 0.22 + 0.68 * math.sqrt(min(1.0, abs(weight))))


class Shaft(Laid):
    """An arrow that is one shape, so that it has no seam: from point to point, less what stands at its ends."""

    def __init__(self, color: Any, width: float, tip: float, z: float) -> None:
        super().__init__(fill_color=color, fill_opacity=1, stroke_width=0)
        self.breadth, self.tip = width, tip
        self.ends = np.zeros(3), np.zeros(3)
        self.set_z_index(z)

    def between(self, start: Array, end: Array, gaps: tuple[float, float]) -> None:
        """Draw the arrow from point to point on screen, less a gap at either end, which shrinks if there is no room."""
        way = end - start
        length = float(np.linalg.norm(way))
        along = way / max(length, 1e-9)
        squeeze = min(1.0, 0.8 * length / max(sum(gaps), 1e-9))
        start, end = start + squeeze * gaps[0] * along, end - squeeze * gaps[1] * along
        length = float(np.linalg.norm(end - start))
        self.ends = start, end
        if length < 1e-3:
            self.clear_points()
            return
        across = np.array([-along[1], along[0], 0.0])
        tip = min(self.tip, 0.6 * length)
        half, wing = self.breadth / 2, max(0.5 * tip, self.breadth / 2 + 0.35 * tip)
        neck = end - tip * along
        corners = [start + half * across, neck + half * across, neck + wing * across, end]
        mirrored = [neck - wing * across, neck - half * across, start - half * across]
        self.set_points_as_corners(np.array([*corners, *mirrored, corners[0]]))

    def rects(self) -> list[Rect]:
        """Return small squares along the shaft."""
        return rects_along(*self.ends, max(0.22, self.breadth)) if self.has_points() else []

    def at_share(self, share: float) -> Array:
        """Return the point at a fraction of the length."""
        return self.ends[0] + share * (self.ends[1] - self.ends[0])

    def shares(self) -> Sequence[float]:
        """Return the fractions of its length at which a number may ride, the best first."""
        return 0.5, 0.35, 0.65, 0.2, 0.8

    def spots(self, width: float, height: float) -> list[tuple[float, Array]]:
        """Return where a number of this size may ride: fractions of the length, and offsets to either side."""
        along = self.ends[1] - self.ends[0]
        along = along / max(float(np.linalg.norm(along)), 1e-9)
        across = np.array([-along[1], along[0], 0.0])
        reach = self.breadth / 2 + 0.09 + abs(across[0]) * width / 2 + abs(across[1]) * height / 2
        reaches = (reach, reach + 0.1, reach + 0.2)
        return [(share, side * far * across) for far in reaches for share in self.shares() for side in (1.0, -1.0)]


class MoveArrow(Shaft):
    """The arrow from where a word was to where it is; it grows as the word moves."""

    def __init__(self, start: Array, word: WordMarker, color: str) -> None:
        super().__init__(color, frame.px(9), frame.px(30), 1)
        self.start, self.word = np.array(start, dtype=float), word

    def lay(self, plane: Plane) -> None:
        """Draw the arrow to where the word is now."""
        self.between(plane.at(self.start), self.word.place, (OLD, max(self.word.half, RING) + 0.03))

    def pointable(self) -> Iterator[Spot]:
        """Yield the arrow, by its word."""
        yield Spot((self.word.token,), self, "path")


class PullString(Shaft):
    """What a word does to another: an arrow from the word that pulls, as wide and as bright as its weight.

    A word that has moved is pulled by itself, too: from its old place.
    """

    def __init__(self, puller: WordMarker | OldPlace, pulled: WordMarker, weight: float) -> None:
        width = string_width(weight)
        super().__init__(string_color(weight), width, max(0.16, 0.75 * width + 0.1), 0.5 + 0.4 * weight)
        if weight < WEAK:
            self.set_fill(opacity=0.3)
        self.puller, self.pulled, self.weight = puller, pulled, weight

    def lay(self, plane: Plane) -> None:
        """Draw the arrow from word to word."""
        start, end = self.puller.place, self.pulled.place
        gaps = (self.puller.half + 0.04, max(self.pulled.half, RING) + 0.05)
        self.between(start, start + (0.02 + 0.98 * self.grown) * (end - start), gaps)

    def pointable(self) -> Iterator[Spot]:
        """Yield the string, by the word that is pulled and the one that pulls."""
        puller = self.puller.token if isinstance(self.puller, WordMarker) else self.pulled.token
        yield Spot((self.pulled.token, puller), self, "path")

    def rects(self) -> list[Rect]:
        """Return small squares along the string, and a large one at its tip, which no name should hide."""
        return [*super().rects(), around(self.ends[1], (TIP, TIP))] if self.has_points() else []

    def shares(self) -> Sequence[float]:
        """Return fractions near the word that pulls, where its string is alone."""
        length = max(float(np.linalg.norm(self.ends[1] - self.ends[0])), 1e-9)
        return [min(0.6, away / length) for away in (0.2, 0.1, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.2)]


OPEN = 0.55
"""Half the angle at which a loop is open, towards its word."""


class PullLoop(Laid):
    """What a word takes from itself: a string from the word back to it."""

    radius = 0.36

    def __init__(self, word: WordMarker, weight: float, direction: Array) -> None:
        super().__init__(stroke_color=string_color(weight), stroke_width=STROKE * (2 + 46 * min(1.0, abs(weight))))
        self.word, self.weight, self.direction = word, weight, direction / max(float(np.linalg.norm(direction)), 1e-9)
        self.set_z_index(0.5)

    def lay(self, plane: Plane) -> None:
        """Draw the loop at the word."""
        if self.grown < 1e-3:
            self.clear_points()
            return
        middle = self.middle
        turn = math.atan2(self.direction[1], self.direction[0]) + math.pi
        angles = turn + OPEN + np.linspace(0, self.grown * 2 * (math.pi - OPEN), 25)
        ring = [middle + self.radius * np.array([math.cos(a), math.sin(a), 0.0]) for a in angles]
        self.set_points_as_corners(np.array(ring))

    def pointable(self) -> Iterator[Spot]:
        """Yield the loop, by its word, which pulls at itself."""
        yield Spot((self.word.token, self.word.token), self, "path")

    @property
    def middle(self) -> Array:
        """The centre of the loop."""
        touch = self.word.half + 0.03 + 0.5 * string_width(self.weight)  # its two ends are so far from the word
        across, along = self.radius * math.sin(OPEN), self.radius * math.cos(OPEN)
        return np.asarray(self.word.place + (math.sqrt(max(0.0, touch**2 - across**2)) + along) * self.direction)

    def at_share(self, share: float) -> Array:
        """Return the point of the loop that is farthest from the word."""
        return np.asarray(self.middle + self.radius * self.direction)

    def spots(self, width: float, height: float) -> list[tuple[float, Array]]:
        """Return where a number of this size may ride: around the loop, the farthest from the word first."""
        found = []
        for turn in (0.0, 0.6, -0.6, 1.2, -1.2, 1.8, -1.8):
            cos, sin = math.cos(turn), math.sin(turn)
            x, y, _ = self.direction
            way = np.array([cos * x - sin * y, sin * x + cos * y, 0.0])
            reach = self.radius + string_width(self.weight) / 2 + 0.1
            reach += abs(way[0]) * width / 2 + abs(way[1]) * height / 2
            found.append((0.5, self.middle + reach * way - self.at_share(0.5)))
        return found

    def rects(self) -> list[Rect]:
        """Return the rectangle of the loop."""
        x, y, _ = self.middle
        reach = self.radius + string_width(self.weight) / 2
        return [(x - reach, y - reach, x + reach, y + reach)]


def away(ways: Sequence[Array], place: Array, name: Array, bounds: Rect) -> Array:
    """Return the direction from a word, of twelve, farthest from its strings and its name that is not out of bounds."""
    *found, name = (way / max(float(np.linalg.norm(way)), 1e-9) for way in (*ways, name))
    sides = [np.array([np.cos(a), np.sin(a), 0.0]) for a in np.linspace(0, 2 * np.pi, 12, endpoint=False)]

    def cost(side: Array) -> float:
        x, y, _ = place + np.array([1.1, 0.8, 0.0]) * side  # above and below, it may reach into the margin
        out = not (bounds[0] < x < bounds[2] and bounds[1] < y < bounds[3])
        return max([float(side @ way) for way in found] + [float(side @ name) + 0.2]) + 3 * out

    return min(sides, key=cost)


class Riding(VGroup):
    """A number that rides a string or an arrow: it stays beside a fraction of its length."""

    def __init__(self, label: Writing, carrier: Shaft | PullLoop) -> None:
        super().__init__(label)
        self.label, self.carrier = haloed(label), carrier
        self.stands: tuple[float, Array] = (0.5, np.zeros(3))  # at which fraction, and how far from there
        self.set_z_index(5)

    def seat(self, firm: Sequence[Rect], loose: Sequence[Rect], bounds: Rect) -> None:
        """Stand where it covers least of what is firm, and of lines, which are loose."""

        def cost(rank: int, spot: tuple[float, Array]) -> float:
            box = around(self.carrier.at_share(spot[0]) + spot[1], (self.label.width, self.label.height))
            outside = self.label.width * self.label.height - overlap(box, bounds)
            covered = 8 * sum(overlap(box, r) for r in firm) + sum(overlap(box, r) for r in loose)
            return 4 * covered + 30 * outside + 0.012 * rank

        spots = self.carrier.spots(self.label.width, self.label.height)
        self.stands = min(enumerate(spots), key=lambda ranked: cost(*ranked))[1]
        self._stand()

    def lay(self, plane: Plane) -> None:
        """Move the number to its place beside what it rides."""
        self._stand()

    def _stand(self) -> None:
        share, offset = self.stands
        self.label.move_to(self.carrier.at_share(share) + offset)

    @property
    def is_far(self) -> bool:
        """Whether it stands farther from what it rides than a label may without a leader line."""
        return any(gap(label, anchor) > FARTHEST for label, anchor in self.owned())

    def rects(self) -> list[Rect]:
        """Return nothing: it is among the notes of its board."""
        return []

    def owned(self) -> Iterator[tuple[Mobject, Anchor]]:
        """Yield the number with what it rides."""
        if self.carrier.has_points():
            yield self.label, self.carrier
