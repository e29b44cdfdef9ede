"""Where the tables of a product stand side by side, and as much of them as can be read where all of it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from attnviz.stage import frame, theme
from attnviz.stage.arithmetic.written import rounded_up
from attnviz.stage.frame import Region
from attnviz.stage.tables.head_words import SMALLEST_WORD
from attnviz.stage.tables.slices import (
    HIGHEST,
    LOWEST,
    NARROWEST,
    WIDEST,
    Slice,
    TableLabels,
    as_drawn,
    head_room,
    heads_reach,
    type_size,
)
from attnviz.stage.tables.table import SMALLEST_SIZE
from attnviz.stage.tables.windows import visible

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

SIGN_ROOM, NAME_ROOM, SHAPE_ROOM = 0.62, 0.66, 0.58
HEAD_WIDTHS = (2.0, 1.4)  # of words, at most: commonly, and where columns are so many that long ones are cut short
TYPE_SIZES = (float(theme.WORD), 40.0, SMALLEST_SIZE)
BESIDE = 0.2
"""How much is free, at least, between words that lean out over a table's edge and those beside the next one."""
WINDOW = (6, 6, 5)
"""A window has at most so many rows, terms to be added, and columns."""
DOTS = 0.4
"""What is free to the right of a window, for the dots beside it."""


class Layout(NamedTuple):
    """Where tables stand side by side: the widths of their rows' heads, their cells, where the first begins.

    `readable` is the size of type that finds room in the cells, 0 if these are too small; `most` how wide words are.
    """

    heads: list[float]
    cell: tuple[float, float]
    start: tuple[float, float]
    readable: float
    most: float


def standing_order(stage: Stage, count: int) -> list[int]:
    """Return the numbers of so many factors in the order in which they stand, from the left: as columns, backwards."""
    return [*reversed(range(count))] if stage.column_vectors else [*range(count)]


def drawn_in(stage: Stage, labels: TableLabels, order: Sequence[int]) -> TableLabels:
    """Return the labels of tables as they are drawn, in their order from the left."""
    return [as_drawn(stage, labels[k]) for k in order]


def layout_of(labels: TableLabels, within: Region, headed: int = 2) -> Layout:
    """Return how tables stand in a region, with their words as large as can be; the first ones are `headed`.

    `labels` are as they are drawn, from the left.
    """
    tried = [_laid(labels, within, size, most, headed) for most in HEAD_WIDTHS for size in TYPE_SIZES]
    return max(tried, key=lambda layout: (layout.most if layout.readable else 0.0, layout.readable))


def window_room(within: Region) -> Region:
    """Return where in a region a window of a product stands, which leaves room for its dots and for a line under it."""
    return within._replace(right=within.right - DOTS, bottom=max(within.bottom, frame.PRODUCT.bottom))


def windows(stage: Stage, parts: Sequence[Slice], labels: TableLabels, within: Region) -> tuple[Slice, Slice, Slice]:
    """Return as much of three tables as can be read in a region: rows, terms and columns that belong together.

    Raises `ProblemsFound` if nothing can.
    """
    every, order = (labels[0][0], labels[0][1], labels[1][1]), [*standing_order(stage, 2), 2]
    along = -1 if stage.column_vectors else 1
    sizes = [min(most, len(each)) for most, each in zip(WINDOW, every, strict=True)]
    while True:
        rows, terms, columns = (visible(stage, each, size) for each, size in zip(every, sizes, strict=True))
        places = [labels[0][1].index(term) for term in terms]
        seen = [(rows, terms), ([labels[1][0][k] for k in places], columns), (rows, columns)]
        layout = _laid(drawn_in(stage, seen, order), within, TYPE_SIZES[-1], HEAD_WIDTHS[-1])
        if layout.readable:
            break
        if max(sizes) == 1:
            refuse_small(stage, drawn_in(stage, labels, order), within)
        sizes = _shrunk(sizes[::along], too_wide=layout.cell[0] < NARROWEST)[::along]
    seen[2] = ([labels[2][0][labels[0][0].index(row)] for row in rows], seen[2][1])
    left, right, result = (part.window(stage, *chosen) for part, chosen in zip(parts, seen, strict=True))
    return left, right, result


