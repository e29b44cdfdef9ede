"""How a table is filled: words become its heads, and each of its numbers comes from its pair of words."""

from __future__ import annotations

from collections.abc import Sequence

from manim import (
    LEFT,
    RIGHT,
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    LaggedStart,
    ReplacementTransform,
    Succession,
    VectorizedPoint,
    VGroup,
    there_and_back,
)

from attnviz.stage import Stage, Table, bare, folded, lift, send, visible_word

SHOWN = 4
"""So many numbers of a table are shown to come from both their words; the others follow row by row."""
UNDER = -0.18
"""How the ways of words from the sentence to the heads of a table are arched: down, clear of the other chips."""
MANY = 5
"""In a table of more words than that, only the words beside the rows fly to its cells."""


def heads_from_chips(stage: Stage, chips: VGroup, table: Table) -> Animation:
    """Return the animation in which the words of a sentence's chips become the heads of rows and columns.

    A word without a chip may come from what stood on the board before.
    """
    free = [chip for row in chips for chip in row]
    square = table.row_labels == table.column_labels
    steps: list[Animation] = []
    for i, label in enumerate(table.row_labels):
        heads = [table.row_heads[i], *([table.column_heads[i]] if square else [])]
        word = folded(visible_word(label))
        chip = next((c for c in free if word in (folded(c.word), folded(bare(c.word)))), None)
        if chip is None:
            steps.append(stage.arrival(label, *heads))
            continue
        free.remove(chip)
        steps.append(lift([chip.text] * len(heads), heads, arch=UNDER))
    if not square:
        steps.append(FadeIn(table.column_heads))
    return LaggedStart(*steps, lag_ratio=0.2)


def heads_from_rows(old: Table, new: Table) -> Animation:
    """Return the animation in which the row heads of one table become both row and column heads of another."""
    rest = FadeOut(VGroup(old.cells, old.marks, old.column_heads))
    rows = [ReplacementTransform(a, b) for a, b in zip(old.row_heads, new.row_heads, strict=True)]
    heads = AnimationGroup(*rows, lift(list(old.row_heads), list(new.column_heads)))
    return Succession(rest.set_run_time(0.4), heads)


def from_pairs(table: Table, places: Sequence[tuple[int, int]]) -> Animation:
    """Return the animation in which the numbers at some places (row, column) come from the pairs of words they are of.

    The first row shows how: both words send a copy into the empty cell, and when these are gone, the number appears.
    Then the other rows fill, each while its word is raised; so many words in flight would cover the cells.
    """
    n, steps, rows = len(table.column_labels), list[Animation](), dict[int, list[int]]()
    for i, j in places:
        k = i * n + j
        first = places[0][0] == i and not rows
        if first and len(steps) < SHOWN and table.marks[k].number.value > float("-inf"):
            steps.append(_meet(table, i, j))
        else:
            rows.setdefault(i, []).append(k)
    shown = LaggedStart(*steps, lag_ratio=1.0, run_time=0.3 + 0.6 * len(steps))
    filled = [_fill(table, i, cells) for i, cells in rows.items()]
    if not filled:
        return shown
    rest = LaggedStart(*filled, lag_ratio=0.6, run_time=min(2.0, 0.5 + 0.35 * len(filled)))
    return Succession(shown, rest) if steps else rest


def _meet(table: Table, i: int, j: int) -> Animation:
    """Return the animation in which copies of both words of an entry meet in its cell, side by side, and it appears.

    To reach the later cells of a row, its word would cross the numbers that are there: it is raised instead.
    """
    k = i * len(table.column_labels) + j
    cell, mark = table.cells[k], table.marks[k]
    row, column = table.row_heads[i], table.column_heads[j]
    left, right = (VectorizedPoint(cell.get_center() + 0.25 * way * cell.width) for way in (LEFT, RIGHT))
    comes = send(row, left) if j == 0 else row.animate(rate_func=there_and_back).scale(1.15).build()
    copies = [comes] if len(table.column_labels) > MANY else [comes, send(column, right)]
    appear = AnimationGroup(table.painted(k), FadeIn(mark, scale=0.8), run_time=0.35)
    return Succession(AnimationGroup(*copies, run_time=0.55), appear)


def _fill(table: Table, i: int, cells: Sequence[int]) -> Animation:
    """Return the animation in which cells of a row get their numbers, from left to right, while its word is raised."""
    come = [AnimationGroup(table.painted(k), FadeIn(table.marks[k])) for k in cells]
    head = table.row_heads[i].animate(rate_func=there_and_back).scale(1.15).build()
    return AnimationGroup(head, LaggedStart(*come, lag_ratio=0.25))


def pairs(table: Table, known: Sequence[str] = ()) -> list[tuple[int, int]]:
    """Return the places (row, column) of a table's entries, but for those between words that are known already."""
    rows, columns = table.row_labels, table.column_labels
    places = [(i, j) for i in range(len(rows)) for j in range(len(columns))]
    return [(i, j) for i, j in places if not (rows[i] in known and columns[j] in known)]
