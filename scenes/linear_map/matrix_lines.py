"""Lines on a 2 × 2 matrix: its rows in the basis vectors' colours, its determinant, a row vector times it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from manim import DOWN, LEFT, RIGHT, Mobject, VGroup

from attnviz.stage import (
    NOISE,
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


def row_of(*pieces: Mobject, buff: float = 0.18) -> VGroup:
    """Arrange pieces side by side on one baseline."""
    line = VGroup(*pieces).arrange(RIGHT, buff=buff)
    for piece in pieces:
        if isinstance(piece, Writing):
            piece.seat(0)
    return line


def lines_of(*lines: Mobject, buff: float = 0.3) -> VGroup:
    """Stack lines, aligned on the left."""
    return VGroup(*lines).arrange(DOWN, buff=buff, aligned_edge=LEFT)


def matrix_equation(rows: Rows, *, size: float = theme.BIG, named: bool = True) -> Writing:
    """Return M = (rows), or only the rows, each in the colour of the basis vector whose image it is.

    The marks are named m0a, m0b (first row), m1a, m1b.
    """
    names = {f"m{i}{'ab'[j]}": number for i, row in enumerate(rows) for j, number in enumerate(row)}
    lead = f"bold(M) {set_sign(as_shown(names.values()))} " if named else ""
    template = f'{lead}mat(delim: "[", ' + " ; ".join(f"{{m{i}a}}, {{m{i}b}}" for i in range(2)) + ")"
    writing = formula(template, size=size, numbers=names)
    for name, mark in writing.marks.items():
        mark.set_color(theme.BASIS[int(name[1])])
    return writing


def area_words(one: Number, determinant: Number, area: Number) -> str:
    """Return in words whether a map keeps areas, flattens them, or turns the plane over."""
    left = {one.shown: "kept", 0.0: "nothing left"}.get(area.shown, "")
    almost = "almost " if left and abs(area.value - area.shown) > NOISE else ""
    return ", ".join(filter(None, [left and almost + left, "turned over" if determinant.value < -NOISE else ""]))


def area_line(one: Number, determinant: Number, area: Number, *, width: float = 4.2) -> VGroup:
    """Return what becomes of the unit square's area, with a note if it is kept, lost or turned over.

    The note stands in a second line if the first would be wider than `width`.
    """
    words = area_words(one, determinant, area)
    rounded = bool(words.replace("turned over", "")) and abs(area.value - area.shown) > NOISE
    pieces = [
        prose("area", size=theme.NOTE, color=theme.DIM),
        formula("{one}", one=one),
        formula("arrow.r", color=theme.DIM),
        formula(f"{'approx' if rounded else ''} {{area}}", area=area),
    ]
    if not words:
        return row_of(*pieces)
    note = prose(words, size=theme.NOTE, color=theme.INK if determinant.value < -NOISE else theme.DIM)
    line = row_of(*pieces, note, buff=0.2)
    return line if line.width <= width else lines_of(row_of(*pieces, buff=0.2), note, buff=0.2)


def determinant_line(determinant: Number, *, size: float = theme.BODY) -> Writing:
    """Return det M = its value."""
    return formula(f"det bold(M) {set_sign(as_shown([determinant]))} {{det}}", size=size, det=determinant)


def determinants_line(determinants: Sequence[Number]) -> Writing:
    """Return det M = the values of several maps, in their order."""
    named = {f"d{chr(ord('a') + k)}": number for k, number in enumerate(determinants)}
    listed = ", ".join(f"{{{name}}}" for name in named)
    return formula(f"det bold(M) {set_sign(as_shown(determinants))} {listed}", size=theme.NOTE, numbers=named)


def crosswise_line(rows: Rows, determinant: Number) -> Writing:
    """Return a · d − b · c, which the determinant equals: the marks are named a, b, c, d, in the rows' colours."""
    (a, b), (c, d) = rows
    sign = set_sign(as_shown(chain(*rows)) and relation(a.shown * d.shown - b.shown * c.shown, determinant) == "=")
    left, right = (
        f"{bracketed('a', a, first=True)} dot {bracketed('d', d)}",
        f"{bracketed('b', b)} dot {bracketed('c', c)}",
    )
    writing = formula(f"{sign} {left} - {right}", a=a, b=b, c=c, d=d)
    for name, number in (("a", 0), ("b", 0), ("c", 1), ("d", 1)):
        writing.marks[name].set_color(theme.BASIS[number])
    return writing


def product_lines(word: str, color: str, coordinates: Sequence[Number], rows: Rows, image: Sequence[Number]) -> VGroup:
    """Return a row vector times the matrix, in lines: so much of the first row, so much of the second, and their sum.

    The parts are in order: the head, the two steps and the result, each a group with its sign first.
    """
    x, y = coordinates
    head = row_of(prose(word, size=theme.NOTE, color=color, own=True), formula("dot bold(M)", size=theme.NOTE))
    shown = [x.shown * a.shown + y.shown * c.shown for a, c in zip(*rows, strict=True)]
    first = set_sign(as_shown([*coordinates, *chain(*rows)]))
    last = set_sign(all(relation(s, r) == "=" for s, r in zip(shown, image, strict=True)))
    lines = [
        row_of(
            formula(first), formula(f"{bracketed('x', x, first=True)} dot", x=x), vector_piece(rows[0], theme.BASIS[0])
        ),
        row_of(formula("+"), formula(f"{bracketed('y', y)} dot", y=y), vector_piece(rows[1], theme.BASIS[1])),
        row_of(formula(last), vector_piece(image, theme.INK)),
    ]
    return lines_of(head, *lines, buff=0.15)


def vector_piece(numbers: Sequence[Number], color: str, size: float = theme.BODY) -> Writing:
    """Return a row vector of two numbers."""
    return formula("({x}, {y})", size=size, color=color, x=numbers[0], y=numbers[1])
