"""The panel beside a plane: a sentence as chips, and below it what is written or drawn about it."""

from __future__ import annotations

from manim import Animation, FadeOut, Mobject, VGroup

from attnviz.stage import frame
from attnviz.stage.planes.board import corner

PLACE = frame.BESIDE_PLANE
BELOW, COUNTED = 0.65, 1.1
"""The distance of a block from the sentence above it, without and with room for a count of steps in between."""


class SidePanel:
    """The space beside a plane on the left or, if `beside` is false, the strip below a plane in the middle."""

    def __init__(self, *, beside: bool) -> None:
        self.beside = beside
        self.chips, self.block = VGroup(), VGroup()

    @property
    def width(self) -> float:
        """The maximal width of a row of chips, in frame units."""
        return PLACE.width if self.beside else frame.WIDTH - 2 * frame.MARGIN

    @property
    def rows(self) -> int:
        """The maximal number of rows of chips."""
        return 3 if self.beside else 1

    @property
    def below(self) -> float:
        """The y below which there is room for a block."""
        return float(self.chips.get_bottom()[1]) if self.chips.submobjects else PLACE.top

    def set_chips(self, chips: VGroup) -> list[Animation]:
        """Put a sentence's chips in their place, and return the animations that remove what was in the panel before."""
        gone = self.clear()
        self.chips = chips
        if self.beside:
            corner(chips, PLACE.left, PLACE.top)
        else:
            chips.move_to([0, frame.UNDER_PLANE, 0])
        return gone

    def set_block(self, *parts: Mobject, counted: bool = False, gap: float = 0.8) -> list[Animation]:
        """Stack parts below the sentence, and return the animations that remove the former ones.

        The parts are `gap` (frame units) apart, or closer together if there is less room; with `counted`, room for a
        line of text is left between the sentence and the parts.
        """
        gone = self.clear_block()
        for part in parts:
            if part.width > PLACE.width:
                part.scale_to_fit_width(PLACE.width)
        y = self.below - (COUNTED if counted else BELOW)
        spare = y - PLACE.bottom - sum(part.height for part in parts)
        gap = min(gap, spare / max(1, len(parts) - 1))
        for part in parts:
            corner(part, PLACE.left, y)
            y = float(part.get_bottom()[1]) - gap
        self.block = VGroup(*parts)
        return gone

    def clear_block(self) -> list[Animation]:
        """Return the animations that remove what is below the sentence."""
        gone: list[Animation] = [FadeOut(self.block)] if self.block.submobjects else []
        self.block = VGroup()
        return gone

    def clear(self) -> list[Animation]:
        """Return the animations that remove everything from the panel."""
        gone: list[Animation] = [FadeOut(self.chips)] if self.chips.submobjects else []
        self.chips = VGroup()
        return gone + self.clear_block()
