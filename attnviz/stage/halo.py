"""Halos in the colour of the ground, which keep text legible on top of lines."""

from __future__ import annotations

from typing import TypeVar

from manim import LineJointType, Rectangle, VGroup, VMobject

from attnviz.stage import theme

WIDTH = 9
"""Manim's stroke width of the halo of a text on a plane: a grid line that passes behind it leaves it a margin."""
WIDE = 24
"""That of a text on a bent grid: so wide that no grid line comes near a digit, or runs between two."""

Text = TypeVar("Text", bound=VMobject)


def haloed(text: Text) -> Text:
    """Put thickened copies of a text's glyphs behind it, so that none cuts into its neighbours, and return it."""
    text.submobjects = [*_thickened(text, WIDTH), *text.submobjects]
    return text


def outlined(text: Text) -> Text:
    """Put wide outlines of a text's glyphs behind it, and return it: no line of a grid runs up to it, or through it.

    They have no fill, so that the fill of the whole can change its colour.
    """
    outlines = _thickened(text, WIDE)
    for glyph in outlines:
        glyph.set_fill(opacity=0)
    text.submobjects = [*outlines, *text.submobjects]
    return text


def halo(text: VMobject) -> VGroup:
    """Return what is put behind a text on a bent grid: thickened copies of its glyphs, and their box."""
    box = Rectangle(width=text.width, height=text.height).move_to(text)
    return VGroup(*_thickened(text, WIDE), *_thickened(box, WIDE))


def widen_halo(text: VMobject) -> None:
    """Widen the halo that a text has: on a bent grid there are more lines behind it than elsewhere."""
    for glyph in text.family_members_with_points():
        if glyph.get_stroke_width() > 0:
            glyph.set_stroke(width=WIDE)


def _thickened(text: VMobject, width: float) -> list[VMobject]:
    copies = [glyph.copy() for glyph in text.family_members_with_points()]
    for glyph in copies:
        glyph.set_fill(theme.GROUND, opacity=1).set_stroke(theme.GROUND, width=width, opacity=1)
        glyph.joint_type = LineJointType.ROUND  # the corners of so wide a line would be spikes
    return copies
