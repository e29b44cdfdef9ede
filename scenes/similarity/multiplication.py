"""A sum of products, worked out as on paper: two rows of numbers, multiplied column by column and added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from manim import (
    LEFT,
    RIGHT,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    LaggedStart,
    Line,
    Mobject,
    ReplacementTransform,
    VGroup,
)

from attnviz.stage import (
    Number,
    Region,
    Writing,
    bracketed,
    formula,
    number_marks,
    prose,
    relation,
    set_sign,
    theme,
    visible_word,
)

from .ledger import PairName

GAP = 0.57


class Multiplication(VGroup):
    """Two words' coordinates below the names of their axes, the product of each column, and the sum of these.

    `heads` are the column headers, `rows` the two words' numbers, `products` one number per column, `result` their
    sum. It fills the width of its `region`, and hangs from its top. Its parts are attributes,
    for a scene to animate one by one.
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
        region: Region,
        size: float = 32,
    ) -> None:
        super().__init__()
        (self.left, _, self.right, self.top), self.size = region, size
        left, _, right, top = region
        self.names = VGroup(
            *[prose(visible_word(w), size=theme.WORD, color=c, own=True) for w, c in zip(words, colors, strict=True)]
        )
        lead = min(self.names.width, 2.2) + 0.3
        self.columns = self.below = self._centres(left + lead, right, len(heads))
        self.heads = VGroup(*[prose(h, size=theme.NOTE, color=theme.DIM, own=True) for h in heads])
        self.digits = [number_marks(list(row), size=size, color=c) for row, c in zip(rows, colors, strict=True)]
        self._shrunk: list[float] = []
        self._seat_rows()
        y = top - 2 * GAP - 0.34
        self.rule = Line([self.columns[0] - self.pitch / 2, y, 0], [right, y, 0], color=theme.AXIS, stroke_width=2)
        self.pairs = self._line([_pair(a, b, size, colors) for a, b in zip(*rows, strict=True)], top - 3 * GAP - 0.18)
        values = [formula(bracketed("v", p, first=k == 0), size=size, v=p) for k, p in enumerate(products)]
        self.values = self._line(values, top - 4 * GAP - 0.18)
        self.pluses = self._pluses(self.pairs, self.values)
        self.about = self._about(rows, products)
        self.add(self.names, self.heads, *self.digits[0], *self.digits[1], self.rule, self.pairs, self.values)
        self.add(*self.pluses, self.about)
        self._state(words, colors, products, result, top - 5 * GAP - 0.32)

    def _state(
        self, words: Sequence[str], colors: Sequence[str], products: Sequence[Number], result: Number, y: float
    ) -> None:
        """Set the last line, with the sum of the products: `total` names the words, `result` follows its sign."""
        sign = set_sign(relation(sum(p.shown for p in products), result) == "=")
        self.total = PairName((words[0], words[1]), colors, theme.BODY, 3.6, "dot")
        self.result = formula(f"{sign} {{result}}", size=theme.BIG - 4, result=result)
        self.result.marks["result"].set_color(theme.WEIGHT)
        self.total.move_to([self.left, y, 0], aligned_edge=LEFT).seat(y)
        self.result.move_to([self.total.get_right()[0] + 0.25, y, 0], aligned_edge=LEFT).seat(y)

    def copy_down(self, digits: Sequence[Mobject]) -> Animation:
        """Return the animation in which copies of digits (the first word's, then the second's) become the rows."""
        rows = [*self.digits[0], *self.digits[1]]
        return AnimationGroup(*[ReplacementTransform(a.copy(), b) for a, b in zip(digits, rows, strict=True)])

    def multiply(self) -> Animation:
        """Return the animation in which each column's numbers are copied down as a product."""
        columns = zip(self.pairs, *self.digits, strict=True)
        down = [AnimationGroup(*gather(part, {"a": a, "b": b})) for part, a, b in columns]
        return AnimationGroup(
            FadeIn(self.names), Create(self.rule), LaggedStart(*down, lag_ratio=0.5), FadeIn(self.pluses[0])
        )

    def work_out(self) -> Animation:
        """Return the animation in which each product becomes its value."""
        fall = [ReplacementTransform(a.copy(), b) for a, b in zip(self.pairs, self.values, strict=True)]
        return AnimationGroup(LaggedStart(*fall, lag_ratio=0.4), FadeIn(VGroup(*self.pluses[1], *self.about)))

    def add_up(self) -> Animation:
        """Return the animation in which the values merge into the result."""
        mark = self.result.marks["result"]
        rest = VGroup(*[m for m in self.result if m is not mark])
        return AnimationGroup(FadeIn(self.total, rest), ReplacementTransform(self.values.copy(), mark))

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

    def _seat_rows(self) -> None:
        for name, row, k in zip(self.names, self.digits, (1, 2), strict=True):
            if name.width > 2.2:
                name.scale_to_fit_width(2.2)
            name.move_to([self.left, 0, 0], aligned_edge=LEFT).seat(self.top - k * GAP - 0.1)
            for x, mark in zip(self.columns, row, strict=True):
                mark.move_to([x, self.top - k * GAP, 0])
        for x, head in zip(self.columns, self.heads, strict=True):
            if head.width > self.pitch - 0.1:
                head.scale_to_fit_width(self.pitch - 0.1)
            head.move_to([x, 0, 0]).seat(self.top - 0.08)

    def _line(self, parts: Sequence[Writing], y: float) -> VGroup:
        """Place one part below each column; if the columns are too narrow, spread the line over the whole width."""
        wide = max(p.width for p in parts)
        room = self.pitch - 0.4
        if wide > room or self.columns is not self.below:
            self.below = self._centres(self.left, self.right, len(parts))
            room = (self.right - self.left) / len(parts) - 0.4
        self._shrunk.append(min(1.0, room / wide))
        for x, part in zip(self.below, parts, strict=True):
            part.scale(self._shrunk[-1])
            part.move_to([x, y, 0]).seat(y - 0.1)
        return VGroup(*parts)

    def _about(self, rows: Sequence[Sequence[Number]], products: Sequence[Number]) -> VGroup:
        """Return the sign ≈ before the values, if they are not exactly what the digits above them give."""
        worked_out = zip(*rows, products, strict=True)
        if all(relation(a.shown * b.shown, product) == "=" for a, b, product in worked_out):
            return VGroup()
        sign, first = formula("approx", size=self.size), self.values[0]
        return VGroup(sign.move_to([first.get_left()[0] - 0.18, first.baseline + 0.1, 0], aligned_edge=RIGHT))

    def _pluses(self, *lines: VGroup) -> list[VGroup]:
        """Return the plus signs between the columns of each line, aligned vertically across all lines."""
        gaps = [list(pairwise(line)) for line in lines]
        middles = [
            (max(one.get_right()[0] for one, _ in column) + min(other.get_left()[0] for _, other in column)) / 2
            for column in zip(*gaps, strict=True)
        ]
        return [
            VGroup(*[formula("+", size=self.size).move_to([x, line[0].baseline + 0.1, 0]) for x in middles])
            for line in lines
        ]


def _pair(one: Number, other: Number, size: float, colors: Sequence[str]) -> Writing:
    text = formula(f"{{a}} dot {bracketed('b', other)}", size=size, a=one, b=other)
    for name, color in zip("ab", colors, strict=True):
        text.marks[name].set_color(color)
    return text


def gather(text: Writing, sources: Mapping[str, Mobject | None]) -> list[Animation]:
    """Return the animations that write a text: copies of `sources` (by mark) move in, and the rest fades in."""
    known = {name: source for name, source in sources.items() if source is not None}
    came = {id(text.marks[name]) for name in known}
    moves: list[Animation] = [ReplacementTransform(m.copy(), text.marks[name]) for name, m in known.items()]
    rest = [m for m in text if id(m) not in came]
    return [*moves, *([FadeIn(VGroup(*rest))] if rest else [])]
