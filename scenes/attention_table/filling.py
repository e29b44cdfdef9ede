"""How a table is filled: words become its heads, and each of its numbers comes from its pair of words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from manim import Animation, AnimationGroup, FadeIn, FadeOut, LaggedStart, ReplacementTransform, Succession, VGroup

from attnviz.stage import Stage, Table, bare, derive, folded, lift, visible_word

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
        steps.append(lift([chip.text] * len(heads), heads))
    if not square:
        steps.append(FadeIn(table.column_heads))
    return LaggedStart(*steps, lag_ratio=0.2)


def heads_from_rows(old: Table, new: Table) -> Animation:
    """Return the animation in which the row heads of one table become both row and column heads of another."""
    rest = FadeOut(VGroup(old.cells, old.marks, old.column_heads))
    rows = [ReplacementTransform(a, b) for a, b in zip(old.row_heads, new.row_heads, strict=True)]
    heads = AnimationGroup(*rows, lift(list(old.row_heads), list(new.column_heads)))
    return Succession(rest.set_run_time(0.4), heads)


def from_pairs(table: Table, places: Iterable[tuple[int, int]]) -> Animation:
    """Return the animation in which the numbers at some places (row, column) come from the pairs of words they are of.

    Both words send a copy, and the number appears where they meet. What is hidden from a word comes by itself.
    """
    n, steps = len(table.column_labels), list[Animation]()
    for i, j in places:
        k = i * n + j
        mark, row, column = table.marks[k], table.row_heads[i], table.column_heads[j]
        if mark.number.value == float("-inf"):
            come: Animation = FadeIn(mark)
        else:
            come = derive(mark, row) if n > MANY else derive(mark, row, column)
        steps.append(AnimationGroup(table.painted(k), come))
    lag = 0.22 if len(steps) < 12 else 2.4 / len(steps)
    return LaggedStart(*steps, lag_ratio=lag, run_time=min(2.8, 0.9 + 0.16 * len(steps)))


def pairs(table: Table, known: Sequence[str] = ()) -> list[tuple[int, int]]:
    """Return the places (row, column) of a table's entries, but for those between words that are known already."""
    rows, columns = table.row_labels, table.column_labels
    places = [(i, j) for i in range(len(rows)) for j in range(len(columns))]
    return [(i, j) for i, j in places if not (rows[i] in known and columns[j] in known)]
