"""Letters among the outlines of a page: which outline is which letter of the fonts, and how they stand on lines.

Text reaches the stage as outlines, since it is moved and changed there. What the built-in fonts draw is found again by
its shape, wherever it was moved and however large: such letters are text again in a file, and can be searched and
copied. What is not found (letters of other scripts, brackets that have grown) stays an outline, and looks the same.
"""

from __future__ import annotations

import cmath
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from manim import Typst

from attnviz.input.fonts import BUILT_IN, BUILT_IN_MATHS
from attnviz.publish.vector_page import Mark, Page, Paint, Shape, Text, curves_of
from attnviz.stage.glyphs import measured
from attnviz.stage.typesetting import quoted

if TYPE_CHECKING:
    from attnviz.publish.vector_page import Points

ALIKE = 1e-3  # of an outline's size: letters that are less apart are the same
SAME_SIZE, SAME_LINE, SAME_ANGLE = 0.01, 0.02, 0.2  # of an em; of an em; in degrees
SPACE, FARTHEST = 0.16, 1.2  # of an em: a gap that is a space, and one that parts two lines
STEEPEST = 80.0  # degrees: text that is turned further is not looked for, or a minus would be a bar
CELL = 3  # ems: how far letters on the sheet are apart
SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~–—’‘“”…·×±≈√∞→°−§²³½₀₁₂₃₄₅₆₇₈₉"
LATIN = "".join(map(chr, (*range(48, 58), *range(65, 91), *range(97, 123), *range(0xC0, 0x180))))
GREEK = "".join(map(chr, (*range(0x391, 0x3AA), *range(0x3B1, 0x3CA))))
LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"}
"""Letters that stand for several, which Typst draws as one by itself."""
_PAIRS = ("fb", "ffb", "ffh", "ffj", "ffk", "fft", "fh", "fj", "fk", "ft", "Th", "tt")
NAMELESS = {chr(0xE000 + k): pair for k, pair in enumerate(_PAIRS)}
"""More of these, which Unicode has no letters for: only Typst can be told to draw them."""
SEVERAL = LIGATURES | NAMELESS
# Bold and italic letters of mathematics (h stands elsewhere), Greek ones, operators, and what quoted text takes there
MATHS = "".join(map(chr, (*range(0x1D400, 0x1D49C), 0x210E, *range(0x1D6FC, 0x1D715)))) + "+−×⋅≈=<>→∞∑√≤≥()[]:;,!?’"


@dataclass(frozen=True)
class Face:
    """A face of the built-in fonts: how Typst is asked for it, and the letters that are looked for."""

    typst: str
    letters: str


_IN_TEXT, _IN_MATHS = (f'font: "{family}", fallback: false' for family in (BUILT_IN, BUILT_IN_MATHS))
FACES: Mapping[str, Face] = {
    "text": Face(_IN_TEXT, LATIN + SIGNS + GREEK + "".join(SEVERAL)),
    "bold": Face(f'{_IN_TEXT}, weight: "bold"', LATIN + SIGNS + "".join(SEVERAL)),
    "maths": Face(f"{_IN_MATHS}, weight: 450", MATHS),
    "scripts": Face(f'{_IN_MATHS}, weight: 450, script: "math", features: (ssty: 1)', MATHS),
}


@dataclass(frozen=True)
class Glyph:
    """A letter of a face with its curves (curve, four points, xy), in ems from its place on the baseline, y up."""

    letter: str
    face: str
    curves: Points

    @property
    def right(self) -> float:
        """Where it ends, in ems."""
        return float(self.curves[..., 0].max())


@dataclass(frozen=True)
class _Found:
    """A letter on a page: its em (in units of the page), how it is turned (degrees, clockwise) and where it begins."""

    glyph: Glyph
    size: float
    angle: float
    place: complex
    paint: Paint
    shape: Shape

    @classmethod
    def at(cls, glyph: Glyph, factor: complex, place: complex, shape: Shape) -> _Found:
        """Return a letter that is a glyph times a factor, at a place (both with y up)."""
        assert shape.fill is not None
        return cls(glyph, abs(factor), -math.degrees(cmath.phase(factor)), place.conjugate(), shape.fill, shape)


