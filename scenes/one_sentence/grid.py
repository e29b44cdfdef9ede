"""The table of a head's weights under the words of a sentence, with digits where they have room, and a row of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from manim import (
    Animation,
    DashedVMobject,
    FadeIn,
    FadeOut,
    Line,
    Mobject,
    ReplacementTransform,
    RoundedRectangle,
    VGroup,
    VMobject,
)
from numpy.typing import NDArray

from attnviz.stage import (
    Number,
    NumberMark,
    Region,
    Stage,
    Tiles,
    WordColumn,
    WordLine,
    Writing,
    fitted_words,
    frame,
    look,
    number_marks,
    theme,
    type_size,
)

Key = TypeVar("Key")
NARROWEST, LOWEST = 0.68, 0.38
"""Digits need cells so wide and high (frame units), and words beside rows rows so high."""
HIGHEST, ROW_HEIGHT = 0.8, 0.46
"""How high a row is at most, and the row that is asked for at least, if it has digits."""
WIDEST = 0.9
"""How wide columns are at most that are not as wide as the words over them."""
DASHES = 6
"""So many dashes stand on a unit of an outline, about half of them on its upper side."""
LOW = frame.px(20)
"""How far below the middle of its row the baseline of a word beside it is."""


class Weights(NamedTuple):
    """A table of weights: its words, the entries, shape (query, key), and which of these a mask hides."""

    tokens: list[str]
    numbers: list[list[Number]]
    masked: NDArray[np.bool_]

    def row(self, token: str) -> list[Number]:
        """Return what a word gives to each."""
        return self.numbers[self.tokens.index(token)]


def names_beside(stage: Stage, tokens: Sequence[str], asked: str | None) -> dict[str, Writing]:
    """Return words as they stand beside the rows of a table: small, and dim but for those of a colour of their own."""
    inks = {token: stage.word_color(token) for token in tokens}
    inks = {token: theme.DIM if ink == theme.INK and token != asked else ink for token, ink in inks.items()}
    words = fitted_words(tokens, frame.GRID_NAMES[0], size=theme.NOTE, colors=inks, among=stage.tokens())
    return dict(zip(tokens, words, strict=True))


def room_beside(names: Mapping[str, Writing]) -> float:
    """Return how much room words beside the rows of a table need."""
    return max(name.width for name in names.values()) + frame.GRID_NAMES[1]


class Grid(VGroup):
    """A table of weights: tiles in `columns`, from the top of a region down; the row of `asked` is a part by itself.

    `open` are the tiles of all other rows, `hidden` those of them that a mask hides; `row` are those of the row that is
    asked for, one by one; `marks` are the digits by query and key (`digits` as a group), `names` the words beside the
    rows, as many as have room (that of the row that is asked for always has).
    """

    def __init__(
        self, weights: Weights, names: Mapping[str, Writing], columns: Sequence[WordColumn], within: Region,
        asked: str | None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.weights, self.columns, self.asked, self.within = weights, list(columns), asked, within
        self.left = min(column.x - column.width / 2 for column in columns)
        self.right = max(column.x + column.width / 2 for column in columns)
        wide = min(column.width for column in columns) >= NARROWEST
        self._rows(has_digits=wide)
        every = wide and min(height for _, height in self.rows) >= LOWEST
        with_digits = weights.tokens if every else [asked] if wide and asked is not None else []
        self.open, self.hidden, self.row, self.stairs = VGroup(), VGroup(), VGroup(), VGroup()
        self.cells: dict[str, Tiles] = {}
        self.left_behind = VGroup()  # where a row was
        self._tile()
        self.marks = self._digits(with_digits)
        self.names = self._named(names)
        self.digits = VGroup(*self.marks.values())
        self.add(
            self.open, self.hidden, self.row, self.digits, VGroup(*self.names.values()), self.stairs, self.left_behind
        )

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the words beside the rows with the table."""
        table = VGroup(self.open, self.row, self.left_behind)
        for name in self.names.values():
            yield name, table

    def becomes(self, other: Grid) -> list[Animation]:
        """Return the animations in which the table becomes another one, in which the same row is asked for."""
        steps: list[Animation] = []
        for one, new in ((self.open, other.open), (self.hidden, other.hidden), (self.stairs, other.stairs)):
            steps += [ReplacementTransform(*pair) for pair in zip(one, new, strict=True)]
        return [
            *steps, *_become(self.cells, other.cells), *_become(self.marks, other.marks),
            *_become(self.names, other.names),
        ]  # fmt: skip

    def hides(self, query: str | None, key: str) -> bool:
        """Tell whether the mask hides a word from another."""
        tokens = self.weights.tokens
        return query is not None and bool(self.weights.masked[tokens.index(query), tokens.index(key)])

    def masked(self, *, row: bool) -> list[Mobject]:
        """Take out what the mask hides, and put the line there that bounds it; return what has left.

        Of the row that is asked for, it is taken out only if `row` says so.
        """
        asked = self.asked if not row else None
        gone = [*self.hidden]
        gone += [mark for (query, key), mark in self.marks.items() if query != asked and self.hides(query, key)]
        gone += [cell for key, cell in self.cells.items() if row and self.hides(self.asked, key)]
        self.take_out(gone)
        self.stairs.add(self._staircase())
        return gone

    def take_out(self, parts: Iterable[Mobject]) -> None:
        """Go on without some parts, which have left."""
        gone = {id(part) for part in parts}
        for group in (self.open, self.hidden, self.row, self.digits):
            group.remove(*[part for part in group if id(part) in gone])
        self.marks = {entry: mark for entry, mark in self.marks.items() if id(mark) not in gone}
        self.cells = {key: cell for key, cell in self.cells.items() if id(cell) not in gone}

    @staticmethod
    def height_of(count: int, within: Region) -> float:
        """Return how high so many rows are in a region."""
        return min(HIGHEST * count, within.height)

    @property
    def bottom(self) -> float:
        """The y at which the last row ends."""
        y, height = self.rows[-1]
        return y - height / 2

    def outline(self, *, dashed: bool) -> VMobject:
        """Return the outline of the row that is asked for, dashed where it has left."""
        assert self.asked is not None
        y, height = self.rows[self.weights.tokens.index(self.asked)]
        box = RoundedRectangle(corner_radius=0.04, width=self.right - self.left, height=max(height, 0.06))
        box.set_stroke(theme.FOCUS, 2).move_to([(self.left + self.right) / 2, y, 0]).set_z_index(2)
        return DashedVMobject(box, num_dashes=round(DASHES * box.width), color=theme.FOCUS) if dashed else box

    def _staircase(self) -> VMobject:
        """Return the line between what a mask hides and what it does not."""
        line = VMobject(stroke_color=theme.AXIS, stroke_width=4)
        tops = [y + height / 2 for y, height in self.rows]
        bottoms = [*tops[1:], self.bottom]
        for i, (top, bottom) in enumerate(zip(tops, bottoms, strict=True)):
            for j, column in enumerate(self.columns):
                left, right = column.x - column.width / 2, column.x + column.width / 2
                if j + 1 < len(self.columns) and self._differ((i, j), (i, j + 1)):
                    _segment(line, (right, top), (right, bottom))
                if i + 1 < len(self.rows) and self._differ((i, j), (i + 1, j)):
                    _segment(line, (left, bottom), (right, bottom))
        return line.set_z_index(2)

    def _differ(self, one: tuple[int, int], other: tuple[int, int]) -> bool:
        return bool(self.weights.masked[one] != self.weights.masked[other])

    def _rows(self, *, has_digits: bool) -> None:
        """Find where the rows are: the middle (y) and the height of each; one with digits is high enough for them."""
        tokens, top = self.weights.tokens, self.within.top
        height = self.height_of(len(tokens), self.within) / len(tokens)
        heights = [height] * len(tokens)
        if has_digits and height < LOWEST and self.asked is not None:
            heights = [(self.within.height - ROW_HEIGHT) / max(1, len(tokens) - 1)] * len(tokens)
            heights[tokens.index(self.asked)] = ROW_HEIGHT
        self.rows: list[tuple[float, float]] = []
        for each in heights:
            self.rows.append((top - each / 2, each))
            top -= each

    def _tile(self) -> None:
        """Make the tiles: above the row that is asked for, of this row, and below it."""
        count = len(self.weights.tokens)
        at = count if self.asked is None else self.weights.tokens.index(self.asked)
        hidden = self.weights.masked
        for begin, end in ((0, at), (at + 1, count)):
            if begin < end:
                for part, chosen in ((self.open, ~hidden[begin:end]), (self.hidden, hidden[begin:end])):
                    if chosen.any():
                        part.add(self._tiles(begin, end, chosen))
        if self.asked is not None:
            made = cells(self.weights.numbers[at], self.columns, self.rows[at])
            self.cells = dict(zip(self.weights.tokens, made, strict=True))
            self.row.add(*made)

    def _tiles(self, begin: int, end: int, chosen: NDArray[np.bool_]) -> Tiles:
        numbers = [
            [number if take else None for number, take in zip(row, takes, strict=True)]
            for row, takes in zip(self.weights.numbers[begin:end], chosen, strict=True)
        ]
        widths = [column.width for column in self.columns]
        tiles = Tiles(numbers, min(widths), row_pitch=self.rows[begin][1], widths=widths)
        middle = (self.rows[begin][0] + self.rows[end - 1][0]) / 2
        return tiles.shift([(self.left + self.right) / 2, middle, 0])

    def _digits(self, rows: Sequence[str | None]) -> dict[tuple[str, str], NumberMark]:
        """Return the digits of rows, each on its tile."""
        tokens = self.weights.tokens
        entries = {(q, k): n for q in tokens if q in rows for k, n in zip(tokens, self.weights.row(q), strict=True)}
        if not entries:
            return {}
        cell = min(column.width for column in self.columns), min(self.rows[tokens.index(q)][1] for q, _ in entries)
        marks = number_marks([*entries.values()], size=type_size(cell))
        found = dict(zip(entries, marks, strict=True))
        for (query, key), mark in found.items():
            y, _ = self.rows[tokens.index(query)]
            place_on_tile(mark, (self.columns[tokens.index(key)].x, y))
        return found

    def _named(self, names: Mapping[str, Writing]) -> dict[str, Writing]:
        """Return the words beside the rows, where there is room for them."""
        seated: dict[str, Writing] = {}
        places: list[float] = []
        for token in sorted(names, key=lambda token: token != self.asked):
            y, _ = self.rows[self.weights.tokens.index(token)]
            if all(abs(y - other) >= LOWEST for other in places):
                name = names[token]
                name.set_x(self.left - frame.GRID_NAMES[1] - name.width / 2).seat(y - LOW)
                seated[token] = name
                places.append(y)
        return seated


