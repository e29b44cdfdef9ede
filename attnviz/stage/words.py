"""Words on screen: a sentence as chips in rows, and a title."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    FadeIn,
    LaggedStart,
    RoundedRectangle,
    VGroup,
)

from attnviz.input.writing import bare, is_right_to_left
from attnviz.stage import frame, theme
from attnviz.stage.halo import outlined
from attnviz.stage.placement import Array
from attnviz.stage.reading import visible_word
from attnviz.stage.spots import Spot
from attnviz.stage.typesetting import Writing, prose
from attnviz.stage.unparted import folded, written_words


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

    def pointable(self) -> Iterator[Spot]:
        """Yield the chip, by its word."""
        yield Spot((self.word,), self.box, "box", self.text)


ELLIPSIS = "…"
GAP = 0.16
"""The space between chips of words of the usual size, and between their rows."""
LONGEST_PIECE = 8
"""How many letters stand in one chip where a script parts no words, if no word among them is known."""


class ChipRows(VGroup):
    """Rows of chips, each in the order in which its words are read: `onward`, to the right or (Arabic) to the left."""

    def __init__(self, lines: Sequence[Sequence[Chip]], *, onward: Array, gap: float) -> None:
        super().__init__(*[VGroup(*line).arrange(onward, buff=gap) for line in lines])
        self.onward = onward
        self.arrange(DOWN, buff=GAP, aligned_edge=-onward)

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

    Of a word that is written more than once, each has the colour of its own token (`an#2`), if there is one.
    The words run as the sentence is read. Rows are wrapped at `width` (frame units). If there are more than `rows`, the
    type shrinks to a legible minimum, and what still does not fit is replaced by an ellipsis.
    """
    colors = {folded(visible_word(token)): color for token, color in reversed(list(tokens.items()))}
    own = {folded(token): color for token, color in tokens.items()}
    inks, times = list[tuple[str, str, bool]](), Counter[str]()
    for word in written_words(text, colors, LONGEST_PIECE):
        name = folded(word) if folded(word) in colors else folded(bare(word))
        times[name] += 1
        color = own.get(f"{name}#{times[name]}", colors.get(name))
        inks.append((word, color or theme.DIM, color is not None))
    return _chip_rows(inks, text, width=width, rows=rows, size=size)


def token_chips(
    tokens: Mapping[str, str], dim: Collection[str], text: str, *, width: float, rows: int, size: float = theme.WORD
) -> ChipRows:
    """Return tokens (a mapping from labels to colours) as rows of chips, as a model splits the sentence `text`.

    Those in `dim` are not lit. Rows are wrapped, shrink and end as those of `sentence_chips`.
    """
    inks = [(visible_word(token), color, token not in dim) for token, color in tokens.items()]
    return _chip_rows(inks, text, width=width, rows=rows, size=size)


def _chip_rows(words: Sequence[tuple[str, str, bool]], text: str, *, width: float, rows: int, size: float) -> ChipRows:
    """Return words (text, colour, whether it is lit) of a sentence as rows of chips."""

    def chips_of(size: float) -> list[Chip]:
        return [Chip(word, ink, lit=lit, size=size, sentence=text) for word, ink, lit in words]

    # Chips of another size are as much larger or smaller as the room would be for these
    asked, chips, gap = size, chips_of(size), GAP * size / theme.WORD
    while size > theme.SMALLEST and len(_wrap(chips, width * asked / size, gap)) > rows:
        size = max(theme.SMALLEST, size - 2)
    if size < asked:
        chips, gap = chips_of(size), GAP * size / theme.WORD
    lines = _wrap(chips, width, gap)
    if len(lines) > rows:
        lines = lines[:rows]
        while len(lines[-1]) > 1 and sum(chip.width + GAP for chip in lines[-1]) + 0.9 > width:
            lines[-1].pop()
        lines[-1].append(Chip(ELLIPSIS, theme.DIM, lit=False, size=size))
    else:
        lines = _balanced(chips, len(lines), width, gap)
    onward = LEFT if is_right_to_left(text) else RIGHT
    return ChipRows(lines, onward=onward, gap=gap)


def fitted_title(text: str, width: float = frame.CONTENT.width) -> Writing:
    """Set a title on one line, legible on top of lines, too; one that is too long is shortened with an ellipsis."""
    title = prose(text, size=theme.TITLE, color=theme.DIM, own=True)
    words = text.split()
    while title.width > width and len(words) > 1:
        words.pop()
        title = prose(" ".join(words) + " …", size=theme.TITLE, color=theme.DIM, own=True)
    title = outlined(title)
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
