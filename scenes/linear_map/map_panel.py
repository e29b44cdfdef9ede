"""Small planes, each of which shows what one map does to a few words, side by side for comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from manim import DOWN, Circle, Mobject, RoundedRectangle, VGroup

from attnviz.stage import (
    Array,
    Bend,
    BendingPlane,
    CarriedArrow,
    CarriedShape,
    Number,
    Rect,
    Region,
    find_places,
    frame,
    prose,
    theme,
)

from .apart import ruler
from .matrix_lines import vector_piece

GAP = 0.5
"""The gap between two panels (frame units)."""
SQUARE = ((0, 0), (1, 0), (1, 1), (0, 1))


def extent(matrix: Array, vectors: Sequence[Array]) -> Array:
    """Return everything that must fit, shape (n, 2): vectors and the unit square, before and after a map."""
    before = np.vstack([*vectors, *np.array(SQUARE, dtype=float)])
    return np.vstack([before, before @ matrix])


def landing_ring(place: Array, coordinates: Sequence[Number], color: str, standing: Sequence[Rect]) -> VGroup:
    """Return the ring at which a basis vector will end, with its coordinates beside it, clear of `standing`."""
    ring = Circle(radius=0.13, color=color, stroke_width=3).move_to(place)
    note = vector_piece(coordinates, color, theme.NOTE)
    return VGroup(ring, note.move_to(find_places([(note.width, note.height)], [place], avoid=standing)[0]))


class MapPanel:
    """A small plane for one map, below the map's name, with words, basis and unit square.

    `rule` lists the vectors of the line that shows what is measured. All panels of a comparison have the same `unit`,
    so that distances can be compared by eye.
    """

    def __init__(
        self,
        name: str,
        matrix: Array,
        words: Mapping[str, Array],
        colors: Mapping[str, str],
        rule: Sequence[Array],
        *,
        region: Region,
        unit: float,
    ) -> None:
        self.matrix = matrix
        room = extent(matrix, [*words.values()])
        self.plane = BendingPlane(room, region=region, unit=unit, lines=7, thin=False)
        self.plane.color_lines(*theme.BASIS)
        square = CarriedShape(SQUARE, theme.INK, 2, fill=0.28).set_z_index(-1)
        arrows = [CarriedArrow((0, 0), e, c, 4) for e, c in zip(np.eye(2), theme.BASIS, strict=True)]
        self.rule = ruler(rule)
        self.plane.carry(square, *arrows, self.rule)
        points = self.points = self.plane.make_points(words, colors, icons=False, size=theme.NOTE)
        self.name = prose(name, size=theme.WORD, own=True)
        if self.name.width > region.width:
            self.name.scale_to_fit_width(region.width)
        self.name.move_to([region.center[0], 0, 0]).seat(region.top + 0.24)
        self.notes = VGroup()
        self.everything = VGroup(self.plane, square, *arrows, *points, self.name)

    @property
    def roomy(self) -> bool:
        """Whether every word's label fits into the plane."""
        return all(point.label.width <= self.plane.region.width for point in self.points)

    def bend(self) -> Bend:
        """Return the animation that applies the map."""
        return Bend(self.plane, self.matrix)

    def note(self, *lines: Mobject) -> VGroup:
        """Place lines below the plane, and return them."""
        self.notes = VGroup(*lines).arrange(DOWN, buff=0.26)
        self.notes.move_to([self.name.get_center()[0], self.plane.region.bottom - 0.3 - self.notes.height / 2, 0])
        return self.notes

    def frame(self) -> RoundedRectangle:
        """Return a frame around the panel with its notes."""
        block = VGroup(self.plane.still, self.plane.axis_lines, self.name, self.notes)
        frame = RoundedRectangle(
            corner_radius=0.16,
            width=block.width + 0.28,
            height=block.height + 0.4,
            stroke_width=3,
            color=theme.WEIGHT,
        )
        return frame.move_to(block)


def map_panels(
    maps: Mapping[str, Array], words: Mapping[str, Array], colors: Mapping[str, str], rule: Sequence[Array]
) -> list[MapPanel]:
    """Return a panel for each map, side by side across the frame, all with the same unit."""
    place = frame.SMALL_PLANES
    width = (place.width - GAP * (len(maps) - 1)) / len(maps)
    spans = [np.ptp(extent(matrix, [*words.values()]), axis=0) for matrix in maps.values()]
    middles = [place.left + width / 2 + k * (width + GAP) for k in range(len(maps))]
    unit = float(((np.array([width, place.height]) - 0.8) / np.max(spans, axis=0)).min())
    return [
        MapPanel(
            name, matrix, words, colors, rule,
            region=Region.around((middle, place.center[1]), width, place.height), unit=unit,
        )
        for middle, (name, matrix) in zip(middles, maps.items(), strict=True)
    ]  # fmt: skip
