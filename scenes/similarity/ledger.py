"""The results so far: of one measure at a time, a cell for each pair of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manim import LEFT, RIGHT, UP, Animation, FadeIn, FadeOut, Line, Mobject, VGroup

from attnviz.stage import (
    Number,
    NumberMark,
    Region,
    Writing,
    derive,
    formula,
    icon,
    number_marks,
    prose,
    replaced,
    theme,
    visible_word,
    word_within,
)

Pair = tuple[str, str]
ICON = 0.5
"""The height of the icons that name a pair."""
COMMA = 0.2
"""Room for the sign after a word (frame units)."""
SKIP = 0.44
"""The distance between the baselines of a two-line name, in frame units."""


class Ledger:
    """A row of cells, one for each pair of words whose result is known, under the name of the measure.

    When it is full, a new pair replaces the oldest. Results of other measures are kept, and come back with their
    measure. The ledger draws nothing itself: its methods return animations, `everything` is what is on screen.
    """

    def __init__(self, headings: Mapping[str, str], region: Region, *, icons: bool) -> None:
        self.headings, self.region, self.icons = dict(headings), region, icons
        self.most = 3 if icons else 2
        self.measure = ""
        self.head: Writing | None = None
        self.numbers: dict[str, dict[Pair, Number]] = {m: {} for m in headings}
        self.colors: dict[str, str] = {}
        self.badges: dict[Pair, PairBadge] = {}
        self.marks: dict[Pair, NumberMark] = {}
        left, _, right, top = region
        self.line = Line([left, top, 0], [right, top, 0], color=theme.GRID, stroke_width=3)

    @property
    def everything(self) -> VGroup:
        """Everything of the ledger that is on screen."""
        head = [self.line, self.head] if self.head is not None else []
        return VGroup(*head, *self.badges.values(), *self.marks.values())

    def known(self, pair: Pair) -> Pair:
        """Return the pair in the order in which it is listed, if it is."""
        return (pair[1], pair[0]) if any((pair[1], pair[0]) in found for found in self.numbers.values()) else pair

    def found(self, pair: Pair, measure: str) -> NumberMark | None:
        """Return the digits of a result that is on screen, or None."""
        return self.marks.get(self.known(pair)) if measure == self.measure else None

    def turn_to(self, measure: str) -> list[Animation]:
        """Return the animations that bring another measure with its results; none if it is there already."""
        if measure == self.measure:
            return []
        gone, self.measure = self.everything, measure
        old = VGroup(*[m for m in gone if m is not self.line])
        fresh_line = self.head is None
        left, _, _, top = self.region
        self.head = prose(self.headings[measure], size=theme.NOTE, color=theme.DIM)
        self.head.move_to([left, 0, 0], aligned_edge=LEFT).seat(top - 0.42)
        pairs = list(self.numbers[measure])[-self.most :]
        self.badges = {pair: self._badge(pair, k) for k, pair in enumerate(pairs)}
        self.marks = {pair: self._mark(pair, self.numbers[measure][pair]) for pair in pairs}
        new = VGroup(*[m for m in self.everything if m is not self.line])
        return [*replaced(old if old.submobjects else None, new), *([FadeIn(self.line)] if fresh_line else [])]

    def enter(
        self, pair: Pair, number: Number, colors: Sequence[str], source: Mobject | None = None
    ) -> list[Animation]:
        """Enter a result of the present measure, which comes from `source`; return the animations of what is new."""
        pair = self.known(pair)
        self.colors |= dict(zip(pair, colors, strict=True))
        known = self.numbers[self.measure]
        steps: list[Animation] = []
        if pair in self.marks:
            if known[pair].text == number.text:
                return []
            steps.append(FadeOut(self.marks[pair]))
        elif len(self.badges) >= self.most:
            steps += self._forget(next(iter(self.badges)))
        known[pair] = number
        if pair not in self.badges:
            self.badges[pair] = self._badge(pair, len(self.badges))
            steps.append(FadeIn(self.badges[pair]))
        self.marks[pair] = self._mark(pair, number)
        return [*steps, derive(self.marks[pair], source) if source is not None else FadeIn(self.marks[pair])]

    def _badge(self, pair: Pair, place: int) -> PairBadge:
        badge = PairBadge(pair, [self.colors[w] for w in pair], self.pitch - (1.0 if self.icons else 1.25))
        left, bottom, _, top = self.region
        badge.move_to([left + place * self.pitch, (bottom + top - 0.54) / 2, 0], aligned_edge=LEFT)
        return badge

    def _mark(self, pair: Pair, number: Number) -> NumberMark:
        [mark] = number_marks([number], size=theme.DIGITS, color=theme.INK)
        if mark.width > (most := 0.95 if self.icons else 1.2):
            mark.scale(most / mark.width)
        badge = self.badges[pair]
        return mark.next_to(badge, RIGHT, buff=0.16)

    @property
    def pitch(self) -> float:
        """The distance between neighbouring cells."""
        return self.region.width / self.most

    def _forget(self, pair: Pair) -> list[Animation]:
        gone = [self.badges.pop(pair), self.marks.pop(pair)]
        stay: list[VGroup] = [*self.badges.values(), *self.marks.values()]
        return [*[FadeOut(m) for m in gone], *[m.animate.shift(self.pitch * LEFT).build() for m in stay]]


class PairBadge(VGroup):
    """Two words as their icons with a comma or another Typst sign between them, or else by name, over each other.

    Names have one size, are no wider than `width`, and are cut short where they must be.
    """

    def __init__(self, pair: Pair, colors: Sequence[str], width: float) -> None:
        drawings = [icon(visible_word(word), ICON) for word in pair]
        if all(drawing is not None for drawing in drawings):
            super().__init__(*drawings)
            self.arrange(RIGHT, buff=0.1)
            return
        names = [
            word_within(word, width, size=theme.SMALLEST, color=color) for word, color in zip(pair, colors, strict=True)
        ]
        super().__init__(*names)
        for k, name in enumerate(names):
            name.move_to([0, 0, 0], aligned_edge=LEFT).seat(-k * SKIP)


class PairName(VGroup):
    """Two words, each in its colour and after its icon, with a Typst sign between them, no wider than `width`.

    If there is no room for the names, or with `bare`, icons stand alone; words that have none are cut short.
    """

    def __init__(
        self,
        pair: Pair,
        colors: Sequence[str],
        width: float,
        sign: str,
        size: float = theme.WORD,
        *,
        bare: bool = False,
    ) -> None:
        mark = formula(sign, size=size, color=theme.DIM)
        drawings = [icon(visible_word(word), ICON) for word in pair]
        names = [
            prose(visible_word(word), size=size, color=color, own=True)
            for word, color in zip(pair, colors, strict=True)
        ]
        room = width - mark.width - 0.3
        whole = sum(name.width + (ICON + 0.12 if drawn else 0.0) for name, drawn in zip(names, drawings, strict=True))
        is_bare = bare or whole > room
        parts = []
        for word, color, name, drawing in zip(pair, colors, names, drawings, strict=True):
            if drawing is None:
                parts.append(VGroup(word_within(word, room / 2, size=size, color=color) if is_bare else name))
            else:
                parts.append(VGroup(drawing) if is_bare else VGroup(drawing, name).arrange(RIGHT, buff=0.12))
        one, other = parts
        for part in parts:
            text = part[-1]
            base = text.baseline if isinstance(text, Writing) else float(part.get_center()[1]) - 0.13
            part.shift(-base * UP)
            if isinstance(text, Writing) and len(part) > 1:
                part[0].set_y(0.13)
        super().__init__(one, mark.seat(0.0), other)
        self.is_bare = is_bare
        mark.next_to(one, RIGHT, buff=0.04 if "," in sign else 0.15).seat(0.0)
        other.shift((mark.get_right()[0] + 0.15 - other.get_left()[0]) * RIGHT)

    @property
    def baseline(self) -> float:
        """The height of the line on which the words stand."""
        return float(self[1].baseline)

    def seat(self, y: float) -> PairName:
        """Move the words' baseline to y, and return itself."""
        return self.shift((y - self.baseline) * UP)
