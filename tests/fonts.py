"""A font made for tests: it has two characters that the built-in fonts lack, and nothing else."""

from __future__ import annotations

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

LETTERS = "橙子"


def tiny_font(path: Path, family: str = "Tiny Han", side: int = 800) -> Path:
    """Write a font whose letters are squares and triangles of some size in thousandths of an em; return its path."""
    names = {ord(letter): f"uni{ord(letter):04X}" for letter in LETTERS}
    order = [".notdef", *names.values()]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    corners = [(100, 0), (100, side), (side, side), (side, 0)]
    shapes = {name: corners if number else corners[:3] for number, name in enumerate(order)}
    builder.setupGlyf({name: _glyph(points) for name, points in shapes.items()})
    builder.setupHorizontalMetrics(dict.fromkeys(order, (1000, 100)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable(
        {"familyName": family, "styleName": "Regular", "psName": family.replace(" ", "") + "-Regular"}
    )
    builder.setupOS2(usWeightClass=400)
    builder.setupPost()
    builder.save(path)
    return path


def _glyph(points: list[tuple[int, int]]) -> object:
    pen = TTGlyphPen(None)
    pen.moveTo(points[0])
    for point in points[1:]:
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()
