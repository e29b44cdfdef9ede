"""The words of motion that all scenes share: derive, roll, focus. (Others live with what they move.)

- *derive*: a number or a vector leaves what it is computed from, and lands as the result (`derive`).
- *roll*: a number that changes in place rolls on to its new digits (`roll`; `roll_in_line`: its line goes on with
  it); digits never melt into others.
- *replace*: text that gives way to other text goes before the other comes (`replaced`); two never overlap.
- *focus*: what a shot is not about falls to `BACK` of its opacity (`Light`), and is restored later.
- *carry*: what stands on a board goes on into the next scene (`Stage.take_over`).
- *bend*: a grid follows its map (`maps`); *orbit*: a plane turns to show its third axis (`Plane`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from manim import (
    LEFT,
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    ManimColor,
    Mobject,
    VMobject,
    interpolate_color,
    smooth,
    squish_rate_func,
)

from attnviz.stage import theme
from attnviz.stage.numbers import Number
from attnviz.stage.placement import Array
from attnviz.stage.tables.whole import Whole
from attnviz.stage.typesetting import NumberMark, Writing

BACK = 0.35
"""The fraction of its opacity that something dimmed keeps."""
ARCH = 0.12
"""How high the way of a flying number is arched, as a fraction of its length."""
LANDING, HALO = 0.8, 5
"""Where on its way a flying number begins to land, and how wide (in strokes) the halo is that it has until then."""
WAY, ROUNDING = 64, 5
"""The points of a way past several stops, and how many on each side of a corner round it."""
LAST_THIRD = squish_rate_func(smooth, 0.62, 1.0)
ROLLS_OUT, ROLLS_IN = squish_rate_func(smooth, 0.0, 0.62), squish_rate_func(smooth, 0.38, 1.0)
FIRST_HALF, SECOND_HALF = squish_rate_func(smooth, 0.0, 0.45), squish_rate_func(smooth, 0.55, 1.0)


def derive(goal: VMobject, *causes: Mobject, arch: float = ARCH, via: Sequence[Array] = ()) -> Animation:
    """Return the animation in which something comes from what it is computed from, and lands where it stands.

    From one cause it flies itself: a copy of the same digits if they are the same, else it appears on the way. From
    several, a copy of each flies to it, and it appears where they meet. The causes stay. `arch` is how high the way
    from a single cause is arched, as a fraction of its length; below zero it sags, to pass under what stands there.
    With `via` (points), it leads past these instead, round what stands between.
    """
    if len(causes) == 1:
        return _Flight(goal, causes[0], arch=arch, via=via)
    copies = [send(cause, goal) for cause in causes]
    return AnimationGroup(*copies, FadeIn(goal, scale=0.8, rate_func=LAST_THIRD))


def send(cause: Mobject, goal: Mobject, *, via: Sequence[Array] = ()) -> Animation:
    """Return the animation in which a copy of a cause flies to a goal, past the points of `via`, and fades there."""
    copy = cause.copy().set_z_index(4)
    if isinstance(cause, NumberMark):
        copy.set_color(_aloft(_ink_of(cause)))
    return _Sent(copy, _Way(_middle(cause), _middle(goal), via=via))


def roll(old: NumberMark, new: NumberMark) -> Animation:
    """Return the animation in which a number rolls on to another in its place; `new` is on stage when it is over.

    Digits that both have stay where they are; the others go out upwards, and theirs come from below. Where the new one
    stands elsewhere, or is larger, both go there on the way.
    """
    return AnimationGroup(_Rolling(old, new, comes=False), _Rolling(new, old, comes=True))


def roll_in_line(old: Writing, new: Writing, mark: str = "n") -> AnimationGroup:
    """Return the animation in which the number of a line rolls on, and `new` takes the line's place when it is over."""
    new.move_to(old, aligned_edge=LEFT).seat(old.baseline)
    return Whole([new], [old], roll(old.marks[mark], new.marks[mark]))


def replaced(old: Mobject | None, new: Mobject | None) -> list[Animation]:
    """Return the animations in which something gives way to something else in its place: first out, then in."""
    gone = [] if old is None or not old.submobjects else [FadeOut(old, rate_func=FIRST_HALF)]
    return gone + ([] if new is None else [FadeIn(new, rate_func=SECOND_HALF if gone else smooth)])


class Light(Animation):
    """Fade the strokes and fills of a mobject from the level `now` to `level`, both fractions of full opacity."""

    changes_only_its_mobject = True

    def __init__(self, mobject: Mobject, now: float, level: float, **kwargs: Any) -> None:
        self.now, self.goal = now, level
        super().__init__(mobject, **kwargs)
        self.own = [
            (part, part.get_fill_opacity() / self.now, part.get_stroke_opacity() / self.now,
             part.get_stroke_opacity(background=True) / self.now)
            for part in mobject.get_family() if isinstance(part, VMobject)
        ]  # fmt: skip

    def create_starting_mobject(self) -> Mobject:
        """Return the mobject itself: only opacities change, and these are known."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Set the opacities at the fraction `alpha` of the animation."""
        level = self.now + self.rate_func(alpha) * (self.goal - self.now)
        for part, fill, stroke, behind in self.own:
            part.set_fill(opacity=fill * level, family=False)
            part.set_stroke(opacity=stroke * level, family=False)
            part.set_stroke(opacity=behind * level, family=False, background=True)


