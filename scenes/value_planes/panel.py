"""A plane in a window of its own, with a line over it that says what happens there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from manim import DOWN, Animation, AnimationGroup, FadeIn, Mobject, RoundedRectangle

from attnviz.stage import (
    Array,
    Board,
    OpenPlane,
    PullLoop,
    PullString,
    Rect,
    Region,
    WordMarker,
    Writing,
    around,
    frame,
    overlap,
    prose,
    rect_of,
    theme,
)

CORNER = frame.px(14)
FLAT = 2
"""A plane has so many axes; those of points with more are seen from the side."""
VIEW = (math.radians(-42), math.radians(9))
"""From where (azimuth, elevation): words along the third axis, and their strings, stand apart."""
NUMBER = (0.85, 0.42)
"""How wide and high a percentage is."""
TURNS = 24
"""In so many directions from a word the loop to itself may stand."""


class PlanePanel:
    """A window with a plane that has room for `points`, shape (n, axis), and the words on it.

    Where points have a third coordinate, the plane is turned, so that it can be seen.
    """

    def __init__(
        self,
        points: Array,
        axes: Sequence[str | Writing],
        region: Region,
        heading: str,
        color: str,
        *,
        ticks: bool = False,
    ) -> None:
        self.region = region
        self.window = RoundedRectangle(
            corner_radius=CORNER, width=region.width, height=region.height,
            stroke_width=0, fill_color=theme.PANEL, fill_opacity=1,
        ).move_to([*region.center, 0]).set_z_index(-6)  # fmt: skip
        self.heading = prose(heading, size=theme.WORD, color=color)
        self.heading.move_to([region.center[0], 0, 0]).seat(frame.OVER_TWO_PLANES)
        plane = OpenPlane(points, axes, panel=region, ticks=ticks)
        if points.shape[1] > FLAT and points[:, FLAT:].any():
            self._turn(plane)
        self.board = Board(plane)

    def _turn(self, plane: OpenPlane) -> None:
        """Show the third axis, too, with the first one's name below its end."""
        plane.third_axis()
        plane.take(plane.state(VIEW, plane.aside))
        plane.labels.add(plane.third_axis_label(VIEW))
        end = plane.at((plane.high[0] + 0.5 * plane.step, 0.0))
        half = plane.labels[0].width / 2
        x = min(float(end[0]), self.region.right - 0.15) - half
        y = float(plane.at((plane.high[0], 0.0))[1]) - 0.42 - plane.labels[0].height / 2
        plane.labels[0].move_to([x, max(y, self.region.bottom + 0.12 + plane.labels[0].height / 2), 0])
        plane.labels[1].shift(0.06 * DOWN)

    def opening(self) -> Animation:
        """Return the animation in which the window comes, and the plane is drawn in it."""
        return AnimationGroup(FadeIn(self.window), FadeIn(self.heading), self.board.plane.opening())

    @property
    def parts(self) -> list[Mobject]:
        """What is there before any words are."""
        return [self.window, self.heading, self.board.plane]

    def pull(self, word: str, weights: Mapping[str, float]) -> list[PullString | PullLoop]:
        """Lay the strings of other words to a word, and a loop for what it takes from itself, which is the last."""
        board = self.board
        strings = board.pulls(word, {token: share for token, share in weights.items() if token != word})
        point = board.points[word]
        loop = PullLoop(point, weights[word], self._free(point, weights[word], strings))
        board.lay(loop)
        return [*strings, loop]

    def _free(self, point: WordMarker, weight: float, strings: Sequence[PullString | PullLoop]) -> Array:
        """Return the direction from a word in which a loop covers least of words, names and strings."""
        others = [word for word in self.board.points.values() if word is not point and word.levels[0]]
        pictures = [rect_of(word.picture) for word in others]
        names = [rect_of(word.label) for word in others if word.is_named]
        ways = [rect for string in strings for rect in string.rects()]
        written = self.board.plane.written()

        def cost(turn: float) -> float:
            loop = PullLoop(point, weight, np.array([math.cos(turn), math.sin(turn), 0.0]))
            loop.lay(self.board.plane)
            taken = 2 * (2 * pictures + names + ways) + [rect_of(point.label), *written]
            numbers = [around(loop.at_share(at) + off, NUMBER) for at, off in loop.spots(*NUMBER)]
            return _cost(loop.rects()[0], taken, self.region) + min(_cost(n, taken, self.region) for n in numbers)

        turn = min(np.linspace(0, 2 * math.pi, TURNS, endpoint=False), key=cost)
        return np.array([math.cos(turn), math.sin(turn), 0.0])


def _cost(box: Rect, taken: Sequence[Rect], region: Region) -> float:
    """Return how much a box covers of what is taken (some of it counts more than once) and is out of a region."""
    outside = (box[2] - box[0]) * (box[3] - box[1]) - overlap(box, region)
    return float(sum(overlap(box, rect) for rect in taken) + 9 * outside)
