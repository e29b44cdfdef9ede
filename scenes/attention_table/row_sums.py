"""The row sums of a table: a column to its right, fractions in its cells, and one weight written as a fraction."""

from __future__ import annotations

import math
from collections.abc import Sequence

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    ReplacementTransform,
    Succession,
    VGroup,
    Wait,
)

from attnviz.stage import (
    OTHERS,
    Number,
    NumberMark,
    Rect,
    Table,
    Writing,
    adds_up,
    bracketed,
    derive,
    formula,
    lean,
    lift,
    number_marks,
    prose,
    relation,
    send,
    set_sign,
    theme,
    written_sum,
)

UNDER = -0.035
"""How the ways of sums that go below fraction bars are arched: under the entries of the row."""


class RowSums(VGroup):
    """A column of row sums to the right of a table.

    `terms` are the table's entries, row by row; the sign before a sum is = only if their shown digits add up to exactly
    the shown sum. With `before`, an arrow leads from what each row added up to before to what it adds up to now.
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
            line.next_to(cell, RIGHT, buff=0.32).seat(float(cell.get_center()[1]) - 0.00364 * table.size)
            self.lines.add(line)
        for line in self.lines:
            line.align_to(self.lines.get_right(), RIGHT)
        middle = float((self.lines if before is not None else self.lines[0].marks["s"]).get_center()[0])
        self.head = _head("sum", table, middle)
        self.inks = [[part.get_color() for part in line] for line in self.lines]
        self.add(self.lines, self.head)

    def to_level(self, row: str, level: float) -> list[Animation]:
        """Return the animations in which the sum of a row is dimmed, or lit again, as the row is."""
        k = self.table.row_labels.index(row)
        inks = self.inks[k] if level == 1 else [theme.DIM] * len(self.inks[k])
        return [part.animate.set_color(ink).build() for part, ink in zip(self.lines[k], inks, strict=True)]

    def replace(self, old: RowSums) -> list[Animation]:
        """Return the animations in which the old sums move before the arrows, and the present sums appear."""
        new = [ReplacementTransform(a, line.marks["b"]) for a, line in zip(old.marks, self.lines, strict=True)]
        come = [m for line in self.lines for m in line if m is not line.marks["b"]]
        gone = [m for line in old.lines for m in line if m is not line.marks["s"]]
        heads = ReplacementTransform(old.head, self.head)
        return [*map(FadeOut, gone), *new, heads, Succession(Wait(0.6), AnimationGroup(*map(FadeIn, come)))]

    @property
    def marks(self) -> list[NumberMark]:
        """The digits of the sums, from top to bottom."""
        return [line.marks["s"] for line in self.lines]

    def gather(self, shown: Sequence[str]) -> Animation:
        """Return the animation in which the entries of the rows that are `shown` fly to their sums; the others come."""
        rows, others = list[Animation](), list[Animation]()
        for row, line in zip(self.table.row_labels, self.lines, strict=True):
            if row not in shown:
                others.append(FadeIn(line))
                continue
            table, total = self.table, line.marks["s"]
            nearer = reversed(table.column_labels)
            way = [send(table.mark(row, column), total, via=table.aisle(row, column)) for column in nearer]
            fly = LaggedStart(*way, lag_ratio=0.3)
            rows.append(Succession(AnimationGroup(fly, run_time=1.1), FadeIn(line, run_time=0.3)))
        rest = [LaggedStart(*others, lag_ratio=0.3, run_time=0.8)] if others else []
        return Succession(FadeIn(self.head, run_time=0.3), LaggedStart(*rows, lag_ratio=0.4), *rest)


def sum_room(size: float) -> float:
    """Return how wide a column of sums is, at most, beside a table whose digits are set at a size."""
    return 0.32 + 2.45 * size / theme.DIGITS


def _head(text: str, table: Table, middle: float) -> Writing:
    """Return the head of a column to the right of a table, in line with the table's own heads."""
    head, top = prose(text, size=table.head_size, color=theme.DIM), float(table.cells.get_top()[1])
    if table.leaning:
        lean(head, Line([middle, top - 0.1, 0], [middle, top, 0]))
        return head
    return head.move_to([middle, top, 0]).seat(top + 0.22)


class RowMaxima(VGroup):
    """A column to the right of a table: the largest number of every row, which is taken away from all of them."""

    def __init__(self, table: Table, maxima: Sequence[Number]) -> None:
        super().__init__()
        self.table = table
        self.marks = VGroup(*number_marks(list(maxima), size=table.size))
        right = float(table.cells.get_right()[0]) + 0.45
        right += max(mark.width for mark in self.marks)
        for row, mark in zip(table.row_labels, self.marks, strict=True):
            mark.set_y(table.cell(row, table.column_labels[0]).get_y())
            mark.shift((right - float(mark.get_right()[0])) * RIGHT)
        self.head = _head("maximum", table, float(self.marks.get_center()[0]))
        self.add(self.marks, self.head)

    def gather(self) -> Animation:
        """Return the animation in which the largest number of each row comes out on the right."""
        rows: list[Animation] = [FadeIn(self.head)]
        for row, mark in zip(self.table.row_labels, self.marks, strict=True):
            largest = max(self.table.row_marks(row), key=lambda entry: entry.number.value)
            rows.append(derive(mark, largest))
        return LaggedStart(*rows, lag_ratio=0.35)


