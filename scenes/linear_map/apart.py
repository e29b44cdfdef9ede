"""Lines on how far apart two words are: what is measured, its value before and after a map, and a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from manim import DashedVMobject, VGroup, VMobject

from attnviz.stage import (
    Array,
    CarriedAngle,
    CarriedShape,
    Number,
    Rect,
    Writing,
    arc_between,
    find_places,
    formula,
    halo,
    overlap,
    prose,
    rect_of,
    rects_along,
    theme,
    visible_word,
)

from .matrix_lines import lines_of, row_of

HARDLY = 0.15
"""The largest relative change of a measured value that counts as hardly a change."""


def heading(what: str, colors: Mapping[str, str]) -> VGroup:
    """Return what is measured of two words, such as `distance of apple and orange`, on one line."""
    first, second = (prose(visible_word(w), size=theme.NOTE, color=c, own=True) for w, c in colors.items())
    lead, joint = (prose(text, size=theme.NOTE, color=theme.DIM) for text in (f"{what} of", "and"))
    return row_of(lead, first, joint, second)


def reading(what: str, colors: Mapping[str, str], before: Number, after: Number | None = None) -> VGroup:
    """Return what is measured, with its value before the map and, if there is one, after it."""
    if after is None:
        return lines_of(heading(what, colors), formula("{n}", size=theme.BIG, n=before))
    arrow = formula("{n} arrow.r.long", size=theme.BIG, color=theme.DIM, n=before)
    return lines_of(heading(what, colors), row_of(arrow, formula("{n}", size=theme.BIG, n=after), buff=0.25))


def caption(what: str, colors: Mapping[str, str], before: Number, *, width: float) -> VGroup:
    """Return what is measured, with its value before any map, on one line."""
    note = prose("before any map:", size=theme.NOTE, color=theme.DIM)
    line = row_of(*heading(what, colors), note, formula("{n}", size=30, n=before))
    return line.scale(min(1.0, width / line.width))


def verdict(after: Number, before: Number) -> Writing:
    """Return the verdict, in words, on whether a map separates two words, draws them together, or hardly moves them."""
    if abs(after.value - before.value) <= HARDLY * abs(before.value):
        text = "leaves them as they are" if after.text == before.text else "hardly changes"
        return prose(text, size=theme.NOTE, color=theme.DIM)
    if after.value < before.value:
        return prose("draws them together", size=theme.NOTE, color=theme.DIM)
    return prose("parts them", size=theme.NOTE)


def ruler(vectors: Sequence[Array]) -> CarriedShape:
    """Return the line that shows what is measured: between two vectors or, given three, the angle at the second."""
    return (CarriedAngle if len(vectors) > 2 else CarriedShape)(vectors, theme.INK, 3)


def left_behind(places: Sequence[Array], note: Writing, avoid: Sequence[Rect]) -> VGroup:
    """Return the line that was measured before the map, dashed, its number placed where it covers least of `avoid`."""
    line = VMobject(stroke_color=theme.DIM, stroke_width=2.5).set_points_as_corners(np.array(places))
    dashed = VGroup(DashedVMobject(line, num_dashes=max(6, int(6 * line.get_arc_length()))))
    curve, legs = np.linspace(places[0], places[1], 13), [*pairwise(places)]
    if len(places) > 2:
        curve = arc_between(places)
        legs += pairwise(curve)
        dashed.add(VMobject(stroke_color=theme.DIM, stroke_width=2.5).set_points_as_corners(curve))
    taken = [*avoid, *[rect for start, end in legs for rect in rects_along(start, end)]]

    def covers(place: Array) -> float:
        rect = rect_of(note.move_to(place))
        return sum(overlap(rect, other) for other in taken)

    size = [(note.width, note.height)]
    ways = (0.5 + side * away for away in (0, 0.15, 0.3) for side in (-1, 1))  # from the middle outwards
    beside = [curve[round(share * (len(curve) - 1))] for share in dict.fromkeys(ways)]
    found = [find_places(size, [at], avoid=taken, gap=0.16, dot=0.1)[0] for at in beside]
    note.move_to(min(found, key=covers))
    return VGroup(dashed, halo(note.marks["n"]), note).set_z_index(-2)
