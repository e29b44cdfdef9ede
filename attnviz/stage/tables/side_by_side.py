"""Tables of the same rows side by side, and as many of them, and as much of each, as can be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from attnviz.stage import frame
from attnviz.stage.frame import Region
from attnviz.stage.numbers import Style
from attnviz.stage.tables.slices import (
    HIGHEST,
    LOWEST,
    NARROWEST,
    WIDEST,
    Slice,
    TableLabels,
    as_drawn,
    fitted_table,
    head_room,
    heads_reach,
)
from attnviz.stage.tables.table import Table
from attnviz.stage.tables.windows import MOST_SHOWN, visible

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

GAP = 0.6
"""The gap between neighbouring tables (frame units)."""
FEW = 3
"""So many tables are shown, at most, where all of them cannot be read."""


class Fitting(NamedTuple):
    """How many tables can be read side by side, and how many rows and columns of each."""

    tables: int
    rows: int
    columns: int


def side_by_side(within: Region, count: int, gap: float = 0.4) -> list[Region]:
    """Return as many regions of one width, from left to right, as fill a region with gaps between them."""
    width = (within.width - (count - 1) * gap) / count
    lefts = [within.left + k * (width + gap) for k in range(count)]
    return [Region(left, within.bottom, left + width, within.top) for left in lefts]


def tables_of(
    stage: Stage, parts: Sequence[Slice], within: Region = frame.TABLES, *, gap: float = GAP, style: Style = "fixed"
) -> list[Table]:
    """Return tables of the same words side by side in a region, with cells of one size, and as many decimals in all.

    What all have at their sides (the words or, where vectors are columns, their coordinates' names) stands beside the
    first one only.
    Raises `ProblemsFound` if they would be too small to read there.
    """
    labels = [as_drawn(stage, part.labels(stage)) for part in parts]
    heads, count = _heads(labels), sum(len(columns) for _, columns in labels)
    most = max(len(rows) for rows, _ in labels)
    (width, height), out, over = _room(labels, within, gap)
    if width < NARROWEST or height < LOWEST:
        what = f"{len(parts)} tables of {most} rows and {count} columns in all are too large for their place"
        stage.refuse(what, "give them a larger region, or choose fewer words")
    x = within.center[0] - (sum(heads) + count * width + gap * (len(parts) - 1) + out) / 2
    y = within.center[1] - over / 2
    centers: list[tuple[float, float]] = []
    for head, (_, columns) in zip(heads, labels, strict=True):
        centers.append((x + head + len(columns) * width / 2, y))
        x += head + len(columns) * width + gap

    def made(decimals: int | None) -> list[Table]:
        each, cell = zip(parts, centers, heads, strict=True), (width, height)
        return [
            fitted_table(stage, part, cell, at, style=style, decimals=decimals, headed=head > 0)
            for part, at, head in each
        ]

    tables = made(None)
    places = {table.marks[0].number.decimals for table in tables}
    return tables if len(places) == 1 else made(min(places))


def fitting(stage: Stage, parts: Sequence[Slice], within: Region = frame.TABLES, *, gap: float = GAP) -> Fitting:
    """Return how many of some tables of the same rows, and how much of each, `tables_of` can show in a region."""
    labels = [part.labels(stage) for part in parts]
    rows, columns = labels[0][0], max((own for _, own in labels), key=len)
    tables, high, wide = len(parts), min(len(rows), MOST_SHOWN), min(len(columns), MOST_SHOWN)
    while True:
        seen = [(visible(stage, rows, high), visible(stage, own, wide)) for _, own in labels[:tables]]
        (width, height), _, _ = _room([as_drawn(stage, pair) for pair in seen], within, gap)
        low, narrow = as_drawn(stage, (height < LOWEST, width < NARROWEST))
        if not (low or narrow) or tables == high == wide == 1:
            return Fitting(tables, high, wide)
        across = high if stage.column_vectors else wide
        if width < NARROWEST and (tables > FEW or across == 1):
            tables = FEW if tables > FEW else max(1, tables - 1)
        else:
            wide = max(1, wide - 1) if narrow else wide
            high = max(1, high - 1) if low else high
        if rows == columns:  # the same words are shown of both
            high = wide = min(high, wide)


def _room(labels: TableLabels, within: Region, gap: float) -> tuple[tuple[float, float], float, float]:
    """Return the size of the cells of tables with these rows and columns, and how far heads reach out and over them."""
    count = sum(len(columns) for _, columns in labels)
    free = within.width - sum(_heads(labels)) - gap * (len(labels) - 1)
    width = min(WIDEST, free / count)
    reach = [heads_reach(columns, width, rows=rows) for rows, columns in labels]
    width = min(width, (free - reach[-1][1]) / count)
    over = max(height for height, _ in reach)
    most = max(len(rows) for rows, _ in labels)
    return (width, min(HIGHEST, (within.height - over) / most)), reach[-1][1], over


def _heads(labels: TableLabels) -> list[float]:
    """Return how wide the words beside each table are: 0 where they are those of the first."""
    return [head_room(rows) if not k or rows != labels[0][0] else 0.0 for k, (rows, _) in enumerate(labels)]
