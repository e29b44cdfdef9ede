"""How a head's output is made for one word: values times weights, term by term, and their sum below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from manim import LEFT, RIGHT, Line, VGroup

from attnviz.stage import (
    OTHERS,
    Number,
    NumberMark,
    Stage,
    Tiles,
    Writing,
    adds_up,
    fitted_words,
    frame,
    number_marks,
    relation,
    set_sign,
    theme,
)

from .grid import LOW

WIDE, HIGH, MARGIN = 0.98, 0.62, 0.18
"""The size of a cell (frame units), and how much narrower digits are."""
SIGN, SUM_LOWER = 0.5, 0.3
"""How much room there is for a sign between two blocks, and above the sum."""
LONGEST = 6
"""How many characters a number has at most."""


class Terms(NamedTuple):
    """The terms of a sum, one a row: words with their weights, values and products; what is left; and the sum.

    `rest` is the weight of all words that are not named, and `left` what they give; both are empty if there are none.
    """

    weights: dict[str, Number]
    values: list[list[Number]]
    products: list[list[Number]]
    rest: list[Number]
    left: list[Number]
    output: list[Number]


def terms_of(
    stage: Stage, word: str, named: Mapping[str, Number], coordinates: Sequence[str], rest: list[Number]
) -> Terms:
    """Read what a word takes from named ones, along some coordinates; `rest` is the weight of all others, if any."""
    along = list(coordinates)
    flat = stage.numbers("values", style="short", token=[*named], d_value=along)
    values = [flat[k : k + len(along)] for k in range(0, len(flat), len(along))]
    products = [[weight * value for value in row] for weight, row in zip(named.values(), values, strict=True)]
    output = stage.numbers("head_outputs", token=word, d_value=along)
    left = [total - sum(parts[1:], start=parts[0]) for total, *parts in zip(output, *products, strict=True)]
    shown = [[number.styled("fixed") for number in row] for row in (*products, left)]
    return Terms(dict(named), values, shown[:-1], rest, shown[-1] if rest else [], output)


class Block(VGroup):
    """Numbers on tiles, row by row; the upper left corner stands at a place (x, y)."""

    def __init__(self, numbers: Sequence[Sequence[Number]], place: tuple[float, float], color: str | None) -> None:
        self.tiles = Tiles(numbers, WIDE, color, row_pitch=HIGH)
        flat = _short([number for row in numbers for number in row])
        self.marks = number_marks(flat, size=theme.NOTE)
        share = min(1.0, *((WIDE - MARGIN) / mark.width for mark in self.marks))
        self.marks = [mark.scale(share) for mark in self.marks]
        self.tiles.lay(self.marks)
        super().__init__(self.tiles, *self.marks)
        rows, columns = self.tiles.shape
        self.shift([place[0] + columns * WIDE / 2, place[1] - rows * HIGH / 2, 0])

    def row(self, row: int) -> list[NumberMark]:
        """Return the digits of a row."""
        wide = self.tiles.shape[1]
        return self.marks[row * wide : (row + 1) * wide]


class Mixture(VGroup):
    """Blocks of weights, values and products, a term a row, what all others give, and the sum of it all below.

    `over` are the names over the blocks, `names` the words beside the rows, `signs` what stands between blocks.
    """

    def __init__(self, stage: Stage, terms: Terms, top: float) -> None:
        self.terms = terms
        rows, self.wide = len(terms.weights), len(terms.output) * WIDE
        self.at = WIDE + SIGN, WIDE + 2 * SIGN + self.wide  # where the values and the products begin (x)
        low = (rows + len(terms.rest)) * HIGH + SUM_LOWER
        self.weights = Block([[weight] for weight in terms.weights.values()], (0, 0), None)
        self.values = Block(terms.values, (self.at[0], 0), theme.VALUE)
        self.products = Block(terms.products, (self.at[1], 0), theme.VALUE)
        self.output = Block([terms.output], (self.at[1], -low), theme.OUTPUT)
        self.names, self.signs = self._names(stage, [*terms.weights]), self._signs(stage)
        self.others, self.sum, self.over = VGroup(), self._sum(stage, low), self._over(stage)
        if terms.rest:
            y = -rows * HIGH
            self.rest, self.left = Block([terms.rest], (0, y), None), Block([terms.left], (self.at[1], y), theme.VALUE)
            name = stage.prose(OTHERS, size=theme.NOTE, color=theme.DIM)
            self.others.add(_beside(name, y - HIGH / 2), self.rest, self.left)
        beside = self.over, self.names, self.weights, self.signs
        super().__init__(*beside, self.values, self.products, self.others, self.sum, self.output)
        self.move_to([frame.CONTENT.center[0], (top + frame.OVER_NOTE) / 2, 0])

    def _signs(self, stage: Stage) -> VGroup:
        """Return the signs between the blocks, two a row."""
        return VGroup(*[
            stage.formula(sign).set_x(x).seat(-(row + 0.5) * HIGH - LOW)
            for row in range(len(self.terms.weights))
            for sign, x in (("dot", WIDE + SIGN / 2), (_sign(self.terms, row), self.at[1] - SIGN / 2))
        ])  # fmt: skip

    def _sum(self, stage: Stage, low: float) -> VGroup:
        """Return the line over the sum, the sign before it and its name; it stands `low` under the first row."""
        left, terms = self.at[1], self.terms
        every = [*terms.products, *([terms.left] if terms.left else [])]
        exact = all(adds_up(column, total) == "=" for *column, total in zip(*every, terms.output, strict=True))
        y, base = -low + SUM_LOWER / 2, -low - HIGH / 2 - LOW
        sign = stage.formula(set_sign(exact)).set_x(left - SIGN / 2).seat(base)
        said = stage.prose("output of the head", size=theme.NOTE, color=theme.OUTPUT)
        said.next_to(sign, LEFT, buff=SIGN / 2).seat(base)
        line = Line([left, y, 0], [left + self.wide, y, 0]).set_stroke(theme.AXIS, 3)
        return VGroup(line, sign, said)

    def _over(self, stage: Stage) -> VGroup:
        """Return the names over the blocks."""
        named = {
            "weight": (theme.DIM, WIDE / 2), "value": (theme.VALUE, self.at[0] + self.wide / 2),
            "weight · value": (theme.VALUE, self.at[1] + self.wide / 2),
        }  # fmt: skip
        return VGroup(*[
            stage.prose(text, size=theme.NOTE, color=color).set_x(x).seat(SUM_LOWER / 2)
            for text, (color, x) in named.items()
        ])  # fmt: skip

    def _names(self, stage: Stage, words: Sequence[str]) -> VGroup:
        inks = {token: stage.word_color(token) for token in words}
        written = fitted_words(words, frame.GRID_NAMES[0], size=theme.WORD, colors=inks, among=stage.tokens())
        return VGroup(*[_beside(name, -(k + 0.5) * HIGH) for k, name in enumerate(written)])


def _beside(name: Writing, y: float) -> Writing:
    """Put a word beside a row whose middle is at a height (y)."""
    return name.move_to([-SIGN / 2, 0, 0], aligned_edge=RIGHT).seat(y - LOW)


def _sign(terms: Terms, row: int) -> str:
    """Return the sign before the products of a row: `=` only where the shown digits give what is shown."""
    weight = [*terms.weights.values()][row]
    pairs = zip(terms.values[row], terms.products[row], strict=True)
    return set_sign(all(relation(weight.shown * value.shown, product) == "=" for value, product in pairs))


def _short(numbers: list[Number]) -> list[Number]:
    """Return numbers with so few decimals, all as many, that none has more than `LONGEST` characters."""
    over = max(len(number.text) for number in numbers) - LONGEST
    return [number.styled("fixed", max(0, number.decimals - over)) for number in numbers] if over > 0 else numbers
