"""A halo in the background colour, which keeps a label legible on top of lines."""

from __future__ import annotations

from manim import LineJointType, VGroup, VMobject

from attnviz.stage import theme


WIDTH = 24
"""Manim's stroke width of a halo: so wide that no grid line comes near a digit, or runs between two."""


def halo(text: VMobject) -> VGroup:
    """Return thickened copies of a text's glyphs in the background colour, to be put behind it."""
    glyphs = VGroup(*[glyph.copy() for glyph in text.family_members_with_points()])
    for glyph in glyphs:
        glyph.joint_type = LineJointType.ROUND  # the corners of so wide a line would be spikes
    return glyphs.set_color(theme.GROUND).set_stroke(theme.GROUND, width=WIDTH)
