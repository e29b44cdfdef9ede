"""How a number's cell looks: its fill on one absolute scale for all tables, its outline, and the ink of its digits."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from manim import ManimColor, VMobject

from attnviz.stage import theme
from attnviz.stage.numbers import Number

WEIGHTS = frozenset({"weights", "all_weights", "softmax", "normalised", "step_weights", "mapped_weights"})
"""Arrays whose entries are weights: shares of 1. They alone are light itself."""
AT_ONE = 0.8
"""How bright a number of size 1 is that is not a weight, as a share of the brightest; larger ones take the rest."""
LEGIBLE = 4.5
"""The least contrast between digits and their cell."""


class Look(NamedTuple):
    """A cell's fill, its outline (None: it has none) and the colour of its digits."""

    fill: ManimColor
    outline: str | None
    ink: str


def is_weight(number: Number) -> bool:
    """Tell whether a number is a weight, which has a scale of its own."""
    return number.array in WEIGHTS


def brightness(number: Number) -> float:
    """Return how bright a number's cell is, from 0 to 1: the same for the same number, in whatever table it stands.

    Weights shine as they are. The size of other numbers has no bound: it grows evenly up to 1, and then ever slower, so
    that a number that grows never darkens.
    """
    size = abs(number.value)
    if math.isnan(size) or number.value == -math.inf:
        return 0.0
    if is_weight(number):
        return min(1.0, size)
    return AT_ONE * size if size <= 1 else 1 - (1 - AT_ONE) / size


def look(number: Number, tint: str | None = None) -> Look:
    """Return how a number's cell looks; `tint` is the colour of what owns it (a head, say), if something does.

    A negative number's cell is hollow, with an outline. A word that a mask hides (−∞) leaves an empty one.
    """
    if number.value == -math.inf:
        return Look(ManimColor(theme.PANEL), None, theme.DIM)
    if number.value < 0 and number.shown != 0:
        return Look(ManimColor(theme.SURFACE), tint or (theme.WEIGHT if is_weight(number) else theme.DIM), theme.INK)
    color = tint or (None if is_weight(number) else theme.DIM)
    fill = _legible(theme.cell_color(brightness(number), color), color)
    return Look(fill, None, theme.DIM if number.shown == 0 else theme.ink_on(fill))


def paint(cell: VMobject, number: Number, tint: str | None) -> VMobject:
    """Make a cell look as its number does, and return it."""
    fill, outline, _ = look(number, tint)
    cell.set_fill(fill, 1)
    return cell.set_stroke(outline or fill, 2.5 if outline else 0, 1)


def _legible(fill: ManimColor, color: str | None) -> ManimColor:
    """Return a fill, or the nearest one of its kind that digits are easy to read on."""
    ink = theme.ink_on(fill)
    if color is None or theme.contrast(ink, fill) >= LEGIBLE:
        return fill
    return _nearest(theme.SURFACE, color, ink, ink == theme.INK)


@lru_cache(maxsize=256)
def _nearest(surface: str, color: str, ink: str, dark: bool) -> ManimColor:
    """Return the strongest `dark` tint of a surface, or the weakest light one, on which ink is easy to read."""
    good, bad = (0.0, 1.0) if dark else (1.0, 0.0)
    for _ in range(16):
        middle = (good + bad) / 2
        reads = theme.contrast(ink, theme.blend(surface, color, middle)) >= LEGIBLE
        good, bad = (middle, bad) if reads else (good, middle)
    return theme.blend(surface, color, good)
