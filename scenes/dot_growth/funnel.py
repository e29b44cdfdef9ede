"""Columns of small dots along a logarithmic axis: samples whose spread grows from column to column."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from manim import LEFT, UP, Animation, Circle, Line, Mobject, VGroup, VMobject, rate_functions, smooth

from attnviz.stage import Array, Number, nice_step, number_marks, show, theme

GOLDEN = (math.sqrt(5) - 1) / 2  # its multiples modulo 1 spread evenly; a dot's offset in its column is meaningless

OPACITY = 0.75
"""That of a dot."""


class Column(VMobject):
    """The samples of one dimension as small dots in one mobject; `heights` (frame units) are measured from zero."""

    def __init__(self, count: int, x: float, y: float, width: float, *, radius: float = 0.04) -> None:
        super().__init__(stroke_width=0, fill_color=theme.DIM, fill_opacity=OPACITY)
        self._dot = Circle(radius=radius).points
        across = (np.arange(1, count + 1) * GOLDEN) % 1 - 0.5
        self._across = x + width * across
        self.heights, self.zero = np.zeros(count), y
        self.put(self.heights, y)

    def put(self, heights: Array, zero: float) -> None:
        """Move the dots to these heights over and under a `zero` (y)."""
        self.heights, self.zero = np.asarray(heights, dtype=float), zero
        centers = np.column_stack([self._across, zero + self.heights, np.zeros_like(self.heights)])
        self.set_points((centers[:, None, :] + self._dot[None, :, :]).reshape(-1, 3))


class Spread(Animation):
    """Animate the dots of a column to new heights and a new zero (y); with `appear`, they fade in on the way."""

    def __init__(self, column: Column, goal: Array, zero: float, *, appear: bool = False, **kwargs: Any) -> None:
        self.column, self.first, self.goal, self.appear = column, column.heights.copy(), goal, appear
        self.zeros = column.zero, zero
        super().__init__(column, introducer=appear, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the dots at the fraction `alpha` of the animation."""
        share = self.rate_func(alpha)
        zero = self.zeros[0] + share * (self.zeros[1] - self.zeros[0])
        self.column.put(self.first + share * (self.goal - self.first), zero)
        if self.appear:
            self.column.set_fill(opacity=OPACITY * min(1.0, 3 * alpha))


