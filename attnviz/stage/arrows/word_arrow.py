"""A word as an arrow from the origin of a plane, with its icon, its name and its coordinates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from manim import DOWN, Dot, VGroup, VMobject

from attnviz.stage import frame, theme
from attnviz.stage.arithmetic.equations import vector_template
from attnviz.stage.arrows.field import Field
from attnviz.stage.arrows.geometry import BESIDE, ICON, arrow_points
from attnviz.stage.halo import haloed
from attnviz.stage.icons import icon
from attnviz.stage.numbers import Number
from attnviz.stage.ownership import FARTHEST, Anchor, gap
from attnviz.stage.placement import Array
from attnviz.stage.reading import visible_word
from attnviz.stage.spots import Spot
from attnviz.stage.tables.head_words import cut_short
from attnviz.stage.typesetting import NumberMark, Writing, formula, prose

LONGEST_NAME = 3.0
"""How wide the name of an arrow may be (frame units); a longer one is cut short."""


class WordArrow(VGroup):
    """A word as an arrow from the origin, with its icon beside the tip (or a dot on it), its name and its coordinates.

    `vector` is where it ends now, `offset` leads from the middle of the icon to that of the label. `side` tells whether
    the icon stands to the left (1) of the arrow or to its right (-1).
    """

    def __init__(self, token: str, vector: Array, coordinates: Sequence[Number], field: Field, color: str) -> None:
        super().__init__()
        self.token, self.vector, self.word_color = token, np.asarray(vector, dtype=float), color
        self.shaft = VMobject(stroke_width=0, fill_color=color, fill_opacity=1.0)
        picture = icon(visible_word(token), ICON)
        self.body = VGroup(picture) if picture is not None else VGroup(Dot(radius=frame.px(15), color=color))
        self.has_icon = picture is not None
        self.name = word_within(token, LONGEST_NAME, size=theme.WORD, color=color)
        self.coordinates = self.written(coordinates)
        self.label = VGroup(self.name, self.coordinates)
        for text in self.label:
            haloed(text)
        self.offset, self.side = np.zeros(3), 1
        self.drop = VGroup()
        self.add(self.drop, self.shaft, self.body, self.label)
        self.set_z_index(2)
        self.shaft.set_z_index(1)
        self.stack()
        self.put(field)

    def written(self, coordinates: Sequence[Number]) -> Writing:
        """Return coordinates as a row vector in the word's colour; marks are named `c0`, `c1` …"""
        named = {f"c{k}": number for k, number in enumerate(coordinates)}
        text = formula(vector_template(list(named)), size=theme.WORD, color=self.word_color, numbers=named)
        return text.set_z_index(2)

    def stack(self, left: bool = False, right: bool = False) -> None:
        """Set the name over the coordinates: centred, or flush with the side that is nearer to the icon."""
        edge = np.array([-1.0, 0.0, 0.0]) if left else np.array([1.0, 0.0, 0.0]) if right else np.zeros(3)
        self.coordinates.next_to(self.name, DOWN, buff=0.12, aligned_edge=edge)
        self.coordinates.seat(self.name.baseline - 0.56)

    def flush(self, offset: Array) -> None:
        """Set the two lines of the label flush with the icon's side, if the label is to stand beside it."""
        beside = abs(offset[0]) > self.label.width / 2
        self.stack(left=beside and offset[0] > 0, right=beside and offset[0] < 0)

    def rewrite(self, coordinates: Sequence[Number]) -> None:
        """Write other coordinates in place of the present ones."""
        self.label.remove(self.coordinates)
        self.coordinates = self.written(coordinates)
        haloed(self.coordinates)
        self.label.add(self.coordinates)
        self.stack()

    @property
    def marks(self) -> list[NumberMark]:
        """The digits of the coordinates, in order."""
        return [self.coordinates.marks[f"c{k}"] for k in range(len(self.coordinates.marks))]

    @property
    def tip(self) -> Array:
        """The point on screen where the arrow ends (x, y, 0)."""
        return self._tip

    @property
    def place(self) -> Array:
        """The middle of the icon (x, y, 0)."""
        return np.asarray(self.body.get_center(), dtype=float)

    def owned(self) -> Iterator[tuple[VMobject, Anchor]]:
        """Yield the label with the icon, and the icon with the arrow's tip."""
        yield self.label, self.body
        yield self.body, self._tip

    def pointable(self) -> Iterator[Spot]:
        """Yield the word's name, and its arrow."""
        yield Spot((self.token,), self.name, text=self.name)
        yield Spot((self.token,), self.shaft, "path")

    def put(self, field: Field, share: float = 1.0) -> None:
        """Draw the arrow to its vector, or to a `share` of it, and bring its icon and label along."""
        start, end = field.at(np.zeros(2)), field.at(self.vector)
        self._tip = start + share * (end - start)
        outline = arrow_points(start, self._tip)
        self.shaft.set_points_as_corners(outline) if outline else self.shaft.clear_points()
        self.body.move_to(icon_place(start, self._tip, self.has_icon, self.side))
        if (far := gap(self.body, self._tip) - FARTHEST) > 0:  # a drawing that is low, or narrow
            way = self._tip - self.place
            self.body.shift(1.1 * far * way / float(np.linalg.norm(way)))
        self.label.move_to(self.place + self.offset)
        if self.drop.submobjects:
            self.drop[0].put_start_and_end_on(*drop_ends(field, self.vector))

    def ghost(self) -> VMobject:
        """Return a small hollow ring that marks where the arrow ended, to be left behind when it moves."""
        ring = Dot(self._tip, radius=frame.px(11), color=self.word_color, fill_opacity=0.0)
        return ring.set_stroke(self.word_color, width=3, opacity=0.8)


def word_within(token: str, width: float, *, size: float, color: str) -> Writing:
    """Set a word in one size; it is cut short if it is wider than `width`."""
    word = visible_word(token)
    name = prose(word, size=size, color=color, own=True)
    letters = int(len(word) * width / name.width) if name.width > width else 0
    while name.width > width and letters > 0:
        name = prose(cut_short(word, letters), size=size, color=color, own=True)
        letters -= 1
    return name


def icon_place(start: Array, tip: Array, has_icon: bool, side: int) -> Array:
    """Return where the icon beside the tip of an arrow is, to its left (1) or right (-1); a dot is on the tip itself.

    It is beside the tip, since an arrow seems to lead to what is beyond it.
    """
    way = tip - start
    reach = float(np.linalg.norm(way))
    if not has_icon:
        return tip
    along = way / reach if reach > 1e-6 else np.array([0.0, 1.0, 0.0])
    return np.asarray(tip + side * BESIDE * np.array([-along[1], along[0], 0.0]), dtype=float)


def drop_ends(field: Field, vector: Array) -> tuple[Array, Array]:
    """Return the ends of the line from a vector's point down to the plane of the first two axes."""
    flat = np.array([vector[0], vector[1], 0.0])
    start, end = field.at(vector), field.at(flat)
    return (start, end) if np.linalg.norm(end - start) > 1e-6 else (start, start + np.array([0.0, 0.01, 0.0]))
