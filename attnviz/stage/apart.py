"""What is written about how far two words stand apart: what is measured, the reading before and after, a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from manim import DashedVMobject, VGroup, VMobject
from numpy.typing import NDArray

from attnviz.stage import theme
from attnviz.stage.labels import halo
from attnviz.stage.matrix_lines import lines_of, row_of
from attnviz.stage.numbers import Number
from attnviz.stage.reading import visible_word
from attnviz.stage.typesetting import Writing, formula, prose

HARDLY = 0.15
"""A change by no more than this share of what was before counts as hardly a change."""


def heading(what: str, colors: Mapping[str, str]) -> VGroup:
    """Write what is measured of two words, as in `distance of apple and orange`."""
    first, second = (prose(visible_word(w), size=theme.NOTE, color=c, own=True) for w, c in colors.items())
    lead, joint = (prose(text, size=theme.NOTE, color=theme.DIM) for text in (f"{what} of", "and"))
    return row_of(lead, first, joint, second)


def reading(what: str, colors: Mapping[str, str], before: Number, after: Number | None = None) -> VGroup:
    """Write what is measured: before the map and, if there is one, after it."""
    if after is None:
        return lines_of(heading(what, colors), formula("{n}", size=theme.BIG, n=before))
    arrow = formula("{n} arrow.r.long", size=theme.BIG, color=theme.DIM, n=before)
    return lines_of(heading(what, colors), row_of(arrow, formula("{n}", size=theme.BIG, n=after), buff=0.25))


def caption(what: str, colors: Mapping[str, str], before: Number, *, width: float) -> VGroup:
    """Write on one line what is measured, and how much it was before any map."""
    note = prose("before any map:", size=theme.NOTE, color=theme.DIM)
    line = row_of(*heading(what, colors), note, formula("{n}", size=30, n=before))
    return line.scale(min(1.0, width / line.width))


def verdict(after: Number, before: Number) -> Writing:
    """Say in words whether a map parts two words or draws them together, as far as the shown digits tell."""
    if abs(after.value - before.value) <= HARDLY * abs(before.value):
        text = "leaves them as they are" if after.text == before.text else "hardly changes"
        return prose(text, size=theme.NOTE, color=theme.DIM)
    if after.value < before.value:
        return prose("draws them together", size=theme.NOTE, color=theme.DIM)
    return prose("parts them", size=theme.NOTE)


def left_behind(places: Sequence[NDArray[np.float64]], note: Writing) -> VGroup:
    """Return the line that was measured before the map, dashed, with its number beside it."""
    line = VMobject(stroke_color=theme.DIM, stroke_width=2.5).set_points_as_corners(np.array(places))
    dashed = DashedVMobject(line, num_dashes=max(6, int(6 * line.get_arc_length())))
    way = places[1] - places[0]
    side = np.array([way[1], -way[0], 0.0]) / max(float(np.linalg.norm(way)), 1e-9)
    side = side if side[0] + side[1] < 0 else -side
    reach = 0.16 + abs(side[0]) * note.width / 2 + abs(side[1]) * note.height / 2
    note.move_to((places[0] + places[1]) / 2 + reach * side)
    return VGroup(dashed, halo(note.marks["n"]), note)
