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
    fitted_table,
    head_room,
    heads_reach,
    labels_of,
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
    """Return tables of the same rows side by side in a region, with cells of one size, and as many decimals in all.

    The words of the rows stand beside the first one only.
    Raises `ProblemsFound` if they would be too small to read there.
    """
    labels = [labels_of(part.read(stage)) for part in parts]
    heads, count = head_room(labels[0][0]), sum(len(columns) for _, columns in labels)
    (width, height), out, over = _room(labels, within, gap)
    if width < NARROWEST or height < LOWEST:
        what = (
            f"{len(parts)} tables of {len(labels[0][0])} rows and {count} columns in all are too large for their place"
        )
        stage.refuse(what, "give them a larger region, or choose fewer words")
    x = within.center[0] - (heads + count * width + gap * (len(parts) - 1) + out) / 2 + heads
    y = within.center[1] - over / 2
    centers: list[tuple[float, float]] = []
    for _, columns in labels:
        centers.append((x + len(columns) * width / 2, y))
        x += len(columns) * width + gap

    def made(decimals: int | None) -> list[Table]:
        each = zip(parts, centers, strict=True)
        cell, first = (width, height), centers[0]
        return [
            fitted_table(stage, part, cell, at, style=style, decimals=decimals, row_heads=at == first)
            for part, at in each
        ]

    tables = made(None)
    places = {table.marks[0].number.decimals for table in tables}
    return tables if len(places) == 1 else made(min(places))


def fitting(stage: Stage, parts: Sequence[Slice], within: Region = frame.TABLES, *, gap: float = GAP) -> Fitting:
    """Return how many of some tables of the same rows, and how much of each, `tables_of` can show in a region."""
    labels = [labels_of(part.read(stage)) for part in parts]
    rows, columns = labels[0][0], max((own for _, own in labels), key=len)
    tables, high, wide = len(parts), min(len(rows), MOST_SHOWN), min(len(columns), MOST_SHOWN)
    while True:
        seen = [(visible(stage, rows, high), visible(stage, own, wide)) for _, own in labels[:tables]]
        (width, height), _, _ = _room(seen, within, gap)
        if (width >= NARROWEST and height >= LOWEST) or tables == high == wide == 1:
            return Fitting(tables, high, wide)
        if width < NARROWEST and tables > FEW:
            tables = FEW
        elif width < NARROWEST:
            tables, wide = (tables, wide - 1) if wide > 1 else (max(1, tables - 1), wide)
        if height < LOWEST:
            high = max(1, high - 1)
        if rows == columns:  # the same words are shown of both
            high = wide = min(high, wide)


def _room(
    labels: Sequence[tuple[list[str], list[str]]], within: Region, gap: float
) -> tuple[tuple[float, float], float, float]:
    """Return the size of the cells of tables with these rows and columns, and how far heads reach out and over them."""
    count = sum(len(columns) for _, columns in labels)
    free = within.width - head_room(labels[0][0]) - gap * (len(labels) - 1)
    width = min(WIDEST, free / count)
    reach = [heads_reach(columns, width, rows=rows) for rows, columns in labels]
    width = min(width, (free - reach[-1][1]) / count)
    over = max(height for height, _ in reach)
    return (width, min(HIGHEST, (within.height - over) / len(labels[0][0]))), reach[-1][1], over
