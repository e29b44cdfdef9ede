"""Colours and type sizes, each defined once, by meaning. A scene never names a colour of its own.

The colours are those of the theme in use (`use`): read them when something is drawn (`theme.INK`), never at import, nor
as a default of a parameter. Sizes are Manim font sizes; at 1080p, a size of 1 is an em height of 1.4 pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache

import numpy as np
from manim import ManimColor, interpolate_color

from attnviz.input.theme_names import ThemeName

SMALL_WORDS = "small"
READABLE = 6.0
"""The contrast of digits with the fill of their cell, at least; WCAG 2.2 asks for 4.5, and for 7 if it can be had."""
FAINTEST, STRONGEST = 0.1, 0.92
"""How much of its owner's colour a fill has at least, if its share is not 0, and at most, if it is no weight."""
STEP, LEAST_ABOVE = 0.55, 0.2
"""Where on the scale the mid-tones are, and how much of a colour must be left above them if they are stepped over."""
LIFT = 0.58
"""The power of a share by which its cell is lit: small ones can be told from nothing."""

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
    """The colours of a theme. Each has one owner, and means it wherever it is seen.

    What stands on one screen is told apart by everybody: `tests/stage/test_themes.py` measures it, and the contrast of
    all that is read.
    """

    # What things stand on: the stage, an empty cell, the window of a plane
    ground: str
    surface: str
    panel: str
    # Lines: those of a grid, its axes, the grid of a map behind what it does, and as what is looked at
    grid: str
    axis: str
    bent_back: str
    bent_grid: str
    # Text, the same in small or out of focus, and digits on a fill that ink could not be read on
    ink: str
    dim: str
    inverse_ink: str
    # The word that is asked about
    focus: str
    # What is computed of a word, and the matrices that do it
    query: str
    key: str
    value: str
    output: str
    residual: str
    # Attention: light on a dark ground, ink on a white one
    weight: str
    # Heads by their numbers, groups of words in the model's order; more than these begin again
    heads: tuple[str, ...]
    groups: tuple[str, ...]


DARK = Theme(
    ground="#0e1116",
    surface="#171d27",
    panel="#11161e",
    grid="#232c38",
    axis="#66748a",
    bent_back="#43536a",
    bent_grid="#8693a5",
    ink="#eef2f7",
    dim="#969b9f",
    inverse_ink="#0e1116",
    focus="#eb544b",
    query="#fce55a",
    key="#4de69a",
    value="#deaafb",
    output="#aa8a7b",
    residual="#7d83b5",
    weight="#fff0d2",
    heads=("#c7e892", "#fd89cc", "#6ce8fd", "#ea9155", "#a58a14", "#aa72ca"),
    groups=("#f9a228", "#0494fd", "#febcc8", "#82962d", "#2bd6c7", "#d660a2"),
)
"""For films, and rooms that can be dim."""
LIGHT = Theme(
    ground="#faf8f4",
    surface="#f1eee8",
    panel="#fffefb",
    grid="#dedbd3",
    axis="#7d838d",
    bent_back="#a2aab8",
    bent_grid="#697385",
    ink="#14181f",
    dim="#646a6f",
    inverse_ink="#ffffff",
    focus="#ba3b4c",
    query="#4e4704",
    key="#137957",
    value="#3d104c",
    output="#583b3e",
    residual="#4a4f73",
    weight="#2b2117",
    heads=("#284c09", "#772659", "#16708a", "#773b19", "#754ac2", "#062660"),
    groups=("#9e5802", "#0563c9", "#30269a", "#6b0813", "#8b569a", "#566f20"),
)
"""For bright rooms and projectors, whose black is grey."""
PRINT = Theme(
    ground="#ffffff",
    surface="#f3f3f3",
    panel="#fafafa",
    grid="#e2e2e2",
    axis="#83878d",
    bent_back="#a9afb9",
    bent_grid="#677588",
    ink="#0c0c0c",
    dim="#616569",
    inverse_ink="#ffffff",
    focus="#b9394a",
    query="#504a00",
    key="#097c59",
    value="#3f1e47",
    output="#59373a",
    residual="#635379",
    weight="#2b2117",
    heads=("#2c5923", "#790d53", "#0a6981", "#663aaa", "#9d5279", "#a25933"),
    groups=("#9d5f02", "#1c4eb5", "#0d1d82", "#7f3826", "#a144a3", "#557012"),
)
"""For paper: first heads, and query, key and value, differ in grey, too."""
THEMES: dict[ThemeName, Theme] = {"dark": DARK, "light": LIGHT, "print": PRINT}

