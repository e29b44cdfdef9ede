"""A sum of products, worked out as on paper: two rows of numbers, multiplied column by column and added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from manim import LEFT, RIGHT, UP, Animation, AnimationGroup, Create, FadeIn, Line, Mobject, VGroup

from attnviz.stage import (
    Number,
    Region,
    Writing,
    bracketed,
    derive,
    formula,
    frame,
    icon,
    number_marks,
    relation,
    set_sign,
    theme,
    visible_word,
    word_within,
)

from .ledger import ICON, PairName

LINES = frame.WORKED_OUT_LINES
LONGEST = 2.4
"""How wide a word before its row may be, with its icon."""


class Multiplication(VGroup):
    """Two words' coordinates below the names of their axes, the product of each column, and the sum of these.

    `heads` are the column headers, `rows` the two words' numbers, `products` one number per column, `result` their
    sum; `shadow` is the same in the plane. It fills the width of its `region`, on the lines of the frame. Its parts are
    attributes, for a scene to animate one by one.
    """

    def __init__(
        self,
        words: Sequence[str],
        colors: Sequence[str],
        heads: Sequence[str],
        rows: Sequence[Sequence[Number]],
        products: Sequence[Number],
        result: Number,
        *,
        shadow: tuple[Number, Number] | None,
        region: Region,
        size: float = theme.DIGITS,
    ) -> None:
        super().__init__()
        (self.left, _, self.right, _), self.size = region, size
        self.names = VGroup(*[_row_head(word, color) for word, color in zip(words, colors, strict=True)])
        self.columns = self.below = self._centres(self.left + self.names.width + 0.3, self.right, len(heads))
        self.heads = VGroup(*self._headers(heads))
        self.digits = [number_marks(list(row), size=size, color=c) for row, c in zip(rows, colors, strict=True)]
        self._shrunk: list[float] = []
        self._seat_rows()
        y = LINES["rule"]
        self.rule = Line([self.columns[0] - self.pitch / 2, y, 0], [self.right, y, 0], color=theme.AXIS, stroke_width=3)
        self.pairs = self._line([_pair(a, b, size, colors) for a, b in zip(*rows, strict=True)], LINES["pairs"])
        values = [formula(bracketed("v", p, first=k == 0), size=size, v=p) for k, p in enumerate(products)]
        self.values = self._line(values, LINES["values"])
        self.pluses = self._pluses(self.pairs, self.values)
        self.about = self._about(rows, products)
        self.add(self.names, self.heads, *self.digits[0], *self.digits[1], self.rule, self.pairs, self.values)
        self.add(*self.pluses, self.about)
        self._state(words, colors, products, result, shadow)

    def _state(
        self,
        words: Sequence[str],
        colors: Sequence[str],
        products: Sequence[Number],
        result: Number,
        shadow: tuple[Number, Number] | None,
    ) -> None:
        """Set the last line: `total` names the words, `result` is the sum of the products after its sign.

        With `shadow`, the length of one word's shadow and that of the other, `pictured` is their product (marks `s` and
        `n`). If there is no room for all of it, the names are left out: they stand before their rows.
        """
        y = LINES["result"]
        sign = set_sign(relation(sum(p.shown for p in products), result) == "=")
        self.total = PairName((words[0], words[1]), colors, 3.0, "dot")
        self.result = formula(f"{sign} {{result}}", size=theme.BIG, result=result)
        line = VGroup(self.total, self.result)
        self.pictured: Writing | None = None
        if shadow is not None:
            sign = set_sign(relation(shadow[0].shown * shadow[1].shown, result) == "=")
            self.pictured = formula(f"{sign} {{s}} dot {{n}}", size=theme.BIG, s=shadow[0], n=shadow[1])
            for name, color in zip("sn", colors, strict=True):
                self.pictured.marks[name].set_color(color)
            line.add(self.pictured)
        room = self.right - self.left
        if sum(part.width for part in line) + 0.25 * (len(line) - 1) > room:
            self.total = VGroup()
            line.remove(line[0])
        numbers = VGroup(*[part for part in line if isinstance(part, Writing)])
        numbers.scale(min(1.0, (room - 0.25) / sum(part.width for part in numbers)))
        x = self.left
        for part in line:
            part.shift((x - part.get_left()[0]) * RIGHT).seat(y)
            x += part.width + 0.25

    def copy_down(self, digits: Sequence[Mobject]) -> list[Animation]:
        """Return the animations, one after another, in which digits (first one word's, then the other's) come down."""
        rows = zip(self.names, self.digits, (digits[: len(self.columns)], digits[len(self.columns) :]), strict=True)
        return [
            AnimationGroup(FadeIn(name), *[derive(b, a) for a, b in zip(sources, row, strict=True)])
            for name, row, sources in rows
        ]

    def multiply(self) -> list[Animation]:
        """Return the animations, one after another, in which each column's numbers are copied down as a product."""
        columns = zip(self.pairs, *self.digits, strict=True)
        down = [AnimationGroup(*gather(part, {"a": a, "b": b})) for part, a, b in columns]
        pluses = [FadeIn(plus) for plus in self.pluses[0]]
        steps = [
            AnimationGroup(step, *more) for step, more in zip(down, [[], *[[plus] for plus in pluses]], strict=True)
        ]
        return [AnimationGroup(Create(self.rule), steps[0]), *steps[1:]]

    def work_out(self) -> Animation:
        """Return the animation in which each product becomes its value."""
        fall = [
            derive(value, pair.marks["a"], pair.marks["b"]) for pair, value in zip(self.pairs, self.values, strict=True)
        ]
        return AnimationGroup(*fall, FadeIn(VGroup(*self.pluses[1], *self.about)))

    def add_up(self) -> Animation:
        """Return the animation in which the values meet in the result."""
        mark = self.result.marks["result"]
        rest = VGroup(*[m for m in self.result if m is not mark])
        return AnimationGroup(FadeIn(self.total, rest), derive(mark, *[value.marks["v"] for value in self.values]))

    @property
    def pitch(self) -> float:
        """The distance between neighbouring columns, in frame units."""
        return (self.right - self.columns[0]) / (len(self.columns) - 0.5)

    @property
    def smallest(self) -> float:
        """The type size of the smallest digits."""
        return self.size * min(1.0, *self._shrunk)

    @staticmethod
    def _centres(left: float, right: float, count: int) -> list[float]:
        pitch = (right - left) / count
        return [left + (k + 0.5) * pitch for k in range(count)]

    def _headers(self, heads: Sequence[str]) -> list[Writing]:
        """Return the names of the axes; those that are wider than their column are cut short."""
        room = self.pitch - 0.12
        names = [word_within(head, room, size=theme.NOTE, color=theme.DIM) for head in heads]
        for x, name in zip(self.columns, names, strict=True):
            name.move_to([x, 0, 0]).seat(LINES["heads"])
        return names

    def _seat_rows(self) -> None:
        for name, row, y in zip(self.names, self.digits, (LINES["first"], LINES["second"]), strict=True):
            name.shift((self.left - name.get_left()[0]) * RIGHT + (y - name[-1].baseline) * UP)
            for x, mark in zip(self.columns, row, strict=True):
                mark.move_to([x, y + 0.14, 0])

    def _line(self, parts: Sequence[Writing], y: float) -> VGroup:
        """Place one part below each column; if the columns are too narrow, spread the line over the whole width."""
        wide = max(p.width for p in parts)
        room = self.pitch - 0.36
        if wide > room or self.columns is not self.below:
            self.below = self._centres(self.left + 0.25, self.right, len(parts))
            room = (self.right - self.left - 0.25) / len(parts) - 0.36
        self._shrunk.append(min(1.0, room / wide))
        for x, part in zip(self.below, parts, strict=True):
            part.scale(self._shrunk[-1])
            part.move_to([x, y, 0]).seat(y)
        return VGroup(*parts)

    def _about(self, rows: Sequence[Sequence[Number]], products: Sequence[Number]) -> VGroup:
        """Return the sign ≈ before the values, if they are not exactly what the digits above them give."""
        worked_out = zip(*rows, products, strict=True)
        if all(relation(a.shown * b.shown, product) == "=" for a, b, product in worked_out):
            return VGroup()
        sign, first = formula("approx", size=self.size), self.values[0]
        return VGroup(sign.move_to([first.get_left()[0] - 0.18, first.baseline + 0.14, 0], aligned_edge=RIGHT))

    def _pluses(self, *lines: VGroup) -> list[VGroup]:
        """Return the plus signs between the columns of each line, aligned vertically across all lines."""
        gaps = [list(pairwise(line)) for line in lines]
        middles = [
            (max(one.get_right()[0] for one, _ in column) + min(other.get_left()[0] for _, other in column)) / 2
            for column in zip(*gaps, strict=True)
        ]
        return [
            VGroup(*[formula("+", size=self.size).move_to([x, line[0].baseline + 0.14, 0]) for x in middles])
            for line in lines
        ]


