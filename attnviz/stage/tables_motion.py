"""How tables change: into another table, into the sums of their rows, and into their rows divided by these sums."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    GrowFromEdge,
    LaggedStart,
    Line,
    Mobject,
    ReplacementTransform,
    Succession,
    SurroundingRectangle,
    VGroup,
    VMobject,
)

from attnviz.stage import theme
from attnviz.stage.numbers import Number, relation
from attnviz.stage.table import Table, lean
from attnviz.stage.typesetting import NumberMark, Writing, formula, number_marks, prose
from attnviz.stage.words import visible_word

PUNCTUATION = ".,;:!?\"'()[]…“”‘’«»"


def travel(marks: Sequence[VMobject], goals: Sequence[VMobject], *, lag: float = 0.0) -> Animation:
    """Return the animation in which copies of digits lift off and become other digits; the originals stay."""
    moves = [ReplacementTransform(m.copy().set_z_index(4), goal) for m, goal in zip(marks, goals, strict=True)]
    return AnimationGroup(*moves, lag_ratio=lag)


def heads_from_chips(chips: VGroup, table: Table) -> Animation:
    """Return the animation in which the words of a sentence's chips become the heads of rows and columns."""
    free = [chip for row in chips for chip in row]
    steps: list[Animation] = []
    for label, *heads in zip(table.row_labels, table.row_heads, table.column_heads, strict=True):
        word = visible_word(label).lower()
        chip = next((c for c in free if c.word.strip(PUNCTUATION).lower() == word), None)
        if chip is None:
            steps.append(FadeIn(VGroup(*heads)))
            continue
        free.remove(chip)
        steps.append(travel([chip.text] * len(heads), heads))
    return LaggedStart(*steps, lag_ratio=0.2)


def morph(old: Table, new: Table) -> Animation:
    """Return the animation in which a table becomes another: words that both have keep their rows and columns."""
    steps: list[Animation] = []
    seen: set[int] = set()
    pairs: list[tuple[Mobject, Mobject]] = []
    for row in new.row_labels:
        for column in new.column_labels:
            if row in old.row_labels and column in old.column_labels:
                pairs += [
                    (old.cell(row, column), new.cell(row, column)),
                    (old.mark(row, column), new.mark(row, column)),
                ]
    for heads, labels in (("row_heads", "row_labels"), ("column_heads", "column_labels")):
        before = dict(zip(getattr(old, labels), getattr(old, heads), strict=True))
        after = dict(zip(getattr(new, labels), getattr(new, heads), strict=True))
        pairs += [(before[label], after[label]) for label in after if label in before]
    for one, other in pairs:
        steps.append(ReplacementTransform(one, other))
        seen |= {id(one), id(other)}
    gone = [FadeOut(m) for m in _pieces(old) if id(m) not in seen]
    come = [FadeIn(m) for m in _pieces(new) if id(m) not in seen]
    move = AnimationGroup(*gone, *steps)
    return LaggedStart(move, AnimationGroup(*come), lag_ratio=0.8) if come else move


def _pieces(table: Table) -> list[Mobject]:
    return [*table.cells, *table.marks, *table.row_heads, *table.column_heads]


