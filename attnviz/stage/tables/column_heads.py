"""What stands beside a table and over it: words, which lean where they are too wide for its columns, or icons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from manim import LEFT, ORIGIN, UP, VectorizedPoint, VGroup, VMobject

from attnviz.input.questions import told_apart
from attnviz.stage import frame
from attnviz.stage.glyphs import measured
from attnviz.stage.icons import icon
from attnviz.stage.reading import visible_word
from attnviz.stage.tables.head_words import SMALLEST_WORD, fitted_words
from attnviz.stage.typesetting import Writing

ICON, CELL_GAP = frame.px(84), frame.px(3)
CLOSEST = 0.1
"""How much narrower than their columns heads are, at least."""
APART, CLEAR = 0.25, 0.16
"""What is free between neighbouring heads, where they can be set small enough; where it would be less, they lean."""
HEAD_GAP = 0.2
TILT = 0.66
"""How far (radians) column heads lean when they are wider than their columns."""


class HeadStyle(NamedTuple):
    """How words at the heads of a table are set: no wider than `most`, in a `size`, in their colours by label."""

    most: float
    size: float
    colors: Mapping[str, str]

    def words(self, labels: Sequence[str]) -> list[Writing]:
        """Set the words of labels."""
        return fitted_words(labels, self.most, size=self.size, colors=self.colors)


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


def heads_beside(labels: Sequence[str], cells: VGroup, style: HeadStyle, *, low: float) -> VGroup:
    """Write words to the left of cells, each with its baseline `low` under the middle of its cell."""
    heads = style.words(labels)
    for head, cell in zip(heads, cells, strict=True):
        head.next_to(cell, LEFT, buff=HEAD_GAP).seat(float(cell.get_center()[1]) - low)
    return VGroup(*heads)


def heads_over(
    labels: Sequence[str], cells: VGroup, style: HeadStyle, drawn: Sequence[VMobject | None]
) -> tuple[VGroup, bool]:
    """Write words over cells, or put there what is `drawn`; tell whether the words had to lean."""
    width, placed = float(cells[0].width) + CELL_GAP, VGroup()
    heads = style.words(labels)
    widths = [head.width if icon is None else 0.0 for head, icon in zip(heads, drawn, strict=True)]
    smallest = SMALLEST_WORD / heads[0].type_size
    leaning = crowded([wide * smallest for wide in widths], width)
    if leaning:  # over icons, too, which therefore give way to words
        drawn = [None] * len(drawn)
    share = min(1.0, (width - CLOSEST) / max(*widths, 1e-3), max((width - APART) / max(*widths, 1e-3), smallest))
    for head, drawing, cell in zip(heads, drawn, cells, strict=True):
        if drawing is not None:
            placed.add(drawing.next_to(cell, UP, buff=0.12))
        elif leaning:
            placed.add(lean(head.scale(smallest), cell))
        else:
            head.scale(share).next_to(cell, UP, buff=0.2)
            placed.add(head.seat(float(cell.get_top()[1]) + 0.22))
    return placed, leaning