@measured
def glyphs_of(face: str) -> list[Glyph]:
    """Return the letters of a face with their outlines, as Typst draws them and Manim reads them."""
    of = FACES[face]
    boxes = "".join(f"#box(width: {CELL}em, text({quoted(SEVERAL.get(letter, letter))}))" for letter in of.letters)
    sheet = Typst(
        f"#set text({of.typst})\n#box(width: {CELL}em, rect(width: 1em, height: 1em, fill: black, stroke: none)){boxes}"
    )
    em_square, *drawn = sheet.family_members_with_points()
    em, left, baseline = em_square.width, float(em_square.get_left()[0]), float(em_square.get_bottom()[1])
    by_letter: dict[int, list[Any]] = {}
    for glyph in drawn:
        by_letter.setdefault(round((float(glyph.get_left()[0]) - left) / em) // CELL - 1, []).append(glyph)
    begins = {k: (left + CELL * em * (k + 1), baseline) for k in by_letter}
    return [
        Glyph(of.letters[k], face, ((parts[0].points[:, :2] - begins[k]) / em).reshape(-1, 4, 2))
        for k, parts in by_letter.items()
        if len(parts) == 1
    ]


class _Known:
    """All letters of all faces, to be found by their shapes."""

    def __init__(self, *, nameless: bool) -> None:
        self._by_count: dict[int, tuple[list[Glyph], npt.NDArray[np.complex128]]] = {}
        every = [each for face in FACES for each in glyphs_of(face) if nameless or each.letter not in NAMELESS]
        glyphs = sorted(every, key=lambda each: len(each.curves))
        for count, group in itertools.groupby(glyphs, key=lambda each: len(each.curves)):
            alike = list(group)
            self._by_count[count] = alike, np.array([_complex(each.curves) for each in alike])

    def find(self, shape: Shape, before: _Found | None) -> _Found | None:
        """Return the letter that a shape is; of several the one that stands as the one `before` it does."""
        if shape.fill is None or len(shape.fill.colors) > 1 or shape.stroke is not None:
            return None
        curves = curves_of(shape)
        glyphs, known = self._by_count.get(len(curves), ([], None))
        if known is None or not np.ptp(curves.reshape(-1, 2), axis=0).any():
            return None
        drawn = _complex(curves * (1, -1))
        middles = known.mean(axis=1, keepdims=True)
        flat, off = drawn - drawn.mean(), known - middles
        factors = (off.conj() @ flat) / (abs(off) ** 2).sum(axis=1)  # of the best similarity: factor · known + place
        miss = (abs(flat - factors[:, None] * off) ** 2).sum(axis=1)
        places = drawn.mean() - factors * middles[:, 0]
        fits = np.flatnonzero(miss <= ALIKE**2 * (abs(flat) ** 2).sum())
        found = [_Found.at(glyphs[k], complex(factors[k]), complex(places[k]), shape) for k in fits]
        upright = [each for each in found if abs(each.angle) < STEEPEST]
        return min(upright, key=lambda each: _strangeness(each, before), default=None)


def _complex(curves: Points) -> npt.NDArray[np.complex128]:
    points = curves.reshape(-1, 2)
    return np.asarray(points[:, 0] + 1j * points[:, 1])


def _strangeness(found: _Found, before: _Found | None) -> tuple[float, int]:
    """Return how unlike the letter before it a letter would stand: turned, of another size, above or below it."""
    if before is None:
        return round(abs(found.angle), 3), 0
    turned, larger = abs(found.angle - before.angle), abs(found.size - before.size) / before.size
    return round(turned + larger + abs(_offset(before, found).imag), 3), int(found.glyph.face != before.glyph.face)


def _offset(one: _Found, other: _Found) -> complex:
    """Return where a letter begins as seen from another, in ems along its line and below it."""
    return (other.place - one.place) * cmath.exp(-1j * math.radians(one.angle)) / one.size


def with_letters(page: Page, *, nameless: bool) -> Page:
    """Return a page with its letters as text, line by line; their halos are painted before them.

    Ligatures that are `nameless` in Unicode are text only if it is Typst that sets it: in other files they are shapes.
    """
    return replace(page, marks=tuple(_lettered(page.marks, _Known(nameless=nameless))))


def _lettered(marks: Iterable[Mark], known: _Known) -> Iterator[Mark]:
    line, before = list[_Found](), None
    for mark in marks:
        found = known.find(mark, before) if isinstance(mark, Shape) else None
        if line and (found is None or not _goes_on(line[-1], found)):
            yield from _written(line)
            line = []
        if found is None:
            yield mark
        else:
            line.append(found)
            before = found
    yield from _written(line)


def _goes_on(last: _Found, found: _Found) -> bool:
    """Tell whether a letter stands behind another on the same line."""
    offset = _offset(last, found)
    alike = last.glyph.face == found.glyph.face and last.paint == found.paint
    turned = abs(last.angle - found.angle) < SAME_ANGLE and abs(last.size / found.size - 1) < SAME_SIZE
    return alike and turned and abs(offset.imag) < SAME_LINE and 0 < offset.real < last.glyph.right + FARTHEST


def _written(line: list[_Found]) -> Iterator[Shape | Text]:
    """Yield the halos of a line's letters, and its text; where a gap is as wide as a space, there is one."""
    if not line:
        return
    yield from (replace(each.shape, fill=None) for each in line if each.shape.halo is not None)
    first = line[0]
    letters, along = "", list[float]()
    for last, each in zip([None, *line], line, strict=False):
        if last is not None and _gap(last, each) > SPACE:
            letters += " "
            along.append(_offset(first, last).real + last.glyph.right)
        letters += each.glyph.letter
        along.append(_offset(first, each).real)
    place = first.place.real, first.place.imag
    yield Text(
        letters, tuple(x * first.size for x in along), first.glyph.face, first.size, place, first.angle, first.paint
    )


def _gap(last: _Found, found: _Found) -> float:
    """Return how much is free between the outlines of two letters of a line, in ems."""
    return _offset(last, found).real + float(found.glyph.curves[..., 0].min()) - last.glyph.right