class _Way:
    """The way of what flies: straight, or arched by a fraction of its length, or past the points of `via`."""

    def __init__(self, start: Array, end: Array, *, arch: float = 0.0, via: Sequence[Array] = ()) -> None:
        self.start, self.along = start, end - start
        up = np.array([-self.along[1], self.along[0], 0.0]) * (1 if self.along[0] >= 0 else -1)
        self.up = arch * 4 * up
        self.points = _rounded([start, *via, end]) if via else None

    def at(self, share: float) -> Array:
        """Return the place after a share of the way."""
        if self.points is not None:
            steps = share * (len(self.points) - 1)
            before = min(int(steps), len(self.points) - 2)
            return self.points[before] + (steps - before) * (self.points[before + 1] - self.points[before])
        return self.start + share * self.along + share * (1 - share) * self.up


def _rounded(stops: Sequence[Array]) -> Array:
    """Return points at even steps of a way that leads straight from stop to stop, with its corners rounded."""
    corners = np.array(stops, dtype=float)
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
    steps = np.linspace(0, lengths[-1], WAY)
    straight = np.column_stack([np.interp(steps, lengths, corners[:, axis]) for axis in range(3)])
    longer = np.pad(straight, ((ROUNDING, ROUNDING), (0, 0)), mode="reflect", reflect_type="odd")  # keeps both ends
    window = np.ones(2 * ROUNDING + 1) / (2 * ROUNDING + 1)
    return np.column_stack([np.convolve(longer[:, axis], window, mode="valid") for axis in range(3)])


class _Sent(Animation):
    """A copy flies along a way, gets smaller, and fades as it arrives."""

    changes_only_its_mobject = True

    def __init__(self, copy: Mobject, way: _Way, **kwargs: Any) -> None:
        self.way = way
        super().__init__(copy, introducer=True, remover=True, **kwargs)

    def marks_at(self, alpha: float) -> Iterator[tuple[NumberMark, Array]]:
        """Yield the numbers in the copy, each with its middle after a share of the time."""
        return _marks_at(self, self.way.start, 1 - 0.4 * (share := self.rate_func(alpha)), self.way.at(share))

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(alpha)
        place, size, shown = self.way.at(share), 1 - 0.4 * share, min(1.0, (1 - share) / 0.3)
        for part, own in zip(self.mobject.get_family(), self.starting_mobject.get_family(), strict=True):
            if isinstance(part, VMobject) and isinstance(own, VMobject):
                part.points = (own.points - self.way.start) * size + place
                part.set_fill(opacity=own.get_fill_opacity() * shown, family=False)
                part.set_stroke(opacity=own.get_stroke_opacity() * shown, family=False)


class _Flight(Animation):
    """Something flies from its cause to where it stands, and grows from the cause's size to its own."""

    changes_only_its_mobject = True

    def __init__(
        self, goal: VMobject, cause: Mobject, *, arch: float = ARCH, via: Sequence[Array] = (), **kwargs: Any
    ) -> None:
        self.arch, self.via, self.start = arch, via, _middle(cause)
        self.alike = _text_of(goal) is not None and _text_of(goal) == _text_of(cause)
        self.size = min(1.6, max(0.4, cause.height / max(goal.height, 1e-6))) if self.alike else 0.7
        self.left = _ink_of(cause) if self.alike and isinstance(cause, NumberMark) else None
        super().__init__(goal, introducer=True, **kwargs)

    def begin(self) -> None:
        self.home = _middle(self.mobject)
        self.way = _Way(self.start, self.home, arch=self.arch, via=self.via)
        self.inks = None
        if isinstance(self.mobject, NumberMark):
            ink = _ink_of(self.mobject)
            start = self.left if self.left is not None else ink
            self.inks = start, _aloft(ink), ink
        super().begin()

    def marks_at(self, alpha: float) -> Iterator[tuple[NumberMark, Array]]:
        """Yield the numbers that fly, each with its middle after a share of the time."""
        share = self.rate_func(alpha)
        return _marks_at(self, self.home, self.size + share * (1 - self.size), self.way.at(share))

    def interpolate_mobject(self, alpha: float) -> None:
        share = self.rate_func(alpha)
        place = self.way.at(share)
        size = self.size + share * (1 - self.size)
        shown = 1.0 if self.alike else min(1.0, share / 0.35)
        for part, own in zip(self.mobject.get_family(), self.starting_mobject.get_family(), strict=True):
            if isinstance(part, VMobject) and isinstance(own, VMobject):
                part.points = (own.points - self.home) * size + place
                part.set_fill(opacity=own.get_fill_opacity() * shown, family=False)
                part.set_stroke(opacity=own.get_stroke_opacity() * shown, family=False)
        if self.inks is not None:
            off, landed = min(1.0, share / (1 - LANDING)), max(0.0, (share - LANDING) / (1 - LANDING))
            first, flying, last = self.inks
            self.mobject.set_fill(
                interpolate_color(flying, last, landed) if landed else interpolate_color(first, flying, off)
            )
            halo = HALO * min(off, 1 - landed)
            self.mobject.set_stroke(theme.GROUND, halo, shown if halo else 0, background=True)


