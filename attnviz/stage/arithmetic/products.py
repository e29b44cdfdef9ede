"""Products of tables: table times table, several tables in a row that are multiplied, and what they give."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from manim import Animation, FadeOut, VGroup

from attnviz.input.convention import COMPOSED
from attnviz.stage import frame, theme
from attnviz.stage.arithmetic.in_line import Described, InLine, described_in_line, times_sign
from attnviz.stage.arithmetic.product_layout import drawn_in, layout_of, standing_order, window_room, windows
from attnviz.stage.arithmetic.written import written_product
from attnviz.stage.frame import Region
from attnviz.stage.numbers import Number, Style, relation
from attnviz.stage.tables.slices import Slice
from attnviz.stage.tables.table import Table
from attnviz.stage.tables.windows import left_out
from attnviz.stage.typesetting import Writing, formula, set_sign

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

UNDER = 0.54
"""How far under its region the note of a product stands."""
CLOSE = 1e-4
"""How near a result must be to the product, relative to its terms: float32 is nearer."""


class Product(InLine):
    """A table times a table, and what it gives: `left`, `right` and `result`, with what stands between and under them.

    `dot` and `sign` stand between the tables: the sign is = only where the shown digits give exactly all shown results.
    `left` and `right` are the factors of a product of row vectors; where vectors are columns they change places, and
    every table is drawn transposed: W x instead of x W. If the tables are windows, the `note` says what they leave out.
    """

    def __init__(self, described: Sequence[Described]) -> None:
        self.left, self.right, self.result = left, right, result = [each.table for each in described]
        exact = not left.cuts.columns and all(
            relation(sum(a.shown * b.shown for a, b in zip(row, column, strict=True)), entry) == "="
            for (row, column), entry in zip(_entries(left, right), [mark.number for mark in result.marks], strict=True)
        )
        self.dot, self.sign = times_sign(), formula(set_sign(exact), size=theme.BODY)
        super().__init__(described, [self.dot, self.sign])
        self.note = VGroup()
        self.add(self.note)

    def without_note(self) -> list[Animation]:
        """Return the animations in which the note gives way to something that is written there."""
        note, self.note = self.note, VGroup()
        self.remove(note)
        return [FadeOut(note)] if note.submobjects else []

    def line(self, row: str, column: str, *, size: float = theme.BODY, width: float | None = None) -> Writing:
        """Write out one entry of the result, by its labels: see `written_product`."""
        entry, first, second = self.result.mark(row, column).number, self.left, self.right
        return written_product(
            first.row_numbers(row), second.column_numbers(column), entry,
            size=size, width=width, backwards=self.result.transposed,
        )  # fmt: skip


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

    All is told as with row vectors; where vectors are columns (`convention: column`), it is drawn the other way round.
    A table that is cut from one head has that head's colour, and so has its name, unless `colors` has another one for
    it. The result has no words of its own at its side: they stand beside the first table. Numbers are written in the
    `styles`.

    `product_of(self, Slice("embeddings"), Slice("W_Q", head="1"), Slice("queries", head="1"), names=("X", "W_Q", "Q"))`
    Where they cannot be read in the region, a `window` shows neighbouring rows, terms and columns, those of the word in
    focus if there is one, and a note under it says how many. Raises `ProblemsFound` if the shapes do not compose, if
    the result is not the product, or if the region is too narrow or too low.
    """
    parts = (left, right, result)
    matrices = [_matrix(stage, part) for part in parts]
    _check(stage, parts, matrices)
    order, labels = [*standing_order(stage, 2), 2], [part.labels(stage) for part in parts]
    if window and not layout_of(drawn_in(stage, labels, order), within).readable:
        within = window_room(within)
        parts = windows(stage, parts, labels, within)
    described = described_in_line(
        stage, parts, within, names=names, colors=colors, styles=styles, decimals=decimals,
        order=order, headed=2,
    )  # fmt: skip
    product = Product(described)
    note = left_out(stage, [table.cuts for table in product.tables], left.sentence)
    if note is not None:
        product.note.add(note.set_x(within.center[0]).seat(within.bottom - UNDER))
    return product


def chain_of(
    stage: Stage,
    parts: Sequence[Slice],
    within: Region = frame.PRODUCT,
    *,
    names: Sequence[str],
    colors: Sequence[str | None],
    styles: Sequence[Style],
) -> InLine:
    """Return tables side by side that are multiplied, without what they give, as x · B · yᵀ; else as `product_of`.

    Raises `ProblemsFound` if the shapes do not compose, or if the region is too narrow or too low.
    """
    matrices = [_matrix(stage, part) for part in parts]
    for k, (one, other) in enumerate(pairwise(matrices)):
        if one.shape[1] != other.shape[0]:
            what = " · ".join(part.array for part in parts[k : k + 2])
            stage.refuse(f"{what} ({_shapes(one, other)}) is no product", COMPOSED)
    described = described_in_line(
        stage, parts, within, names=names, colors=colors, styles=styles,
        order=standing_order(stage, len(parts)), headed=len(parts),
    )  # fmt: skip
    return InLine(described, [times_sign() for _ in parts[1:]])


def _matrix(stage: Stage, part: Slice) -> np.ndarray:
    return np.asarray(part.read(stage).values, dtype=float)


def _shapes(*matrices: np.ndarray) -> str:
    return " · ".join(f"{matrix.shape[0]}×{matrix.shape[1]}" for matrix in matrices)


def _check(stage: Stage, parts: Sequence[Slice], found: Sequence[np.ndarray]) -> None:
    """Refuse what is no product."""
    left, right, result = found
    names = [part.array for part in parts]
    if left.shape[1] != right.shape[0] or result.shape != (left.shape[0], right.shape[1]):
        what = f"{names[0]} · {names[1]} ({_shapes(left, right)}) cannot be {names[2]} ({_shapes(result)})"
        stage.refuse(what, COMPOSED)
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
