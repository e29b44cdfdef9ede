"""A line that says what a group of words has in common, at the outline around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from manim import Mobject, VGroup

from attnviz.stage import Array, Cloud, Rect, Writing, around, haloed, overlap, rect_of

GAPS = (0.14, 0.26)
"""How far the line stands from the outline, at best and where it is crowded."""
EDGE = 0.12
"""How far it keeps from the edge of its plane."""


class CloudNote(VGroup):
    """A line of text at a group's outline: above it, or where it covers least."""

    def __init__(self, text: Writing, cloud: Cloud) -> None:
        super().__init__(text)
        self.text, self.cloud = haloed(text), cloud
        self.offset = np.zeros(3)
        self.set_z_index(4)

    def seat(self, taken: Sequence[Rect], bounds: Rect) -> None:
        """Stand where the line covers least of what is taken, and stays inside the bounds."""
        left, bottom, right, top = rect_of(self.cloud)
        size = self.text.width, self.text.height
        low, high = bounds[0] + size[0] / 2 + EDGE, bounds[2] - size[0] / 2 - EDGE
        xs = [min(max(x, low), high) for x in ((left + right) / 2, right - size[0] / 2, left + size[0] / 2)]
        ups = [y for gap in GAPS for y in (top + gap + size[1] / 2, bottom - gap - size[1] / 2)]
        spots = [np.array([x, y, 0.0]) for y in ups for x in xs]

        def cost(rank: int, spot: Array) -> float:
            box = around(spot, (size[0] + 0.1, size[1] + 0.06))
            outside = size[0] * size[1] - overlap(around(spot, size), bounds)
            return float(sum(overlap(box, r) for r in taken) + 5 * outside + 0.004 * rank)

        best = min(enumerate(spots), key=lambda ranked: cost(*ranked))[1]
        self.offset = best - self.cloud.get_center()
        self.text.move_to(best)

    def lay(self, plane: object) -> None:
        """Stand at the outline, which follows its words."""
        self.text.move_to(self.cloud.get_center() + self.offset)

    def rects(self) -> list[Rect]:
        """Return the place of the line, twice as large, since names may touch what is laid on a plane by half."""
        return [around(self.text.get_center(), (2 * self.text.width + 0.2, 2 * self.text.height + 0.2))]

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the line with the outline."""
        yield self.text, self.cloud
