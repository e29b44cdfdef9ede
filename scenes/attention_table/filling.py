"""How a table of similarities is filled in: words become its headers, then its cells appear."""

from __future__ import annotations

from collections.abc import Sequence

from manim import (
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    LaggedStart,
    ManimColor,
    ReplacementTransform,
    Succession,
    VGroup,
)

from attnviz.stage import Table, bare, folded, travel, visible_word


def heads_from_chips(chips: VGroup, table: Table) -> Animation:
    """Return the animation in which the words of a sentence's chips become the headers of rows and columns."""
    free = [chip for row in chips for chip in row]
    square = table.row_labels == table.column_labels
    steps: list[Animation] = []
    for i, label in enumerate(table.row_labels):
        heads = [table.row_heads[i], *([table.column_heads[i]] if square else [])]
        word = folded(visible_word(label))
        chip = next((c for c in free if word in (folded(c.word), folded(bare(c.word)))), None)
        if chip is None:
            steps.append(FadeIn(VGroup(*heads)))
            continue
        free.remove(chip)
        steps.append(travel([chip.text] * len(heads), heads))
    if not square:
        steps.append(FadeIn(table.column_heads))
    return LaggedStart(*steps, lag_ratio=0.2)


def heads_from_rows(old: Table, new: Table) -> Animation:
    """Return the animation in which the row headers of one table become both row and column headers of another."""
    rest = FadeOut(VGroup(old.cells, old.marks, old.column_heads))
    rows = [ReplacementTransform(a, b) for a, b in zip(old.row_heads, new.row_heads, strict=True)]
    heads = AnimationGroup(*rows, travel(list(old.row_heads), list(new.column_heads)))
    return Succession(rest.set_run_time(0.5), heads)


def fill(table: Table, colors: Sequence[ManimColor]) -> list[Animation]:
    """Return the animations that fill in a square table: every word with itself, then every pair of words."""
    n, steps = len(table.row_labels), []
    for chosen in ([(i, i) for i in range(n)], [(i, j) for i in range(n) for j in range(i + 1, n)]):
        both = [list(dict.fromkeys((i * n + j, j * n + i))) for i, j in chosen]
        cells = [
            AnimationGroup(
                *[table.cells[k].animate.set_fill(colors[k]).build() for k in same],
                *[FadeIn(table.marks[k], scale=0.6) for k in same],
            )
            for same in both
        ]
        if cells:
            steps.append(LaggedStart(*cells, lag_ratio=0.25, run_time=min(2.5, 0.8 + 0.2 * len(cells))))
    return steps
