"""The loss of a training over its steps, drawn as far as the training has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import DOWN, LEFT, RIGHT, Animation, DashedLine, Dot, Line, Mobject, VGroup, VMobject

from attnviz.stage import Array, Region, Tag, Writing, frame, nice_step, number_marks, prose, theme, tick

TICKS, BETWEEN = (6, 4), 0.15
"""How many ticks an axis has at most besides zero, and how far apart their numbers stand at least."""
POINT, BEYOND = frame.px(11), 0.6
"""The radius of the point, and how far the label of the least loss reaches beyond the last step."""


class LossCurve(VGroup):
    """Losses over the numbers of `steps` at which they were measured, within a region; both axes begin at zero.

    The line is drawn up to the step `now`, where its point is.
    """

    def __init__(self, steps: Sequence[int], losses: Array, within: Region) -> None:
        super().__init__()
        self.steps, self.losses, self.within = np.asarray(steps, dtype=float), losses, within
        self.most = max(1.0, float(self.steps[-1])), max(float(losses.max()), 1e-9)
        self.axes = VGroup(
            Line(self.at(0, 0), self.at(self.most[0], 0), color=theme.AXIS, stroke_width=2.5),
            Line(self.at(0, 0), self.at(0, self.most[1]), color=theme.AXIS, stroke_width=2.5),
        )
        self.ticks = VGroup(self._ticks(0), self._ticks(1))
        name = prose("steps", size=theme.NOTE, color=theme.DIM).next_to(self.axes[0], RIGHT, buff=0.24)
        self.name = Tag(name, self.axes[0])
        self.line = VMobject(color=theme.INK, stroke_width=4).set_z_index(1)
        self.point = Dot(radius=POINT, color=theme.INK).set_z_index(2)
        self.show(0.0)
        self.add(self.axes, self.ticks, self.name, self.line, self.point)

    def at(self, step: float, loss: float) -> Array:
        """Return the place of a loss after so many steps."""
        left, bottom, _, _ = self.within
        return np.array(
            [left + step / self.most[0] * self.within.width, bottom + loss / self.most[1] * self.within.height, 0.0]
        )

    def show(self, now: float) -> None:
        """Draw the line up to a number of steps, between two that were measured straight from one to the other."""
        self.now = now
        passed = [(step, loss) for step, loss in zip(self.steps, self.losses, strict=True) if step < now]
        passed.append((now, float(np.interp(now, self.steps, self.losses))))
        places = [self.at(*each) for each in passed]
        self.line.set_points_as_corners(np.array([places[0], *places] if len(places) == 1 else places))
        self.point.move_to(places[-1])

    def floor(self, least: float, label: Writing) -> VGroup:
        """Return a dashed line at the least loss that is possible, its label over the end, clear of the curve."""
        dashes = DashedLine(self.at(0, least), self.at(self.most[0], least), color=theme.DIM, stroke_width=3)
        end = self.at(self.most[0], least)
        label.move_to([end[0] + BEYOND, 0, 0], aligned_edge=RIGHT).seat(float(end[1]) + 0.16)
        return VGroup(dashes, Tag(label, dashes))

    def _ticks(self, axis: int) -> VGroup:
        """Return the ticks of the axis of steps (0) or of the loss (1), as many as there is room for."""
        called, most = ("of steps", "of the loss")[axis], self.most[axis]
        for parts in range(TICKS[axis], 0, -1):
            apart = max(nice_step(most, most=parts), 0.0 if axis else 1.0)  # there is no half a step
            values = [k * apart for k in range(axis, int(most / apart + 1e-9) + 1)]  # one zero is enough
            numbers = [tick(value, apart, called) for value in values]
            marks = number_marks(numbers, size=theme.TICK, color=theme.DIM)
            if axis or max(mark.width for mark in marks) + BETWEEN < apart / most * self.within.width:
                break
        group, way = VGroup(), LEFT if axis else DOWN
        for value, mark in zip(values, marks, strict=True):
            place = self.at(0, value) if axis else self.at(value, 0)
            stroke = Line(place, place + 0.08 * way, color=theme.AXIS, stroke_width=2.5)
            group.add(stroke, Tag(mark.next_to(stroke, way, buff=0.07), stroke))
        return group


class Fall(Animation):
    """The line of a loss is drawn on to a later step."""

    def __init__(self, curve: LossCurve, goal: float, **kwargs: Any) -> None:
        self.curve, self.begun, self.goal = curve, curve.now, goal
        super().__init__(VGroup(curve.line, curve.point), **kwargs)

    def create_starting_mobject(self) -> Mobject:
        """Return the mobject itself: what it looks like is known from the step."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Draw it up to the fraction `alpha` of the way."""
        self.curve.show(self.begun + self.rate_func(alpha) * (self.goal - self.begun))
