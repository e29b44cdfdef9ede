"""Colours and type sizes, each defined once, by meaning. A scene never names a colour of its own.

The colours are those of the theme in use (`use`): read them when something is drawn (`theme.INK`), never at import, nor
as a default of a parameter. Sizes are Manim font sizes; at 1080p, a size of 1 is an em height of 1.4 pixels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from manim import ManimColor, interpolate_color

SMALL_WORDS = "small"

TITLE, BIG, WORD, BODY, NOTE = 40, 60, 46, 46, 40
"""At 1080p: x-heights of 24 px (titles, notes) and 27 px (words); digits of 30 px (formulas) and 39 px (big)."""
DIGITS = 44
"""The digits of tables: 40 px high at 1080p."""
TICK = 33
"""Digits alone, such as ticks: 30 px high at 1080p."""
SMALLEST = 40
"""Nothing with letters is smaller: their x-height is 24 px at 1080p."""
SMALLEST_DIGITS = 27
"""No digits are smaller: 24 px high at 1080p."""


@dataclass(frozen=True)
class Theme:
    """The colours of a theme, by what they mean.

    `lamp` are the fills of weights, from 0 to 1. `bent_grid` is the grid of a map when it is the subject, `bent_back`
    when it is not. `heads` and `groups` are in order.
    """

    ground: str
    surface: str
    panel: str
    grid: str
    axis: str
    bent_back: str
    bent_grid: str
    ink: str
    dim: str
    inverse_ink: str
    focus: str
    query: str
    key: str
    value: str
    weight: str
    lamp: tuple[str, ...]
    heads: tuple[str, ...]
    groups: tuple[str, ...]


DARK = Theme(
    ground="#0e1116",
    surface="#171d27",
    panel="#11161e",
    grid="#232c38",
    axis="#66748a",
    bent_back="#43536a",
    bent_grid="#7d8ea6",
    ink="#eef2f7",
    dim="#97a3b3",
    inverse_ink="#0e1116",
    focus="#ee655d",
    query="#f6e15c",
    key="#3bcf9f",
    value="#cf97ea",
    weight="#fff0d2",
    lamp=("#171d27", "#474a52", "#bcae93", "#fff0d2"),
    heads=("#b4ec8c", "#f98fba", "#8be6ec", "#cf97ea", "#f6e15c", "#3bcf9f"),
    groups=("#ef9f35", "#2f9bf5", "#cf97ea", "#b4ec8c", "#f98fba", "#3bcf9f"),
)
THEMES = {"dark": DARK}

GROUND = SURFACE = PANEL = GRID = AXIS = BENT_BACK = BENT_GRID = INK = DIM = INVERSE_INK = ""
FOCUS = QUERY = KEY = VALUE = WEIGHT = ""
LAMP: tuple[str, ...] = ()
BASIS = ("", "")
HEADS: tuple[str, ...] = ()
GROUPS: tuple[str, ...] = ()


def use(name: str) -> None:
    """Draw from now on, in this process, in the colours of a theme."""
    chosen = THEMES[name]
    globals().update({field.name.upper(): getattr(chosen, field.name) for field in fields(chosen)})
    globals().update(BASIS=(chosen.groups[1], chosen.groups[0]))  # the axes of technology and of fruit


use("dark")


def group_colors(groups: Iterable[str]) -> dict[str, str]:
    """Return a colour for each word group, assigned in the order in which the model names them; small words are dim."""
    named = [group for group in dict.fromkeys(groups) if group and group != SMALL_WORDS]
    colors = {group: GROUPS[index % len(GROUPS)] for index, group in enumerate(named)}
    return colors | {SMALL_WORDS: DIM, "": INK}


def blend(start: str, end: str, amount: float) -> ManimColor:
    """Interpolate between two colours: `amount` 0 gives the first, 1 the second, and values beyond are clamped."""
    return interpolate_color(ManimColor(start), ManimColor(end), max(0.0, min(1.0, float(amount))))


def luminance(color: str | ManimColor) -> float:
    """Return the relative luminance (0 … 1) of a colour, as WCAG 2.2 defines it."""
    channels = ManimColor(color).to_rgb()
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def contrast(one: str | ManimColor, other: str | ManimColor) -> float:
    """Return the WCAG contrast ratio of two colours (1 … 21)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(ground: str | ManimColor) -> str:
    """Return the text colour, light or dark, that has the higher contrast on a background."""
    return INK if contrast(INK, ground) >= contrast(INVERSE_INK, ground) else INVERSE_INK


def cell_color(share: float, color: str | None = None) -> ManimColor:
    """Return the fill of a cell: from the surface (0) to the brightest (1), on one scale for every table.

    Without a `color` it is the scale of weights, which is light itself; with one, a tint of what owns the numbers.
    Mid-tones, on which neither light nor dark digits are easy to read, are stepped over.
    """
    lit = min(1.0, max(0.0, share)) ** 0.58
    if lit < 1e-2:
        return ManimColor(SURFACE)
    strength = 0.1 + 0.28 * lit / 0.55 if lit < 0.55 else 0.62 + 0.3 * (lit - 0.55) / 0.45
    if color is not None:
        return blend(SURFACE, color, strength)
    place = (lit / 0.55) if lit < 0.55 else 2.0 + (lit - 0.55) / 0.45
    low = int(min(place, len(LAMP) - 2))
    return blend(LAMP[low], LAMP[low + 1], place - low)
