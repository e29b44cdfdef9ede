"""Lines on a 2 × 2 matrix: its rows in the basis vectors' colours, its determinant, a row vector times it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from manim import DOWN, LEFT, RIGHT, Mobject, VGroup

from attnviz.stage import (
    NOISE,
    Array,
    CarriedArrow,
    Number,
    Writing,
    as_shown,
    bracketed,
    formula,
    prose,
    relation,
    set_sign,
    theme,
)

Rows = Sequence[Sequence[Number]]


def row_of(*pieces: Mobject, buff: float = 0.14) -> VGroup:
    """Arrange pieces side by side on one baseline; pieces that are not text are centred on the letters' height."""
    line = VGroup(*pieces).arrange(RIGHT, buff=buff)
    for piece in pieces:
        if isinstance(piece, Writing):
            piece.seat(0)
        else:
            piece.set_y(0.11)
    return line


def lines_of(*lines: Mobject, buff: float = 0.3) -> VGroup:
    """Stack lines, aligned on the left."""
    return VGroup(*lines).arrange(DOWN, buff=buff, aligned_edge=LEFT)


def matrix_equation(rows: Rows, *, size: float = theme.BIG) -> Writing:
    """Return M = (rows), each row in the colour of the basis vector whose image it is.

    The marks are named m0a, m0b (first row), m1a, m1b.
    """
    names = {f"m{i}{'ab'[j]}": number for i, row in enumerate(rows) for j, number in enumerate(row)}
    sign = set_sign(as_shown(names.values()))
    template = f'bold(M) {sign} mat(delim: "[", ' + " ; ".join(f"{{m{i}a}}, {{m{i}b}}" for i in range(2)) + ")"
    writing = formula(template, size=size, numbers=names)
    for name, mark in writing.marks.items():
        mark.set_color(theme.BASIS[int(name[1])])
    return writing


def determinant_line(rows: Rows, determinant: Number, *, size: float = 30) -> Writing:
    """Return det M = a·d − b·c = its value."""
    (a, b), (c, d) = rows
    first = set_sign(as_shown(chain(*rows)))
    sign = set_sign(relation(a.shown * d.shown - b.shown * c.shown, determinant) == "=")
    left, right = (
        f"{bracketed('a', a, first=True)} dot {bracketed('d', d)}",
        f"{bracketed('b', b)} dot {bracketed('c', c)}",
    )
    writing = formula(
        f"det bold(M) {first} {left} - {right} {sign} {{det}}",
        size=size, a=a, b=b, c=c, d=d, det=determinant,
    )  # fmt: skip
    for name, number in (("a", 0), ("b", 0), ("c", 1), ("d", 1)):
        writing.marks[name].set_color(theme.BASIS[number])
    return writing


def area_line(one: Number, determinant: Number, area: Number) -> VGroup:
    """Return what becomes of the unit square's area, with a note if it is kept, lost or turned over."""
    left = {one.shown: "kept", 0.0: "nothing left"}.get(area.shown, "")
    rounded = bool(left) and abs(area.value - area.shown) > NOISE
    almost, sign = ("almost ", "approx") if rounded else ("", "")
    turned = "turned over" if determinant.value < -NOISE else ""
    pieces = [
        prose("area", size=theme.NOTE, color=theme.DIM),
        formula("{one} arrow.r.long", size=30, one=one),
        formula(f"{sign} {{area}}", size=30, area=area),
    ]
    words = ", ".join(filter(None, [left and almost + left, turned]))
    if words:
        color = theme.DIM if determinant.value > NOISE else theme.INK
        pieces.append(prose(words, size=theme.NOTE, color=color))
    return row_of(*pieces, buff=0.22)


def steps_line(word: str, color: str, coordinates: Sequence[Number], *, size: float = 30) -> VGroup:
    """Return a word as a linear combination of the basis vectors, which are drawn as small arrows."""
    x, y = coordinates
    lead = formula("bold({w})", size=size, color=color, words={"w": word})
    sign = set_sign(as_shown(coordinates))
    along, up = (small_arrow(direction, c) for direction, c in zip(np.eye(2), theme.BASIS, strict=True))
    return lines_of(lead, row_of(formula(f"{sign} {{x}} dot", size=size, x=x), along, *_second(y, size), up), buff=0.24)


def product_lines(word: str, color: str, coordinates: Sequence[Number], rows: Rows, image: Sequence[Number]) -> VGroup:
    """Return a row vector times the matrix: the same linear combination, now of the matrix's rows, and its value."""
    x, y = coordinates
    size = 30
    lead = row_of(formula("bold({w})", size=size, color=color, words={"w": word}), formula("dot bold(M)", size=size))
    shown = [x.shown * a.shown + y.shown * c.shown for a, c in zip(*rows, strict=True)]
    first = set_sign(as_shown([*coordinates, *chain(*rows)]))
    sign = set_sign(all(relation(s, r) == "=" for s, r in zip(shown, image, strict=True)))
    steps = row_of(
        formula(f"{first} {{x}} dot", size=size, x=x),
        vector_piece(rows[0], theme.BASIS[0], size),
        *_second(y, size),
        vector_piece(rows[1], theme.BASIS[1], size),
    )
    result = row_of(formula(sign, size=size), vector_piece(image, theme.INK, size))
    return lines_of(lead, steps, result, buff=0.24)


def vector_piece(numbers: Sequence[Number], color: str, size: float = 30) -> Writing:
    """Return a row vector of two numbers."""
    return formula("({x}, {y})", size=size, color=color, x=numbers[0], y=numbers[1])


def small_arrow(direction: Sequence[float] | Array, color: str, length: float = 0.42) -> CarriedArrow:
    """Return a small arrow that represents a basis vector within a line of text."""
    arrow = CarriedArrow((0, 0), direction, color, width=5)
    reach = length / 2 * np.array([*direction[:2], 0.0])
    arrow.place([-reach, reach])
    return arrow


def _second(number: Number, size: float) -> list[Writing]:
    name = bracketed("y", number)
    return [formula(f"+ {name} dot", size=size, y=number)]
