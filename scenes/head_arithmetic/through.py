"""Two words compared by one matrix, x B yᵀ: first x B, then that times yᵀ, and beside it the query times the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from manim import RIGHT, Create, FadeIn, FadeOut, Indicate, Mobject, ReplacementTransform, VGroup

from attnviz.stage import (
    InLine,
    Product,
    Region,
    Slice,
    Stage,
    Style,
    Table,
    Writing,
    chain_of,
    empty_result,
    frame,
    lift,
    morph,
    product_of,
    theme,
    write_out,
    written_product,
)

LINES = 0.72
"""The distance of two lines under tables."""
SHORT: tuple[Style, ...] = ("short", "short", "short")


class Steps(NamedTuple):
    """The words with the matrix between them, the first two multiplied, and that times the other word."""

    chain: InLine
    first: Product
    last: Product


def steps(stage: Stage, word: str, other: str, head: str, within: Region) -> Steps:
    """Return the tables of all steps, with room for their lines under them."""
    x, y = Slice("embeddings", token=[word]), Slice("embeddings", token=[other]).T
    matrix, passed = Slice("bilinear", head=head), Slice("bilinear_queries", head=head, token=[word])
    dot = Slice("query_key_dot", head=head, query=[word], key=[other])
    lines, given = max(2, len(stage.labels("embeddings"))), [theme.DIM] * 3
    room = within._replace(bottom=frame.LINE_UNDER_PRODUCT + LINES * lines)
    return Steps(
        chain_of(stage, (x, matrix, y), room, names=("x", "B", "y^T"), colors=given, styles=SHORT),
        product_of(stage, x, matrix, passed, room, names=("x", "B", "x B"), colors=given, styles=SHORT),
        product_of(stage, passed, y, dot, room, names=("x B", "y^T", "x B y^T"), colors=given, styles=SHORT),
    )


def bring(stage: Stage, chain: InLine, held: Table | None) -> None:
    """Bring two words and the matrix between them, which may stand on the board already."""
    come = [morph(held, chain.tables[1])] if held else [FadeIn(chain.tables[1])]
    stage.play(*come, FadeIn(chain.names[1], chain.shapes[1]), run_time=1.2, beat="matrix")
    stage.play(FadeIn(*chain.parts(0), *chain.parts(2)), run_time=0.9, beat="words")
    stage.play(FadeIn(*chain.signs), run_time=0.5, beat="signs")


def take(stage: Stage, steps: Steps, word: str, within: Region) -> dict[str, Writing]:
    """Write out each coordinate of what a word becomes through the matrix."""
    left, matrix, _ = steps.chain.tables
    frames: list[Mobject] = []
    lines = _lines(steps.first, word, within)
    for column, line in lines.items():
        gone, frames = frames, [left.row_frame(word, theme.FOCUS), matrix.column_frame(column, theme.FOCUS)]
        stage.play(*map(FadeOut, gone), *map(Create, frames), run_time=0.7, beat="coordinates")
        write_out(stage, line, (left, word), (matrix, column), beat="coordinates")
        stage.play(FadeIn(line.marks["result"]), run_time=0.4, beat="coordinates")
        stage.own(line)
    stage.play(*map(FadeOut, frames), run_time=0.4)
    return lines


def _lines(first: Product, word: str, within: Region) -> dict[str, Writing]:
    """Return each coordinate written out: beside one another, or in lines of their own where these are too long."""
    lines = {column: first.line(word, column, width=within.width - 0.6) for column in first.result.column_labels}
    row = VGroup(*lines.values()).arrange(RIGHT, buff=1.2)
    beside = row.width <= within.width
    for k, line in enumerate(lines.values()):
        if not beside:
            line.set_x(within.center[0])
        line.seat(frame.LINE_UNDER_PRODUCT + (LINES / 2 if beside else LINES * (len(lines) - 1 - k)))
    if beside:
        row.set_x(within.center[0])
    return lines


def shorten(stage: Stage, steps: Steps, found: Mapping[str, Writing]) -> None:
    """Put what was found in the place of the word and the matrix; the last result is still to be found."""
    chain, _, last = steps
    table = last.left.empty()
    heads = [each for each in (table.row_heads, table.column_heads) if each.submobjects]
    stage.play(*map(FadeOut, [*chain.parts(0), *chain.parts(1), *chain.signs]), run_time=0.6)
    moved = zip((chain.names[2], chain.shapes[2]), (last.names[1], last.shapes[1]), strict=True)
    come = FadeIn(table.cells, *heads, *last.parts(0)[1:])
    stage.play(
        morph(chain.tables[2], last.right),
        *[ReplacementTransform(*each) for each in moved],
        come,
        run_time=1.0,
        beat="shorter",
    )
    digits = [line.marks["result"] for line in found.values()]
    stage.play(lift(digits, table.marks), *[table.painted(k) for k in range(len(digits))], run_time=1.1, beat="digits")
    stage.own(table)
    stage.play(*map(FadeOut, found.values()), FadeIn(last.dot), run_time=0.6, beat="dot")
    stage.play(FadeIn(*empty_result(last)), run_time=0.7, beat="product")


def beside(stage: Stage, last: Product, word: str, other: str, within: Region) -> VGroup:
    """Write the dot product of query and key under what was found without them: it is the same number."""
    same = last.result.mark(word, other)
    head = same.number.coords["head"]
    sizes = stage.labels("queries", "d_head", head=head)
    query, key = (
        stage.numbers(array, style="short", head=head, token=token, d_head=sizes)
        for array, token in (("queries", word), ("keys", other))
    )
    lead = stage.formula(f"{stage.times('q', 'k^T')} =")
    line = written_product(query, key, same.number, backwards=stage.column_vectors)
    both = VGroup(lead, line).arrange(RIGHT, buff=0.2).set_x(within.center[0])
    for each in (lead, line):
        each.seat(frame.LINE_UNDER_PRODUCT)
    for side, color in (("a", theme.QUERY), ("b", theme.KEY)):
        VGroup(*[mark for name, mark in line.marks.items() if name.startswith(side)]).set_color(color)
    found = line.marks["result"]
    stage.play(FadeIn(lead, *[part for part in line if part is not found]), run_time=0.9, beat="query_key")
    stage.play(FadeIn(found), Indicate(same, color=theme.FOCUS), run_time=1.0, beat="result")
    stage.own(line)
    return both