class LiftedRow(VGroup):
    """The row `of` a word by itself, large: `tiles` and `marks` in columns, in a frame, with its word beside it."""

    def __init__(self, of: str, row: Mapping[str, Number], columns: Mapping[str, WordColumn], name: Writing) -> None:
        super().__init__()
        self.of = of
        within = frame.LIFTED_ROW
        places = [columns[token] for token in row]
        self.left = min(column.x - column.width / 2 for column in places)
        self.right = max(column.x + column.width / 2 for column in places)
        y = within.center[1]
        self.tiles = VGroup(*cells([*row.values()], places, (y, within.height)))
        cell = min(column.width for column in places), within.height
        self.marks = dict(zip(row, number_marks([*row.values()], size=type_size(cell)), strict=True))
        for token, mark in self.marks.items():
            place_on_tile(mark, (columns[token].x, y))
        self.frame = RoundedRectangle(
            corner_radius=0.08, width=self.right - self.left + 0.1, height=within.height + 0.08, stroke_width=4
        )
        self.frame.set_stroke(theme.FOCUS).move_to([(self.left + self.right) / 2, y, 0]).set_z_index(3)
        self.name = name
        name.set_x(self.left - frame.GRID_NAMES[1] - name.width / 2).seat(y - LOW)
        self.add(self.tiles, *self.marks.values(), self.frame, name)


