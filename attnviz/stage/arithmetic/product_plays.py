"""How a product of tables is played: its entries are found one after the other, and one of them is worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from manim import Animation, AnimationGroup, Create, FadeIn, FadeOut, LaggedStart, Mobject, RoundedRectangle, VGroup

from attnviz.stage import frame, theme
from attnviz.stage.arithmetic.product_lines import entry_line
from attnviz.stage.arithmetic.products import Product
from attnviz.stage.tables.motion import lift
from attnviz.stage.tables.table import Table
from attnviz.stage.typesetting import NumberMark, Writing

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

ONE_BY_ONE = 8
"""So many entries of a product are found one by one; of a larger one, those of a row at once."""
QUICK, SLOW = 0.45, 0.75
"""How long it takes to find an entry, and a row (seconds)."""
ABOVE_LINE = 0.5
"""How far above a line's baseline digits turn towards their places in it."""


def multiply(stage: Stage, product: Product, *, run_time: float = 1.0) -> None:
    """Bring what a table on stage is multiplied by (in `run_time` seconds), then the empty result; find its entries."""
    stage.play(FadeIn(product.dot, *product.parts(1)), run_time=run_time, beat="factor")
    find_result(stage, product)


def find_result(stage: Stage, product: Product) -> None:
    """Bring the empty result of two tables that are on stage, then find its entries."""
    stage.play(FadeIn(*empty_result(product)), beat="product")
    fill_in(stage, product)


def empty_result(product: Product) -> list[Mobject]:
    """Return what a result is written into: its sign, its empty cells with their heads, its name and its shape."""
    table = product.result.empty()
    come = [product.sign, table.cells, table.top_heads, table.dots, product.names[2], product.shapes[2]]
    return [*come, product.note]


def fill_in(stage: Stage, product: Product, rows: Sequence[str] | None = None) -> None:
    """Find the entries of a product, of all rows or these: a frame goes over these rows, another over the columns.

    The result is on stage, empty; afterwards the product is, in one piece.
    """
    result, left, right = product.result, product.left, product.right
    chosen = result.row_labels if rows is None else rows
    entries = [(row, column) for row in chosen for column in result.column_labels]
    single = len(entries) <= ONE_BY_ONE
    steps = [[entry] for entry in entries] if single else _by_rows(entries)
    across: RoundedRectangle | None = None
    columns: RoundedRectangle | None = None
    for step in steps:
        row, column = step[0]
        here = left.row_frame(row, theme.FOCUS)
        there = right.column_frame(column, theme.FOCUS) if single else None
        moves = _moves(across, here) + (_moves(columns, there) if there is not None else [])
        if across is None:
            stage.play(*moves, run_time=0.5, beat="entries")
            moves, across, columns = [], here, there
        come = [_found(product, *entry) for entry in step]
        stage.play(*moves, LaggedStart(*come, lag_ratio=0.3), run_time=QUICK if single else SLOW, beat="entries")
    stage.play(*[FadeOut(each) for each in (across, columns) if each is not None], run_time=0.3)
    stage.own(product)


