"""A halo in the colour of the ground, which keeps a label readable on top of lines."""

from __future__ import annotations

from manim import VGroup, VMobject

from attnviz.stage import theme


def halo(text: VMobject) -> VGroup:
    """Return the shadow of a text's glyphs, to be put behind it."""
    glyphs = VGroup(*[glyph.copy() for glyph in text.submobjects])
    return glyphs.set_color(theme.GROUND).set_stroke(theme.GROUND, width=8)
