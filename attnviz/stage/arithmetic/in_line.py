"""Tables side by side, as they stand in a product: how large they can be, the signs between them, names and shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from manim import Mobject, VGroup

from attnviz.stage import theme
from attnviz.stage.arithmetic.product_layout import SIGN_ROOM, drawn_in, layout_of, refuse_small
from attnviz.stage.frame import Region
from attnviz.stage.numbers import Number, Style
from attnviz.stage.tables.fills import WEIGHTS
from attnviz.stage.tables.slices import Slice, as_drawn, fitted_table, head_colors
from attnviz.stage.tables.table import Table
from attnviz.stage.typesetting import Writing, formula, name

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

LEVEL = 0.3
"""Names of tables that end less apart than this (frame units) stand on one line."""


class Shape(NamedTuple):
    """How many rows and columns a table, or the whole of a window, has as it is drawn, as numbers that can be drawn."""

    rows: Number
    columns: Number


class Described(NamedTuple):
    """A table in a line, with the name over it, the colour of that, and the shape under it."""

    table: Table
    name: str
    ink: str
    shape: Shape


class InLine(VGroup):
    """Tables side by side with signs between them: `names` stand over them, and `shapes` (3 × 2) under them.

    `tables`, `names` and `shapes` have one order, that of the factors of a product of row vectors; `signs` stand
    between neighbours, from the left. Where vectors are columns the tables stand in another order.
    """

    def __init__(self, described: Sequence[Described], signs: Sequence[Writing]) -> None:
        super().__init__()
        self.tables = [each.table for each in described]
        self.signs, self.names, self.shapes = VGroup(*signs), VGroup(), VGroup()
        drawn = sorted(self.tables, key=lambda table: float(table.cells.get_left()[0]))
        for sign, before, after in zip(signs, drawn[:-1], drawn[1:], strict=True):
            edges = float(before.cells.get_right()[0]), float(VGroup(after.cells, after.side_heads).get_left()[0])
            sign.move_to([sum(edges) / 2, float(before.cells.get_center()[1]), 0])
        tops = [float(VGroup(table.cells, table.top_heads).get_top()[1]) for table in self.tables]
        for (table, called, ink, shape), top in zip(described, tops, strict=True):
            x, floor = float(table.cells.get_center()[0]), float(table.cells.get_bottom()[1])
            level = max(other for other in tops if abs(other - top) < LEVEL)
            self.names.add(name(called, color=ink).move_to([x, 0, 0]).seat(level + 0.26))
            under = formula("{r} times {c}", size=theme.NOTE, color=theme.DIM, r=shape.rows, c=shape.columns)
            self.shapes.add(under.move_to([x, 0, 0]).seat(floor - 0.46))
        self.add(*self.tables, *signs, self.names, self.shapes)

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the shapes, each with its table's cells."""
        yield from zip(self.shapes, [table.cells for table in self.tables], strict=True)

    def parts(self, which: int) -> list[Mobject]:
        """Return a table, by its number in their order, with its name and its shape."""
        return [self.tables[which], self.names[which], self.shapes[which]]


def times_sign() -> Writing:
    """Return the sign between two tables that are multiplied."""
    return formula("bold(dot)", size=1.6 * theme.BIG)


def described_in_line(
    stage: Stage,
    parts: Sequence[Slice],
    within: Region,
    *,
    names: Sequence[str],
    colors: Sequence[str | None],
    styles: Sequence[Style],
    decimals: int | None = None,
    order: Sequence[int],
    headed: int,
) -> list[Described]:
    """Return tables of parts of the trace, as large as they can be side by side in a region.

    They stand in an `order`, by their numbers; the first `headed` ones have words at their sides. Names and numbers are
    as for `product_of`. Raises `ProblemsFound` if the region is too narrow or too low.
    """
    labels = drawn_in(stage, [part.labels(stage) for part in parts], order)
    layout = layout_of(labels, within, headed)
    if not layout.readable:
        refuse_small(stage, labels, within, headed)
    (x, y), width = layout.start, layout.cell[0]
    found: dict[int, Described] = {}
    for k, head, (_, columns) in zip(order, layout.heads, labels, strict=True):
        center = (x + head + len(columns) * width / 2, y)
        table = fitted_table(
            stage, parts[k], layout.cell, center, style=styles[k], decimals=decimals,
            color=colors[k], head_width=layout.most, most=layout.readable, headed=head > 0,
        )  # fmt: skip
        called = stage.times(*names[k].split(" "))
        found[k] = Described(table, called, _ink(stage, parts[k], colors[k]), _shape(stage, parts[k], table))
        x += head + len(columns) * width + SIGN_ROOM
    return [found[k] for k in range(len(parts))]


def _ink(stage: Stage, part: Slice, color: str | None) -> str:
    """Return the colour of a table's name."""
    if not part.head or part.array in WEIGHTS or color == theme.DIM:
        return theme.INK if color in (None, theme.DIM) else color
    return color or head_colors(stage, sentence=part.sentence)[part.head]


def _shape(stage: Stage, part: Slice, table: Table) -> Shape:
    whole = table.cuts.whole(len(table.row_labels), len(table.column_labels))
    counts = zip(("rows", "columns"), as_drawn(stage, whole), strict=True)
    return Shape(*[
        stage.derived(count, f"number of {what} of {part.array}", "whole", sentence=part.sentence)
        for what, count in counts
    ])  # fmt: skip
