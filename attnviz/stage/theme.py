"""Colours and type sizes, each defined once, by meaning. A scene never names a colour of its own.

Sizes are Manim font sizes (48 is the default); at 1080p, a size of 1 is an em height of 1.4 pixels.
"""

from __future__ import annotations

from collections.abc import Iterable

from manim import ManimColor, interpolate_color

GROUND = "#0e1116"
SURFACE = "#161c25"
GRID = "#222c38"
AXIS = "#5f6d80"
INK = "#e8eef5"
DIM = "#93a0b1"
DARK_INK = "#0e1116"

QUERY, KEY, VALUE = "#ffd166", "#4fd1b5", "#c79bff"
FOCUS = "#ff7b72"
WEIGHT = "#a9c7ff"
NEGATIVE = "#eba6bd"
BASIS_X, BASIS_Y = "#7ee787", "#f4a3c4"
HEADS = ("#7fd4ff", "#b6e880", "#c79bff", "#ffd166", "#4fd1b5", "#ffb0d0")  # the last looks like NEGATIVE in a table
GROUPS = ("#f6a94a", "#6cb6ff", "#c79bff", "#7ee787", "#ffb0d0", "#4fd1b5")
SMALL_WORDS = "small"

TITLE, BIG, WORD, BODY, NOTE = 30, 44, 30, 34, 25
SMALLEST = 20


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
    return INK if contrast(INK, ground) >= contrast(DARK_INK, ground) else DARK_INK


def cell_color(amount: float, color: str = WEIGHT) -> ManimColor:
    """Return the fill of a table cell: from the surface colour (0) to bright (±1); negative amounts are warm.

    Mid-tones, on which neither light nor dark digits are easy to read, are skipped: the scale jumps from the
    brightest fill that suits light digits to the darkest that suits dark ones.
    """
    share = min(1.0, abs(amount))
    if share < 5e-4:
        return ManimColor(SURFACE)
    strength = 0.1 + 0.28 * share / 0.55 if share < 0.55 else 0.62 + 0.3 * (share - 0.55) / 0.45
    return blend(SURFACE, NEGATIVE if amount < 0 else color, strength)