class RowSums(VGroup):
    """A column right of a table: what each row adds up to.

    `terms` are the table's entries, row by row; the sign before a sum is = only if their shown digits add up to exactly
    the shown sum.
    """

    def __init__(self, table: Table, sums: Sequence[Number], terms: Sequence[Number]) -> None:
        super().__init__()
        self.table, self.lines = table, VGroup()
        n = len(table.column_labels)
        for i, (row, total) in enumerate(zip(table.row_labels, sums, strict=True)):
            sign = "=" if adds_up(terms[i * n : (i + 1) * n], total) == "=" else "approx"
            line = formula(f"{sign} {{s}}", size=table.size, s=total)
            cell = table.cell(row, table.column_labels[-1])
            line.next_to(cell, RIGHT, buff=0.32).seat(float(cell.get_center()[1]) - 0.0036 * table.size)
            self.lines.add(line)
        self.head = prose("sum", size=table.head_size, color=theme.DIM)
        middle = float(self.lines[0].marks["s"].get_center()[0])
        top = float(table.cells.get_top()[1])
        if table.leaning:
            lean(self.head, Line([middle, top - 0.1, 0], [middle, top, 0]))
        else:
            self.head.move_to([middle, top, 0]).seat(top + 0.24)
        self.add(self.lines, self.head)

    @property
    def marks(self) -> list[NumberMark]:
        """The digits of the sums, from top to bottom."""
        return [line.marks["s"] for line in self.lines]

    def gather(self) -> Animation:
        """Return the animation in which light sweeps over each row, and its sum comes out on the right."""
        rows: list[Animation] = [FadeIn(self.head)]
        for row, line in zip(self.table.row_labels, self.lines, strict=True):
            cells = VGroup(*[self.table.cell(row, column) for column in self.table.column_labels])
            light = SurroundingRectangle(cells, buff=0, stroke_width=0, fill_color=theme.INK, fill_opacity=0.3)
            out = AnimationGroup(FadeOut(light), FadeIn(line, shift=0.3 * RIGHT))
            rows.append(Succession(GrowFromEdge(light.set_z_index(2), LEFT), out))
        return LaggedStart(*rows, lag_ratio=0.3)


class Fractions(VGroup):
    """Under every entry of a table the sum of its row, travelled there from the column of sums."""

    def __init__(self, table: Table, sums: RowSums) -> None:
        super().__init__()
        self.table, self.sums = table, sums
        below = [mark.number for mark in sums.marks for _ in table.column_labels]
        self.bars, self.below = VGroup(), VGroup(*number_marks(below, size=self.size(table)))
        for cell, mark, under in zip(table.cells, table.marks, self.below, strict=True):
            if under.width > cell.width - 0.1:
                under.scale_to_fit_width(cell.width - 0.1)
            under.set_color(mark.get_color()).move_to(cell).shift(0.27 * cell.height * DOWN)
            wide = max(under.width, mark.width * self.size(table) / table.size) / 2 + 0.05
            middle = cell.get_center()
            self.bars.add(Line(middle + wide * LEFT, middle + wide * RIGHT, stroke_width=2, color=mark.get_color()))
        self.add(self.bars, self.below)
        self.set_z_index(3)

    @staticmethod
    def size(table: Table) -> float:
        """Return the type size of fractions in a table; below `theme.SMALLEST` they cannot be read."""
        return min(table.size - 2, 0.38 * table.cell_size[1] / 0.0082)

    def build_up(self) -> Animation:
        """Return the animation in which entries rise above fraction bars and the sums come in below."""
        small = self.size(self.table) / self.table.size
        rise = [
            m.animate.scale(small).move_to(c.get_center() + 0.27 * c.height * UP).build()
            for m, c in zip(self.table.marks, self.table.cells, strict=True)
        ]
        from_sums = [mark for mark in self.sums.marks for _ in self.table.column_labels]
        return AnimationGroup(*rise, LaggedStart(travel(from_sums, list(self.below)), Create(self.bars), lag_ratio=0.5))


def adds_up(terms: Sequence[Number], total: Number) -> str:
    """Return `=` if the shown digits of the terms add up to exactly the shown total, else `≈`."""
    return relation(float(np.sum([term.shown for term in terms])), total)


def written_sum(terms: Sequence[Number], total: Number, *, size: float = theme.BODY) -> Writing:
    """Write a sum of numbers in one line (marks `t0`, `t1` … and `total`), negative terms in brackets."""
    named = {f"t{i}": term for i, term in enumerate(terms)}
    written = [f"({{{k}}})" if t.text.startswith("-") and k != "t0" else f"{{{k}}}" for k, t in named.items()]
    sign = "=" if adds_up(terms, total) == "=" else "approx"
    return formula(" + ".join(written) + f" {sign} {{total}}", size=size, numbers=named | {"total": total})
