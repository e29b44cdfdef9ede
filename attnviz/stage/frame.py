"""The regions of the frame, decided once: where a plane stands, what is written beside it, where lines of text go.

Everything is in frame units: the frame is 14 2/9 wide and 8 high, its middle is the origin, x points right and y up. A
scene takes its places from here, so that a lecture's scenes agree with each other.
"""

from __future__ import annotations

from typing import NamedTuple

WIDTH, HEIGHT = 14 + 2 / 9, 8.0
MARGIN = 0.45
"""What is kept free at the edges of the frame."""
DIGITS = 12
"""Sizes and middles are rounded to these, so that they are those of the regions as they are written below."""


class Region(NamedTuple):
    """A rectangle of the frame by its edges; it is a `Rect`, so that labels can be placed within it."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def around(cls, center: tuple[float, float], width: float, height: float) -> Region:
        """Return the region of a width and a height around a centre (x, y)."""
        x, y = center
        return cls(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    @property
    def width(self) -> float:
        """How wide it is."""
        return round(self.right - self.left, DIGITS)

    @property
    def height(self) -> float:
        """How high it is."""
        return round(self.top - self.bottom, DIGITS)

    @property
    def center(self) -> tuple[float, float]:
        """Its middle (x, y)."""
        return round((self.left + self.right) / 2, DIGITS), round((self.bottom + self.top) / 2, DIGITS)


LABELS = Region(-WIDTH / 2 + MARGIN, -3.8, WIDTH / 2 - MARGIN, 3.0)
"""Where labels may stand: under the scene's title, and clear of the edges."""

# A plane with words as points, and what is written beside it or under it
PLANE_ALONE = Region(-6.3, -2.8, 6.3, 2.4)
PLANE_LEFT = Region(-6.6, -3.35, 0.1, 2.35)
BESIDE_PLANE = Region(0.95, -3.6, 6.7, 2.75)
UNDER_PLANE = -3.3
"""The height of the middle of a row of chips under a plane."""
FOOTNOTES = (-3.1, -3.55)
"""The tops of two short notes at the foot of what stands beside a plane."""

# A plane with words as arrows; beside it what is worked out, and under that what has been found so far
ARROWS = Region(-6.3, -3.35, 0.2, 2.45)
ARROW_LABELS = Region(-6.7, -3.8, 0.8, 3.0)
WORKED_OUT = Region(1.0, -1.5, 6.6, 2.62)
FOUND = Region(1.0, -3.8, 6.6, -1.5)

# A plane that a map bends; beside it the matrix, the area, and what is measured; or several small planes
BENT_PLANE = Region(-6.65, -3.5, 1.15, 2.4)
BESIDE_BENT_PLANE = Region(1.75, -3.6, 6.65, 2.62)
BESIDE_BENT_PLANE_TOPS = {"matrix": 2.62, "area": 0.42, "below": -1.45}
SMALL_PLANES = Region(-6.45, -1.25, 6.45, 2.25)
UNDER_SMALL_PLANES = -3.35

# A table: alone, or on the left with what explains it on the right; above it the sentence
TABLES = Region(-6.65, -3.0, 6.65, 1.95)
ABOVE_TABLE = 2.45
LOWEST_LINE = -3.72
"""The lowest baseline of a line of text."""

# Columns of samples over an axis; two notes above them, and rows of numbers under them
COLUMNS = Region(-4.55, -1.6, 6.6, 2.0)
COLUMNS_ZERO = 0.2
ABOVE_COLUMNS = (2.78, 2.36)
UNDER_COLUMNS = (-2.02, -2.58, -3.12, -3.64)

# A card of text
CARD = Region(-6.2, -4.0, 6.2, 3.4)
