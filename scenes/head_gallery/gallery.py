"""All heads of a model as small tables of weights, a row of them for each layer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from manim import LEFT, RIGHT, UP, Mobject, Rectangle, RoundedRectangle, Square, VGroup, VMobject

from attnviz.stage import Number, Region, Spot, Stage, Tiles, frame, theme

Place = tuple[str, str]
"""The labels of a head's layer and of the head in it."""
GAP, LARGEST = 0.12, 1.5
"""The gap between two tables, as a share of their pitch; and the largest pitch (frame units)."""
NAME_ROOM = (1.7, 0.6)
"""How much is free beside the tables for the layers' names, and over them for the heads'."""
PER_NAME = (0.62, 0.5)
"""So much room (across, down) a name needs; where there is less, some are left out."""


class Thumb(VGroup):
    """The small table of a head: its tiles on their ground."""

    def __init__(self, name: str, *parts: VMobject) -> None:
        super().__init__(*parts)
        self.called = name

    def pointable(self) -> Iterator[Spot]:
        """Yield the table as a whole."""
        yield Spot((self.called,), self[0], "box")


class Gallery(VGroup):
    """A grid of all heads: `thumbs` are their tables by layer and head, `names` stand beside and over them.

    `tables` has the weights of each head, row by row.
    """

    def __init__(
        self, stage: Stage, tables: Mapping[Place, Sequence[Sequence[Number]]], region: Region = frame.GALLERY
    ) -> None:
        layers, heads = (list(dict.fromkeys(place[k] for place in tables)) for k in (0, 1))
        room = region.width - NAME_ROOM[0], region.height - NAME_ROOM[1]
        pitch = min(LARGEST, room[0] / len(heads), room[1] / len(layers))
        size = len(next(iter(tables.values())))
        self.tables, self.thumbs = tables, dict[Place, VGroup]()
        for (layer, head), table in tables.items():
            tiles = Tiles(table, pitch * (1 - GAP) / size)
            ground = RoundedRectangle(
                corner_radius=0.04 * pitch, width=pitch * (1 - GAP / 2), height=pitch * (1 - GAP / 2)
            )
            ground.set_fill(theme.PANEL, 1).set_stroke(theme.GRID, 1)
            at = [heads.index(head) * pitch, -layers.index(layer) * pitch, 0]
            self.thumbs[layer, head] = Thumb(f"layer {layer}, head {head}", ground, tiles).move_to(at)
        self.grid = VGroup(*self.thumbs.values())
        beside = self._names(stage, "layer", [self.thumbs[layer, heads[0]] for layer in layers], layers, pitch)
        over = self._names(stage, "head", [self.thumbs[layers[0], head] for head in heads], heads, pitch)
        self.names = VGroup(beside, over)
        super().__init__(self.grid, self.names)
        self.move_to([*region.center, 0])

    def _names(self, stage: Stage, what: str, thumbs: Sequence[VGroup], labels: Sequence[str], pitch: float) -> VGroup:
        """Return the names of layers or heads, the first with the word; as many as have room."""
        down = what == "layer"
        every, names = math.ceil(PER_NAME[down] / pitch), VGroup()
        for thumb, label in list(zip(thumbs, labels, strict=True))[::every]:
            text = f"{what} {label}" if not len(names) else label
            name = stage.prose(text, size=theme.NOTE, color=theme.DIM, own=True)
            if down:
                name.next_to(thumb, LEFT, buff=0.2).seat(float(thumb.get_center()[1]) - 0.12)
            else:
                name.next_to(thumb, UP, buff=0.15)
                name.seat(float(thumb.get_top()[1]) + 0.17)
                if not len(names):
                    name.align_to(thumb, RIGHT)
            names.add(name)
        return names

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the names, each with the tables of its layer or head."""
        for name in (*self.names[0], *self.names[1]):
            yield name, self.grid

    def frame_of(self, place: Place, color: str) -> RoundedRectangle:
        """Return a frame around the table of a head, where it stands now."""
        ground = self.thumbs[place][0]
        around = RoundedRectangle(
            corner_radius=0.05, width=ground.width + 0.05, height=ground.height + 0.05, stroke_width=5, color=color
        )
        return around.move_to(ground).set_z_index(4)

    def entry(self, place: Place, row: int, column: int, color: str) -> VGroup:
        """Return one tile of a head's table by itself, as bright as it is, in a frame."""
        _, tiles = self.thumbs[place]
        number = self.tables[place][row][column]
        tile = Tiles([[number]], tiles.pitch)
        outline = Square(tiles.pitch, stroke_width=2, color=color)
        x, y = tiles.place(row, column)
        return VGroup(tile, outline).move_to(tiles.get_center() + np.array([x, y, 0])).set_z_index(3)

    def row(self, place: Place, row: int, color: str) -> Rectangle:
        """Return a frame around a row of a head's table, where it stands now."""
        _, tiles = self.thumbs[place]
        first, last = (np.array([*tiles.place(row, column), 0]) for column in (0, len(self.tables[place][row]) - 1))
        width = float(last[0] - first[0]) + tiles.pitch
        outline = Rectangle(width=width, height=tiles.pitch, stroke_width=2, color=color)
        return outline.move_to(tiles.get_center() + (first + last) / 2).set_z_index(3)
