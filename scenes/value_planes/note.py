"""A line that says what a group of words has in common, at the outline around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from manim import Mobject, VGroup

from attnviz.stage import Array, Cloud, Rect, Writing, around, haloed, overlap, rect_of

NEAR = 0.14
"""How far the line stands from the outline."""


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
        ups = [top + NEAR + size[1] / 2, bottom - NEAR - size[1] / 2]
        middle = (left + right) / 2
        most = max(bounds[0] + size[0] / 2, bounds[2] - size[0] / 2)
        xs = [min(max(x, bounds[0] + size[0] / 2), most) for x in (middle, right - size[0] / 2, left + size[0] / 2)]
        spots = [np.array([x, y, 0.0]) for y in ups for x in xs]

        def cost(rank: int, spot: Array) -> float:
            box = around(spot, size)
            return sum(overlap(box, r) for r in taken) + 5 * (size[0] * size[1] - overlap(box, bounds)) + 0.01 * rank

        best = min(enumerate(spots), key=lambda ranked: cost(*ranked))[1]
        self.offset = best - self.cloud.get_center()
        self.lay(None)

    def lay(self, plane: object) -> None:
        """Stand at the outline, which follows its words."""
        self.text.move_to(self.cloud.get_center() + self.offset)

    def rects(self) -> list[Rect]:
        """Return the place of the line, which names keep clear of."""
        return [rect_of(self.text, 0.2)]

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the line with the outline."""
        yield self.text, self.cloud
