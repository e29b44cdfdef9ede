"""The layout of tables: one in the middle, or on the left beside its explanation, or two with an arrow between."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from manim import DOWN, UP, Arrow, VGroup

from attnviz.stage import (
    Rect,
    Table,
    Tag,
    Writing,
    fitted_words,
    formula,
    frame,
    heads_reach,
    prose,
    theme,
    told_apart,
)

EDGE, FLOOR, TOP = frame.CONTENT.right, frame.CONTENT.bottom, frame.CONTENT.top
HEAD = 2.2
"""How wide the words beside the rows are at most."""
CAPTION, LINE, TWO_LINES = frame.CAPTION_ROOM, frame.LINE_ROOM, frame.FRACTION_ROOM
BRIDGE, NARROW_BRIDGE = frame.BETWEEN_TABLES
WIDEST, HIGHEST = 2.0, 1.67
CLOSE, CLEAR = frame.UNDER_CAPTION
APART = frame.px(34)
"""What is free between words over neighbouring columns: so much that they need not be set smaller."""
NARROWEST, LOWEST = 0.674, 0.39
SMALLEST_SUM, SIDE_GAP = float(theme.TICK), 0.65


class Shape(NamedTuple):
    """The size of a table's cells (width, height in frame units), and the size of the type in them."""

    cell: tuple[float, float]
    size: float


@lru_cache(maxsize=64)
def table_shape(rows: tuple[str, ...], columns: tuple[str, ...], top: float) -> Shape | None:
    """Return the shape of the cells of a table on its own, which leaves half of the frame free beside it.

    `top` is where the room for tables begins, under the sentence. None if the cells would be too small to read.
    """
    n = len(columns)
    width = min(WIDEST, (6.1 if n in {5, 6} else 5.6) / n)
    if rows != columns:  # words over the columns; a square table mostly has icons there
        width = max(width, min(_widest(columns) + APART, 10.2 / n))
    return _shape(rows, columns, width, top - FLOOR - CAPTION - LINE)


@lru_cache(maxsize=64)
def pair_shape(words: tuple[str, ...], top: float) -> Shape | None:
    """Return the shape of the cells of two tables side by side; None if they would be too small to read."""
    heads = _widest(words) + 0.2
    narrow = (2 * EDGE - heads - BRIDGE) / (2 * len(words)) < 0.8
    room = 2 * EDGE - heads - (NARROW_BRIDGE if narrow else BRIDGE)
    width = room / (2 * len(words))
    for _ in range(2):  # words that lean reach out to the right, and farther over narrower columns
        width = (room - heads_reach(words, min(WIDEST, width), HEAD, words)[1]) / (2 * len(words))
    return _shape(words, words, min(WIDEST, width), top - FLOOR - CAPTION - TWO_LINES)


def _shape(rows: Sequence[str], columns: Sequence[str], width: float, room: float) -> Shape | None:
    over, _ = heads_reach(columns, width, HEAD, rows)
    height = min(HIGHEST, (room - over) / len(rows))
    if width < NARROWEST - 1e-3 or height < LOWEST - 1e-3:
        return None
    size = min(_type_size(width, 38, 48), _type_size(height, 70, 85))
    return Shape((width, height), float(np.clip(size, SMALLEST_SUM, 58)))


def _type_size(side: float, roomy: float, tight: float) -> float:
    """Return the type size for a side of a cell: with room around its digits, or with less where they are small."""
    return max(roomy * side, min(theme.DIGITS, tight * side))


@lru_cache(maxsize=64)
def _widest(words: tuple[str, ...]) -> float:
    return max(text.width for text in fitted_words(told_apart(words), HEAD, size=theme.WORD, colors={}))


