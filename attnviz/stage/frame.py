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

TITLE_LINE = HEIGHT / 2 - px(92)
"""The y of the baseline of a scene's title."""
LABELS = Region(-WIDTH / 2 + MARGIN, -3.8, WIDTH / 2 - MARGIN, 3.0)
"""Where labels may be placed: below the scene's title and clear of the edges."""

# A plane with words as points takes the whole frame; it slides aside when something is written beside it
PLANE_ALONE = CONTENT
PLANE_LEFT = CONTENT._replace(right=-0.5)
"""Where the points of a plane stand that has slid aside; its grid ends at `PLANE_EDGE`."""
PLANE_EDGE = -0.2
BESIDE_PLANE = CONTENT._replace(left=0.2)

# A plane with words as arrows: alone, with its arrows in the middle; or in a window on the left, with the current
# calculation beside it, and below that the results so far
ARROWS = Region(-3.6, -2.05, 3.6, 2.1)
ARROWS_ASIDE = Region(-4.8, -2.15, -1.3, 2.25)
ARROW_WINDOW = Region(-WIDTH / 2 + MARGIN, CAPTIONS_TOP, -0.35, CONTENT.top)
"""Where labels may be while the plane is aside: its grid ends there on the right, and else at the frame's edges."""
WORKED_OUT = Region(0.1, -1.5, CONTENT.right, 2.9)
WORKED_OUT_LINES = {
    "heads": 2.58, "first": 1.92, "second": 1.22, "rule": 0.84, "pairs": 0.3, "values": -0.4, "result": -1.3,
}  # fmt: skip
"""The y of the lines of a multiplication, by their baselines."""
FOUND = Region(0.1, CONTENT.bottom, CONTENT.right, -1.62)

# A plane that a map transforms takes the whole frame, until the matrix and its effect stand beside it; or several small
# planes, whose names stand over them and their matrices below
BENT_PLANE = FULL
BENT_PLANE_ASIDE = Region(FULL.left, FULL.bottom, 2.0, FULL.top)
BENT_PLANE_ASIDE_ROOM = Region(CONTENT.left, CONTENT.bottom, 1.9, CONTENT.top)
BESIDE_BENT_PLANE = Region(2.4, CONTENT.bottom + 0.1, 6.7, CONTENT.top)
SMALL_PLANES = Region(CONTENT.left, -0.7, CONTENT.right, 2.28)
UNDER_SMALL_PLANES = -2.9
"""The y of the baseline of the line under small planes and their matrices."""

# Two planes side by side, with a line over each, an arrow from one to the other, and a line under both
TWO_PLANES = (Region(CONTENT.left, -2.2, -0.7, 2.3), Region(0.7, -2.2, CONTENT.right, 2.3))
OVER_TWO_PLANES = 2.52
"""The y of the baseline of the lines over two planes; the line under them is the lowest of all."""

# A table: alone, or on the left with its explanation on the right; above it the sentence
TABLES = Region(CONTENT.left, -2.3, CONTENT.right, 2.2)
"""A table with a line of text above it, such as its name or the sentence, and one under it."""
CAPTION_ROOM, LINE_ROOM, FRACTION_ROOM = 0.64, 0.72, 1.52
"""How much is free under a table for its caption, and under that for a line of arithmetic, or for a fraction."""
UNDER_CAPTION = (0.14, 0.3)
"""How much is free between a caption and what is worked out below it: at least, and where there is room."""
BETWEEN_TABLES = (2.3, 1.85)
"""How much is free between two tables for an arrow and what it says, and at least."""
ABOVE_TABLE = 2.58
"""The y of the centre of a row of chips above a table."""
PRODUCT = Region(CONTENT.left, -2.32, CONTENT.right, CONTENT.top)
"""A table times a table, with the names above and the shapes below; one entry is written out under it."""
LINE_UNDER_PRODUCT = LOWEST_LINE = CAPTIONS_TOP + px(24)
"""The y of the lowest baseline for a line of text, such as the one under a product."""

# A graph of tables, from left to right, with a formula below it
GRAPH = CONTENT._replace(bottom=-1.9)
GRAPH_NODE = (1.5, 1.12)
"""The width and height of the largest node without its name; one with digits is as wide as these."""
GRAPH_ROWS = {"top": 1.85, "upper": 1.05, "middle": 0.25, "joined": -0.15, "bottom": -1.35}
"""The y of the middles of nodes."""