class Funnel:
    """Samples along a logarithmic axis of dimensions, between `across` (left, right) and `up` (bottom, top).

    `samples` has shape (dimension, sample); zero is in the middle (positions are in frame units). The funnel draws
    nothing itself: it returns mobjects and animations.
    """

    def __init__(
        self,
        dimensions: Sequence[int],
        samples: Array,
        *,
        across: tuple[float, float],
        up: tuple[float, float],
    ) -> None:
        self.names = [str(d) for d in dimensions]
        self.dimensions, self.values = np.asarray(dimensions, dtype=float), np.asarray(samples, dtype=float)
        self.across, self.up, self.middle = across, up, sum(up) / 2
        self.unit, self.tick_values, self.ticks = 1.0, [0.0], VGroup()
        logs = np.log(self.dimensions)
        margin = (across[1] - across[0]) / len(self.names) / 2
        self.xs = np.interp(logs, (logs[0], logs[-1]), (across[0] + margin, across[1] - margin))
        pitch = float(np.diff(self.xs).min())
        count = self.values.shape[1]
        self.overhang = min(0.6, 0.55 * pitch) / 2 + 0.1
        self.columns = VGroup(*[Column(count, x, self.middle, min(0.6, 0.55 * pitch)) for x in self.xs])
        self.zero = Line([across[0], self.middle, 0], [across[1], self.middle, 0], color=theme.AXIS, stroke_width=3)
        self.zero.set_z_index(-2)
        self.zoom()

    def spread(self, index: int) -> Animation:
        """Return the animation in which one column appears and spreads out."""
        goal = self.values[index] * self.unit
        return Spread(self.columns[index], goal, self.middle, appear=True, rate_func=rate_functions.ease_out_cubic)

    def divide(self) -> None:
        """Divide all samples by the root of their dimension; `settle` animates the change."""
        self.values = self.values / np.sqrt(self.dimensions)[:, None]

    def zoom(self) -> None:
        """Choose a scale and ticks such that the outermost ticks enclose all dots; `settle` animates the change."""
        largest = max(float(np.abs(self.values).max()), 1e-9)
        step = nice_step(2 * largest, most=8)
        parts = math.ceil(largest / step - 1e-9)
        self.unit = min(self.up[1] - self.middle, self.middle - self.up[0]) / (parts * step)
        self.tick_values = [k * step for k in range(-parts, parts + 1)]
        self.ticks = self._ticks()

    def zoom_in(self) -> tuple[float, list[Animation]]:
        """Choose the scale anew; return the factor by which it grows, and the animations of ticks and dots."""
        unit, old, before = self.unit, self.ticks, self.tick_values
        self.zoom()
        ways = (unit, self.unit), (self.middle, self.middle)
        leave = [TickMove(tick, v, self, *ways, remover=True) for tick, v in zip(old, before, strict=True)]
        enter = [
            TickMove(tick, v, self, *ways, introducer=True)
            for tick, v in zip(self.ticks, self.tick_values, strict=True)
        ]
        return self.unit / unit, [*leave, *enter, *self.settle()]

    def fit(self, up: tuple[float, float]) -> list[Animation]:
        """Return the animations in which everything moves between other heights (bottom, top), at another scale."""
        unit, middle, lower = self.unit, self.middle, sum(up) / 2 - self.middle
        largest = max(abs(value) for value in self.tick_values)
        self.up, self.middle = up, sum(up) / 2
        self.unit = (up[1] - up[0]) / 2 / largest
        ways = (unit, self.unit), (middle, self.middle)
        ticks = [TickMove(tick, v, self, *ways) for tick, v in zip(self.ticks, self.tick_values, strict=True)]
        return [*ticks, self.zero.animate.shift(lower * UP).build(), *self.settle()]

    def settle(self) -> list[Animation]:
        """Return the animations that bring all columns to the current values of their samples."""
        columns = zip(self.columns, self.values, strict=True)
        return [Spread(c, v * self.unit, self.middle, rate_func=smooth) for c, v in columns]

    def curves(self, sizes: Sequence[float], color: str | None = None) -> tuple[VMobject, VMobject, VMobject]:
        """Return the curves through plus and minus the given size of each column, and the band between them."""
        ends = [
            [np.array([x, self.middle + sign * size * self.unit, 0.0]) for x, size in self._beyond(sizes)]
            for sign in (1, -1)
        ]
        color = color or theme.INK
        upper, lower = (VMobject(color=color, stroke_width=5).set_points_smoothly(points) for points in ends)
        band = VMobject(stroke_width=0, fill_color=color, fill_opacity=0.1)
        band.set_points(upper.points).add_line_to(ends[1][-1])
        band.append_points(lower.points[::-1]).add_line_to(ends[0][0])
        return upper.set_z_index(3), lower.set_z_index(3), band.set_z_index(-3)

    def _beyond(self, sizes: Sequence[float]) -> list[tuple[float, float]]:
        """Return the points (x, size) of a curve: at each column, and at the outer edges of the outermost ones."""
        xs, logs = self.xs, np.log(np.maximum(sizes, 1e-9))
        ends = [
            (x + side * self.overhang, math.exp(at + side * self.overhang * (other - at) / (neighbour - x)))
            for x, neighbour, at, other, side in (
                (xs[0], xs[1], logs[0], logs[1], -1),
                (xs[-1], xs[-2], logs[-1], logs[-2], 1),
            )
        ]
        return [ends[0], *zip(xs.tolist(), sizes, strict=True), ends[1]]

    def _ticks(self) -> VGroup:
        values = self.tick_values
        numbers = [Number(v, show(v, "short", 3), formula="tick of the dot products' axis") for v in values]
        group = VGroup()
        for value, mark in zip(values, number_marks(numbers, size=theme.TICK, color=theme.DIM), strict=True):
            y = self.middle + value * self.unit
            line = Line([self.across[0], y, 0], [self.across[1], y, 0], color=theme.GRID, stroke_width=2)
            mark.set_stroke(theme.GROUND, width=8, background=True).next_to([self.across[0], y, 0], LEFT, buff=0.14)
            group.add(Tick(line.set_z_index(-4), mark))
        return group


class Tick(VGroup):
    """A line across the columns, with its number before it."""

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the number with the line."""
        line, mark = self
        yield mark, line


class TickMove(Animation):
    """Move a tick as the scale (`units`) or the zero (`middles`) changes.

    One that comes or goes fades on the way, and is visible only within the axis.
    """

    def __init__(
        self,
        tick: VGroup,
        value: float,
        axis: Funnel,
        units: tuple[float, float],
        middles: tuple[float, float],
        **kwargs: Any,
    ) -> None:
        self.value, self.axis, self.units, self.middles = value, axis, units, middles
        super().__init__(tick, rate_func=smooth, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the tick at the fraction `alpha` of the animation."""
        share = self.rate_func(alpha)
        unit, middle = (a + share * (b - a) for a, b in (self.units, self.middles))
        y = middle + self.value * unit
        light = 1.0
        if self.remover or self.introducer:
            light = 1 - min(1.0, 1.6 * share) if self.remover else max(0.0, 1.6 * share - 0.6)
            light *= self.axis.up[0] - 0.05 <= y <= self.axis.up[1] + 0.05
        line, mark = self.mobject
        self.mobject.shift((y - line.get_start()[1]) * UP)
        line.set_stroke(opacity=light)
        mark.set_fill(opacity=light).set_stroke(opacity=light, background=True)
