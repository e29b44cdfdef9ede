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
        pitch = min(0.95, height / len(others))
        size = max(theme.SMALLEST, min(size, 76 * pitch))
        names = fitted_words(others, 0.45 * width, size=size, colors=colors, bold=True)
        size = min(size, names[0].type_size)
        said = visible_word(word)
        self.lead = formula("bold({w})'", size=size, color=colors[word], words={"w": said})
        if self.lead.width > 0.4 * width:
            self.lead = formula("bold({w})'", size=size, color=colors[word], words={"w": cut_short(said, 8)})
        self.signs, self.coefficients, self.words = VGroup(), VGroup(), VGroup(*names)
        for i, (name, coefficient) in enumerate(zip(names, coefficients, strict=True)):
            quiet = abs(coefficient.shown) < 1e-12
            color = theme.DIM if quiet else theme.INK
            template = f"{bracketed('c', coefficient, first=not i)} dot"
            lead = set_sign(as_shown(coefficients))
            self.signs.add(formula("+" if i else lead, size=size, color=color))
            self.coefficients.add(formula(template, size=size, color=color, c=coefficient))
            name.set_color(theme.DIM if quiet else name.get_color())
        x = [0.0, self.lead.width + 0.2, 0.0, 0.0]
        x[2] = x[1] + max(s.width for s in self.signs) + 0.18
        x[3] = x[2] + max(c.width for c in self.coefficients) + 0.14
        for i, (sign, coefficient, name) in enumerate(zip(self.signs, self.coefficients, self.words, strict=True)):
            for piece, place in ((sign, x[1]), (name, x[3])):
                piece.move_to([place, 0, 0], aligned_edge=LEFT).seat(-i * pitch)
            coefficient.move_to([x[3] - 0.14, 0, 0], aligned_edge=RIGHT).seat(-i * pitch)
        self.lead.move_to([0, 0, 0], aligned_edge=LEFT).seat(0)
        self.add(self.lead, self.signs, self.coefficients, self.words)
        if self.width > width:
            self.scale_to_fit_width(width)

    @property
    def marks(self) -> list[NumberMark]:
        """The digits of the coefficients, from top to bottom."""
        return [line.marks["c"] for line in self.coefficients]

    @property
    def rest(self) -> VGroup:
        """Everything but the word itself and the digits: signs, dots, and the other words."""
        dots = [m for line in self.coefficients for m in line if m is not line.marks["c"]]
        return VGroup(*self.signs, *dots, *self.words)
