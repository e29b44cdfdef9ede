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
    FadeIn,
    FadeOut,
    GrowFromEdge,
    LaggedStart,
    Line,
    ManimColor,
    Mobject,
    ReplacementTransform,
    Succession,
    SurroundingRectangle,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    Wait,
    interpolate_color,
)

from attnviz.stage import theme
from attnviz.stage.numbers import Number
from attnviz.stage.reading import visible_word
from attnviz.stage.tables.sums import adds_up
from attnviz.stage.tables.table import Table, lean
from attnviz.stage.typesetting import NumberMark, formula, number_marks, prose, set_sign
from attnviz.stage.words import bare, folded

LANDING = 0.25


def travel(marks: Sequence[VMobject], goals: Sequence[VMobject], *, lag: float = 0.0) -> Animation:
    """Return the animation in which copies of digits lift off and become other digits; the originals stay."""
    moves = [ReplacementTransform(m.copy().set_z_index(4), goal) for m, goal in zip(marks, goals, strict=True)]
    return AnimationGroup(*moves, lag_ratio=lag)


def lift(marks: Sequence[NumberMark], goals: Sequence[VMobject], table: Table, *, lag: float = 0.0) -> Animation:
    """Return the animation in which copies of a table's cells lift off like cards, and their digits become others.

    The last one leaves first. A card covers what it flies over; it fades when it arrives.
    """
    steps: list[Animation] = []
    for mark, goal in reversed(list(zip(marks, goals, strict=True))):
        card = table.cells[list(table.marks).index(mark)].copy().set_z_index(4)
        digits = _Landing(mark.copy().set_z_index(5), goal)
        steps.append(AnimationGroup(_card_to(card, np.array(goal.get_center())), digits))
    return AnimationGroup(*steps, lag_ratio=lag)


class _Landing(ReplacementTransform):
    """Digits become others; they keep their colour until their card fades."""

    def begin(self) -> None:
        self.colors = self.mobject.get_color(), self.target_mobject.get_color()
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        super().interpolate_mobject(alpha)
        share = (self.rate_func(alpha) - 1 + LANDING) / LANDING
        self.mobject.set_fill(interpolate_color(*self.colors, min(1.0, max(0.0, share))))


def _card_to(card: VMobject, end: np.ndarray) -> Animation:
    start = np.array(card.get_center())

    def fly(card: Mobject, alpha: float) -> None:
        card.move_to(start + alpha * (end - start))
        card.set_opacity(min(1.0, (1 - alpha) / LANDING))

    return UpdateFromAlphaFunc(card, fly, remover=True)


def heads_from_chips(chips: VGroup, table: Table) -> Animation:
    """Return the animation in which the words of a sentence's chips become the heads of rows and columns."""
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
    """Return the animation in which the words at the rows of one table become the heads of another, twice each."""
    rest = FadeOut(VGroup(old.cells, old.marks, old.column_heads))
    rows = [ReplacementTransform(a, b) for a, b in zip(old.row_heads, new.row_heads, strict=True)]
    heads = AnimationGroup(*rows, travel(list(old.row_heads), list(new.column_heads)))
    return Succession(rest.set_run_time(0.5), heads)


def fill(table: Table, colors: Sequence[ManimColor]) -> list[Animation]:
    """Return two animations that fill a square table: every word with itself, then every pair of words."""
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
    the shown sum. With `before`, an arrow leads from what a row added up to before to what it adds up to now.
    """

    def __init__(
        self, table: Table, sums: Sequence[Number], terms: Sequence[Number], before: Sequence[Number] | None = None
    ) -> None:
        super().__init__()
        self.table, self.lines = table, VGroup()
        n = len(table.column_labels)
        for i, (row, total) in enumerate(zip(table.row_labels, sums, strict=True)):
            sign = set_sign(adds_up(terms[i * n : (i + 1) * n], total) == "=")
            line = formula(f"{sign} {{s}}", size=table.size, s=total)
            if before is not None:
                about = "thick approx" if sign == "approx" else ""
                line = formula(f"{{b}} -> {about} {{s}}", size=table.size, b=before[i], s=total)
                VGroup(*[m for m in line if m is not line.marks["s"]]).set_color(theme.DIM)
            cell = table.cell(row, table.column_labels[-1])
            line.next_to(cell, RIGHT, buff=0.32).seat(float(cell.get_center()[1]) - 0.0036 * table.size)
            self.lines.add(line)
        for line in self.lines:
            line.align_to(self.lines.get_right(), RIGHT)
        self.head = prose("sum", size=table.head_size, color=theme.DIM)
        middle = float((self.lines if before is not None else self.lines[0].marks["s"]).get_center()[0])
        top = float(table.cells.get_top()[1])
        if table.leaning:
            lean(self.head, Line([middle, top - 0.1, 0], [middle, top, 0]))
        else:
            self.head.move_to([middle, top, 0]).seat(top + 0.24)
        self.add(self.lines, self.head)

    def replace(self, old: RowSums) -> list[Animation]:
        """Return the animations in which the sums of the rows become what they were before."""
        new = [ReplacementTransform(a, line.marks["b"]) for a, line in zip(old.marks, self.lines, strict=True)]
        come = [m for line in self.lines for m in line if m is not line.marks["b"]]
        gone = [m for line in old.lines for m in line if m is not line.marks["s"]]
        heads = ReplacementTransform(old.head, self.head)
        return [*map(FadeOut, gone), *new, heads, Succession(Wait(0.6), AnimationGroup(*map(FadeIn, come)))]

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
        n = len(self.table.column_labels)
        columns = [travel(self.sums.marks, list(self.below[k::n])) for k in range(n)]
        down = LaggedStart(*columns, lag_ratio=0.3)
        return Succession(AnimationGroup(*rise, run_time=0.6), AnimationGroup(FadeIn(self.bars, run_time=0.3), down))
