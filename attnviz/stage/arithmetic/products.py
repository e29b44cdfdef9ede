"""Products of matrices, written out: a matrix with its name, one entry as a row times a column, table times table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from manim import Animation, FadeOut, Mobject, VGroup

from attnviz.stage import frame, theme
from attnviz.stage.arithmetic.product_layout import (
    SIGN_ROOM,
    Layout,
    layout_of,
    refuse_small,
    rounded_up,
    window_room,
    windows,
)
from attnviz.stage.frame import Region
from attnviz.stage.numbers import Number, Style, as_shown, relation
from attnviz.stage.reading import refusal
from attnviz.stage.tables.fills import WEIGHTS
from attnviz.stage.tables.slices import Slice, fitted_table, head_colors, labels_of
from attnviz.stage.tables.table import SMALLEST_SIZE, Table
from attnviz.stage.tables.windows import left_out
from attnviz.stage.typesetting import Writing, bracketed, formula, name, set_sign

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

Rows = Sequence[Sequence[Number]]
UNDER = 0.54
"""How far under its region the note of a product stands."""
LEVEL = 0.3
"""Names of tables that end less apart than this (frame units) stand on one line."""
CLOSE = 1e-4
"""How near a result must be to the product, relative to its terms: float32 is nearer."""


def written_product(
    row: Sequence[Number],
    column: Sequence[Number],
    result: Number,
    *,
    size: float = theme.BODY,
    width: float | None = None,
) -> Writing:
    """Write one entry of a product: a row times a column, as in 0.43 · 2 + 0.57 · 0 ≈ 0.86.

    Marks: `a0`, `a1` … of the row, `b0`, `b1` … of the column, and `result`. Negative numbers stand in brackets, but at
    the very beginning. The sign is = only if the shown digits give exactly the shown result. A line wider than `width`
    is set smaller; raises `ProblemsFound` if it were too small to read.
    """
    pairs = list(zip(row, column, strict=True))
    terms = [f"{bracketed(f'a{k}', a, first=not k)} dot {bracketed(f'b{k}', b)}" for k, (a, b) in enumerate(pairs)]
    sign = set_sign(relation(sum(a.shown * b.shown for a, b in pairs), result) == "=")
    named = {f"a{k}": a for k, a in enumerate(row)} | {f"b{k}": b for k, b in enumerate(column)}
    line = formula(" + ".join(terms) + f" {sign} {{result}}", size=size, numbers=named | {"result": result})
    return fitted(line, width)


def matrix(name: str, rows: Rows, *, size: float = theme.BODY, color: str | None = None) -> Writing:
    """Write a matrix with its name before it, as in W_Q^1 = [ … ]; `name` is set as a name, with its digits.

    The marks are called `m0_0`, `m0_1` … (row, column). The sign is = only if all digits of the entries are shown.
    """
    named = {f"m{i}_{j}": number for i, row in enumerate(rows) for j, number in enumerate(row)}
    entries = " ; ".join(", ".join(f"{{m{i}_{j}}}" for j in range(len(row))) for i, row in enumerate(rows))
    template = f'{{name}} {set_sign(as_shown(named.values()))} mat(delim: "[", {entries})'
    return formula(template, size=size, color=color, names={"name": name}, numbers=named)


def matrix_of(
    stage: Stage, name: str, part: Slice, *, size: float = theme.BODY, color: str | None = None, style: Style = "short"
) -> Writing:
    """Write a part of the trace as a matrix with its name: `matrix_of(self, "W_Q^1", Slice("W_Q", head="good"))`."""
    return matrix(name, part.numbers(stage, style, None), size=size, color=color)


def fitted(line: Writing, width: float | None) -> Writing:
    """Return a line, set smaller if it is wider than `width`; raises `ProblemsFound` if it were too small to read."""
    natural, size = line.width, line.type_size
    if width is not None and natural > width:
        line.scale_to_fit_width(width)
    if line.type_size < SMALLEST_SIZE - 0.01:
        least = rounded_up(natural * SMALLEST_SIZE / size)
        what = f"the product is too long to be read in one line: it needs a width of about {least}"
        hint = "show fewer decimals, or choose fewer columns"
        if width is not None and least <= frame.WIDTH - 2 * frame.MARGIN:
            what, hint = f"{what}, and has width={width:g}", f"give it more width, {hint}"
        raise refusal(what, hint)
    return line


class Shape(NamedTuple):
    """How many rows and columns a table has, as numbers that can be drawn."""

    rows: Number
    columns: Number


class Product(VGroup):
    """A table times a table, and what it gives: `left`, `right` and `result`, with what stands between and under them.

    `dot` and `sign` stand between the tables: the sign is = only where the shown digits give exactly all shown results.
    `names` stand over the tables, in `colors` or else in ink, and `shapes` (3 × 2) under them; both are groups of
    three, in the tables' order. If the tables are windows, the `note` says what they leave out.
    """

    def __init__(
        self,
        tables: tuple[Table, Table, Table],
        names: Sequence[str],
        shapes: Sequence[Shape],
        colors: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self.left, self.right, self.result = left, right, result = tables
        exact = not left.cuts.columns and all(
            relation(sum(a.shown * b.shown for a, b in zip(row, column, strict=True)), entry) == "="
            for (row, column), entry in zip(_entries(left, right), [mark.number for mark in result.marks], strict=True)
        )
        self.dot, self.sign = formula("bold(dot)", size=1.6 * theme.BIG), formula(set_sign(exact), size=theme.BODY)
        for sign, before, after in ((self.dot, left, right), (self.sign, right, result)):
            edges = float(before.cells.get_right()[0]), float(VGroup(after.cells, after.row_heads).get_left()[0])
            sign.move_to([sum(edges) / 2, float(left.cells.get_center()[1]), 0])
        self.names, self.shapes, self.note = VGroup(), VGroup(), VGroup()
        tops = [float(VGroup(table.cells, table.column_heads).get_top()[1]) for table in tables]
        inks = colors or [theme.INK] * 3
        for table, top, called, shape, color in zip(tables, tops, names, shapes, inks, strict=True):
            x, floor = float(table.cells.get_center()[0]), float(table.cells.get_bottom()[1])
            level = max(other for other in tops if abs(other - top) < LEVEL)
            title = name(called, color=color)
            self.names.add(title.move_to([x, 0, 0]).seat(level + 0.26))
            under = formula("{r} times {c}", size=theme.NOTE, color=theme.DIM, r=shape.rows, c=shape.columns)
            self.shapes.add(under.move_to([x, 0, 0]).seat(floor - 0.46))
        self.add(left, self.dot, right, self.sign, result, self.names, self.shapes, self.note)

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the shapes, each with its table's cells."""
        yield from zip(self.shapes, [table.cells for table in (self.left, self.right, self.result)], strict=True)

    def without_note(self) -> list[Animation]:
        """Return the animations in which the note gives way to something that is written there."""
        note, self.note = self.note, VGroup()
        self.remove(note)
        return [FadeOut(note)] if note.submobjects else []

    def line(self, row: str, column: str, *, size: float = theme.BODY, width: float | None = None) -> Writing:
        """Write out one entry of the result, by its labels: see `written_product`."""
        entry = self.result.mark(row, column).number
        return written_product(
            self.left.row_numbers(row), self.right.column_numbers(column), entry, size=size, width=width
        )


