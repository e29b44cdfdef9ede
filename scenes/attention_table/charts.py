"""Charts beside a table: the curve of eˣ, growing columns, and a walk along the number line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Arrow,
    Circle,
    DashedLine,
    Dot,
    Line,
    Mobject,
    Rectangle,
    VGroup,
    VMobject,
)

from attnviz.stage import (
    Array,
    Number,
    Rect,
    Writing,
    formula,
    number_marks,
    overlap,
    prose,
    rect_of,
    theme,
    written_sum,
)

INVISIBLE = 40.0  # e to the power of minus that is far less than a pixel of the curve's height
MARK_ROOM = 1.9
"""How much is free to the left of the vertical axis: e⁰ = 1.00 stands there."""


def _dashed(start: Array, end: Array) -> VMobject:
    """Return a thin dashed line; none between points that are the same."""
    if np.linalg.norm(np.asarray(end) - start) < 0.05:
        return VMobject()
    return DashedLine(start, end, color=theme.AXIS, stroke_width=2.5, dash_length=0.08)


class ExponentialCurve(VGroup):
    """The curve of eˣ in a box (left, bottom, right, top), with a dot at every x; both axes go through zero.

    `pairs` are the numbers (x, eˣ) in ascending order; as many as fit are written at the axes. `landmark` says that
    the curve begins at e⁰ = 1: `zero` and `one` are these numbers.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[Number, Number]],
        zero: Number,
        one: Number,
        box: Rect,
        *,
        size: float = theme.DIGITS,
    ) -> None:
        super().__init__()
        self.pairs = list(pairs)
        left, bottom, right, top = box
        self._box = (left + 0.15, bottom + 0.75, right - 0.5, top - 0.15)
        low, high = min(0.0, pairs[0][0].value), max(0.0, pairs[-1][0].value)
        pad = 0.16 * max(high - low, 0.5)
        self._high = high + min(pad, 0.18)
        across = self._box[2] - self._box[0]
        free = min(0.55, MARK_ROOM / across)  # to the left of the vertical axis, for the digits at it
        self._low = min(low - pad, -free / (1 - free) * self._high)
        self.axes = VGroup(
            Line(self.at(self._low, 0), self.at(self._high, 0), color=theme.AXIS, stroke_width=3),
            Line(self.at(0, 0), self.on(0, self._high), color=theme.AXIS, stroke_width=3),
        )
        self.curve = VMobject(color=theme.INK, stroke_width=5).set_points(self._curve())
        self.name = formula("e^x", size=theme.BIG, color=theme.INK)
        self.name.next_to(self.on(self._high), LEFT, buff=0.5).shift(0.3 * DOWN)
        self.dots = VGroup(*[Dot(self.on(x.value), radius=0.1) for x, _ in pairs])
        self.dots.set_color(theme.INK).set_z_index(2)
        self.chosen = self._with_room(size)
        self.x_marks = VGroup(*number_marks([pairs[i][0] for i in self.chosen], size=size))
        self.y_marks = VGroup(*number_marks([pairs[i][1] for i in self.chosen], size=size))
        self.ups, self.acrosses = VGroup(), VGroup()
        for i, x_mark, y_mark in zip(self.chosen, self.x_marks, self.y_marks, strict=True):
            x, dot = pairs[i][0].value, self.dots[i].get_center()
            side = self.on(0, x)
            for lines, start, end in ((self.ups, self.at(x, 0), dot), (self.acrosses, dot, side)):
                lines.add(_dashed(start, end))
            x_mark.next_to(self.at(x, 0), DOWN, buff=0.18)
            raised = self._level(x, size) - side[1]
            y_mark.next_to(side, RIGHT if x < 0 else LEFT, buff=0.28 if not raised and pairs[i][0].shown == 0 else 0.18)
            y_mark.shift(raised * UP)
        self.landmark = self._landmark(zero, one, size)
        self.add(self.axes, self.ups, self.acrosses, self.curve, self.landmark, self.name)
        self.add(self.dots, self.x_marks, self.y_marks)

    def owned(self) -> Iterator[tuple[Mobject, Array]]:
        """Yield the digits at the axes, each with its place there."""
        for i, x_mark, y_mark in zip(self.chosen, self.x_marks, self.y_marks, strict=True):
            yield x_mark, self.at(self.pairs[i][0].value, 0)
            yield y_mark, self.on(0, self.pairs[i][0].value)

    def _landmark(self, zero: Number, one: Number, size: float) -> VGroup:
        """Return the mark of e⁰ = 1 on the vertical axis; where the digits of 1 stand there already, of e⁰ = only."""
        ring = Circle(radius=0.14, color=theme.INK, stroke_width=3).move_to(self.on(0))
        there = [mark for i, mark in zip(self.chosen, self.y_marks, strict=True) if self.pairs[i][0].shown == 0]
        if there:
            said = formula("e^{z} =", size=size, color=theme.DIM, z=zero)
            said.next_to(there[0], LEFT, buff=0.18).seat(float(there[0].get_bottom()[1]) + 0.01)
        else:
            said = formula("e^{z} = {o}", size=size, color=theme.DIM, z=zero, o=one)
            said.next_to(self.on(0), LEFT, buff=0.32).shift((0.12 + self._level(0, size) - self.on(0)[1]) * UP)
            boxes = [rect_of(mark) for mark in self.y_marks]
            if any(overlap(rect_of(said), box) > 0 for box in boxes):
                return VGroup(ring)
        return VGroup(ring, said)

    def at(self, x: float, height: float) -> np.ndarray:
        """Return where on screen a point of the plot is; heights are shares of the greatest."""
        left, bottom, right, top = self._box
        share = (x - self._low) / (self._high - self._low)
        return np.array([left + share * (right - left), bottom + height * (top - bottom), 0.0])

    def on(self, x: float, power: float | None = None) -> np.ndarray:
        """Return where on screen (x, eˣ) is, or (x, e to another power)."""
        return self.at(x, math.exp((x if power is None else power) - self._high))

    def _level(self, x: float, size: float) -> float:
        """Return the y of the middle of the digits of eˣ at the axis; near to zero they stand over the curve."""
        y, half = self.on(x)[1], 0.0034 * size
        return float(y if y - half > self.at(0, 0)[1] + 0.14 else y + half + 0.2)

    def _curve(self) -> np.ndarray:
        """Return the Bézier curves of eˣ, which leave and reach their ends along its tangents.

        Each spans less than 1 along x: then its control points lie above zero, and so does the curve (one that is
        merely smooth through the same points dips below it). What is too low to be seen is one straight line.
        """
        seen = max(self._low, self._high - INVISIBLE)
        xs = [*([self._low] if seen > self._low else []), *np.linspace(seen, self._high, 60)]
        points = []
        for start, end in pairwise(xs):
            third, first, last = (end - start) / 3, math.exp(start - self._high), math.exp(end - self._high)
            points += [self.at(start, first), self.at(start + third, first * (1 + third))]
            points += [self.at(end - third, max(0.0, last * (1 - third))), self.at(end, last)]
        return np.array(points)

    def _with_room(self, size: float) -> list[int]:
        """Return the indices of the pairs to be written: zero, the largest, then all whose digits do not collide."""
        chosen: list[int] = []
        for i in sorted(range(len(self.pairs)), key=lambda i: (self.pairs[i][0].shown != 0, -i)):
            x = self.pairs[i][0].value
            wide = max(len(self.pairs[i][0].text), 3) * 0.0044 * size + 0.14
            others = [self.pairs[k][0].value for k in chosen]
            apart = [abs(self._level(x, size) - self._level(other, size)) for other in others]
            across = [abs(self.on(x)[0] - self.on(other)[0]) for other in others]
            if all(dx > wide and dy > 0.0085 * size for dx, dy in zip(across, apart, strict=True)):
                chosen.append(i)
        return sorted(chosen)


