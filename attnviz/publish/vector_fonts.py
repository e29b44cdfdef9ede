"""Fonts for a web page that holds a figure: of each face the letters that are in it, as Typst draws them."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable, Mapping

import numpy as np

from attnviz.publish.vector_letters import Glyph, glyphs_of
from attnviz.publish.vector_page import Text

EM = 1000
ASCENT, DESCENT = 900, -300
MADE = 3_786_912_000  # seconds since 1904, as fonts count: the beginning of 2024, whenever it is made


def letters_used(texts: Iterable[Text]) -> dict[str, str]:
    """Return the letters of some texts by their faces, each once, in the order of their code points."""
    used: dict[str, set[str]] = {}
    for text in texts:
        used.setdefault(text.face, set()).update(text.letters)
    return {face: "".join(sorted(letters)) for face, letters in sorted(used.items())}


def family_of(face: str, letters: str) -> str:
    """Return what the font of some letters is called: figures on one page must not take one another's fonts."""
    return f"attnviz-{face}-{hashlib.sha256(letters.encode()).hexdigest()[:8]}"


def font_faces(used: Mapping[str, str]) -> str:
    """Return the CSS that brings the fonts of these letters (by their faces) with it."""
    rules = []
    for face, letters in used.items():
        data = base64.b64encode(font_of(face, letters)).decode()
        source = f"src:url(data:font/woff;base64,{data}) format('woff')"
        rules.append(f"@font-face{{font-family:'{family_of(face, letters)}';{source}}}")
    return "".join(rules)


def font_of(face: str, letters: str) -> bytes:
    """Return an OpenType font (WOFF) of some letters of a face."""
    from fontTools.fontBuilder import FontBuilder

    known = {glyph.letter: glyph for glyph in glyphs_of(face)}
    glyphs = {".notdef": None} | {f"u{ord(letter):04X}": known.get(letter) for letter in letters}
    widths = {name: round(EM * (0.25 if glyph is None else glyph.right)) for name, glyph in glyphs.items()}
    builder = FontBuilder(EM, isTTF=False)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({ord(letter): f"u{ord(letter):04X}" for letter in letters})
    family = family_of(face, letters)
    drawn = {name: _char_string(glyph, widths[name]) for name, glyph in glyphs.items()}
    builder.setupCFF(family, {"FamilyName": family}, drawn, {})
    builder.setupHorizontalMetrics({name: (width, 0) for name, width in widths.items()})
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": family})
    builder.setupOS2(sTypoAscender=ASCENT, sTypoDescender=DESCENT, usWinAscent=ASCENT, usWinDescent=-DESCENT)
    builder.setupPost()
    builder.updateHead(created=MADE, modified=MADE)  # the bytes follow from the letters alone
    builder.font.recalcTimestamp = False
    builder.font.flavor = "woff"
    file = io.BytesIO()
    builder.font.save(file)
    return file.getvalue()


def _char_string(glyph: Glyph | None, width: int) -> object:
    """Return a glyph's outline as a font has it; the faces have a thousand units to the em, as this one."""
    from fontTools.pens.t2CharStringPen import T2CharStringPen

    pen = T2CharStringPen(width, None)
    last = None
    for start, first, second, end in [] if glyph is None else np.rint(glyph.curves * EM).astype(int).tolist():
        if start != last:
            if last is not None:
                pen.closePath()
            pen.moveTo(start)
        if _is_straight(start, first, second, end):
            pen.lineTo(end)
        else:
            pen.curveTo(first, second, end)
        last = end
    if last is not None:
        pen.closePath()
    return pen.getCharString()


def _is_straight(start: list[int], first: list[int], second: list[int], end: list[int]) -> bool:
    """Tell whether a curve is a line as Manim makes them, with the handles at a third and two thirds."""
    thirds = [(2 * a + b) / 3 - c for a, b, c in zip(start, end, first, strict=True)]
    thirds += [(a + 2 * b) / 3 - c for a, b, c in zip(start, end, second, strict=True)]
    return max(map(abs, thirds)) < 1
