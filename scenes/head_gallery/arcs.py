"""What one word attends to: a sentence in a line, and arcs from the word to the others, as thick as their weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from manim import RIGHT, UP, CubicBezier, Mobject, VGroup

from attnviz.stage import Number, Stage, Writing, fitted_words, frame, theme

MOST_ARCS = 14
"""So many words have room in a line under arcs."""
THICK, THIN = 34.0, 2.0
"""How thick an arc of weight 1 is, and the thinnest (in strokes)."""
SPACE, WIDEST = frame.ARC_WORDS_APART
FOOT, LOOP = frame.ARC_FEET
MUCH, LOWER = 0.5, frame.px(8)
"""A larger weight is written large, and so much lower."""


class Arcs(VGroup):
    """A sentence with arcs: `words`, `arcs` and `shares` (percentages) by the tokens; some have no percentage.

    `weights` are what the word `of` gives to each token, in the sentence's order.
    """

    def __init__(self, stage: Stage, of: str, weights: Mapping[str, Number], told: Sequence[str]) -> None:
        super().__init__()
        room = (frame.ARCS.width - SPACE * (len(weights) - 1)) / len(weights)
        strong = {token: theme.INK if token in told else theme.DIM for token in weights}
        colors = {token: ink if (ink := stage.word_color(token)) != theme.INK else strong[token] for token in weights}
        natural = fitted_words([*weights], 4.0, size=theme.WORD, colors=colors)
        whole = sum(word.width for word in natural) + SPACE * (len(natural) - 1)
        words = natural if whole <= frame.ARCS.width else fitted_words([*weights], room, size=theme.WORD, colors=colors)
        gap = min(WIDEST, (frame.ARCS.width - sum(word.width for word in words)) / max(1, len(words) - 1))
        line = VGroup(*words).arrange(RIGHT, buff=gap).set_x(frame.ARCS.center[0])
        self.words = dict(zip(weights, words, strict=True))
        for word in line:
            word.seat(frame.UNDER_ARCS[0])
        top = float(line.get_top()[1]) + FOOT
        high = max(abs(self._x(token) - self._x(of)) for token in weights)
        self.arcs = {token: self._arc(of, token, number, top, high) for token, number in weights.items()}
        self.shares = {token: self._share(stage, token, weights[token]) for token in weights if token in told}
        self.add(*sorted(self.arcs.values(), key=lambda arc: arc.stroke_width), line, *self.shares.values())

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the percentages, each with its word."""
        for token, share in self.shares.items():
            yield share, self.words[token]

    def _x(self, token: str) -> float:
        return float(self.words[token].get_center()[0])

    def _arc(self, of: str, token: str, number: Number, top: float, farthest: float) -> CubicBezier:
        start, end = self._x(of), self._x(token)
        if of == token:
            start, end, height = start - LOOP / 3, end + LOOP / 3, 1.4 * LOOP
        else:
            height = LOOP + (frame.ARCS.top - top - LOOP) * abs(end - start) / farthest
        lift = height / 0.75 * UP  # the middle of such a curve is at three quarters of its handles
        feet = np.array([start, top, 0.0]), np.array([end, top, 0.0])
        arc = CubicBezier(feet[0], feet[0] + lift, feet[1] + lift, feet[1])
        return arc.set_stroke(theme.cell_color(number.value), max(THIN, THICK * number.value)).set_fill(opacity=0)

    def _share(self, stage: Stage, token: str, number: Number) -> Writing:
        large = number.value >= MUCH
        size, color = (theme.BIG, theme.INK) if large else (theme.NOTE, theme.DIM)
        share = stage.formula("{p}", size=size, color=color, p=number.styled("percent"))
        return share.set_x(self._x(token)).seat(frame.UNDER_ARCS[1] - (LOWER if large else 0.0))