def place(table: Table, where: str, top: float, beside: float = 0.0) -> Table:
    """Move a table to the `middle`, together with what is `beside` it (a width), or to the `left`; return it.

    It is centred with its caption in the room between `top` and the captions, as far as a line under it has room.
    """
    body = VGroup(table.cells, table.row_heads)
    left = -EDGE if where == "left" else -(body.width + beside) / 2
    high = table.height + CAPTION
    y = max((top + FLOOR + high) / 2, FLOOR + high + LINE)
    return table.shift([left - float(body.get_left()[0]), y - float(table.get_top()[1]), 0])


def place_pair(left: Table, right: Table, top: float) -> None:
    """Move two tables of the same rows side by side, with room for an arrow between them."""
    body = VGroup(left.cells, left.row_heads)
    out = max(0.0, float(right.get_right()[0] - right.cells.get_right()[0]))
    bridge = min(BRIDGE + 0.4, 2 * EDGE - body.width - right.cells.width - out)
    whole = body.width + bridge + right.cells.width + out
    y = (top + FLOOR + left.height + CAPTION + TWO_LINES) / 2
    left.shift([-whole / 2 - float(body.get_left()[0]), y - float(left.get_top()[1]), 0])
    right.shift([float(left.cells.get_right()[0]) + bridge - float(right.cells.get_left()[0]), 0, 0])
    right.shift((float(left.cells.get_center()[1]) - float(right.cells.get_center()[1])) * UP)


def caption_under(table: Table, note: Writing) -> Tag:
    """Put a caption under a table's cells, within the frame's edges, and return it as the label of the cells."""
    table.set_under(note)
    half = note.width / 2
    note.set_x(min(max(float(table.cells.get_center()[0]), half - EDGE), EDGE - half))
    return Tag(note, table.cells)


def seat_below(
    line: Writing,
    table: Table,
    caption: Tag,
    *,
    left: float = -EDGE,
    right: float = EDGE,
    least: float = SMALLEST_SUM,
) -> bool:
    """Move a line below a table's caption; return whether it is at least of type size `least` between two edges.

    It is centred under the table if it fits there, else it is moved aside, and at last set smaller.
    """
    if line.width > right - left:
        line.scale_to_fit_width(right - left)
    half = line.width / 2
    x = min(max(float(table.cells.get_center()[0]), left + half), right - half)
    floor, ceiling = FLOOR + 0.02, float(caption.get_bottom()[1])
    gap = min(CLEAR, max(CLOSE, ceiling - line.height - floor))
    line.move_to([x, 0, 0]).align_to([x, ceiling - gap, 0], UP)
    line.shift(max(0.0, floor - float(line.get_bottom()[1])) * UP)
    return line.type_size > least - 0.1


def side_box(table: Table, *, gap: float = SIDE_GAP, heads: bool = True) -> Rect:
    """Return the free area to the right of a table, `gap` from it; without its `heads`, to the right of its cells."""
    if not heads:
        return float(table.cells.get_right()[0]) + gap, FLOOR, EDGE, float(table.cells.get_top()[1])
    right = max(float(table.cells.get_right()[0]) + gap, float(table.get_right()[0]) + 0.3)
    return right, FLOOR, EDGE, float(table.get_top()[1])


def bridge(left: Table, right: Table) -> VGroup:
    """Return the arrow between two tables, with what happens there: softmax, and its formula."""
    edges = float(left.cells.get_right()[0]), float(right.cells.get_left()[0])
    y = float(left.cells.get_center()[1])
    arrow = Arrow([edges[0] + 0.2, y, 0], [edges[1] - 0.2, y, 0], buff=0, color=theme.INK, stroke_width=6)
    arrow.tip.scale(0.9)
    name = prose("softmax", size=theme.WORD).next_to(arrow, UP, buff=0.2)
    if name.width > edges[1] - edges[0] - 0.2:
        name.scale_to_fit_width(edges[1] - edges[0] - 0.2)
    below = formula("e^x / (sum e^x)", size=theme.BODY, color=theme.DIM).next_to(arrow, DOWN, buff=0.25)
    return VGroup(arrow, name, below)
