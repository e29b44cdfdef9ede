"""A ledger of results: one row per pair of words, one column per measure of similarity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manim import DOWN, LEFT, RIGHT, UP, Animation, FadeIn, FadeOut, Mobject, Rectangle, ReplacementTransform, VGroup

from attnviz.stage import Number, NumberMark, Region, Writing, fitted_words, formula, frame, number_marks, theme

Pair = tuple[str, str]
SKIP = 0.0098
"""The distance between the baselines of a two-line name, in frame units per unit of type size."""
COMMA = 0.2
"""Room for the sign after a word (frame units)."""


class Ledger:
    """A table with a row per pair and a column per measure; it grows as numbers are entered, up to `most` pairs.

    When it is full, a new pair replaces the oldest. All names have one size, small enough for a long pair to be set on
    two lines within a row. `headings` gives each measure its Typst heading. The ledger hangs from the top of its
    `region`, and draws nothing itself: `enter` returns animations to play, `everything` is what is on screen.
    """

    def __init__(
        self,
        headings: Mapping[str, str],
        region: Region,
        *,
        pitch: float = 0.52,
        most: int = 4,
        size: float = 27,
        column: float = 0.98,
    ) -> None:
        self.headings, (self.left, _, self.right, self.top) = dict(headings), region
        self.pitch, self.most, self.size, self.column = pitch, most, size, column
        self.name_size = min(size, (pitch - 0.04) / (2.1 * SKIP))
        self.heads: dict[str, Writing] = {}
        self._titles = {m: formula(text, size=theme.NOTE, color=theme.DIM) for m, text in headings.items()}
        self.names: dict[Pair, PairName] = {}
        self.marks: dict[tuple[Pair, str], NumberMark] = {}
        self.fills: dict[tuple[Pair, str], Rectangle] = {}

    @classmethod
    def table(cls, headings: Mapping[str, str], pairs: Sequence[Pair], region: Region) -> Ledger:
        """Return a larger ledger for known pairs, centred vertically on screen."""
        rows = len(pairs)
        pitch = min(0.85, 5.3 / (rows + 1))
        top = -0.4 + pitch * (rows + 1) / 2
        table = cls(headings, region._replace(top=top), pitch=pitch, most=rows, size=28, column=1.0)
        words = list(dict.fromkeys(word for pair in pairs for word in pair))
        fitted = fitted_words(words, table._room() - COMMA, size=table.name_size, colors={})
        table.name_size = min(table.name_size, fitted[0].type_size)
        return table

    @property
    def everything(self) -> VGroup:
        """Everything of the ledger that is on screen."""
        return VGroup(*self.fills.values(), *self.heads.values(), *self.names.values(), *self.marks.values())

    def known(self, pair: Pair) -> Pair:
        """Return the pair in the order in which it is listed, if it is."""
        return (pair[1], pair[0]) if (pair[1], pair[0]) in self.names else pair

    def found(self, pair: Pair, measure: str) -> NumberMark | None:
        """Return the digits of a number that was entered before, or None."""
        return self.marks.get((self.known(pair), measure))

    def row(self, pair: Pair) -> float:
        """Return the y of a pair's row."""
        return self.top - 0.28 - self.pitch * (list(self.names).index(pair) + 0.6)

    def x(self, measure: str) -> float:
        """Return the x of the centre of a measure's column."""
        listed = list(self.headings)
        after = sum(self.width(m) for m in listed[listed.index(measure) + 1 :])
        return self.right - after - self.width(measure) / 2

    def width(self, measure: str) -> float:
        """Return the width of a measure's column, in which its heading fits."""
        return max(self.column, self._titles[measure].width + 0.16)

    def enter(
        self, pair: Pair, measure: str, number: Number, colors: Sequence[str], source: Mobject | None = None
    ) -> list[Animation]:
        """Enter a number, as a copy of `source` that moves there; return the animations of everything that is new."""
        steps: list[Animation] = []
        old = self.found(pair, measure)
        if old is not None and old.number.text == number.text:
            return steps
        if measure not in self.heads:
            head = self._titles[measure]
            self.heads[measure] = head.move_to([self.x(measure), 0, 0]).seat(self.top - 0.08)
            steps.append(FadeIn(head))
        pair = self.known(pair)
        if pair not in self.names:
            if len(self.names) >= self.most:
                steps += self._forget(next(iter(self.names)))
            self.names[pair] = PairName(pair, colors, self.name_size, self._room(), wrap=True)
            self.names[pair].move_to([self.left, 0, 0], aligned_edge=LEFT).seat(self.row(pair) - 0.09)
            steps.append(FadeIn(self.names[pair]))
        return steps + self._write(pair, measure, number, source)

    def color_columns(self) -> list[Animation]:
        """Return the animations that colour every cell by its share of the largest value in its column."""
        steps: list[Animation] = []
        for measure in self.headings:
            marks = {pair: mark for (pair, m), mark in self.marks.items() if m == measure}
            full = max((abs(mark.number.value) for mark in marks.values()), default=0.0) or 1.0
            for pair, mark in marks.items():
                fill = theme.cell_color(mark.number.value / full)
                cell = Rectangle(width=self.width(measure) - 0.05, height=self.pitch - 0.05, stroke_width=0)
                cell.set_fill(fill, 1).set_z_index(-1).move_to([self.x(measure), self.row(pair), 0])
                self.fills[pair, measure] = cell
                ink = theme.ink_on(fill) if mark.number.shown else theme.DIM
                steps += [FadeIn(cell), mark.animate.set_color(ink).build()]
        return steps

    def _room(self) -> float:
        return self.right - self.left - sum(self.width(m) for m in self.headings) - 0.1

    def _write(self, pair: Pair, measure: str, number: Number, source: Mobject | None) -> list[Animation]:
        old = self.marks.pop((pair, measure), None)
        mark = number_marks([number], size=self.size + 1, color=theme.WEIGHT if number.shown else theme.DIM)[0]
        self.marks[pair, measure] = mark.move_to([self.x(measure), self.row(pair), 0])
        steps: list[Animation] = [FadeOut(old)] if old else []
        return [*steps, ReplacementTransform(source.copy(), mark) if source is not None else FadeIn(mark)]

    def _forget(self, pair: Pair) -> list[Animation]:
        gone = [self.names.pop(pair)] + [self.marks.pop(key) for key in list(self.marks) if key[0] == pair]
        stay: list[VGroup] = [*self.names.values(), *self.marks.values()]
        return [*[FadeOut(m) for m in gone], *[m.animate.shift(self.pitch * UP).build() for m in stay]]


