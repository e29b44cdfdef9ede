"""How far apart two words are: what is measured, before and after a map."""

from __future__ import annotations

from manim import VGroup

from attnviz.stage import Array, Carried, Number, Rect, Writing, formula, prose, ruler, theme

from .matrix_lines import lines_of, row_of


def reading(what: str, before: Number, after: Number) -> VGroup:
    """Return what is measured, with its value before the map and after it."""
    arrow = formula("arrow.r", size=theme.BIG, color=theme.DIM)
    numbers = [
        formula("{n}", size=theme.BIG, color=color, n=n) for n, color in ((before, theme.DIM), (after, theme.INK))
    ]
    return lines_of(prose(what, size=theme.NOTE, color=theme.DIM), row_of(numbers[0], arrow, numbers[1], buff=0.25))


def value(number: Number, *, past: bool = False) -> Writing:
    """Return a measured value, as a ruler wears it: that from before a map is dim, and smaller."""
    return formula("{n}", size=theme.BODY if past else theme.BIG, color=theme.DIM if past else theme.INK, n=number)


def left_behind(places: list[Array], number: Number, avoid: list[Rect]) -> Carried:
    """Return the ruler that was there before the map, with its label where it covers least of `avoid`."""
    rule = ruler(places, past=True)
    note = value(number, past=True)
    rule.settle(note, (places, avoid))
    rule.place(places)
    rule.relabel(note)
    return rule
