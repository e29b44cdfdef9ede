"""What one word attends to: words in a line, and arcs from the word to the others, as thick as their weights."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from manim import RIGHT, UP, CubicBezier, Mobject, VGroup

from attnviz.input.writing import is_right_to_left
from attnviz.stage import frame, theme
from attnviz.stage.attention_lines import share_style
from attnviz.stage.numbers import Number
from attnviz.stage.placement import Array
from attnviz.stage.planes.strings import string_color
from attnviz.stage.spots import Spot
from attnviz.stage.tables.head_words import SMALLEST_WORD, fitted_words
from attnviz.stage.typesetting import Writing, prose
from attnviz.stage.words import ELLIPSIS

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

MOST_ARCS = 14
"""So many words have room in a line under arcs."""
THICK, THIN = 34.0, 2.0
"""How thick an arc of weight 1 is, and the thinnest (in strokes)."""
SPACE, WIDEST = frame.ARC_WORDS_APART
FOOT, LOOP = frame.ARC_FEET
ROUNDER = 1.2
"""How much larger the loop of a word to itself is if the word gives all to itself: it is thick then."""
HIGHEST = 0.6
"""How high an arc is at most, as a part of its length."""
MUCH, LOWER = 0.5, frame.px(22)
"""A larger weight is written large, and so much lower."""
LONGEST, NEAR, DOTS = 4.0, 0.16, 0.44
"""How wide a word is at most, how near words are over even columns, and how much room dots have for those between."""
FEW = 9
"""Of more words, the percentages are written smaller."""


class WordColumn(NamedTuple):
    """Where a word stands in a line: the middle (x) of its room, and how wide that is (frame units)."""

    x: float
    width: float


class WordLine(VGroup):
    """Words of a sentence in one line, as they are read: `words` and their `columns` by the tokens.

    Where neighbours in the sentence are left out between two words, or before or after them, dots stand (`gaps`).
    They stand in a `room` (from x to x); no word is wider than `most` (`cut` are those that would have been, but for
    words that have no room in any line), and `least` says how wide the columns of some
    are at least. Over a table they run from the left in every script, in columns of one width if they can. Words that
    have an ink of their own keep it; of the others, those in `dim` are dim.
    Raises `ProblemsFound` for letters that cannot be drawn.
    """

    def __init__(
        self, stage: Stage, tokens: Sequence[str], room: tuple[float, float], baseline: float, *,
        least: Mapping[str, float] | None = None, dim: Collection[str] = (), over_table: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        inks = {token: stage.word_color(token) for token in tokens}
        inks = {token: theme.DIM if ink == theme.INK and token in dim else ink for token, ink in inks.items()}
        slots = _slots(tokens, stage.tokens())
        free = room[1] - room[0] - DOTS * slots.count(None)
        fitted, self.most, self.cut = _fitted(tokens, stage.tokens(), inks, least or {}, free)
        words = dict(zip(tokens, fitted, strict=True))
        widths = _widths(words, least or {}, free, even=over_table)
        if is_right_to_left(stage.sentence_text()) and not over_table:
            slots.reverse()
        x = sum(room) / 2 - (sum(widths.values()) + DOTS * slots.count(None)) / 2
        self.columns, self.gaps = dict[str, WordColumn](), VGroup()
        for token in slots:
            width = DOTS if token is None else widths[token]
            if token is None:
                self.gaps.add(prose(ELLIPSIS, color=theme.DIM).set_x(x + width / 2).seat(baseline))
            else:
                self.columns[token] = WordColumn(x + width / 2, width)
                words[token].set_x(x + width / 2).seat(baseline)
            x += width
        self.words, self.baseline = words, baseline
        self.add(*words.values(), self.gaps)


class Arcs(VGroup):
    """A sentence with arcs: `words`, `arcs` and `shares` (percentages) by the tokens; some have no percentage.

    A weight of exactly 0, such as that of a word that a mask hides, has no arc.
    `weights` are what the word `of` gives to each token, in the sentence's order. The arcs stand over a `line` of the
    words, no higher than `top` (y); without one, it is made, on a `baseline`, as wide as a line can be.
    """

    def __init__(
        self, stage: Stage, of: str, weights: Mapping[str, Number], told: Collection[str], *,
        line: WordLine | None = None, top: float = frame.ARCS.top, baseline: float = frame.UNDER_ARCS[0],
    ) -> None:  # fmt: skip
        super().__init__()
        style = share_style(weights.values())
        shares = {
            token: self._share(stage, number.styled(style), len(weights))
            for token, number in weights.items()
            if token in told
        }
        if line is None:
            least = {token: share.width + SPACE / 2 for token, share in shares.items()}
            room, dim = (frame.ARCS.left, frame.ARCS.right), [token for token in weights if token not in told]
            line = WordLine(stage, [*weights], room, baseline, least=least, dim=dim)
        self.of, self.line, self.words, self.shares = of, line, line.words, shares
        for token, share in shares.items():
            large = weights[token].value >= MUCH
            share.set_x(line.columns[token].x).seat(line.baseline - frame.SHARE_LOWER - (LOWER if large else 0.0))
        foot = max(float(word.get_top()[1]) for word in line.words.values()) + FOOT
        high = max(abs(line.columns[token].x - line.columns[of].x) for token in weights)
        seen = {token: number for token, number in weights.items() if number.value}  # what is hidden gets no arc
        self.arcs = {token: self._arc(token, number, (foot, top), high) for token, number in seen.items()}
        self.add(*sorted(self.arcs.values(), key=lambda arc: arc.stroke_width), line, *shares.values())

    def owned(self) -> Iterator[tuple[Mobject, Array]]:
        """Yield the percentages, each with where its word stands: a quotation mark, say, is high above that."""
        for token, share in self.shares.items():
            yield share, np.array([self.line.columns[token].x, self.line.baseline, 0.0])

    def pointable(self) -> Iterator[Spot]:
        """Yield the words in the line, and the arcs over them."""
        for token, word in self.words.items():
            yield Spot((token,), word, text=word)
        for token, arc in self.arcs.items():
            yield Spot((self.of, token), arc, "path")

    def _arc(self, token: str, number: Number, heights: tuple[float, float], farthest: float) -> CubicBezier:
        foot, free = heights
        start, end = self.line.columns[self.of].x, self.line.columns[token].x
        top, aside = min(free, foot + LOOP + HIGHEST * farthest), 0.0
        loop = min(LOOP, (top - foot) / 2)
        height = loop + (top - foot - loop) * abs(end - start) / max(farthest, LOOP)
        if self.of == token:  # a loop from the word to itself, on the side where fewer words are
            height = loop = min(free - foot, LOOP * (1 + ROUNDER * min(1.0, abs(number.value))))
            xs = [column.x for column in self.line.columns.values()]
            aside = loop * (1 if 2 * start >= min(xs) + max(xs) else -1)
            start, end = start + 0.1 * aside, end + 0.5 * aside
        lift = height / 0.75 * UP  # the middle of such a curve is at three quarters of its handles
        feet = np.array([start, foot, 0.0]), np.array([end, foot, 0.0])
        arc = CubicBezier(feet[0], feet[0] + lift, feet[1] + lift + aside * RIGHT, feet[1])
        thick = max(THIN, THICK * min(1.0, abs(number.value)))
        return arc.set_stroke(string_color(number.value), thick).set_fill(opacity=0)

    def _share(self, stage: Stage, number: Number, count: int) -> Writing:
        large = number.value >= MUCH
        small = theme.NOTE if count <= FEW else theme.TICK
        size, color = (theme.BIG, theme.INK) if large else (small, theme.DIM)
        return stage.formula("{p}", size=size, color=color, p=number)


def _slots(tokens: Sequence[str], whole: Sequence[str]) -> list[str | None]:
    """Return the tokens in their order, with None where some of the whole sentence are left out."""
    ends = [-1, *(whole.index(token) for token in tokens), len(whole)]
    found: list[str | None] = []
    for token, (before, at) in zip([*tokens, None], pairwise(ends), strict=True):
        found += [None] if at - before > 1 else []
        found += [token] if token is not None else []
    return found


def _fitted(
    tokens: Sequence[str], among: Sequence[str], inks: Mapping[str, str], least: Mapping[str, float], room: float
) -> tuple[list[Writing], float, set[str]]:
    """Set words so that their columns have room side by side: smaller where they must be, and at last cut short.

    Return how wide they are at most, too, and which are cut short that could have had room beside fewer.
    """
    words = fitted_words(tokens, LONGEST, size=theme.WORD, colors=inks, among=among)

    def taken(widths: Sequence[float]) -> float:
        return sum(max(width + SPACE, least.get(token, 0.0)) for token, width in zip(tokens, widths, strict=True))

    if taken([word.width for word in words]) <= room:
        return words, LONGEST, set()
    smallest = [word.width * SMALLEST_WORD / word.type_size for word in words]
    low, high = 0.0, LONGEST
    while high - low > SPACE / 10:
        most = (low + high) / 2
        low, high = (most, high) if taken([min(width, most) for width in smallest]) <= room else (low, most)
    short = {token for token, width in zip(tokens, smallest, strict=True) if low < width <= LONGEST}
    return fitted_words(tokens, low, size=SMALLEST_WORD, colors=inks, among=among), low, short


def _widths(words: Mapping[str, Writing], least: Mapping[str, float], room: float, *, even: bool) -> dict[str, float]:
    """Return how wide the words' columns are: what they need, and an equal part of what is left, up to a limit."""
    needed = {token: max(word.width + SPACE, least.get(token, 0.0)) for token, word in words.items()}
    widest = max([word.width + NEAR for word in words.values()] + [*least.values()])
    if even and widest * len(words) <= room:
        return dict.fromkeys(needed, min(room / len(words), max(widest, frame.WIDEST_WORD_COLUMN)))
    spare = min(WIDEST - SPACE, (room - sum(needed.values())) / len(words))
    return {token: width + max(0.0, spare) for token, width in needed.items()}