NAME: ThemeName = "dark"
"""The theme in use. What follows are its colours, which `use` sets."""
GROUND = SURFACE = PANEL = GRID = AXIS = BENT_BACK = BENT_GRID = INK = DIM = INVERSE_INK = ""
FOCUS = QUERY = KEY = VALUE = OUTPUT = RESIDUAL = WEIGHT = ""
BASIS = ("", "")
"""The two axes of a plane, and the arrows along them: technology to the right, fruit upwards."""
HEADS: tuple[str, ...] = ()
GROUPS: tuple[str, ...] = ()


def use(name: ThemeName) -> None:
    """Draw from now on, in this process, in the colours of a theme."""
    chosen = THEMES[name]
    fruit, technology, *_ = chosen.groups
    globals().update({field.name.upper(): getattr(chosen, field.name) for field in fields(chosen)})
    globals().update(NAME=name, BASIS=(technology, fruit))


@contextmanager
def in_use(name: ThemeName | None) -> Iterator[None]:
    """Draw in the colours of a theme until the block ends; without a name, in those of the theme in use already."""
    before = NAME
    use(name or before)
    try:
        yield
    finally:
        use(before)


use(NAME)


def group_colors(groups: Iterable[str]) -> dict[str, str]:
    """Return a colour for each word group, assigned in the order in which the model names them; small words are dim."""
    named = [group for group in dict.fromkeys(groups) if group and group != SMALL_WORDS]
    colors = {group: GROUPS[index % len(GROUPS)] for index, group in enumerate(named)}
    return colors | {SMALL_WORDS: DIM, "": INK}


def array_color(array: str) -> str | None:
    """Return the colour that an array has in all lectures: those of queries, keys and values, and of their matrices."""
    colors = {"queries": QUERY, "W_Q": QUERY, "keys": KEY, "W_K": KEY, "values": VALUE, "W_V": VALUE}
    return colors.get(array)


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
    """Return the fill of a cell: from the surface (0) to the strongest (1), on one scale for every table.

    Without a `color` it is the scale of weights, which ends in `WEIGHT`; with one, a tint of what owns the numbers.
    Mid-tones, on which neither ink nor inverse ink is easy to read, are stepped over; where too little is beyond them,
    the scale ends before.
    """
    lit = min(1.0, max(0.0, share)) ** LIFT
    if lit < 1e-2:
        return ManimColor(SURFACE)
    owner, most = (WEIGHT, 1.0) if color is None else (color, STRONGEST)
    below, above = _readable(SURFACE, str(owner), INK, INVERSE_INK)
    if above > most - LEAST_ABOVE:
        return blend(SURFACE, owner, FAINTEST + lit * (min(below, most) - FAINTEST))
    if lit < STEP:
        return blend(SURFACE, owner, FAINTEST + lit / STEP * (below - FAINTEST))
    return blend(SURFACE, owner, above + (lit - STEP) / (1 - STEP) * (most - above))


@cache
def _readable(surface: str, color: str, ink: str, inverse: str) -> tuple[float, float]:
    """Return up to which share of a colour in a fill ink can be read on it, and from which inverse ink can."""
    shares = np.linspace(0, 1, 101)
    fills = [blend(surface, color, share) for share in shares]
    below = [share for share, fill in zip(shares, fills, strict=True) if contrast(ink, fill) >= READABLE]
    above = [share for share, fill in zip(shares, fills, strict=True) if contrast(inverse, fill) >= READABLE]
    return float(max(below)), float(max(min(above, default=np.inf), max(below)))
