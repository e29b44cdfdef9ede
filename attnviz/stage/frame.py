"""The layout of the frame: the regions for planes, tables, labels and lines of text.

Everything is in frame units: the frame is 14 2/9 wide and 8 high, with the origin at its centre, x pointing right and
y up. All scenes take their regions from here, so that the scenes of a lecture share one layout.
"""

from __future__ import annotations

import math
from typing import NamedTuple

WIDTH, HEIGHT = 14 + 2 / 9, 8.0
PIXELS = 1080
"""The height of the frame in pixels, in which sizes are told: those of a film of 1080p."""
MARGIN = 0.45
"""The width of the strip kept free along the edges of the frame."""


def px(pixels: float) -> float:
    """Return a length in frame units, given in pixels at 1080p."""
    return pixels * HEIGHT / PIXELS


def _plain(value: float) -> float:
    """Return a sum or difference of short decimals without the noise of its last bits: 6.699999999999999 is 6.7."""
    short = round(value, 9)
    return short if math.isclose(short, value, rel_tol=1e-15) else value


class Region(NamedTuple):
    """A rectangle of the frame, given by its edges; it is also a `Rect`, so that it can bound where labels go."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def around(cls, center: tuple[float, float], width: float, height: float) -> Region:
        """Return the region of the given width and height around a centre (x, y)."""
        x, y = center
        return cls(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    @property
    def width(self) -> float:
        """The width, in frame units."""
        return _plain(self.right - self.left)

    @property
    def height(self) -> float:
        """The height, in frame units."""
        return _plain(self.top - self.bottom)

    @property
    def center(self) -> tuple[float, float]:
        """The centre (x, y)."""
        return _plain((self.left + self.right) / 2), _plain((self.bottom + self.top) / 2)


FULL = Region(-WIDTH / 2, -HEIGHT / 2, WIDTH / 2, HEIGHT / 2)
"""The whole frame, which grids fill to its edges."""
CAPTIONS_TOP = HEIGHT / 2 - px(950)
"""The y below which captions stand: nothing that is read goes there (the lowest 12 % of the frame)."""
CONTENT = Region(px(96) - WIDTH / 2, CAPTIONS_TOP, WIDTH / 2 - px(96), HEIGHT / 2 - px(140))
"""Where things stand: below the title, above the captions, clear of the edges. A group is centred in it, and fills it.
"""

LABELS = Region(-WIDTH / 2 + MARGIN, -3.8, WIDTH / 2 - MARGIN, 3.0)
"""Where labels may be placed: below the scene's title and clear of the edges."""

# A plane with words as points, and what is written beside or below it
PLANE_ALONE = Region(-6.3, -2.8, 6.3, 2.4)
PLANE_LEFT = Region(-6.6, -3.35, 0.1, 2.35)
BESIDE_PLANE = Region(0.95, -3.6, 6.7, 2.75)
UNDER_PLANE = -3.3
"""The y of the centre of a row of chips below a plane."""
FOOTNOTES = (-3.1, -3.55)
"""The y of the tops of two short notes at the bottom of the space beside a plane."""

# A plane with words as arrows; beside it the current calculation, and below that the results so far
ARROWS = Region(-6.3, -3.35, 0.2, 2.45)
ARROW_LABELS = Region(-6.7, -3.8, 0.8, 3.0)
WORKED_OUT = Region(1.0, -1.5, 6.6, 2.62)
FOUND = Region(1.0, -3.8, 6.6, -1.5)

# A plane that a map transforms, with the matrix, the area and the measurement beside it; or several small planes
BENT_PLANE = Region(-6.65, -3.5, 1.15, 2.4)
BESIDE_BENT_PLANE = Region(1.75, -3.6, 6.65, 2.62)
BESIDE_BENT_PLANE_TOPS = {"matrix": 2.62, "area": 0.42, "below": -1.45}
SMALL_PLANES = Region(-6.45, -1.25, 6.45, 2.25)
UNDER_SMALL_PLANES = -3.35

# A table: alone, or on the left with its explanation on the right; above it the sentence
TABLES = Region(CONTENT.left, -2.3, CONTENT.right, 2.2)
"""A table with a line of text above it, such as its name or the sentence, and one under it."""
CAPTION_ROOM, LINE_ROOM, FRACTION_ROOM = 0.64, 0.72, 1.24
"""How much is free under a table for its caption, and under that for a line of arithmetic, or for a fraction."""
BETWEEN_TABLES = (2.3, 1.85)
"""How much is free between two tables for an arrow and what it says, and at least."""
ABOVE_TABLE = 2.58
"""The y of the centre of a row of chips above a table."""
PRODUCT = Region(CONTENT.left, -2.32, CONTENT.right, CONTENT.top)
"""A table times a table, with the names above and the shapes below; one entry is written out under it."""
LINE_UNDER_PRODUCT = LOWEST_LINE = CAPTIONS_TOP + px(24)
"""The y of the lowest baseline for a line of text, such as the one under a product."""

# Columns of samples along an axis, with two notes above and rows of numbers below
COLUMNS = Region(-4.55, -1.6, 6.6, 2.0)
COLUMNS_ZERO = 0.2
ABOVE_COLUMNS = (2.78, 2.36)
UNDER_COLUMNS = (-2.02, -2.58, -3.12, -3.64)

# A card of text
CARD = Region(-6.2, -4.0, 6.2, 3.4)
