"""Sums of rows, written out in one line with honest signs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from manim import DOWN, LEFT, VGroup

from attnviz.stage import theme
from attnviz.stage.numbers import Number, relation
from attnviz.stage.typesetting import NumberMark, Writing, formula, set_sign


def adds_up(terms: Sequence[Number], total: Number) -> str:
    """Return `=` if the shown digits of the terms add up to exactly the shown total, else `≈`."""
    return relation(float(np.sum([term.shown for term in terms])), total)


def written_sum(terms: Sequence[Number], total: Number, *, size: float = theme.BODY) -> Writing:
    """Write a sum of numbers in one line (marks `t0`, `t1` … and `total`), negative terms in brackets."""
    named = {f"t{i}": term for i, term in enumerate(terms)}
    written = [f"({{{k}}})" if t.text.startswith("-") and k != "t0" else f"{{{k}}}" for k, t in named.items()]
    sign = set_sign(adds_up(terms, total) == "=")
    return formula(" + ".join(written) + f" {sign} {{total}}", size=size, numbers=named | {"total": total})


def softmax_fraction(entries: Sequence[NumberMark], result: Number, *, size: float = 34) -> Writing:
    """Write one weight as a fraction: e to its own entry over the sum of all (marks `x0`, `x1` … in the sum).

    `entries` are one row of similarities, `result` the weight that belongs to one of them.
    """
    numbers = [mark.number for mark in entries]
    own = next(n for n in numbers if n.coords["key"] == result.coords["key"])
    powers = [math.exp(n.shown) for n in numbers]
    sign = set_sign(relation(math.exp(own.shown) / sum(powers), result) == "=")
    below = " + ".join(f"e^{{x{i}}}" for i in range(len(numbers)))
    named = {f"x{i}": n for i, n in enumerate(numbers)} | {"own": own, "result": result}
    line = formula(f"e^{{own}} slash paren.l {below} paren.r {sign} {{result}}", size=size, numbers=named)
    for name in ("own", *[f"x{i}" for i in range(len(numbers))]):
        _raise(line, line.marks[name])
    return line


def _raise(line: Writing, exponent: NumberMark) -> None:
    """Set an exponent smaller than its base, and move up what follows it."""
    right, wide = float(exponent.get_right()[0]), exponent.width
    later = [m for m in line if float(m.get_left()[0]) > right - 0.01]
    exponent.scale(0.72, about_point=exponent.get_corner(DOWN + LEFT))
    VGroup(*later).shift((wide - exponent.width) * LEFT)
