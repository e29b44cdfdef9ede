"""Sums of rows, written out in one line with honest signs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attnviz.stage import theme
from attnviz.stage.numbers import Number, relation
from attnviz.stage.typesetting import Writing, bracketed, formula, set_sign


def adds_up(terms: Sequence[Number], total: Number) -> str:
    """Return `=` if the shown digits of the terms add up to exactly the shown total, else `≈`."""
    return relation(float(np.sum([term.shown for term in terms])), total)


def written_sum(terms: Sequence[Number], total: Number, *, size: float = theme.BODY) -> Writing:
    """Write a sum of numbers in one line (marks `t0`, `t1` … and `total`), negative terms in brackets."""
    named = {f"t{i}": term for i, term in enumerate(terms)}
    written = [bracketed(name, term, first=name == "t0") for name, term in named.items()]
    sign = set_sign(adds_up(terms, total) == "=")
    return formula(" + ".join(written) + f" {sign} {{total}}", size=size, numbers=named | {"total": total})
