"""A stage's title: large until something moves, then small and dim in its corner."""

from __future__ import annotations

from manim import LEFT, UL, Animation, VGroup

from attnviz.stage import frame, theme
from attnviz.stage.words import fitted_title

LARGE = theme.BIG / theme.TITLE
"""How much larger a title is at first."""


def title_in_corner(title: str) -> tuple[VGroup, bool]:
    """Return a title in its place, and whether it is large: not if it would leave the frame."""
    written = fitted_title(title)
    written.move_to([frame.CONTENT.left, 0, 0], aligned_edge=LEFT).seat(frame.TITLE_LINE)
    written.set_z_index(6)
    large = bool(written.width * LARGE <= frame.CONTENT.width)
    if large:
        written.scale(LARGE, about_point=written.get_corner(UL)).set_fill(theme.INK)
    return written, large


def settling(title: VGroup) -> Animation:
    """Return the animation in which a large title becomes small and dim."""
    return title.animate.scale(1 / LARGE, about_point=title.get_corner(UL)).set_fill(theme.DIM).build()