class PairName(VGroup):
    """Two words, each in its colour, with a Typst sign between them, shrunk to fit a width.

    With `wrap`, the size is kept: a pair that is too wide is set on two lines, and a word too wide for a line is cut.
    """

    def __init__(
        self, pair: Pair, colors: Sequence[str], size: float, width: float, sign: str = '","', *, wrap: bool = False
    ) -> None:
        most = width - COMMA if wrap else frame.WIDTH
        words = [fitted_words([w], most, size=size, colors={w: c})[0] for w, c in zip(pair, colors, strict=True)]
        one, mark, other = words[0], formula(sign, size=size, color=theme.DIM), words[1]
        super().__init__(one, mark, other)
        mark.next_to(one, RIGHT, buff=0.04 if "," in sign else 0.11)
        other.next_to(mark, RIGHT, buff=0.13)
        for part in self:
            part.seat(0.0)
        self.skip = SKIP * size if wrap and self.width > width else 0.0
        if self.skip:
            other.align_to(one, LEFT).shift(self.skip * DOWN)
        elif not wrap:
            self.scale(min(1.0, width / self.width))

    def seat(self, y: float) -> PairName:
        """Move the words' baseline to y; if they are on two lines, these are above and below y. Return itself."""
        self.shift(UP * (y + self.skip / 2 - self[0].baseline))
        return self
