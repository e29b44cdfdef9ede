"""Spots: what can be pointed at on a stage. Things that have some tell of them, as owners tell of their labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from manim import Mobject, VMobject

Shape = Literal["line", "box", "ring", "path"]
"""How a spot is marked: a line under it, a frame around it, a ring around it, or its own way, retraced."""


@dataclass(frozen=True)
class Spot:
    """Something on a stage that can be pointed at.

    `words` are the tokens that name it: of what leads from word to word, the one that asks, and the one that is asked.
    `thing` is what is marked, in the way of its `shape`. `text` is the label or number that it stands for, so that this
    is not a spot by itself.
    """

    words: tuple[str, ...]
    thing: VMobject
    shape: Shape = "line"
    text: Mobject | None = None

    @property
    def seen(self) -> Mobject:
        """What has to be visible, so that it is worth pointing at."""
        return self.thing if self.text is None else self.text


class Pointable(Protocol):
    """Something on stage that tells what can be pointed at on it, such as a table, or a word on a plane."""

    def pointable(self) -> Iterable[Spot]:
        """Yield its spots."""


def pointables_among(family: Iterable[Mobject]) -> list[Pointable]:
    """Return those of all mobjects on stage that tell of spots."""
    return [mobject for mobject in family if hasattr(type(mobject), "pointable")]  # isinstance takes as long as a play