def _shrunk(sizes: list[int], *, too_wide: bool) -> list[int]:
    """Return the sizes of a window that is smaller by one: by what takes most room across, or down."""
    across, down = {1: sizes[1], 2: 2 * sizes[2]}, {0: sizes[0], 1: sizes[1]}
    most = {k: room for k, room in (across if too_wide else down).items() if sizes[k] > 1}
    less = max(most, key=lambda k: most[k]) if most else sizes.index(max(sizes))
    return [size - (k == less) for k, size in enumerate(sizes)]


def _laid(labels: TableLabels, within: Region, size: float, most: float, headed: int = 2) -> Layout:
    """Return how tables with these rows and columns fill a region, if words are set no larger than a size.

    A result, after the `headed` ones, has what another table has at its side already.
    """
    words = max(SMALLEST_WORD, size)
    heads = [head_room(rows, most, words) if k < headed else 0.0 for k, (rows, _) in enumerate(labels)]
    count = sum(len(columns) for _, columns in labels)
    free = within.width - sum(heads) - (len(labels) - 1) * SIGN_ROOM
    width, aside = min(WIDEST, free / count), [0.0] * len(labels)
    for _ in range(2):  # words over narrower cells reach farther out
        aside = _leaning_out(labels, headed, width, most)
        width = min(width, (free - sum(aside) - heads_reach(labels[-1][1], width, most)[1]) / count)
    heads, free = [head + more for head, more in zip(heads, aside, strict=True)], free - sum(aside)
    reach = [heads_reach(columns, width, most) for _, columns in labels]
    out, rows = reach[-1][1], max(len(rows) for rows, _ in labels)
    over = [(height, len(own)) for (height, _), (own, _) in zip(reach, labels, strict=True)]
    room = within.height - NAME_ROOM - SHAPE_ROOM
    height = min(HIGHEST, *(2 * (room - heads_over) / (own + rows) for heads_over, own in over))
    x = within.center[0] - (within.width - free + count * width + out) / 2
    top = max(heads_over + own * height / 2 for heads_over, own in over)
    y = within.center[1] + (SHAPE_ROOM + rows * height / 2 - top - NAME_ROOM) / 2
    fits = width >= NARROWEST and height >= LOWEST
    return Layout(heads, (width, height), (x, y), min(size, type_size((width, height))) if fits else 0.0, most)


def _leaning_out(labels: TableLabels, headed: int, width: float, most: float) -> list[float]:
    """Return how much farther to the right tables stand, since words over the one before lean out to those beside them.

    These reach as far up only in a table of more rows.
    """
    aside = [0.0] * len(labels)
    for k in range(1, headed):
        (rows, columns), (higher, _) = labels[k - 1 : k + 1]
        if len(higher) > len(rows):
            aside[k] = max(0.0, heads_reach(columns, width, most)[1] + BESIDE - SIGN_ROOM)
    return aside


def refuse_small(stage: Stage, labels: TableLabels, within: Region, headed: int = 2) -> None:
    """Refuse a region that is too narrow or too low for some tables, and tell how large it must be."""
    layout = _laid(labels, within, TYPE_SIZES[-1], HEAD_WIDTHS[-1], headed)
    width = layout.cell[0]
    if width < NARROWEST:
        counts = [len(columns) for _, columns in labels]
        out = heads_reach(labels[-1][1], NARROWEST, HEAD_WIDTHS[-1])[1]
        least = rounded_up(sum(layout.heads) + (len(labels) - 1) * SIGN_ROOM + sum(counts) * NARROWEST + out)
        what = f"tables of {' + '.join(map(str, counts))} columns do not fit side by side"
        size = f"they need a region about {least} wide, and this one is {within.width:g}"
        stage.refuse(f"{what}: {size}", "give them a wider region, or choose fewer words or columns")
    most = max(len(rows) for rows, _ in labels)
    over = [heads_reach(columns, width, HEAD_WIDTHS[-1])[0] for _, columns in labels]
    high = max(each + (len(rows) + most) / 2 * LOWEST for each, (rows, _) in zip(over, labels, strict=True))
    least = rounded_up(NAME_ROOM + SHAPE_ROOM + high)
    what = f"a table of {most} rows does not fit with its heads, its name and its shape"
    size = f"the product needs a region about {least} high, and this one is {within.height:g}"
    stage.refuse(f"{what}: {size}", "give it a higher region (frame.PRODUCT), or choose fewer words or columns")