def _row_head(word: str, color: str) -> VGroup:
    """Return a word before its row, after its icon if it has one."""
    drawing = icon(visible_word(word), ICON)
    if drawing is None:
        return VGroup(word_within(word, LONGEST, size=theme.WORD, color=color))
    name = word_within(word, LONGEST - ICON - 0.12, size=theme.WORD, color=color)
    drawing.next_to(name, LEFT, buff=0.12).set_y(name.baseline + 0.13)
    return VGroup(drawing, name)


def _pair(one: Number, other: Number, size: float, colors: Sequence[str]) -> Writing:
    text = formula(f"{{a}} dot {bracketed('b', other)}", size=size, a=one, b=other)
    for name, color in zip("ab", colors, strict=True):
        text.marks[name].set_color(color)
    return text


def gather(text: Writing, sources: Mapping[str, Mobject | None]) -> list[Animation]:
    """Return the animations that write a text: marks come from their `sources`, and the rest fades in."""
    known = {name: source for name, source in sources.items() if source is not None}
    came = {id(text.marks[name]) for name in known}
    moves: list[Animation] = [derive(text.marks[name], source) for name, source in known.items()]
    rest = [m for m in text if id(m) not in came]
    return [*moves, *([FadeIn(VGroup(*rest))] if rest else [])]