def work_out(
    stage: Stage,
    product: Product,
    row: str,
    column: str,
    before: Sequence[VGroup] = (),
    *,
    y: float = frame.LINE_UNDER_PRODUCT,
    found: bool = True,
) -> list[VGroup]:
    """Work out an entry of a product in a line under it: its row and its column are framed, and their digits come down.

    An entry that is not `found` yet is missing in the table, and goes there from the end of the line. The line's
    baseline is at `y`. What was worked out `before` goes. Returns the line and the frames.
    Raises `ProblemsFound` if the line is too long to be read.
    """
    left, right, result = product.left, product.right, product.result
    frames = VGroup(
        left.row_frame(row, theme.FOCUS),
        right.column_frame(column, theme.FOCUS),
        result.cell_frame(row, column, theme.FOCUS),
    )
    line, terms = entry_line(stage, product, row, column, width=frame.PRODUCT.width - 0.6)
    line.set_x(frame.PRODUCT.center[0]).seat(y)
    inks = [left.column_heads[k].get_color() for k in terms]
    if len(set(map(str, inks))) > 1:  # columns of several heads, or of several words
        for k, ink in zip(terms, inks, strict=True):
            VGroup(line.marks[f"a{k}"], line.marks[f"b{k}"]).set_color(ink)
    gone = [*[FadeOut(each) for each in before if each.submobjects], *product.without_note()]
    stage.play(*gone, *map(Create, frames[:2]), run_time=0.8, beat="frames")
    write_out(stage, line, (left, row), (right, column), terms)
    entry, written = result.mark(row, column), line.marks["result"]
    if found:
        stage.play(Create(frames[2]), lift([entry], [written]), run_time=1.0, beat="result")
    else:
        stage.play(FadeIn(written), run_time=0.6, beat="result")
        stage.play(
            Create(frames[2]),
            lift([written], [entry]),
            result.painted(result.index(row, column)),
            run_time=1.2,
            beat="entry",
        )
        stage.own(product)
    stage.own(line)
    return [line, frames]


def column_counted(stage: Stage, product: Product, row: str, count: int) -> str:
    """Return the label of a product's column, counted from 1; refuse an entry that does not stand there."""
    rows, columns = product.result.row_labels, product.result.column_labels
    if row not in rows or not 1 <= count <= len(columns):
        hint = f"its rows are {', '.join(rows)}, and it has {len(columns)} column{'s' * (len(columns) != 1)}"
        stage.refuse(f"the product has no row '{row}' with a column {count}", hint)
    return columns[count - 1]


def write_out(
    stage: Stage,
    line: Writing,
    row: tuple[Table, str],
    column: tuple[Table, str],
    terms: Sequence[int] | None = None,
    *,
    beat: str = "",
) -> None:
    """Write a line of `entry_line` but for its result: its terms come from a table's row, then from another's column.

    The digits fly over no others: between the rows, out of their table, and down to the line under it.
    Its plays are called `row`, `column` and `sum`, or all of them `beat`.
    """
    (left, across), (right, down) = row, column
    chosen = range(len(left.column_labels)) if terms is None else terms
    firsts, seconds = ({k: line.marks[f"{side}{k}"] for k in chosen} for side in "ab")
    written = {id(mark) for mark in (*firsts.values(), *seconds.values(), line.marks["result"])}
    _come_down(stage, left, {(across, left.column_labels[k]): goal for k, goal in firsts.items()}, line, beat or "row")
    _come_down(stage, right, {(right.row_labels[k], down): goal for k, goal in seconds.items()}, line, beat or "column")
    stage.play(FadeIn(*[part for part in line if id(part) not in written]), run_time=0.6, beat=beat or "sum")


def _come_down(
    stage: Stage, table: Table, goals: Mapping[tuple[str, str], NumberMark], line: Writing, beat: str
) -> None:
    """Let digits of some entries (row, column) fly to their places in a line, the nearest to it first."""
    marks, ways = [], []
    for entry in goals:
        aisle = table.aisle(*entry)
        marks.append(table.mark(*entry))
        ways.append([*aisle, np.array([aisle[-1][0], line.baseline + ABOVE_LINE, 0.0])])
    stage.play(lift(marks[::-1], [*goals.values()][::-1], lag=0.25, via=ways[::-1]), run_time=1.4, beat=beat)


def _by_rows(entries: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    return [[entry for entry in entries if entry[0] == row] for row in dict.fromkeys(row for row, _ in entries)]


def _moves(old: RoundedRectangle | None, new: RoundedRectangle) -> list[Animation]:
    """Return the animation in which a frame goes where another one would be, or comes there."""
    return [Create(new)] if old is None else [old.animate.move_to(new).build()]


def _found(product: Product, row: str, column: str) -> Animation:
    """Return the animation in which an entry appears in its cell, while frames tell from where it comes."""
    result = product.result
    k = result.index(row, column)
    return AnimationGroup(FadeIn(result.marks[k], scale=0.6), result.painted(k))
