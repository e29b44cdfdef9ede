"""One entry of a product written out in a line; where there are too many terms, all but the largest are one: others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attnviz.stage import frame, theme
from attnviz.stage.arithmetic.equations import OTHERS
from attnviz.stage.arithmetic.products import Product
from attnviz.stage.arithmetic.written import fitted_line, written_terms
from attnviz.stage.numbers import Number, relation
from attnviz.stage.tables.table import SMALLEST_SIZE
from attnviz.stage.typesetting import Writing, bracketed, formula, set_sign

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

MOST_TERMS = 6
"""Of more terms than these, and of those that a window leaves out, the rest is told as others."""


def entry_line(
    stage: Stage, product: Product, row: str, column: str, sentence: str | None = None, width: float | None = None
) -> tuple[Writing, list[int]]:
    """Return one entry of a product written out, and which of its terms are written; what the rest add is "others".

    Marks: `a0`, `b0`, `a1` … by the terms' places in the row, and `result`. The sign is = only if the shown digits give
    exactly the shown result. The line is not wider than `width`, which is that of the content.
    Raises `ProblemsFound` if it cannot be read.
    """
    firsts, seconds = product.left.row_numbers(row), product.right.column_numbers(column)
    terms, width = range(len(firsts)), frame.CONTENT.width - 0.2 if width is None else width
    if not product.left.cuts.columns and len(terms) <= MOST_TERMS:
        return product.line(row, column, width=width), list(terms)
    ranked = sorted(terms, key=lambda k: -abs(firsts[k].value * seconds[k].value))
    for most in range(min(len(terms), MOST_TERMS - 2), 0, -1):
        kept = sorted(ranked[:most])
        line = _with_others(stage, product, (row, column), kept, sentence)
        if line.width <= width * line.type_size / SMALLEST_SIZE:
            break
    return fitted_line(line, width), kept


def _with_others(
    stage: Stage, product: Product, entry: tuple[str, str], kept: Sequence[int], sentence: str | None
) -> Writing:
    """Return the line of an entry (row, column) with these terms, and one for all others."""
    row, column = entry
    firsts, seconds = product.left.row_numbers(row), product.right.column_numbers(column)
    result = product.result.mark(row, column).number
    others = _others(stage, product, entry, kept, sentence)
    terms, numbers = written_terms({k: (firsts[k], seconds[k]) for k in kept}, backwards=stage.column_vectors)
    shown = sum(firsts[k].shown * seconds[k].shown for k in kept) + others.shown
    sign = set_sign(relation(shown, result) == "=")
    template = f"{terms} + {bracketed('o', others)} thin {{others}} {sign} {{result}}"
    numbers |= {"o": others, "result": result}
    return formula(template, size=theme.BODY, words={"others": OTHERS}, numbers=numbers)


def _others(
    stage: Stage, product: Product, entry: tuple[str, str], kept: Sequence[int], sentence: str | None
) -> Number:
    """Return what all terms add that are not kept: of a window, what is missing from the result."""
    firsts, seconds = product.left.row_numbers(entry[0]), product.right.column_numbers(entry[1])
    if stage.column_vectors:
        firsts, seconds = seconds, firsts
    products = [one * other for one, other in zip(firsts, seconds, strict=True)]
    if product.left.cuts.columns:
        result = product.result.mark(*entry).number
        value = result.value - sum(products[k].value for k in kept)
        told = " - ".join([result.name, *(products[k].name for k in kept)])
        return stage.derived(value, told, sentence=sentence)
    rest = [each for k, each in enumerate(products) if k not in kept]
    return stage.derived(sum(each.value for each in rest), " + ".join(each.name for each in rest), sentence=sentence)
