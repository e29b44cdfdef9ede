"""Charts beside a table: the curve of eˣ, growing columns, and a walk along the number line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Arrow,
    DashedLine,
    Dot,
    Line,
    Mobject,
    Rectangle,
    VGroup,
    VMobject,
)

from attnviz.stage import Number, Rect, Writing, formula, number_marks, prose, theme, written_sum

INVISIBLE = 40.0  # e to the power of minus that is far less than a pixel of the curve's height


class ExponentialCurve(VGroup):
    """The curve of eˣ in a box (left, bottom, right, top), with a dot at every x.

    `pairs` are the numbers (x, eˣ) in ascending order; as many as fit are written along the axes.
    """

    def __init__(self, pairs: Sequence[tuple[Number, Number]], box: Rect, *, size: float = 26) -> None:
        super().__init__()
        self.pairs = list(pairs)
        left, bottom, right, top = box
        self._box = (left + 0.95, bottom + 0.55, right - 0.25, top - 0.25)
        low, high = min(0.0, pairs[0][0].value), max(0.0, pairs[-1][0].value)
        pad = 0.16 * max(high - low, 0.5)
        self._low, self._high = low - pad, high + min(pad, 0.18)
        self.axes = VGroup(
            Line(self.at(self._low, 0), self.at(self._high, 0), color=theme.AXIS, stroke_width=2.5),
            Line(self.at(self._low, 0), self.on(self._low, self._high), color=theme.AXIS, stroke_width=2.5),
        )
        self.curve = VMobject(color=theme.WEIGHT, stroke_width=4).set_points(self._curve())
        self.name = formula("e^x", size=theme.BIG, color=theme.WEIGHT)
        self.name.next_to(self.on(self._high), LEFT, buff=0.6)
        self.dots = VGroup(*[Dot(self.on(x.value), radius=0.09) for x, _ in pairs])
        self.dots.set_color(theme.INK).set_z_index(2)
        self.chosen = self._with_room(size)
        self.x_marks = VGroup(*number_marks([pairs[i][0] for i in self.chosen], size=size))
        self.y_marks = VGroup(*number_marks([pairs[i][1] for i in self.chosen], size=size))
        self.ups, self.acrosses = VGroup(), VGroup()
        for i, x_mark, y_mark in zip(self.chosen, self.x_marks, self.y_marks, strict=True):
            x, dot = pairs[i][0].value, self.dots[i].get_center()
            self.ups.add(DashedLine(self.at(x, 0), dot, color=theme.AXIS, stroke_width=2, dash_length=0.08))
            side = self.on(self._low, x)
            self.acrosses.add(DashedLine(dot, side, color=theme.AXIS, stroke_width=2, dash_length=0.08))
            x_mark.next_to(self.at(x, 0), DOWN, buff=0.18)
            y_mark.next_to(side, LEFT, buff=0.16)
        self.add(self.axes, self.ups, self.acrosses, self.curve, self.name, self.dots, self.x_marks, self.y_marks)

    def at(self, x: float, height: float) -> np.ndarray:
        """Return where on screen a point of the plot is; heights are shares of the greatest."""
        left, bottom, right, top = self._box
        share = (x - self._low) / (self._high - self._low)
        return np.array([left + share * (right - left), bottom + height * (top - bottom), 0.0])

    def on(self, x: float, power: float | None = None) -> np.ndarray:
        """Return where on screen (x, eˣ) is, or (x, e to another power)."""
        return self.at(x, math.exp((x if power is None else power) - self._high))

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
            wide = max(len(self.pairs[i][0].text), 3) * 0.0056 * size + 0.16
            places = [(self.on(x), self.on(self.pairs[k][0].value)) for k in chosen]
            if all(abs(a[0] - b[0]) > wide and abs(a[1] - b[1]) > 0.013 * size for a, b in places):
                chosen.append(i)
        return sorted(chosen)


class GrowingColumns(VGroup):
    """A column chart in a box (left, bottom, right, top), with one linear scale, and numbers on top of the columns.

    `steps` are written below the columns and `title` above them all; `axis`, the label of the axis, is below the steps.
    """

    def __init__(self, values: Sequence[Number], steps: Sequence[Number], title: Writing, box: Rect) -> None:
        super().__init__()
        left, bottom, right, top = box
        pitch = min((right - left) / len(values), 1.0)
        first = (left + right - pitch * (len(values) - 1)) / 2
        tall, base = top - bottom - 1.95, bottom + 0.75
        most = max((abs(v.value) for v in values), default=1.0) or 1.0
        self.title = title
        if title.width > right - left:
            title.scale_to_fit_width(right - left)
        title.move_to([(left + right) / 2, 0, 0]).seat(top - 0.2)
        self.axis = prose("times applied", size=theme.NOTE, color=theme.DIM)
        self.axis.move_to([(left + right) / 2, 0, 0]).seat(base - 0.9)
        half = pitch * len(values) / 2
        middle = np.array([(left + right) / 2, base, 0])
        self.floor = Line(middle + half * LEFT, middle + half * RIGHT, color=theme.AXIS, stroke_width=2.5)
        self.columns = VGroup()
        self.marks = VGroup(*number_marks(list(values), size=24))
        self.steps = VGroup(*number_marks(list(steps), size=22, color=theme.DIM))
        for i, (mark, step) in enumerate(zip(self.marks, self.steps, strict=True)):
            value = mark.number.value
            place = np.array([first + i * pitch, base, 0])
            column = Rectangle(width=0.62 * pitch, height=max(0.03, tall * abs(value) / most), stroke_width=0)
            column.set_fill(theme.WEIGHT, 1).move_to(place, aligned_edge=DOWN)
            self.columns.add(column)
            if mark.width > pitch - 0.08:
                mark.scale_to_fit_width(pitch - 0.08)
            mark.next_to(column, UP, buff=0.14)
            step.next_to(place, DOWN, buff=0.18)
        self.add(self.title, self.axis, self.floor, self.columns, self.marks, self.steps)


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
        pitch = min(0.85, (top - base - 0.3) / len(terms))

        def at(value: float, y: float) -> np.ndarray:
            return np.array([left + (value - low) * unit, y, 0.0])

        self.line = Line(at(low, base), at(high, base), color=theme.AXIS, stroke_width=2.5)
        self.origin = Line(at(0, base - 0.12), at(0, base + 0.12), color=theme.AXIS, stroke_width=2.5)
        self.zero = number_marks([zero], size=26, color=theme.DIM)[0].next_to(self.origin, DOWN, buff=0.14)
        self.arrows, self.drops = VGroup(), VGroup()
        self.marks = VGroup(*number_marks(list(terms), size=26))
        for k, (start, end, mark) in enumerate(zip(ends, ends[1:], self.marks, strict=False)):
            y = base + 0.5 + k * pitch
            color = theme.WEIGHT
            arrow: Mobject = Dot(at(end, y), radius=0.05, color=theme.DIM)
            if abs(end - start) * unit > 0.1:
                arrow = Arrow(at(start, y), at(end, y), buff=0, color=color, stroke_width=7, tip_length=0.24)
            self.arrows.add(arrow)
            mark.set_color(color).next_to(arrow, UP, buff=0.12)
            y_next = y + pitch if k + 1 < len(terms) else base
            self.drops.add(DashedLine(at(end, y), at(end, y_next), color=theme.AXIS, stroke_width=2, dash_length=0.08))
        self.end = Dot(at(float(ends[-1]), base), radius=0.1, color=theme.INK).set_z_index(2)
        self.add(self.line, self.origin, self.zero, self.drops, self.arrows, self.marks, self.end)


class Failure(VGroup):
    """Why a row cannot be divided by its sum: its entries lead back to zero, and nothing can be divided by that.

    `terms` add up to `total`, which is zero; `quotient` is the first of them divided by it, which is undefined.
    """

    def __init__(self, terms: Sequence[Number], total: Number, quotient: Number, box: Rect) -> None:
        super().__init__()
        left, _, right, top = box
        self.walk = NumberLineWalk(terms, total, (left, top - 1.9, right, top + 0.6))
        self.sum = written_sum(terms, total, size=theme.BODY)
        if self.sum.width > right - left:
            self.sum.scale_to_fit_width(right - left)
        self.division = formula("{a} / {s} = {q}", size=theme.BIG, a=terms[0], s=total, q=quotient)
        self.note = prose("division by zero has no answer", size=theme.NOTE, color=theme.DIM)
        middle = (left + right) / 2
        self.sum.move_to([middle, top - 2.6, 0])
        self.division.move_to([middle, top - 3.65, 0])
        self.note.move_to([middle, top - 4.7, 0])
        self.add(self.walk, self.sum, self.division, self.note)
