"""Lines on a pair of words: how angle, norms and dimension relate to their dot product."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from manim import LEFT, VGroup

from attnviz.stage import (
    Number,
    Region,
    Writing,
    as_shown,
    bracketed,
    cut_short,
    formula,
    frame,
    relation,
    set_sign,
    theme,
    visible_word,
)

from .ledger import PairName

MOST_LETTERS, FEWEST_LETTERS = 16, 4
"""How many letters of a word are written in a formula: as many as there is room for."""


def sign(computed: float, result: Number) -> str:
    """Return Typst's `=` if the shown digits give exactly the shown result, else `approx`."""
    return set_sign(relation(computed, result) == "=")


def _with_room(template: str, words: Mapping[str, str], numbers: Mapping[str, Number] | None = None) -> Writing:
    """Set a line whose words are cut short as far as it must be to fit beside the plane."""
    for letters in range(MOST_LETTERS, FEWEST_LETTERS - 1, -2):
        texts = {name: cut_short(visible_word(word), letters) for name, word in words.items()}
        line = formula(template, size=theme.WORD, words=texts, numbers=numbers)
        if line.width <= frame.WORKED_OUT.width:
            break
    return line


def angle_line(angle: Number, cosine: Number) -> Writing:
    """Return the line on the cosine of an angle; its marks are `a` (the angle) and `c` (the cosine)."""
    relates = sign(math.cos(math.radians(angle.shown)), cosine)
    return formula(f"cos {{a}} {relates} {{c}}", size=theme.BIG, a=angle, c=cosine)


def norm_line(word: str, color: str, coordinates: Sequence[Number], two: Number, norm: Number) -> Writing:
    """Return a norm as the root of the sum of the squared coordinates; its marks are `c0`, `c1` … and `n`."""
    first, relates = set_sign(as_shown(coordinates)), sign(math.sqrt(sum(c.shown**2 for c in coordinates)), norm)
    named = {f"c{k}": number for k, number in enumerate(coordinates)}
    powers = {f"t{k}": two for k in range(len(coordinates))}
    squares = " + ".join(
        f"{bracketed(name, number)}^{{{power}}}" for (name, number), power in zip(named.items(), powers, strict=True)
    )
    numbers = {**named, **powers, "n": norm}
    line = _with_room(f"norm({{word}}) {first} sqrt({squares}) {relates} {{n}}", {"word": word}, numbers)
    for name in (*named, "n"):
        line.marks[name].set_color(color)
    return line


def norm_lines(
    words: Sequence[str], colors: Sequence[str], cosine: Number, norms: Sequence[Number], dot: Number
) -> list[Writing]:
    """Return a dot product as the cosine times both norms: with names, in numbers (marks `c`, `a`, `b`), its `result`.

    The second line starts with ≈ if the digits of a factor are rounded; what the shown digits give (`p`) is written,
    too, if it differs from the result.
    """
    factors = (cosine, *norms)
    told = " · ".join(n.name for n in factors)
    if not as_shown(factors):
        told += ", as they are shown"
    shown = math.prod(n.shown for n in factors)
    product = Number(shown, "", formula=told, decimals=dot.decimals, sentence=dot.sentence).styled("short")
    texts = dict(zip(("one", "other"), words, strict=True))
    size = theme.BODY
    begin = set_sign(as_shown(factors))
    if product.text == dot.text:
        last = formula(f"{sign(product.value, dot)} {{result}}", size=size, result=dot)
    else:
        first = sign(product.value, product)
        last = formula(f"{first} {{p}} approx {{result}}", size=size, p=product, result=dot)
    lines = [
        _with_room("= cos theta dot norm({one}) dot norm({other})", texts),
        formula(f"{begin} {{c}} dot {{a}} dot {{b}}", size=size, c=cosine, a=norms[0], b=norms[1]),
        last,
    ]
    for name, color in zip("ab", colors, strict=True):
        lines[1].marks[name].set_color(color)
    return lines


def scaled_lines(dot: Number, dimension: Number, scaled: Number) -> list[Writing]:
    """Return lines with the dimension (mark `d`), and the dot product (mark `x`) over its root (mark `result`)."""
    relates = sign(dot.shown / math.sqrt(dimension.shown), scaled)
    return [
        formula('"dimension" d = {d}', size=theme.WORD, color=theme.DIM, d=dimension),
        formula(f"{{x}} / sqrt({{d}}) {relates} {{result}}", size=theme.BIG, x=dot, d=dimension, result=scaled),
    ]


def stand(parts: Sequence[PairName | Writing], region: Region, *, gap: float = 0.5) -> VGroup:
    """Stack a pair's name and lines in a region, in its middle and left-aligned.

    Lines that are too wide are shrunk.
    """
    for part in parts:
        if part.width > region.width:
            part.scale_to_fit_width(region.width)
    tall = sum(part.height for part in parts)
    gap = min(gap, (region.height - tall) / max(1, len(parts) - 1))
    y = region.center[1] + (tall + gap * (len(parts) - 1)) / 2
    for part in parts:
        part.move_to([region.left, y - part.height / 2, 0], aligned_edge=LEFT)
        y = float(part.get_bottom()[1]) - gap
    return VGroup(*parts)
