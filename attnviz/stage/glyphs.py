"""What the built-in fonts draw: which characters they have, and which outlines on screen are digits.

A word shown as an empty box is an error, not a picture; and a digit is found on screen by its outline, however it got
there.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

import numpy as np
from manim import Typst, VMobject
from numpy.typing import NDArray

from attnviz.input.fonts import BEYOND_LATIN, NO_CHARACTERS, refusal
from attnviz.input.problems import Problem, ProblemsFound

P = ParamSpec("P")
R = TypeVar("R")
DIGITS = "0123456789"
_FORGET: list[Callable[[], None]] = []  # what was measured
_ALIKE = 1e-3  # of an outline's size: no two characters of the fonts are as near to each other
_FACES = (
    *('style: "normal"', 'weight: "bold"', 'style: "italic"', 'weight: "bold", style: "italic"'),
    *('number-type: "old-style"', 'weight: "bold", number-type: "old-style"', 'font: "DejaVu Sans Mono"'),
    *('font: "New Computer Modern"', 'font: "New Computer Modern", weight: "bold"'),
)


def refuse_undrawable(text: str) -> None:
    """Raise `ProblemsFound` if the fonts have no picture for a character of a person's text."""
    missing = [char for char in dict.fromkeys(text) if ord(char) >= BEYOND_LATIN and not _can_draw(char)]
    if missing:
        message, hint = refusal(missing)
        raise ProblemsFound(Problem(f"{message} in {text!r}", hint=hint))


def _can_draw(char: str) -> bool:
    if unicodedata.category(char)[0] in "CMZ":  # invisible, or drawn together with its neighbour
        return True
    drawn, box = _outline(char), _outline(NO_CHARACTERS[0])
    return drawn.shape != box.shape or not np.allclose(drawn, box, atol=1e-3)


def measured(function: Callable[P, R]) -> Callable[P, R]:
    """Remember what a function measures of set text, for each of its arguments, until other fonts are set."""
    kept = lru_cache(maxsize=4096)(function)
    _FORGET.append(kept.cache_clear)
    return cast("Callable[P, R]", kept)


@contextmanager
def outlines_of(fonts: str) -> Iterator[None]:
    """Measure set text anew where other fonts are set (by these rules of Typst's), until the block ends."""
    forget = _FORGET if fonts else []
    for each in forget:
        each()
    try:
        yield
    finally:
        for each in forget:
            each()


@measured
def _outline(char: str) -> NDArray[np.float64]:
    points = [glyph.points for glyph in Typst(f'#text("{char}")', font_size=48).family_members_with_points()]
    return np.vstack(points) if points else np.zeros((0, 3))


class GlyphShape:
    """The points (n, 3) of glyphs, to be found again after they were moved, scaled, turned or sheared."""

    def __init__(self, points: NDArray[np.float64]) -> None:
        plane = np.column_stack([points[:, :2], np.ones(len(points))])
        self.basis = np.linalg.qr(plane)[0]  # (n, 3), orthonormal: spans the images under all affine maps of the plane

    def __deepcopy__(self, memo: dict[int, object]) -> GlyphShape:
        """Return itself: it never changes, so that copies of mobjects share it."""
        return self

    def is_shape_of(self, points: NDArray[np.float64]) -> bool:
        """Tell whether points (n, 3) are an image of the outline under an affine map."""
        return len(points) == len(self.basis) and bool(_are_images(points, self.basis[None])[0])


def _are_images(points: NDArray[np.float64], bases: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell of which outlines (k, n, 3) points (n, 3) are an affine image: next to nothing of them is outside."""
    flat = points[:, :2] - points[:, :2].mean(axis=0)
    whole, inside = (flat**2).sum(), ((bases.transpose(0, 2, 1) @ flat) ** 2).sum(axis=(1, 2))
    return np.asarray(whole - inside <= _ALIKE**2 * whole)


def digits_of(glyph: VMobject) -> str:
    """Return the digits that an outline may be, in any face of the built-in fonts: "4", "" for none, "69" if turned."""
    known = len(glyph.points) in _digits()
    return _digits_drawn(np.asarray(glyph.points, dtype=np.float64).tobytes()) if known else ""


@lru_cache(maxsize=4096)  # most of what stands on a stage stood there at the last play
def _digits_drawn(outline: bytes) -> str:
    points = np.frombuffer(outline).reshape(-1, 3)
    if not np.ptp(points, axis=0).any():  # a point, which nobody can read
        return ""
    digits, bases = _digits()[len(points)]
    found = itertools.compress(digits, _are_images(points, bases))
    return "".join(dict.fromkeys(found))


@lru_cache(maxsize=1)
def _digits() -> dict[int, tuple[str, NDArray[np.float64]]]:
    """Return all digits with the bases of their outlines (k, n, 3), by how many points n they have."""
    row = " ".join(DIGITS)
    texts = " ".join(f"#text({face})[{row}]" for face in _FACES)
    sheet = Typst(f"{texts} $ {row} bold({row}) x^({row}) x^(x^({row})) $", font_size=48)
    letters = [*DIGITS * (len(_FACES) + 2), "x", *DIGITS, "x", "x", *DIGITS]
    found: dict[int, list[tuple[str, NDArray[np.float64]]]] = {}
    for glyph, letter in zip(sheet.family_members_with_points(), letters, strict=True):
        if letter in DIGITS:
            found.setdefault(len(glyph.points), []).append((letter, GlyphShape(glyph.points).basis))
    return {
        count: ("".join(digit for digit, _ in drawn), np.array([basis for _, basis in drawn]))
        for count, drawn in found.items()
    }
