"""Products of matrices in lines of text: one entry as a row times a column, and a matrix with its name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attnviz.stage import frame, theme
from attnviz.stage.numbers import Number, Style, as_shown, relation
from attnviz.stage.reading import refusal
from attnviz.stage.tables.slices import Slice
from attnviz.stage.tables.table import SMALLEST_SIZE
from attnviz.stage.typesetting import Writing, bracketed, formula, set_sign

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

Rows = Sequence[Sequence[Number]]


def written_product(
    row: Sequence[Number],
    column: Sequence[Number],
    result: Number,
    *,
    size: float = theme.BODY,
    width: float | None = None,
    backwards: bool = False,
) -> Writing:
    """Write one entry of a product: a row times a column, as in 0.43 · 2 + 0.57 · 0 ≈ 0.86.

    Marks: `a0`, `a1` … of the row, `b0`, `b1` … of the column, and `result`. With `backwards` the factors of each term
    change places: 2 · 0.43 + 0 · 0.57. Negative numbers stand in brackets, but at the very beginning. The sign is =
    only if the shown digits give exactly the shown result. A line wider than `width` is set smaller; raises
    `ProblemsFound` if it were too small to read.
    """
    pairs = list(zip(row, column, strict=True))
    terms, numbers = written_terms(dict(enumerate(pairs)), backwards=backwards)
    sign = set_sign(relation(sum(a.shown * b.shown for a, b in pairs), result) == "=")
    line = formula(f"{terms} {sign} {{result}}", size=size, numbers=numbers | {"result": result})
    return fitted_line(line, width)


def written_terms(pairs: Mapping[int, tuple[Number, Number]], *, backwards: bool) -> tuple[str, dict[str, Number]]:
    """Return the template of a sum of products, and its marks: `a0`, `b0`, `a1` … by the terms' places in their row."""
    named = [((f"a{k}", a), (f"b{k}", b)) for k, (a, b) in pairs.items()]
    factors = [(b, a) if backwards else (a, b) for a, b in named]
    terms = [f"{bracketed(*one, first=not k)} dot {bracketed(*other)}" for k, (one, other) in enumerate(factors)]
    return " + ".join(terms), dict(each for pair in named for each in pair)


def matrix(name: str, rows: Rows, *, size: float = theme.BODY, color: str | None = None) -> Writing:
    """Write a matrix with its name before it, as in W_Q^1 = [ … ]; `name` is set as a name, with its digits.

    The marks are called `m0_0`, `m0_1` … (row, column). The sign is = only if all digits of the entries are shown.
    """
    named = {f"m{i}_{j}": number for i, row in enumerate(rows) for j, number in enumerate(row)}
    entries = " ; ".join(", ".join(f"{{m{i}_{j}}}" for j in range(len(row))) for i, row in enumerate(rows))
    template = f'{{name}} {set_sign(as_shown(named.values()))} mat(delim: "[", {entries})'
    return formula(template, size=size, color=color, names={"name": name}, numbers=named)


def matrix_of(
    stage: Stage, name: str, part: Slice, *, size: float = theme.BODY, color: str | None = None, style: Style = "short"
) -> Writing:
    """Write a part of the trace as a matrix with its name: `matrix_of(self, "W_Q^1", Slice("W_Q", head="good"))`.

    Where vectors are columns, so are its rows.
    """
    rows = (part.T if stage.column_vectors else part).numbers(stage, style, None)
    return matrix(name, rows, size=size, color=color)


def fitted_line(line: Writing, width: float | None) -> Writing:
    """Return a line, set smaller if it is wider than `width`; raises `ProblemsFound` if it were too small to read."""
    natural, size = line.width, line.type_size
    if width is not None and natural > width:
        line.scale_to_fit_width(width)
    if line.type_size < SMALLEST_SIZE - 0.01:
        least = rounded_up(natural * SMALLEST_SIZE / size)
        what = f"the product is too long to be read in one line: it needs a width of about {least}"
        hint = "show fewer decimals, or choose fewer columns"
        if width is not None and least <= frame.WIDTH - 2 * frame.MARGIN:
            what, hint = f"{what}, and has width={width:g}", f"give it more width, {hint}"
        raise refusal(what, hint)
    return line


def rounded_up(size: float) -> float:
    """Return a size in frame units with one decimal, such as a message tells."""
    return math.ceil(10 * size) / 10
