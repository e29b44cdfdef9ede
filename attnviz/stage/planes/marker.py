"""A word on a plane: its icon is the point, or a dot if it has none, and its name stands below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from manim import Animation, Circle, Dot, Mobject, VGroup, VMobject

from attnviz.stage import frame, theme
from attnviz.stage.halo import haloed
from attnviz.stage.icons import icon
from attnviz.stage.ownership import Anchor
from attnviz.stage.placement import Array
from attnviz.stage.reading import visible_word
from attnviz.stage.spots import Spot
from attnviz.stage.tables.head_words import cut_short
from attnviz.stage.typesetting import prose

ICON, DOT, RING = frame.px(84), frame.px(17), frame.px(56)
"""The side of an icon, and the radii of a dot and of the ring around a word that has been moved."""
LONGEST = 14
"""So many letters of a word are written at its point; of a longer one, its beginning."""


class WordMarker(VGroup):
    """A word as a point of a plane. `vector` is where it is drawn; `Board.change` moves both together.

    `written` is how it is written, if that is more than the token's word: with a number, as in apple₂.
    A word that has been moved wears a ring in the colour of what pulled it.
    """

    def __init__(
        self, token: str, vector: Array, place: Array, color: str, *, with_icon: bool = True, written: str = ""
    ) -> None:  # fmt: skip
        super().__init__()
        self.token, self.vector, self.word_color = token, np.asarray(vector, dtype=float), color
        self.ring_color: str | None = None
        word = visible_word(token)
        picture = icon(word, ICON) if with_icon else None
        self.ring = Circle(radius=RING, color=color, stroke_width=4, stroke_opacity=0, fill_opacity=0)
        self.picture = Dot(radius=DOT, color=color) if picture is None else picture.move_to(self.ring)
        self.has_icon = picture is not None
        self.body = VGroup(self.ring, self.picture).move_to(place)
        name = cut_short(word, LONGEST) + written.removeprefix(word)
        self.label = haloed(prose(name, size=theme.WORD, color=color, own=True))
        self.leads = False  # whether a leader line joins its name to it
        self.home: Array | None = None  # the offset at which its name was put first, and stands where it can
        self.levels = (1.0, 1.0)  # how bright its picture and its name are
        self.add(self.body, self.label)
        self.body.set_z_index(3.2 if color == theme.FOCUS else 3)
        self.label.set_z_index(4)
        self.stand(self.below())
        self._lit = [
            [(part, part.get_fill_opacity(), part.get_stroke_opacity(), part.get_stroke_opacity(background=True))
             for part in of.get_family() if isinstance(part, VMobject)] for of in (self.picture, self.label)
        ]  # fmt: skip

    @property
    def place(self) -> Array:
        """The position of the point on screen (x, y, 0)."""
        return np.asarray(self.ring.get_center(), dtype=float)

    @property
    def half(self) -> float:
        """How far what is drawn reaches from the point (frame units)."""
        return RING if self.ring_color else ICON / 2 if self.has_icon else DOT

    def below(self) -> Array:
        """Return the offset of the name's centre from the point if it stands below it."""
        return np.array([0.0, -self.half - 0.1 - self.label.height / 2, 0.0])

    def stand(self, offset: Array) -> None:
        """Put the name at an offset from the point."""
        self.label.move_to(self.place + offset)

    @property
    def offset(self) -> Array:
        """The offset of the name's centre from the point."""
        return np.asarray(self.label.get_center() - self.place, dtype=float)

    def in_ring(self, color: str | None) -> Animation:
        """Return the animation that puts a ring of a colour around the word, or takes it off."""
        return _Ring(self, color)

    def light(self, picture: float, name: float) -> None:
        """Show the picture and the name at these fractions of their opacity."""
        self.levels = picture, name
        for level, parts in zip(self.levels, self._lit, strict=True):
            for part, fill, stroke, behind in parts:
                part.set_fill(opacity=fill * level, family=False)
                part.set_stroke(opacity=stroke * level, family=False)
                part.set_stroke(opacity=behind * level, family=False, background=True)

    def dim_name(self, share: float) -> None:
        """Show the name at a fraction of the opacity that it has otherwise."""
        levels = self.levels
        self.light(levels[0], share * levels[1])
        self.levels = levels

    @property
    def is_named(self) -> bool:
        """Whether its name is to be seen."""
        return self.levels[1] > 0

    def wear(self, color: str) -> None:
        """Put on a ring of a colour at once."""
        self.ring_color = color
        self.ring.set_stroke(color, opacity=1).set_fill(theme.GROUND, opacity=0.6)

    def drop_name(self) -> None:
        """Stand there without a name."""
        self.remove(self.label)
        self.label = VGroup()

    def spread(self) -> Circle:
        """Return a ring around the word that can be made to spread from it."""
        ring = Circle(radius=max(self.half, RING), color=self.word_color, stroke_width=4, stroke_opacity=0.9)
        return ring.move_to(self.place)

    def owned(self) -> Iterator[tuple[Mobject, Anchor]]:
        """Yield the name with the point, unless a leader line joins them."""
        if not self.leads:
            yield self.label, self.ring if self.ring_color else self.picture

    def pointable(self) -> Iterator[Spot]:
        """Yield the word: its point, which its name stands beside."""
        point = self.ring if self.ring_color else self.picture
        yield Spot((self.token,), point, "ring", self.label if self.is_named else None)


class Lit(Animation):
    """A word becomes brighter or dimmer: its picture, and its name, which may go altogether."""

    def __init__(self, word: WordMarker, picture: float, name: float, **kwargs: Any) -> None:
        self.before, self.after = word.levels, (picture, name)
        word.levels = self.after
        super().__init__(word, **kwargs)

    def create_starting_mobject(self) -> Mobject:
        """Return the mobject itself: only its opacity changes, and that is known."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the word at the fraction `alpha` of the change."""
        share = self.rate_func(alpha)
        self.mobject.light(*(a + share * (b - a) for a, b in zip(self.before, self.after, strict=True)))


class _Ring(Animation):
    """A ring comes or goes where the word is, while the word may move."""

    def __init__(self, word: WordMarker, color: str | None, **kwargs: Any) -> None:
        self.comes = color is not None
        word.ring_color = color
        if color is not None:
            word.ring.set_stroke(color, opacity=0).set_fill(theme.GROUND, opacity=0)
        super().__init__(word.ring, **kwargs)

    def create_starting_mobject(self) -> Mobject:
        """Return the mobject itself: only its opacity changes, and that is known."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the ring at the fraction `alpha` of its coming or going."""
        level = self.rate_func(alpha) if self.comes else 1 - self.rate_func(alpha)
        self.mobject.set_stroke(opacity=level).set_fill(opacity=0.6 * level)
