"""Words on screen: as points in a plane, labelled with icon and name, or as the chips of a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    Circle,
    Dot,
    FadeIn,
    LaggedStart,
    RoundedRectangle,
    VGroup,
)

from attnviz.input.writing import bare, is_right_to_left
from attnviz.stage import frame, theme
from attnviz.stage.icons import icon
from attnviz.stage.placement import Array, Rect, find_places
from attnviz.stage.reading import visible_word
from attnviz.stage.typesetting import Writing, prose
from attnviz.stage.unparted import folded, written_words


class WordPoint(VGroup):
    """A word as a point at the tip of an arrow: a dot with a soft halo, and a label of its icon (if any) and its name.

    `vector` is the embedding at which it is drawn; code that moves the point must update it.
    """

    def __init__(
        self,
        token: str,
        vector: Array,
        place: Array,
        color: str,
        *,
        with_icon: bool = True,
        size: float = theme.WORD,
    ) -> None:
        super().__init__()
        self.token, self.vector, self.word_color = token, np.asarray(vector, dtype=float), color
        self.halo = Dot(place, radius=0.24, color=color, fill_opacity=0.14)
        self.dot = Dot(place, radius=0.105, color=color)
        self.body = VGroup(self.halo, self.dot)
        self.name_text = prose(visible_word(token), size=size, color=color, own=True)
        self.name_text.set_stroke(theme.GROUND, width=6, background=True)
        picture = icon(visible_word(token), 0.5 * size / theme.WORD) if with_icon else None
        self.label = VGroup(*([picture] if picture is not None else []), self.name_text)
        if picture is not None:
            self.label.arrange(RIGHT, buff=0.12)
        self.label.next_to(self.dot, RIGHT)
        self.add(self.body, self.label)
        self.set_z_index(2)

    @property
    def place(self) -> Array:
        """The position of the dot on screen (x, y, 0)."""
        return np.asarray(self.dot.get_center(), dtype=float)

    def ghost(self) -> Circle:
        """Return a ring that marks where the word was, to be left behind when it moves."""
        return Circle(radius=0.12, color=self.word_color, stroke_width=2.5, stroke_opacity=0.75).move_to(self.dot)


def settle_labels(
    points: Sequence[WordPoint],
    avoid: Sequence[Rect] = (),
    bounds: Rect = (-6.9, -3.8, 6.9, 3.0),
    others: Sequence[WordPoint] = (),
) -> None:
    """Place every label beside its dot, where it covers least; `others` are words whose labels are not moved."""
    sizes = [(p.label.width, p.label.height) for p in points]
    places = find_places(sizes, [p.place for p in points], avoid=avoid, bounds=bounds, others=[p.place for p in others])
    for point, center in zip(points, places, strict=True):
        point.label.move_to(center)


class Chip(VGroup):
    """A word of a `sentence` in a rounded box; bright (`lit`) if it takes part in the scene, otherwise dim."""

    def __init__(self, word: str, color: str, *, lit: bool, size: float = theme.WORD, sentence: str = "") -> None:
        super().__init__()
        self.word = word
        special = lit and color not in (theme.INK, theme.DIM)
        self.text = prose(word, size=size, color=color if lit else theme.DIM, own=True, part_of=sentence or word)
        scale = size / theme.WORD
        self.box = RoundedRectangle(
            corner_radius=0.14 * scale,
            width=self.text.width + 0.5 * scale,
            height=0.64 * scale,
            stroke_width=2.5 if special else 1.5,
            stroke_color=color if special else theme.GRID,
            fill_color=theme.SURFACE,
            fill_opacity=1 if lit else 0.35,
        )
        self.text.move_to(self.box).seat(float(self.box.get_center()[1]) - 0.095 * scale)
        self.add(self.box, self.text)


ELLIPSIS = "…"
LONGEST_PIECE = 8
"""How many letters stand in one chip where a script parts no words, if no word among them is known."""


class ChipRows(VGroup):
    """Rows of chips, each in the order in which its words are read: `onward`, to the right or (Arabic) to the left."""

    def __init__(self, lines: Sequence[Sequence[Chip]], *, onward: Array, gap: float) -> None:
        super().__init__(*[VGroup(*line).arrange(onward, buff=gap) for line in lines])
        self.onward = onward
        self.arrange(DOWN, buff=0.16, aligned_edge=-onward)

    @property
    def is_cut(self) -> bool:
        """Whether there was no room for all of the words."""
        return bool(self[-1][-1].word == ELLIPSIS)

    def entrance(self) -> Animation:
        """Return the animation in which the words appear one after another."""
        return LaggedStart(*[FadeIn(chip, shift=0.15 * self.onward) for row in self for chip in row])


def sentence_chips(
    text: str, tokens: Mapping[str, str], *, width: float, rows: int = 4, size: float = theme.WORD
) -> ChipRows:
    """Return a sentence as rows of chips; words among `tokens` (a mapping from labels to colours) are lit.

    The words run as the sentence is read. Rows are wrapped at `width` (frame units). If there are more than `rows`, the
    type shrinks to a legible minimum, and what still does not fit is replaced by an ellipsis.
    """
    colors = {folded(visible_word(token)): color for token, color in reversed(list(tokens.items()))}
    written = written_words(text, colors, LONGEST_PIECE)
    words = [(word, colors.get(folded(word), colors.get(folded(bare(word))))) for word in written]
    while True:
        chips = [
            Chip(word, color or theme.DIM, lit=color is not None, size=size, sentence=text) for word, color in words
        ]
        lines = _wrap(chips, width, 0.16 * size / theme.WORD)
        if len(lines) <= rows or size <= theme.SMALLEST:
            break
        size = max(theme.SMALLEST, size - 2)
    if len(lines) > rows:
        lines = lines[:rows]
        while len(lines[-1]) > 1 and sum(chip.width + 0.16 for chip in lines[-1]) + 0.9 > width:
            lines[-1].pop()
        lines[-1].append(Chip(ELLIPSIS, theme.DIM, lit=False, size=size))
    else:
        lines = _balanced(chips, len(lines), width, 0.16 * size / theme.WORD)
    onward = LEFT if is_right_to_left(text) else RIGHT
    return ChipRows(lines, onward=onward, gap=0.16 * size / theme.WORD)


def fitted_title(text: str, width: float = frame.CONTENT.width) -> Writing:
    """Set a title on one line, legible on top of lines, too; one that is too long is shortened with an ellipsis."""
    title = prose(text, size=theme.TITLE, color=theme.DIM, own=True)
    words = text.split()
    while title.width > width and len(words) > 1:
        words.pop()
        title = prose(" ".join(words) + " …", size=theme.TITLE, color=theme.DIM, own=True)
    title.set_stroke(theme.GROUND, width=8, background=True)
    return title if title.width <= width else title.scale_to_fit_width(width)


def _balanced(chips: list[Chip], rows: int, width: float, gap: float) -> list[list[Chip]]:
    """Return chips in so many rows, as wide as each other as can be: no word is left alone on the last."""
    low, high = 0.0, width
    for _ in range(7 if rows > 1 else 0):
        middle = (low + high) / 2
        low, high = (low, middle) if len(_wrap(chips, middle, gap)) <= rows else (middle, high)
    return _wrap(chips, high, gap)


def _wrap(chips: list[Chip], width: float, gap: float) -> list[list[Chip]]:
    rows: list[list[Chip]] = [[]]
    used = 0.0
    for chip in chips:
        if rows[-1] and used + gap + chip.width > width:
            rows.append([])
            used = 0.0
        used += chip.width + (gap if rows[-1] else 0)
        rows[-1].append(chip)
    return rows
