"""A word as a weighted sum of words, one term per line."""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, RIGHT, VGroup

from attnviz.stage import (
    Number,
    NumberMark,
    as_shown,
    bracketed,
    cut_short,
    fitted_words,
    formula,
    set_sign,
    theme,
    visible_word,
)

ZERO, GAP, INDENT = 1e-12, 0.16, 0.3


class WordSum(VGroup):
    """A word as a weighted sum of words, one term per line: word′ = coefficient · word + …; zero terms are dim.

    `width` and `height` (frame units) limit its size; its parts are `lead`, `signs`, `coefficients` and `words`.
    """

    def __init__(
        self,
        word: str,
        others: Sequence[str],
        coefficients: Sequence[Number],
        colors: dict[str, str],
        *,
        size: float = theme.WORD,
        width: float = 5.6,
        height: float = 4.2,
    ) -> None:
        super().__init__()
        said = visible_word(word)
        pitch = min(0.95, height / (len(others) + 1))
        size = max(theme.SMALLEST, min(size, 76 * pitch))
        lead = formula("bold({w})'", size=size, color=colors[word], words={"w": said})
        if lead.width > 0.5 * width:
            lead = formula("bold({w})'", size=size, color=colors[word], words={"w": cut_short(said, 8)})
        self.lead, self.signs, self.coefficients = lead, VGroup(), VGroup()
        for i, coefficient in enumerate(coefficients):
            color = theme.DIM if abs(coefficient.shown) < ZERO else theme.INK
            template = f"{bracketed('c', coefficient, first=not i)} dot"
            self.signs.add(formula("+" if i else set_sign(as_shown(coefficients)), size=size, color=color))
            self.coefficients.add(formula(template, size=size, color=color, c=coefficient))
        terms = max(s.width for s in self.signs) + GAP + max(c.width for c in self.coefficients) + GAP
        names = fitted_words(others, width - terms - lead.width - GAP, size=size, colors=colors, bold=True)
        above = names[0].type_size < size - 0.1  # then the terms go under the word, where they have more room
        if above:
            names = fitted_words(others, width - terms - INDENT, size=size, colors=colors, bold=True)
        self.words = VGroup(*names)
        self._arrange(INDENT if above else lead.width + GAP, pitch, above=above)
        self.add(self.lead, self.signs, self.coefficients, self.words)

    def _arrange(self, left: float, pitch: float, *, above: bool) -> None:
        """Place the lines from the height 0 downwards, the first beside the word, or the word `above` them."""
        middle = left + max(s.width for s in self.signs) + GAP
        right = middle + max(c.width for c in self.coefficients) + GAP
        for i, (sign, coefficient, name) in enumerate(zip(self.signs, self.coefficients, self.words, strict=True)):
            line = -(i + above) * pitch
            for piece, place in ((sign, left), (name, right)):
                piece.move_to([place, 0, 0], aligned_edge=LEFT).seat(line)
            coefficient.move_to([right - GAP, 0, 0], aligned_edge=RIGHT).seat(line)
            if abs(coefficient.marks["c"].number.shown) < ZERO:
                name.set_color(theme.DIM)
        self.lead.move_to([0, 0, 0], aligned_edge=LEFT).seat(0)

    @property
    def marks(self) -> list[NumberMark]:
        """The digits of the coefficients, from top to bottom."""
        return [line.marks["c"] for line in self.coefficients]

    @property
    def rest(self) -> list[VGroup]:
        """Everything but the word itself and the digits, term by term: the sign, the dot, and the other word."""
        terms = zip(self.signs, self.coefficients, self.words, strict=True)
        return [VGroup(sign, *[m for m in line if m is not line.marks["c"]], word) for sign, line, word in terms]