def product_of(
    stage: Stage,
    left: Slice,
    right: Slice,
    result: Slice,
    within: Region = frame.PRODUCT,
    *,
    names: tuple[str, str, str],
    colors: Sequence[str | None] = (None, None, None),
    styles: Sequence[Style] = ("fixed", "fixed", "fixed"),
    decimals: int | None = None,
    window: bool = False,
) -> Product:
    """Return table times table = table, side by side within a region, each with its name above and its shape below.

    A table that is cut from one head has that head's colour, and so has its name, unless `colors` has another one for
    it. The result's rows are those of the first table, and have no words of their own beside them. Numbers are written
    in the `styles`.

    `product_of(self, Slice("embeddings"), Slice("W_Q", head="1"), Slice("queries", head="1"), names=("X", "W_Q", "Q"))`
    Where they cannot be read in the region, a `window` shows neighbouring rows, terms and columns, those of the word in
    focus if there is one, and a note under it says how many. Raises `ProblemsFound` if the shapes do not compose, if
    the result is not the product, or if the region is too narrow or too low.
    """
    parts = (left, right, result)
    entries = [part.read(stage) for part in parts]
    _check(stage, parts, [np.asarray(found.values, dtype=float) for found in entries])
    labels = [labels_of(found) for found in entries]
    wholes = parts
    layout = layout_of(labels, within)
    if window and not layout.readable:
        within = window_room(within)
        left, right, result = parts = windows(stage, parts, labels, within)
        labels = [labels_of(part.read(stage)) for part in parts]
        layout = layout_of(labels, within)
    if not layout.readable:
        refuse_small(stage, labels, within)
    tables = _tables(stage, parts, layout, list(zip(colors, styles, strict=True)), decimals)
    shapes = [_shape(stage, part, found.shape) for part, found in zip(wholes, entries, strict=True)]
    inks = [_ink(stage, part, color) for part, color in zip(parts, colors, strict=True)]
    product = Product(tables, names, shapes, inks)
    note = left_out(stage, [table.cuts for table in tables], left.sentence)
    if note is not None:
        product.note.add(note.set_x(within.center[0]).seat(within.bottom - UNDER))
    return product


