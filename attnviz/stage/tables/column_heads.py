"""What stands over the columns of a table: words, which lean where they are too wide, or icons."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from manim import LEFT, ORIGIN, UP, VectorizedPoint, VMobject

from attnviz.stage import frame
from attnviz.stage.glyphs import measured
from attnviz.stage.icons import icon
from attnviz.stage.reading import visible_word
from attnviz.stage.tables.head_words import SMALLEST_WORD, fitted_words, told_apart
from attnviz.stage.typesetting import Writing

ICON = frame.px(84)
CLOSEST = 0.1
"""How much narrower than their columns heads are, at least."""
APART, CLEAR = 0.25, 0.16
"""What is free between neighbouring heads, where they can be set small enough; where it would be less, they lean."""
TILT = 0.66
"""How far (radians) column heads lean when they are wider than their columns."""


def head_icons(rows: Sequence[str], columns: Sequence[str], width: float) -> list[VMobject | None]:
    """Return the icon that stands over each column of a width: only of words that rows say, and that come once."""
    words, written = [visible_word(label) for label in columns], told_apart(columns)
    alone = [label in rows and word == text for label, word, text in zip(columns, words, written, strict=True)]
    return [icon(word, min(ICON, width - CLOSEST)) if once else None for word, once in zip(words, alone, strict=True)]


def crowded(widths: Sequence[float], width: float) -> bool:
    """Tell whether words of some widths are too wide for columns of a width, or too near to each other over them."""
    between = [width - (one + other) / 2 for one, other in pairwise(widths)]
    most = (width - CLOSEST) * SMALLEST_WORD / (SMALLEST_WORD - 0.1)
    return max(widths) > most or min(between, default=width) < CLEAR


def lean(head: Writing, cell: VMobject) -> Writing:
    """Let the head of a column lean to the right, its first letter above the middle of the column."""
    head.rotate(TILT)
    return head.next_to(cell, UP, buff=0.1).align_to(cell.get_center(), LEFT).shift(0.08 * LEFT)


class HeadSize(NamedTuple):
    """How wide a word is, and how far it reaches up and to the right of the middle of its column if it leans."""

    width: float
    top: float
    right: float


@measured
def head_sizes(labels: tuple[str, ...], most: float, size: float) -> tuple[HeadSize, ...]:
    """Return the sizes of tokens' words, set in a size or smaller so that none is wider than `most`."""
    words = fitted_words(labels, most, size=size, colors={})
    widths = [float(word.width) for word in words]
    leaning = [lean(word, VectorizedPoint(ORIGIN)) for word in words]
    return tuple(
        HeadSize(width, float(word.get_top()[1]), float(word.get_right()[0]))
        for width, word in zip(widths, leaning, strict=True)
    )