def _marks_at(animation: Animation, home: Array, size: float, place: Array) -> Iterator[tuple[NumberMark, Array]]:
    """Yield the numbers of what flies with their middles, while it is so large, and its own middle at a place."""
    for part, own in zip(animation.mobject.get_family(), animation.starting_mobject.get_family(), strict=True):
        if isinstance(part, NumberMark):
            yield part, (_middle(own) - home) * size + place


class _Rolling(Animation):
    """One of two numbers while they change places: digits that both have stay, the others roll out or in."""

    changes_only_its_mobject = True

    def __init__(self, mark: NumberMark, other: NumberMark, *, comes: bool, **kwargs: Any) -> None:
        self.comes, self.stays, self.other = comes, _common(mark.number, other.number), other
        if len(mark.submobjects) != len(mark.number.text) or len(other.submobjects) != len(other.number.text):
            self.stays = [False] * len(mark.submobjects)
        super().__init__(mark, introducer=comes, remover=not comes, **kwargs)

    def begin(self) -> None:
        self.reach = 0.85 * float(self.mobject.height)
        self.home = _middle(self.mobject)
        self.way = _middle(self.other) - self.home
        self.growth = _growth(self.mobject, self.other)
        self.inks = _ink_of(self.mobject), _ink_of(self.other)
        self.changes_ink = self.inks[0] != self.inks[1]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        share = (ROLLS_IN if self.comes else ROLLS_OUT)(alpha)
        off, shown = ((share - 1) * self.reach, share) if self.comes else (share * self.reach, 1 - share)
        gone = 1 - smooth(alpha) if self.comes else smooth(alpha)  # of the way to the other's place
        place, size = self.home + gone * self.way, 1 + gone * (self.growth - 1)
        glyphs, owns = self.mobject.submobjects, self.starting_mobject.submobjects
        for glyph, own, stays in zip(glyphs, owns, self.stays, strict=True):
            hidden = stays and self.comes and alpha < 1  # until then the old glyph is seen in its place
            at = place if stays else place + np.array([0.0, off, 0.0])
            for part, home in zip(glyph.get_family(), own.get_family(), strict=True):
                part.points = (home.points - self.home) * size + at
                opacity = 0.0 if hidden else 1.0 if stays else shown
                part.set_fill(opacity=home.get_fill_opacity() * opacity, family=False)
                part.set_stroke(opacity=home.get_stroke_opacity() * opacity, family=False)
            if stays and not self.comes and self.changes_ink:
                glyph.set_fill(interpolate_color(*self.inks, alpha))


def _middle(mobject: Mobject) -> Array:
    return np.array(mobject.get_center(), dtype=float)


def _growth(mark: NumberMark, other: NumberMark) -> float:
    """Return how much larger another number is set; those that are set alike differ only in their digits' shapes."""
    if any(not np.isfinite(each.number.value) for each in (mark, other)):
        return 1.0
    ratio = float(other.height / max(mark.height, 1e-6))
    return ratio if abs(ratio - 1) > 0.06 else 1.0


def _common(one: Number, other: Number) -> list[bool]:
    """Tell for each character of a number whether the other has the same in its place."""
    if len(one.text) != len(other.text) or one.unit != other.unit:
        return [False] * len(one.text)
    return [a == b for a, b in zip(one.text, other.text, strict=True)]


def _ink_of(mark: NumberMark) -> ManimColor:
    """Return the colour of a number's digits, which may have been set without the group knowing."""
    glyphs = mark.family_members_with_points()
    return ManimColor(glyphs[0].get_fill_color() if glyphs else mark.get_color())


def _aloft(ink: ManimColor) -> ManimColor:
    """Return the colour of digits that fly: they cross cells and the ground, on which they have to be read."""
    return ink if theme.contrast(ink, theme.GROUND) > 4 else ManimColor(theme.INK)


def _text_of(mobject: Mobject) -> str | None:
    if isinstance(mobject, Writing):
        return mobject.source
    return mobject.number.text if isinstance(mobject, NumberMark) else None
