"""What is written about how far two words stand apart: what is measured, the reading before and after, a verdict."""

from __future__ import annotations

from collections.abc import Mapping

from manim import VGroup

from attnviz.stage import theme
from attnviz.stage.matrix_lines import lines_of, row_of
from attnviz.stage.numbers import Number
from attnviz.stage.typesetting import Writing, formula, prose
from attnviz.stage.words import visible_word


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
    if after.text == before.text:
        return prose("leaves them as they are", size=theme.NOTE, color=theme.DIM)
    if after.value < before.value:
        return prose("draws them together", size=theme.NOTE, color=theme.DIM)
    return prose("parts them", size=theme.NOTE)