def _tables(
    stage: Stage,
    parts: Sequence[Slice],
    layout: Layout,
    looks: Sequence[tuple[str | None, Style]],
    decimals: int | None,
) -> tuple[Table, Table, Table]:
    """Return the three tables where a layout has them; `looks` are their colours and styles."""
    (x, y), width = layout.start, layout.cell[0]
    tables: list[Table] = []
    for part, head, (color, style) in zip(parts, layout.heads, looks, strict=True):
        columns = len(part.labels(stage)[1])
        center = (x + head + columns * width / 2, y)
        tables.append(
            fitted_table(
                stage, part, layout.cell, center, style=style, decimals=decimals,
                color=color, head_width=layout.most, most=layout.readable, row_heads=head > 0,
            )
        )  # fmt: skip
        x += head + columns * width + SIGN_ROOM
    return tables[0], tables[1], tables[2]


def _ink(stage: Stage, part: Slice, color: str | None) -> str:
    """Return the colour of a table's name."""
    if not part.head or part.array in WEIGHTS or color == theme.DIM:
        return theme.INK if color in (None, theme.DIM) else color
    return color or head_colors(stage, sentence=part.sentence)[part.head]


def _shape(stage: Stage, part: Slice, size: Sequence[int]) -> Shape:
    return Shape(*[
        stage.derived(count, f"number of {what} of {part.array}", "whole", sentence=part.sentence)
        for what, count in zip(("rows", "columns"), size, strict=True)
    ])  # fmt: skip


def _check(stage: Stage, parts: Sequence[Slice], found: Sequence[np.ndarray]) -> None:
    """Refuse what is no product."""
    left, right, result = found
    names = [part.array for part in parts]
    if left.shape[1] != right.shape[0] or result.shape != (left.shape[0], right.shape[1]):
        shapes = " · ".join(f"{m.shape[0]}×{m.shape[1]}" for m in found[:2])
        what = f"{names[0]} · {names[1]} ({shapes}) cannot be {names[2]} ({result.shape[0]}×{result.shape[1]})"
        stage.refuse(what, "the first must have as many columns as the second has rows")
    terms = np.abs(left) @ np.abs(right) + 1.0
    room = CLOSE * terms
    if stage.trace_fact("carry") == "displayed":  # rounded on the way, the result and what is shown of its factors
        half = 0.5 * 10.0 ** -int(stage.trace_fact("decimals") or 2)
        room += half * (1 + np.abs(left).sum(1)[:, None] + np.abs(right).sum(0)[None, :])
    if not (np.abs(left @ right - result) <= room).all():
        stage.refuse(f"{names[2]} is not {names[0]} · {names[1]}", "compare the formulas of the arrays: docs/arrays.md")


def _entries(left: Table, right: Table) -> list[tuple[list[Number], list[Number]]]:
    """Return the row and the column that give each entry of a product, row by row."""
    columns = [right.column_numbers(column) for column in right.column_labels]
    return [(left.row_numbers(row), column) for row in left.row_labels for column in columns]
