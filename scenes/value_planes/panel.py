"""A plane in a window of its own, with a line over it that says what happens there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from manim import FadeIn, Mobject, RoundedRectangle, VGroup
from manim import Animation, AnimationGroup

from attnviz.stage import TURNED, Array, Board, OpenPlane, Region, Writing, frame, prose, theme

CORNER = frame.px(14)
FLAT = 2
"""A plane has so many axes; those of points with more are seen from the side."""


class PlanePanel:
    """A window with a plane that has room for `points`, shape (n, axis), and the words on it.

    Where points have a third coordinate, the plane is turned, so that it can be seen.
    """

    def __init__(
        self, points: Array, axes: Sequence[str | Writing], region: Region, heading: str, color: str
    ) -> None:
        self.region = region
        self.window = RoundedRectangle(
            corner_radius=CORNER, width=region.width, height=region.height,
            stroke_width=0, fill_color=theme.PANEL, fill_opacity=1,
        ).move_to([*region.center, 0]).set_z_index(-6)  # fmt: skip
        self.heading = prose(heading, size=theme.WORD, color=color)
        self.heading.move_to([region.center[0], 0, 0]).seat(frame.OVER_TWO_PLANES)
        plane = OpenPlane(points, axes, panel=region)
        if points.shape[1] > FLAT and points[:, FLAT:].any():
            plane.third_axis()
            plane.take(plane.state(TURNED, plane.aside))
            plane.labels.add(plane.third_axis_label())
        self.board = Board(plane)

    def opening(self) -> Animation:
        """Return the animation in which the window comes, and the plane is drawn in it."""
        return AnimationGroup(FadeIn(self.window), FadeIn(self.heading), self.board.plane.opening())

    @property
    def parts(self) -> list[Mobject]:
        """What is there before any words are."""
        return [self.window, self.heading, self.board.plane]
