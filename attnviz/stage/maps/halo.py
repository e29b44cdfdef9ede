"""A halo in the background colour, which keeps a label legible on top of lines."""

from __future__ import annotations

from manim import LineJointType, Rectangle, VGroup, VMobject

from attnviz.stage import theme

WIDTH = 24
"""Manim's stroke width of a halo: so wide that no grid line comes near a digit, or runs between two."""


def halo(text: VMobject) -> VGroup:
    """Return what is put behind a text: in the background colour, thickened copies of its glyphs, and their box."""
    glyphs = VGroup(*[glyph.copy() for glyph in text.family_members_with_points()])
    glyphs.add(Rectangle(width=text.width, height=text.height).move_to(text).set_fill(opacity=1))
    for glyph in glyphs:
        glyph.joint_type = LineJointType.ROUND  # the corners of so wide a line would be spikes
    return glyphs.set_color(theme.GROUND).set_stroke(theme.GROUND, width=WIDTH)


def widen_halo(text: VMobject) -> None:
    """Widen the halo that a text has: on a bent grid there are more lines behind it than elsewhere."""
    for glyph in text.family_members_with_points():
        if glyph.get_stroke_width() > 0:
            glyph.joint_type = LineJointType.ROUND
            glyph.set_stroke(width=WIDTH)
