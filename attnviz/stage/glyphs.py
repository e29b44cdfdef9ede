"""Which characters the built-in fonts can draw: a word shown as an empty box is an error, not a picture."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
from manim import Typst
from numpy.typing import NDArray

from attnviz.input.problems import Problem, ProblemsFound

NO_CHARACTER = "\U0010fffd"
"""A private-use character that no font draws: what it looks like is what a missing one looks like."""
SURELY_THERE = 0x250


def refuse_undrawable(text: str) -> None:
    """Raise `ProblemsFound` if the fonts have no picture for a character of a person's text."""
    missing = [char for char in dict.fromkeys(text) if ord(char) >= SURELY_THERE and not _can_draw(char)]
    if missing:
        shown = ", ".join(f"'{char}' (U+{ord(char):04X})" for char in missing[:5])
        hint = "write it with letters; Latin, Greek, Cyrillic, Hebrew and Arabic can be drawn"
        raise ProblemsFound(Problem(f"the fonts cannot draw {shown} in {text!r}", hint=hint))


def _can_draw(char: str) -> bool:
    if unicodedata.category(char)[0] in "CMZ":  # invisible, or drawn together with its neighbour
        return True
    drawn, box = _outline(char), _outline(NO_CHARACTER)
    return drawn.shape != box.shape or not np.allclose(drawn, box, atol=1e-3)


@lru_cache(maxsize=4096)
def _outline(char: str) -> NDArray[np.float64]:
    points = [glyph.points for glyph in Typst(f'#text("{char}")', font_size=48).family_members_with_points()]
    return np.vstack(points) if points else np.zeros((0, 3))
