"""Lines on a pair of words: how angle, norms and dimension relate to their dot product."""

from __future__ import annotations

import math
from collections.abc import Sequence

from manim import DL, DOWN, LEFT, UP, VGroup

from attnviz.stage import (
    Array,
    Number,
    Region,
    Writing,
    as_shown,
    bracketed,
    formula,
    prose,
    relation,
    set_sign,
    theme,
    visible_word,
)

from .ledger import PairName


def sign(computed: float, result: Number) -> str:
    """Return Typst's `=` if the shown digits give exactly the shown result, else `approx`."""
    return set_sign(relation(computed, result) == "=")


def angle_line(angle: Number, cosine: Number) -> Writing:
    """Return the line on the cosine of an angle; its marks are `a` (the angle) and `c` (the cosine)."""
    relates = sign(math.cos(math.radians(angle.shown)), cosine)
    line = formula(f"cos {{a}} {relates} {{c}}", size=theme.BIG, a=angle, c=cosine)
    line.marks["c"].set_color(theme.WEIGHT)
    return line


def norm_line(word: str, color: str, coordinates: Sequence[Number], two: Number, norm: Number) -> Writing:
    """Return a norm as the root of the sum of the squared coordinates; its marks are `c0`, `c1` … and `n`."""
    first, relates = set_sign(as_shown(coordinates)), sign(math.sqrt(sum(c.shown**2 for c in coordinates)), norm)
    named = {f"c{k}": number for k, number in enumerate(coordinates)}
    powers = {f"t{k}": two for k in range(len(coordinates))}
    squares = " + ".join(
        f"{bracketed(name, number)}^{{{power}}}" for (name, number), power in zip(named.items(), powers, strict=True)
    )
    line = formula(
        f"norm({{word}}) {first} sqrt({squares}) {relates} {{n}}",
        size=theme.WORD, words={"word": visible_word(word)}, numbers={**named, **powers, "n": norm},
    )  # fmt: skip
    for name in (*named, "n"):
        line.marks[name].set_color(color)
    for name in powers:
        line.marks[name].scale(0.68, about_edge=DL).shift(0.02 * DOWN)
    return line


def norm_lines(
    words: Sequence[str], colors: Sequence[str], cosine: Number, norms: Sequence[Number], dot: Number
) -> list[Writing]:
    """Return a dot product as the cosine times both norms: with names, in numbers (marks `c`, `a`, `b`), its `result`.

    The second line starts with ≈ if the digits of a factor are rounded; what the shown digits give (`p`) is written,
    too, if it differs from the result.
    """
    factors = (cosine, *norms)
    product = Number(
        math.prod(n.shown for n in factors), "", formula=" * ".join(n.text for n in factors), decimals=dot.decimals
    ).styled("short")
    texts = {name: visible_word(word) for name, word in zip(("one", "other"), words, strict=True)}
    size = theme.BODY
    begin = set_sign(as_shown(factors))
    if product.text == dot.text:
        last = formula(f"{sign(product.value, dot)} {{result}}", size=size, result=dot)
    else:
        first = sign(product.value, product)
        last = formula(f"{first} {{p}} approx {{result}}", size=size, p=product, result=dot)
    lines = [
        formula("= cos theta dot norm({one}) dot norm({other})", size=size, words=texts),
        formula(f"{begin} {{c}} dot {{a}} dot {{b}}", size=size, c=cosine, a=norms[0], b=norms[1]),
        last,
    ]
    for name, color in zip("cab", (theme.WEIGHT, *colors), strict=True):
        lines[1].marks[name].set_color(color)
    lines[2].marks["result"].set_color(theme.WEIGHT)
    return lines


def scaled_lines(dot: Number, dimension: Number, scaled: Number) -> list[Writing]:
    """Return lines with the dimension (mark `d`), and the dot product (mark `x`) over its root (mark `result`)."""
    relates = sign(dot.shown / math.sqrt(dimension.shown), scaled)
    lines = [
        formula('"dimension" d = {d}', size=theme.WORD, color=theme.DIM, d=dimension),
        formula(f"{{x}} / sqrt({{d}}) {relates} {{result}}", size=theme.BIG, x=dot, d=dimension, result=scaled),
    ]
    lines[1].marks["result"].set_color(theme.WEIGHT)
    return lines


def remark(signed: Writing, one: Array, other: Array, circle: bool, region: Region) -> tuple[Writing | None, bool]:
    """Return a note on what the sign of a dot product means, if worth saying, and whether the angle is a right one.

    The note follows the line with the result or, if it would leave the region on the right, goes below that line.
    """
    value = signed.marks["result"].number.value
    square = bool(abs(value) < 1e-9 and one.any() and other.any())
    wide = "wider than a right angle" if value <= -1e-9 else ""
    text = "perpendicular" if square else wide or ("the cosine" if circle else "")
    if not text:
        return None, square
    note = prose(text, size=theme.WORD - 2, color=theme.DIM)
    note.next_to(signed, buff=0.35).seat(signed.baseline)
    if note.get_right()[0] > region.right:
        note.move_to([region.left, float(signed.get_bottom()[1]) - 0.2, 0], aligned_edge=UP + LEFT)
    return note, square


def stand(name: PairName, lines: Sequence[Writing], region: Region, *, lead: int = 0) -> VGroup:
    """Stack a pair's name and lines in a region, left-aligned from its top, the first `lead` lines above the name.

    Lines that are too wide are shrunk.
    """
    parts: list[PairName | Writing] = [*lines[:lead], name, *lines[lead:]]
    y = region.top
    for k, part in enumerate(parts):
        gap = 0.45 if not lead else 0.4 if k == lead else 0.23
        if part.width > region.width:
            part.scale_to_fit_width(region.width)
        part.move_to([region.left, y - (gap if k else 0.0) - part.height / 2, 0], aligned_edge=LEFT)
        y = float(part.get_bottom()[1])
    return VGroup(*parts)