# All heads of a model as small tables; or one of them, large; or a sentence in a line, with arcs over it that show what
# one word attends to
GALLERY = CONTENT._replace(bottom=-2.3)
ONE_HEAD = CONTENT._replace(bottom=-1.6, top=2.3)
"""The table of one head, with its name over it, and two lines under it."""
UNDER_ONE_HEAD = -2.14
"""The y of the baseline of the first line; the other is the lowest of all."""
ARCS = Region(CONTENT.left, -0.3, CONTENT.right, 2.0)
ARC_WORDS_APART = (0.22, 1.4)
"""The gap between two words under arcs, at least and at most."""
ARC_FEET = (0.16, 0.62)
"""How far above the words arcs begin, and how high the loop of a word to itself is."""
UNDER_ARCS = (-0.6, -2.0)
"""The y of the baselines of the words under the arcs, and of the line that sums up what they get."""
ARC_LINES = (-0.34, -1.62, -2.26)
"""The y of the baselines of the words, of that line, and of a note, where another note stands on the lowest line."""
SHARE_LOWER = 0.5
"""How much lower than a word's the baseline of its percentage is."""

# One sentence in one head: the words as chips, with a line under them; words over the table of weights, which has the
# frame by itself, or leaves room for arcs over the words, and for one row of it, large, under them
TOKENS = CONTENT._replace(bottom=-2.2)
LARGE_TOKEN_ROWS, TOKEN_ROWS = 3, 7
ROW_LETTERS, CHIP_LETTERS = 62, 3
"""About so many letters have room in a row of chips, and so many have room in what a chip has around its word."""
GRID_ALONE = CONTENT._replace(bottom=-2.82, top=1.75)
GRID, GRID_UNDER_ARCS = GRID_ALONE._replace(top=0.05), GRID_ALONE._replace(top=0.92)
OVER_NOTE = -2.4
"""How low a table reaches that has a line under it."""
OVER_GRID = 0.22
"""How far above a table the baseline of the words is."""
LIFTED_WORDS, LIFTED_ROW = 1.14, Region(CONTENT.left, 0.24, CONTENT.right, 0.94)
"""The y of the baseline of the words, and where the row is, that have left a table."""
OVER_LIFTED = 2.86
"""How high (y) arcs over words are that stand over a table."""
GRID_NAMES = 1.9, 0.2
"""How wide words beside the rows are at most, and how far they stand from them."""
GRID_MOST = 64
"""A table has at most so many rows and columns."""
FEWEST_WORDS, READABLE_WORD = 4, 1.2
"""Words are left out of a line, until so few are left, where they would have to be narrower than can be read."""
UNDER_WORDS, WAYS_TO_COLUMNS = 0.14, 0.5
"""How far below the baseline of words the ways to their columns begin, and how high these are, about."""
WIDEST_WORD_COLUMN = 1.6
PLANE_WORDS = 7
"""So many words stand on a plane on which one of them moves."""
MIX_TERMS, MIX_COORDINATES = 4, 4
"""So many terms of a sum of vectors are named, and so many of their coordinates shown."""
NEXT_WORDS, NEXT_MOST = Region(-4.6, -2.6, 4.6, 1.7), 6
"""The bars of the next words, with a line over them, and how many are named."""
UNDER_TITLE = 2.6
"""The y of the baseline of a heading that has no room beside the title."""

# A whole transformer: words on the left, their stream through the layers, what stands above and below it, predictions
MAP_WORDS = -5.05
"""The x at which the words end."""
MAP_VECTORS, MAP_TILE = (-4.53, -3.5), 0.09
"""The middles (x) of the words' embeddings and of their positions, and the pitch of the squares of these."""
MAP_ENTRIES = 4, 8
"""So many rows and columns of squares stand for a vector."""
MAP_STREAM = Region(-2.75, -1.75, 3.1, 1.0)
MAP_BOXES = Region(-2.75, 1.6, 3.1, 2.9)
MAP_LAYERS = -2.3
"""The y of the baselines of the layers' names."""
MAP_FIRST_LAYER = 0.62
"""Which share of the stream's way the first layer takes, whose parts are named."""
MAP_BAR = (1.3, 0.34)
"""How long and how thick the bar of a certain word would be."""
MAP_PREDICTIONS = Region(4.1, -1.75, CONTENT.right, 1.75)

# Columns of samples along an axis, with a note above and rows of numbers below
COLUMNS_ALONE = Region(-4.2, -2.3, CONTENT.right, 2.2)
COLUMNS = COLUMNS_ALONE._replace(bottom=-1.2)
ABOVE_COLUMNS = 2.6
UNDER_COLUMNS = (-1.82, -2.4, -2.98)
"""The y of the baselines of the rows; a row that is alone stands on the lowest."""

# A training: the plane on the left, the number of steps below; beside it a head's weights, and under these the loss
LEARNING_LINES = (2.62, 1.94)
"""The y of the baselines over the weights: what is said of one of them, and the sentence."""
LEARNING_WEIGHTS = BESIDE_PLANE._replace(bottom=-0.35, top=2.3)
LEARNING_LOSS = Region(0.7, -2.52, 5.45, -1.05)
"""The loss over the steps: a line stands over it, and ticks stand on the left of it and below."""

# A card of text
CARD = CONTENT