def same_weights(box: Rect) -> VGroup:
    """Return, in a box (left, bottom, right, top), why a number may be taken away from a whole row."""
    left, bottom, right, top = box
    same = formula("e^(x - m) / (sum e^(x - m)) = e^x / (sum e^x)", size=56)
    note = prose("m: the row maximum", size=theme.NOTE, color=theme.DIM)
    shown = VGroup(same, note).arrange(DOWN, buff=0.45)
    if shown.width > right - left:
        shown.scale_to_fit_width(right - left)
    return shown.move_to([(left + right) / 2, (bottom + top) / 2, 0])


class Fractions(VGroup):
    """Fractions in the cells of some rows of a table: below every entry the sum of its row, from the column of sums.

    All `rows` of a small table can be written so; of a larger one, one row tells what happens in all of them.
    """

    def __init__(self, table: Table, sums: RowSums, rows: Sequence[str]) -> None:
        super().__init__()
        self.table = table
        n = len(table.column_labels)
        places = [table.row_labels.index(row) for row in rows]
        self.sums = [sums.marks[i] for i in places]
        self.cells = [table.cells[i * n + j] for i in places for j in range(n)]
        self.above = [table.marks[i * n + j] for i in places for j in range(n)]
        below = [mark.number for mark in self.sums for _ in table.column_labels]
        self.apart = 0.0062 * self.size(table)
        self.bars, self.below = VGroup(), VGroup(*number_marks(below, size=self.size(table)))
        for cell, mark, under in zip(self.cells, self.above, self.below, strict=True):
            if under.width > cell.width - 0.1:
                under.scale_to_fit_width(cell.width - 0.1)
            under.set_color(mark.get_color()).move_to(cell).shift(self.apart * DOWN)
            wide = max(under.width, mark.width * self.size(table) / table.size) / 2 + 0.05
            middle = cell.get_center()
            self.bars.add(Line(middle + wide * LEFT, middle + wide * RIGHT, stroke_width=2, color=mark.get_color()))
        self.add(self.bars, self.below)
        self.set_z_index(3)

    @staticmethod
    def size(table: Table) -> float:
        """Return the type size of fractions in a table; below `theme.SMALLEST_DIGITS` they are illegible."""
        return float(min(0.86 * table.size, 46.0 * table.cell_size[1]))

    def build_up(self) -> Animation:
        """Return the animation in which the entries rise above fraction bars and the sums come in below."""
        small = self.size(self.table) / self.table.size
        rise = [
            m.animate.scale(small).move_to(c.get_center() + self.apart * UP).build()
            for m, c in zip(self.above, self.cells, strict=True)
        ]

        # The farthest goes first, so that the lower halves of the cells on its way are empty still
        n = len(self.table.column_labels)
        down = LaggedStart(*[lift(self.sums, list(self.below[k::n]), arch=UNDER) for k in range(n)], lag_ratio=0.55)
        return Succession(
            AnimationGroup(*rise, run_time=0.6), AnimationGroup(down, run_time=1.2), FadeIn(self.bars, run_time=0.3)
        )


def softmax_fraction(entries: Sequence[NumberMark], result: Number) -> Writing:
    """Return a weight written as a fraction: e to its own score, over the sum of e to every score of the row.

    `entries` are one row of similarities, `result` is the weight that belongs to one of them; the scores in the sum are
    the marks `x0`, `x1` …, and the one above it is `own`. What a mask hides is no part of the sum.
    """
    numbers = [mark.number for mark in entries if mark.number.value > -math.inf]
    own = next(n for n in numbers if n.coords["key"] == result.coords["key"])
    largest = max(n.shown for n in numbers)  # taken away, so that nothing overflows
    powers = [math.exp(n.shown - largest) for n in numbers]
    sign = set_sign(relation(math.exp(own.shown - largest) / sum(powers), result) == "=")
    below = " + ".join(f"e^{{x{i}}}" for i in range(len(numbers)))
    named = {f"x{i}": n for i, n in enumerate(numbers)} | {"own": own, "result": result}
    return formula(f"display(e^{{own}} / ({below})) {sign} {{result}}", size=theme.BODY, numbers=named)


def short_fraction(own: Number, total: Number, result: Number) -> Writing:
    """Return a weight written as a fraction: e to its own score, over the `total` of its row (mark `total`)."""
    sign = set_sign(relation(math.exp(own.shown) / total.shown, result) == "=")
    numbers = {"own": own, "total": total, "result": result}
    return formula(f"display(e^{{own}} / {{total}}) {sign} {{result}}", size=theme.BODY, numbers=numbers)


def written_total(
    terms: Sequence[Number], others: Number | None, total: Number, *, size: float = theme.BODY
) -> Writing:
    """Write what a row adds up to, in one line: `t0` + `t1` … = `total`; what other words have comes last, named so.

    The sign is = only where the shown digits add up to the shown total.
    """
    if others is None:
        return written_sum(terms, total, size=size)
    named = {f"t{i}": term for i, term in enumerate(terms)}
    written = [bracketed(name, term, first=name == "t0") for name, term in named.items()]
    sign = set_sign(adds_up([*terms, others], total) == "=")
    template = " + ".join([*written, "{o} thin {others}"]) + f" {sign} {{total}}"
    return formula(template, size=size, words={"others": OTHERS}, numbers=named | {"o": others, "total": total})
