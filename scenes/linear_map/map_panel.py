"""Small planes, each of which shows what one map does to a few words, side by side for comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np
from manim import Animation, RoundedRectangle, VGroup

from attnviz.stage import (
    IN_PANEL,
    Array,
    Bend,
    BendingPlane,
    CarriedArrow,
    CarriedShape,
    Number,
    Region,
    frame,
    prose,
    rect_of,
    ruler,
    theme,
    view_of,
)

from .apart import value
from .matrix_lines import Rows, matrix_equation

GAP = frame.px(36)
CORNER = frame.px(14)
"""The gap between two panels, and the radius of their corners (frame units)."""
EDGE = 0.25
LEAST = 2.2
"""What is kept free below, and the least width of a panel."""
DIGITS = 61
"""The size of a matrix below a small plane: its digits are 40 px high."""
SMALL = 0.68
"""The size of words in a panel, as a fraction of their usual size."""
SQUARE = ((0, 0), (1, 0), (1, 1), (0, 1))


def moment(matrix: Array, vectors: Sequence[Array]) -> Array:
    """Return what is seen while a map is applied, shape (n, 2): vectors and the unit square."""
    return np.vstack([*vectors, *np.array(SQUARE, dtype=float)]) @ matrix


class MapPanel:
    """A small plane for one map, with the map's name above and its matrix below, words, basis and unit square.

    `rule` lists the vectors of the ruler that shows what is measured. All panels of a comparison have the same `unit`,
    so that distances can be compared by eye.
    """

    def __init__(
        self,
        name: str,
        matrix: Array,
        written: VGroup,
        words: Mapping[str, Array],
        rule: Sequence[Array],
        *,
        region: Region,
        unit: float,
    ) -> None:
        self.matrix, self.region = matrix, region
        self.window = RoundedRectangle(
            corner_radius=CORNER, width=region.width, height=region.height,
            stroke_width=0, fill_color=theme.PANEL, fill_opacity=1,
        ).move_to([*region.center, 0]).set_z_index(-6)  # fmt: skip
        self.views = [
            view_of(
                np.vstack([*words.values()]) @ each,
                region,
                drawn=np.array(SQUARE, dtype=float) @ each,
                unit=unit,
                pad=IN_PANEL,
            )
            for each in (np.eye(2), matrix)
        ]
        self.plane = BendingPlane(self.views[0], step=1.0 if unit > 0.2 else None, subject=False)
        self.square = CarriedShape(SQUARE, theme.INK, 2, fill=0.22).set_z_index(-1)
        self.arrows = [CarriedArrow((0, 0), e, c, 7) for e, c in zip(np.eye(2), theme.BASIS, strict=True)]
        self.rule = ruler(rule, away=0.42)
        self.plane.carry(self.square, *self.arrows)
        self.name = prose(name, size=theme.WORD, color=theme.DIM, own=True)
        if self.name.width > region.width:
            self.name.scale_to_fit_width(region.width)
        self.name.move_to([region.center[0], 0, 0]).seat(region.top + 0.2)
        self.written = written.move_to([region.center[0], region.bottom - 0.22 - written.height / 2, 0])

    def add_words(self, words: Mapping[str, Array], colors: Mapping[str, str]) -> None:
        """Put words into the plane, in their colours."""
        self.points = self.plane.make_points(words, colors, size=SMALL)

    def measure(self, before: Number, after: Number) -> None:
        """Lay the ruler on the side that is free before the map and after it, with the value before it."""
        note = value(max(before, after, key=lambda number: len(number.text)))
        moments = [
            ([view.at(vector @ matrix) for vector in self.rule.vectors], self.plane.standing(matrix, view))
            for matrix, view in zip((np.eye(2), self.matrix), self.views, strict=True)
        ]
        self.rule.settle(note, *moments, bounds=self.region)
        self.plane.carry(self.rule)

    @property
    def drawn(self) -> VGroup:
        """All of it that is there before anything is measured."""
        return VGroup(self.window, self.plane, self.square, *self.arrows, *self.points, self.name, self.written)

    @property
    def roomy(self) -> bool:
        """Whether every word's label, and the matrix, fit into the panel's width."""
        widest = max([*[point.label.width for point in self.points], self.written.width - 0.1])
        return bool(widest <= self.region.width)

    def bend(self) -> Bend:
        """Return the animation that applies the map."""
        return Bend(self.plane, self.matrix, self.views[1])

    def praise(self) -> list[Animation]:
        """Return the animations in which its name and its grid stand out from the others."""
        return [self.name.animate.set_color(theme.INK).build(), self.plane.stand_out()]

    def frame(self) -> RoundedRectangle:
        """Return a frame around the panel."""
        left, bottom, right, top = rect_of(self.window)
        outline = RoundedRectangle(corner_radius=CORNER, width=right - left, height=top - bottom, color=theme.INK)
        return outline.set_stroke(width=5).move_to(self.window).set_z_index(4)


def map_panels(
    maps: Mapping[str, Array],
    rows: Mapping[str, Rows],
    words: Mapping[str, Array],
    rule: Sequence[Array],
    place: Region,
    *,
    columns: bool,
    least: float = 0.0,
) -> list[MapPanel]:
    """Return a panel for each map, side by side across a region, all with the same unit, each as wide as it needs.

    None is narrower than `least` (frame units), if there is room.
    """
    room = place.width - GAP * (len(maps) - 1)
    written = [matrix_equation(rows[name], columns=columns, size=DIGITS) for name in maps]
    if sum(each.width + 0.2 for each in written) > room:
        written = [matrix_equation(rows[name], columns=columns, size=DIGITS, named=False) for name in maps]
    vectors = [*words.values()]
    spans = np.array([np.ptp([*moment(m, vectors)], axis=0) for matrix in maps.values() for m in (np.eye(2), matrix)])
    wide, high = spans[:, 0].reshape(-1, 2).max(axis=1), spans[:, 1].max()
    narrowest = np.array([max(each.width, LEAST, least) for each in written])
    unit = float((place.height - EDGE - IN_PANEL[3]) / high)
    while unit > 1e-6 and np.maximum(narrowest, unit * wide + IN_PANEL[0] + IN_PANEL[2]).sum() > room:
        unit *= 0.97
    widths = np.maximum(narrowest, unit * wide + IN_PANEL[0] + IN_PANEL[2])
    widths *= room / widths.sum()
    lefts = [place.left + before + k * GAP for k, before in enumerate([0.0, *accumulate(widths)][:-1])]
    return [
        MapPanel(
            name, matrix, VGroup(text), words, rule,
            region=Region(left, place.bottom, left + width, place.top), unit=unit,
        )
        for left, width, text, (name, matrix) in zip(lefts, map(float, widths), written, maps.items(), strict=True)
    ]  # fmt: skip