def cells(numbers: Sequence[Number], columns: Sequence[WordColumn], row: tuple[float, float]) -> list[Tiles]:
    """Return the tiles of a row one by one: in `columns`, with the middle (y) and the height of the `row`."""
    y, height = row
    return [
        Tiles([[number]], column.width, row_pitch=height, widths=[column.width]).shift([column.x, y, 0])
        for number, column in zip(numbers, columns, strict=True)
    ]


def columns_within(count: int, room: tuple[float, float]) -> list[WordColumn]:
    """Return so many columns of one width side by side, in the middle of a room (from x to x)."""
    width = min(WIDEST, (room[1] - room[0]) / count)
    first = sum(room) / 2 - (count - 1) * width / 2
    return [WordColumn(first + k * width, width) for k in range(count)]


def ways_to(line: WordLine, grid: Grid, start: float) -> VGroup:
    """Return lines from the height `start` (y) under words to their columns; none where these stand under them."""
    ways = VGroup()
    for token, column in line.columns.items():
        goal = grid.columns[grid.weights.tokens.index(token)]
        if abs(goal.x - column.x) > 1e-6:
            ink = theme.FOCUS if token == grid.asked else theme.AXIS
            ways.add(Line([column.x, start, 0], [goal.x, grid.within.top, 0], color=ink, stroke_width=2))
    return ways


def place_on_tile(mark: NumberMark, at: tuple[float, float]) -> None:
    """Put digits in the middle of the tile of their number, legible."""
    mark.set_color(look(mark.number).ink).move_to([*at, 0])


def _become(old: Mapping[Key, Mobject], new: Mapping[Key, Mobject]) -> list[Animation]:
    """Return the animations in which things become others of the same keys; those that have none go, or come."""
    steps: list[Animation] = [ReplacementTransform(old[key], new[key]) for key in old if key in new]
    steps += [FadeOut(old[key]) for key in old if key not in new]
    return steps + [FadeIn(new[key]) for key in new if key not in old]


def _segment(line: VMobject, start: tuple[float, float], end: tuple[float, float]) -> None:
    line.start_new_path(np.array([*start, 0.0]))
    line.add_line_to(np.array([*end, 0.0]))
