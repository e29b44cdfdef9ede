"""Lines on a 2 × 2 matrix: where it takes the basis vectors, in their colours, its determinant, a vector times it."""

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

Rows = Sequence[Sequence[Number]]  # a map's images of the basis vectors: its rows or, with `columns`, its columns


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


def matrix_equation(rows: Rows, *, columns: bool, size: float = theme.BIG, named: bool = True) -> Writing:
    """Return M = (rows), or only the rows, each in the colour of the basis vector whose image it is.

    The marks are named m0a, m0b (first image), m1a, m1b; with `columns` the images are the matrix's columns.
    """
    names = {f"m{i}{'ab'[j]}": number for i, row in enumerate(rows) for j, number in enumerate(row)}
    lead = f"bold(M) {set_sign(as_shown(names.values()))} " if named else ""
    entries = [[f"{{m{i}{c}}}" for c in "ab"] for i in range(2)]
    drawn = zip(*entries, strict=True) if columns else entries
    template = f'{lead}mat(delim: "[", ' + " ; ".join(map(", ".join, drawn)) + ")"
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


def crosswise_line(rows: Rows, determinant: Number, *, columns: bool) -> Writing:
    """Return a · d − b · c, which the determinant equals: the marks are named a, b, c, d, in the images' colours.

    The factors stand as they do in the matrix from above: with `columns`, c (the second image's first) is above b.
    """
    (a, b), (c, d) = rows
    sign = set_sign(as_shown(chain(*rows)) and relation(a.shown * d.shown - b.shown * c.shown, determinant) == "=")
    left, right = (
        f"{bracketed('a', a, first=True)} dot {bracketed('d', d)}",
        f"{bracketed('c', c)} dot {bracketed('b', b)}" if columns else f"{bracketed('b', b)} dot {bracketed('c', c)}",
    )
    writing = formula(f"{sign} {left} - {right}", a=a, b=b, c=c, d=d)
    for name, number in (("a", 0), ("b", 0), ("c", 1), ("d", 1)):
        writing.marks[name].set_color(theme.BASIS[number])
    return writing


def product_lines(
    word: str, color: str, coordinates: Sequence[Number], rows: Rows, image: Sequence[Number], *, columns: bool
) -> VGroup:
    """Return a vector times the matrix, in lines: so much of the first image, so much of the second, and their sum.

    The parts are the head, a group of the two steps, and the result; steps and result are groups with their sign first.
    With `columns` the vector is a column, to the right of the matrix.
    """
    x, y = coordinates
    called, matrix = prose(word, size=theme.NOTE, color=color, own=True), "bold(M) dot" if columns else "dot bold(M)"
    head = row_of(*[called, formula(matrix, size=theme.NOTE)][:: -1 if columns else 1])
    shown = [x.shown * a.shown + y.shown * c.shown for a, c in zip(*rows, strict=True)]
    first = set_sign(as_shown([*coordinates, *chain(*rows)]))
    last = set_sign(all(relation(s, r) == "=" for s, r in zip(shown, image, strict=True)))
    size, gap = (theme.NOTE, 0.12) if columns else (theme.BODY, 0.18)  # columns stand beside one another
    vectors = [
        vector_piece(*each, column=columns) for each in zip((*rows, image), (*theme.BASIS, theme.INK), strict=True)
    ]
    starts = [(first, f"{bracketed('x', x, first=True)} dot", {"x": x}), ("+", f"{bracketed('y', y)} dot", {"y": y})]
    steps = [
        row_of(formula(sign, size=size), formula(times, size=size, numbers=number), vector, buff=gap)
        for (sign, times, number), vector in zip(starts, vectors, strict=False)
    ]
    result = row_of(formula(last, size=size), vectors[2], buff=gap)
    arranged = VGroup(*steps).arrange(RIGHT, buff=gap) if columns else lines_of(*steps, buff=0.15)
    return lines_of(head, arranged, result, buff=0.15)


def vector_piece(numbers: Sequence[Number], color: str, *, column: bool = False) -> Writing:
    """Return a vector of two numbers, which is also how a point is written; as a column if it is multiplied as one."""
    template = 'mat(delim: "[", {x} ; {y})' if column else "({x}, {y})"
    return formula(template, size=theme.NOTE if column else theme.BODY, color=color, x=numbers[0], y=numbers[1])