class GrowingColumns(VGroup):
    """A column chart in a box (left, bottom, right, top), with one linear scale, and numbers on top of the columns.

    `steps` are written below the columns and `title` above them all; `axis`, the label of the axis, is below the steps.
    """

    def __init__(self, values: Sequence[Number], steps: Sequence[Number], title: Writing, box: Rect) -> None:
        super().__init__()
        left, bottom, right, top = box
        pitch = min((right - left) / len(values), 1.5)
        middle = (left + right) / 2
        first = middle - pitch * (len(values) - 1) / 2
        base = bottom + 1.2
        tall = top - base - 1.3
        most = max((abs(v.value) for v in values), default=1.0) or 1.0
        self.title = title
        if title.width > right - left:
            title.scale_to_fit_width(right - left)
        title.move_to([middle, 0, 0]).seat(top - 0.35)
        self.axis = prose("times applied", size=theme.NOTE, color=theme.DIM)
        self.axis.move_to([middle, 0, 0]).seat(bottom + 0.16)
        half = pitch * len(values) / 2
        self.floor = Line([middle - half, base, 0], [middle + half, base, 0], color=theme.AXIS, stroke_width=3)
        size = theme.DIGITS if pitch > 1.1 else theme.TICK
        self.marks = VGroup(*number_marks(list(values), size=size))
        self.steps = VGroup(*number_marks(list(steps), size=size, color=theme.DIM))
        self.columns = VGroup()
        for i, (mark, step) in enumerate(zip(self.marks, self.steps, strict=True)):
            value, place = mark.number.value, np.array([first + i * pitch, base, 0])
            column = Rectangle(width=0.62 * pitch, height=max(0.03, tall * abs(value) / most))
            column.set_fill(theme.SURFACE if value < 0 else theme.DIM, 1).set_stroke(theme.DIM, 3 if value < 0 else 0)
            self.columns.add(column.move_to(place, aligned_edge=DOWN))
            if mark.width > pitch - 0.08:
                mark.scale_to_fit_width(pitch - 0.08)
            mark.next_to(column, UP, buff=0.14)
            step.next_to(place, DOWN, buff=0.18)
        self.add(self.title, self.axis, self.floor, self.columns, self.marks, self.steps)

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the numbers, each with its column."""
        yield from zip(self.marks, self.columns, strict=True)
        yield from zip(self.steps, self.columns, strict=True)


class NumberLineWalk(VGroup):
    """Numbers as arrows along a number line, each beginning where the previous one ended.

    `box` is (left, bottom, right, top); `zero` is the number that is written at the origin.
    """

    def __init__(self, terms: Sequence[Number], zero: Number, box: Rect) -> None:
        super().__init__()
        left, bottom, right, top = box
        ends = np.cumsum([0.0, *[term.value for term in terms]])
        low, high = float(ends.min()), float(ends.max())
        pad = 0.18 * max(high - low, 1e-9)
        low, high = low - pad, high + pad
        unit = (right - left) / (high - low)
        base = bottom + 0.55
        pitch = min(0.9, (top - base - 0.3) / len(terms))

        def at(value: float, y: float) -> np.ndarray:
            return np.array([left + (value - low) * unit, y, 0.0])

        self.line = Line(at(low, base), at(high, base), color=theme.AXIS, stroke_width=2.5)
        self.origin = Line(at(0, base - 0.12), at(0, base + 0.12), color=theme.AXIS, stroke_width=2.5)
        self.zero = number_marks([zero], size=theme.TICK, color=theme.DIM)[0].next_to(self.origin, DOWN, buff=0.14)
        self.arrows, self.drops = VGroup(), VGroup()
        self.marks = VGroup(*number_marks(list(terms), size=theme.DIGITS))
        for k, (start, end, mark) in enumerate(zip(ends, ends[1:], self.marks, strict=False)):
            y = base + 0.5 + k * pitch
            color = theme.INK
            arrow: Mobject = Dot(at(end, y), radius=0.05, color=theme.DIM)
            if abs(end - start) * unit > 0.1:
                arrow = Arrow(at(start, y), at(end, y), buff=0, color=color, stroke_width=7, tip_length=0.24)
            self.arrows.add(arrow)
            mark.set_color(color).next_to(arrow, UP, buff=0.12)
            y_next = y + pitch if k + 1 < len(terms) else base
            self.drops.add(_dashed(at(end, y), at(end, y_next)))
        self.end = Dot(at(float(ends[-1]), base), radius=0.1, color=theme.INK).set_z_index(2)
        self.add(self.line, self.origin, self.zero, self.drops, self.arrows, self.marks, self.end)


class Failure(VGroup):
    """Why a row cannot be divided by its sum: its entries lead back to zero, and nothing can be divided by that.

    `terms` add up to `total`, which is zero; `quotient` is the first of them divided by it, which is undefined.
    """

    def __init__(self, terms: Sequence[Number], total: Number, quotient: Number, box: Rect) -> None:
        super().__init__()
        left, bottom, right, top = box
        middle, high = (left + right) / 2, top - bottom
        self.walk = NumberLineWalk(terms, total, (left, top - 0.46 * high, right, top))
        self.sum = written_sum(terms, total, size=theme.BODY)
        if self.sum.width > right - left:
            self.sum.scale_to_fit_width(right - left)
        self.division = formula("{a} / {s} = {q}", size=theme.BIG, a=terms[0], s=total, q=quotient)
        self.note = prose("division by zero has no answer", size=theme.NOTE, color=theme.DIM)
        if self.note.width > right - left:
            self.note = prose("no answer", size=theme.NOTE, color=theme.DIM)
        self.sum.move_to([middle, top - 0.55 * high, 0])
        self.division.move_to([middle, top - 0.755 * high, 0])
        self.note.move_to([middle, 0, 0]).seat(bottom + 0.16)
        self.add(self.walk, self.sum, self.division, self.note)
