"""A halo in the background colour, which keeps a label legible on top of lines."""

from __future__ import annotations

from manim import VGroup, VMobject

from attnviz.stage import theme


def halo(text: VMobject) -> VGroup:
    """Return thickened copies of a text's glyphs in the background colour, to be put behind it."""
    glyphs = VGroup(*[glyph.copy() for glyph in text.family_members_with_points()])
    return glyphs.set_color(theme.GROUND).set_stroke(theme.GROUND, width=8)
