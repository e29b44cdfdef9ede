"""Rulers on a bending plane: they stretch with what they measure, and wear its value as their label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import LEFT, RIGHT, Line, Mobject, VGroup, VMobject

from attnviz.stage import theme
from attnviz.stage.maps.carried import CLOSE, Carried
from attnviz.stage.maps.sides import SHARES, along_line, arc_between, beside, direction, reach
from attnviz.stage.placement import Array, overlap, rects_along

FLAT = 1e-4
"""An arc that is not longer (frame units) is none."""
CAP = 0.13
"""Half the length of the caps at a ruler's ends (frame units)."""
OUTSIDE = 0.14
"""The gap between a ruler's caps and its label (frame units)."""


class Ruler(Carried):
    """The distance of two vectors: a line beside theirs, as long, with caps; thin lines lead to both.

    `away` is the ruler's distance from the line between the vectors (frame units); dim if it is `past`.
    """

    options = 2 * len(SHARES)
    may_change = False  # the ruler itself lies on the side of its label

    def __init__(self, vectors: Sequence[Array], *, away: float = 0.52, past: bool = False) -> None:
        super().__init__(vectors)
        self.away = away
        color, width = (theme.DIM, 2.5) if past else (theme.INK, 4)
        self.feet = VGroup(*[Line(LEFT, RIGHT, color=theme.DIM, stroke_width=1.5) for _ in "ab"]).set_z_index(-1)
        self.bar, *caps = (Line(LEFT, RIGHT, color=color, stroke_width=width) for _ in "abc")
        self.caps = VGroup(*caps)
        self.add(self.feet, self.bar, self.caps)

    @property
    def anchor(self) -> Mobject:
        """The line of the ruler, to which its label belongs."""
        return self.bar

    def ways(self, places: Sequence[Array]) -> list[tuple[Array, Array]]:
        """Return its line, and those that lead to it."""
        ends = [place + (self.away + CAP) * self._side(places) for place in places]
        return [(ends[0], ends[1]), *zip(places, ends, strict=True)]

    def draw(self, places: Sequence[Array]) -> None:
        """Draw it beside the line between two points on screen."""
        away = self._side(places)
        ends = [place + self.away * away for place in places]
        self.bar.set_points_as_corners(np.array(ends))
        for foot, cap, place, end in zip(self.feet, self.caps, places, ends, strict=True):
            foot.set_points_as_corners(np.array([place, end]))
            cap.set_points_as_corners(np.array([end - CAP * away, end + CAP * away]))

    def spot(self, size: tuple[float, float], places: Sequence[Array]) -> Array:
        """Return the centre of its label, outside of the ruler, at its middle or nearer to an end."""
        away, at = along_line(places, self.choice)
        return np.asarray(at + (self.away + CAP + OUTSIDE + reach(size, away)) * away)

    def _side(self, places: Sequence[Array]) -> Array:
        return along_line(places, self.choice)[0]


class CarriedAngle(Carried):
    """The lines from a vertex (the second of three vectors) to the other two, and the arc between them."""

    options = 3

    def __init__(self, vectors: Sequence[Array], *, past: bool = False) -> None:
        super().__init__(vectors)
        color = theme.DIM if past else theme.INK
        self.past, self.scale_of_arc = past, 0.6 if past else 1.0
        self.outline = VGroup(*[Line(LEFT, RIGHT, color=color, stroke_width=2.5) for _ in "ab"])
        self.wedge = VMobject(stroke_width=0, fill_color=color, fill_opacity=0.0 if past else 0.16)
        self.arc = VMobject(stroke_color=color, stroke_width=2.5 if past else 4)
        self.add(self.wedge, self.outline, self.arc)

    @property
    def anchor(self) -> Mobject:
        """The arc, to which its label belongs, or the lines, if there is no angle between them."""
        return self.arc if self.arc.has_points() else self.outline

    def draw(self, places: Sequence[Array]) -> None:
        """Draw it through points on screen, one for each vector."""
        arc = arc_between(places, self.scale_of_arc)
        if np.ptp(arc, axis=0).max() > FLAT:
            self.arc.set_points_as_corners(arc)
            self.wedge.set_points_as_corners([places[1], *arc, places[1]])
        else:
            self.arc.clear_points()
            self.wedge.clear_points()
        for line, end in zip(self.outline, (places[0], places[2]), strict=True):
            line.set_points_as_corners(np.array([places[1], end]))

    def spot(self, size: tuple[float, float], places: Sequence[Array]) -> Array:
        """Return the centre of its label: beyond the arc, if the angle is wide enough, or beside one of its legs."""
        arc = arc_between(places, self.scale_of_arc)
        middle, outward = arc[len(arc) // 2], direction(places[1], arc[len(arc) // 2])
        beyond = np.asarray(middle + (CLOSE + reach(size, outward)) * outward)
        half = (size[0] / 2, size[1] / 2)
        rect = (beyond[0] - half[0], beyond[1] - half[1], beyond[0] + half[0], beyond[1] + half[1])
        legs = [r for end in (places[0], places[2]) for r in rects_along(places[1], end)]
        if self.choice == 0 and not any(overlap(rect, leg) for leg in legs):
            return beyond
        end, other = (arc[-1], arc[0]) if self.choice < 2 else (arc[0], arc[-1])
        leg = beside(places[1], end)
        away = leg if float(leg @ (other - end)) <= 0 else -leg
        return np.asarray(end + (CLOSE + reach(size, away)) * away)


def ruler(vectors: Sequence[Array], *, past: bool = False, away: float = 0.55) -> Ruler | CarriedAngle:
    """Return what shows a distance, between two vectors, or an angle: that at the second of three.

    What was measured before a map, and is `past`, is dim.
    """
    if len(vectors) > 2:
        return CarriedAngle(vectors, past=past)
    return Ruler(vectors, away=0.3 if past else away, past=past)
