"""All pairs of words in one table, with all measures side by side, and each pair's arrows before its row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from manim import RIGHT, Animation, AnimationGroup, FadeIn, LaggedStart, RoundedRectangle, VGroup, VMobject

from attnviz.stage import (
    Array,
    Number,
    NumberMark,
    Region,
    Writing,
    arrow_points,
    derive,
    frame,
    number_marks,
    prose,
    theme,
)

from .ledger import Pair, PairName

HEAD, GAP, RADIUS = 0.72, frame.px(3), frame.px(8)
TALLEST, PICTURED = 1.45, 0.85
"""The height of a row at most, and from which there is room for a picture of the two arrows (frame units)."""
CELL, NAMES = 2.1, 4.6


class Comparison(VGroup):
    """A table with a row for each pair and a column for each measure, in the middle of a region.

    `vectors` are the words' points on screen, from the origin; `numbers` gives each measure's numbers by pair. Cells
    are tinted on one scale: the cosine by its size, what is unbounded by v / (1 + v); negative ones are hollow.
    """

    def __init__(
        self,
        headings: Mapping[str, str],
        numbers: Mapping[str, Mapping[Pair, Number]],
        colors: Mapping[str, str],
        vectors: Mapping[str, Array],
        region: Region,
    ) -> None:
        super().__init__()
        self.numbers = numbers
        self.pairs = list(next(iter(numbers.values())))
        self.pitch = min(TALLEST, (region.height - HEAD) / len(self.pairs))
        pictured = self.pitch >= PICTURED
        wide = NAMES + (1.25 * self.pitch if pictured else 0.0)
        self.left = region.center[0] - (wide + CELL * len(numbers)) / 2
        self.top = region.center[1] + (HEAD + self.pitch * len(self.pairs)) / 2
        names = [self._name(pair, colors, wide - NAMES) for pair in self.pairs]
        if any(name.is_bare for name in names):
            names = [self._name(pair, colors, wide - NAMES, bare=True) for pair in self.pairs]
        self.names = VGroup(*names)
        self.pictures = VGroup(*(self._pictures(vectors, colors) if pictured else []))
        self.heads: dict[str, Writing] = {}
        self.cells: dict[tuple[Pair, str], RoundedRectangle] = {}
        self.marks: dict[tuple[Pair, str], NumberMark] = {}
        for k, (measure, heading) in enumerate(headings.items()):
            self._column(measure, heading, self.left + wide + (k + 0.5) * CELL)
        self.add(self.names, self.pictures, *self.heads.values(), *self.cells.values(), *self.marks.values())

    def column(self, measure: str) -> Animation:
        """Return the animation in which a measure's numbers come from their pairs."""
        sources = self.pictures if self.pictures.submobjects else self.names
        steps = [
            AnimationGroup(FadeIn(self.cells[pair, measure]), derive(self.marks[pair, measure], source))
            for pair, source in zip(self.pairs, sources, strict=True)
        ]
        return AnimationGroup(FadeIn(self.heads[measure]), LaggedStart(*steps, lag_ratio=0.25))

    def _y(self, pair: Pair) -> float:
        return self.top - HEAD - (self.pairs.index(pair) + 0.5) * self.pitch

    def _name(self, pair: Pair, colors: Mapping[str, str], indent: float, *, bare: bool = False) -> PairName:
        name = PairName(pair, [colors[word] for word in pair], NAMES - 0.2, '","', bare=bare)
        return name.shift((self.left + indent - name.get_left()[0]) * RIGHT).seat(self._y(pair) - 0.13)

    def _pictures(self, vectors: Mapping[str, Array], colors: Mapping[str, str]) -> list[VGroup]:
        """Return the two arrows of each pair, small, all at one scale."""
        points = np.array([vectors[word] for pair in self.pairs for word in pair] + [np.zeros(3)])
        low, high = points.min(axis=0), points.max(axis=0)
        room = 0.8 * self.pitch
        scale = min(room / max(high[1] - low[1], 1e-9), 1.3 * room / max(high[0] - low[0], 1e-9))
        middle = (low + high) / 2 * scale
        pictures = []
        for pair in self.pairs:
            home = np.array([self.left + 0.55 * self.pitch, self._y(pair), 0.0]) - middle
            picture = VGroup()
            for word in pair:
                outline = arrow_points(home, home + scale * vectors[word], width=frame.px(5), tip=frame.px(22))
                shaft = VMobject(stroke_width=0, fill_color=colors[word], fill_opacity=1.0)
                picture.add(shaft.set_points_as_corners(outline) if outline else shaft)
            pictures.append(picture)
        return pictures

    def _column(self, measure: str, heading: str, x: float) -> None:
        head = prose(heading, size=theme.NOTE, color=theme.DIM)
        self.heads[measure] = head.move_to([x, 0, 0]).seat(self.top - 0.45)
        numbers = [self.numbers[measure][pair] for pair in self.pairs]
        size = theme.DIGITS if self.pitch > 0.62 else theme.TICK
        for pair, number, mark in zip(self.pairs, numbers, number_marks(numbers, size=size), strict=True):
            share = abs(number.shown) if measure == "cosine" else abs(number.shown) / (1 + abs(number.shown))
            cell = RoundedRectangle(corner_radius=RADIUS, width=CELL - GAP, height=self.pitch - GAP, stroke_width=0)
            fill = theme.cell_color(share if number.shown > 0 else 0.0, theme.DIM)
            cell.set_fill(fill, 1)
            if number.shown < 0:
                cell.set_stroke(theme.cell_color(share, theme.DIM), width=4).scale_to_fit_width(CELL - 4 * GAP)
            self.cells[pair, measure] = cell.move_to([x, self._y(pair), 0]).set_z_index(-1)
            mark.set_color(theme.ink_on(fill) if number.shown else theme.DIM)
            self.marks[pair, measure] = mark.move_to([x, self._y(pair), 0])
