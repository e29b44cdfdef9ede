"""Lines about a pair of words: what angle, norms and dimension say about their dot product."""

from __future__ import annotations

import math
from collections.abc import Sequence

from manim import LEFT, VGroup

from attnviz.stage import theme
from attnviz.stage.ledger import PairName
from attnviz.stage.numbers import Number, relation
from attnviz.stage.typesetting import Writing, formula
from attnviz.stage.words import visible_word


def sign(computed: float, result: Number) -> str:
    """Return Typst's `=` if the shown digits give exactly the shown result, else `approx`."""
    return "=" if relation(computed, result) == "=" else "approx"


def angle_line(angle: Number, cosine: Number) -> Writing:
    """Write the cosine of an angle; marks `a` and `c`."""
    relates = sign(math.cos(math.radians(angle.shown)), cosine)
    line = formula(f"cos {{a}} {relates} {{c}}", size=theme.BIG, a=angle, c=cosine)
    line.marks["c"].set_color(theme.WEIGHT)
    return line


def norm_lines(
    words: Sequence[str], colors: Sequence[str], cosine: Number, norms: Sequence[Number], dot: Number
) -> list[Writing]:
    """Write a dot product as the cosine times both norms: in words, in numbers (marks `c`, `a`, `b`), its `result`."""
    relates = sign(cosine.shown * norms[0].shown * norms[1].shown, dot)
    texts = {name: visible_word(word) for name, word in zip(("one", "other"), words, strict=True)}
    size = theme.BODY + 4
    lines = [
        formula("= cos theta dot norm({one}) dot norm({other})", size=size, words=texts),
        formula("= {c} dot {a} dot {b}", size=size, c=cosine, a=norms[0], b=norms[1]),
        formula(f"{relates} {{result}}", size=size, result=dot),
    ]
    for name, color in zip("cab", (theme.WEIGHT, *colors), strict=True):
        lines[1].marks[name].set_color(color)
    lines[2].marks["result"].set_color(theme.WEIGHT)
    return lines


def scaled_lines(dot: Number, dimension: Number, scaled: Number) -> list[Writing]:
    """Write the dimension (mark `d`), and the dot product (mark `x`) divided by its root (mark `result`)."""
    relates = sign(dot.shown / math.sqrt(dimension.shown), scaled)
    lines = [
        formula('d = {d} med "coordinates"', size=theme.WORD, color=theme.DIM, d=dimension),
        formula(f"{{x}} / sqrt({{d}}) {relates} {{result}}", size=theme.BIG, x=dot, d=dimension, result=scaled),
    ]
    lines[1].marks["result"].set_color(theme.WEIGHT)
    return lines


def stand(name: PairName, lines: Sequence[Writing], *, left: float, right: float, top: float) -> VGroup:
    """Stand the pair's name and the lines below it flush left under `top`; lines that are too wide get smaller."""
    name.move_to([left, 0, 0], aligned_edge=LEFT).seat(top)
    y = float(name.get_bottom()[1])
    for line in lines:
        if line.width > right - left:
            line.scale_to_fit_width(right - left)
        line.move_to([left, y - 0.45 - line.height / 2, 0], aligned_edge=LEFT)
        y = float(line.get_bottom()[1])
    return VGroup(name, *lines)
