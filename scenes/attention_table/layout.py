"""The layout of tables: one in the middle, or on the left beside its explanation, or two with an arrow between."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from manim import DOWN, RIGHT, UP, Arrow, VGroup

from attnviz.stage import SMALLEST_WORD, Rect, Table, Writing, fitted_words, formula, frame, prose, theme, told_apart

EDGE, TOP, FLOOR = frame.TABLES.right, frame.TABLES.top, frame.TABLES.bottom
BRIDGE, HEAD = 2.7, 2.0
LOWEST, SMALLEST_SUM, GAP = frame.LOWEST_LINE, 25.0, 0.4


class Shape(NamedTuple):
    """The size of a table's cells (width, height in frame units), and the size of the type in them."""

    cell: tuple[float, float]
    size: float


@lru_cache(maxsize=64)
def table_shape(rows: tuple[str, ...], columns: tuple[str, ...]) -> Shape:
    """Return the shape of the cells of a table on its own: as wide as its headers, if there is room."""
    n = len(columns)
    width = float(np.clip(4.7 / n, 0.72, 1.5))
    size = float(np.clip(30 * width, 22, 38))
    size = min(size, max(22.0, 135 / len(rows)))
    width = max(width, min(_widest(columns, max(SMALLEST_WORD, size - 1)) + 0.14, 5.2 / n))
    return Shape((width, min(1.15, 3.3 / len(rows))), size)


@lru_cache(maxsize=64)
def pair_shape(words: tuple[str, ...]) -> Shape | None:
    """Return the shape of the cells of two tables side by side; None if they would be too small to read."""
    n = len(words)
    most = (EDGE - 0.25 - BRIDGE / 2 - min(_widest(words, 26), HEAD) - 0.22) / n
    if most < 0.62:
        return None
    width = min(1.2, most)
    size = float(np.clip(30 * width, 21, 32))
    width = max(width, min(_widest(words, max(SMALLEST_WORD, size - 1)) + 0.14, most))
    return Shape((width, min(1.0, 3.3 / n)), size)


def _widest(words: Sequence[str], size: float) -> float:
    longest = sorted(told_apart(words), key=len)[-2:]
    return max(text.width for text in fitted_words(longest, HEAD, size=size, colors={}))


def place(table: Table, where: str) -> Table:
    """Move a table to the `middle`, or to the `left` so that the rest of the frame is free; return it."""
    body = VGroup(table.cells, table.row_heads)
    x = 0.0 if where == "middle" else max(-3.6, -EDGE + body.width / 2)
    y = min(-0.4, TOP - table.height / 2)
    return table.shift([x - float(body.get_center()[0]), y - float(table.get_center()[1]), 0])


def place_pair(left: Table, right: Table) -> None:
    """Move two tables of the same shape side by side, with room for an arrow between them."""
    width = VGroup(left.cells, left.row_heads).width
    for table, side in ((left, -1.0), (right, 1.0)):
        place(table, "middle").shift(side * (width + BRIDGE) / 2 * RIGHT)


def seat_below(line: Writing, table: Table, caption: Writing, *, right: float = EDGE + GAP) -> bool:
    """Move a line below a table's caption; return whether it is large enough to read and ends left of `right`.

    It is centred under the table if it fits there; otherwise it is shrunk, and kept within the frame's content.
    """
    x, most = float(table.cells.get_center()[0]), 2 * EDGE
    room = 2 * (EDGE - abs(x))
    if line.width > room:
        line.scale_to_fit_width(max(room, min(most, line.width * SMALLEST_SUM / line.type_size)))
    line.move_to([min(max(x, line.width / 2 - EDGE), EDGE - line.width / 2), 0, 0])
    line.seat(max(caption.baseline - 0.72, LOWEST))
    line.shift(max(0.0, LOWEST - 0.03 - float(line.get_bottom()[1])) * UP)
    return float(line.get_right()[0]) <= right - GAP and line.type_size > SMALLEST_SUM - 0.1


def side_box(table: Table, right_of: VGroup | None = None, *, gap: float = 0.85) -> Rect:
    """Return the free area to the right of a table (or of `right_of`, if that is further right), `gap` from it."""
    taken = max(float(m.get_right()[0]) for m in (table.cells, right_of) if m is not None)
    return max(taken + gap, -0.2), FLOOR, EDGE, max(float(table.cells.get_top()[1]), 1.2)


def bridge(left: Table, right: Table, caption: Writing) -> VGroup:
    """Return the arrow between two tables, labelled with what happens there (softmax), and the first one's caption."""
    start = np.array([float(left.cells.get_right()[0]) + 0.3, float(left.cells.get_center()[1]), 0])
    end = np.array([float(right.row_heads.get_left()[0]) - 0.3, start[1], 0])
    arrow = Arrow(start, end, buff=0, color=theme.INK, stroke_width=5, tip_length=0.26)
    name = prose("softmax", size=theme.WORD).next_to(arrow, UP, buff=0.22)
    below = formula("e^x / (sum e^x)", size=theme.BODY, color=theme.DIM).next_to(arrow, DOWN, buff=0.28)
    return VGroup(arrow, name, below, left.set_under(caption))
