"""Text that stands on a grid: each letter in front of the halos of all, so that none cuts into its neighbours."""

from __future__ import annotations

from attnviz.stage import theme
from attnviz.stage.typesetting import Writing

WIDTH = 9


def haloed(text: Writing) -> Writing:
    """Put thickened copies of a text's glyphs behind it, in the colour of the ground, and return it."""
    behind = [glyph.copy() for glyph in text.family_members_with_points()]
    for glyph in behind:
        glyph.set_fill(theme.GROUND, opacity=1).set_stroke(theme.GROUND, width=WIDTH, opacity=1)
    text.submobjects = [*behind, *text.submobjects]
    return text
