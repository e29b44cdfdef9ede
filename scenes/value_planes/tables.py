"""Tables of weights, values and outputs: how a product of them is made, filled, and followed by a larger one."""

from __future__ import annotations

from collections.abc import Sequence

from manim import Animation, ReplacementTransform

from attnviz.stage import Product, Region, Slice, Stage, Style, Table, frame, morph, product_of, replaced, theme

TWO_LINES = frame.PRODUCT._replace(bottom=-1.62)
"""Where tables stand that leave room for two lines under them."""
MANY_ROWS = 5
"""Tables of more rows leave room for one line."""
MIXED: tuple[Style, ...] = ("fixed", "short", "fixed")
MADE: tuple[Style, ...] = ("short", "short", "short")
"""How numbers are written: what is given, and what is one step from it, as briefly as can be."""


def within(rows: int, *, lines: bool = True) -> Region:
    """Return where a product of so many rows stands, with room for lines under it or none."""
    if not lines:
        return frame.CONTENT if rows > MANY_ROWS else frame.PRODUCT
    return TWO_LINES if rows <= MANY_ROWS else frame.PRODUCT


def mixed(stage: Stage, rows: Sequence[str], head: str, sentence: str | None, *, lines: bool = False) -> Product:
    """Return the product of the weights of some words with all values of their sentence."""
    tokens = stage.tokens(sentence)
    parts = (
        Slice("weights", sentence, head=head, query=list(rows)),
        Slice("values", sentence, head=head, token=tokens),
        Slice("head_outputs", sentence, head=head, token=list(rows)),
    )
    names = ("a", "V", "y") if lines else ("A", "V", "Y")
    region = within(len(tokens), lines=lines)
    return product_of(stage, *parts, region, names=names, colors=(None, theme.VALUE, None), styles=MIXED, window=True)


def shows_values_of(held: Product, product: Product) -> bool:
    """Tell whether the result of a product are the values by which another one multiplies."""
    return _told(held.result) == _told(product.right)


def is_row_of(held: Product, product: Product) -> bool:
    """Tell whether a product shows some rows of another one."""
    return {*_told(held.result)} <= {*_told(product.result)}


def _told(table: Table) -> list[tuple[str, str]]:
    """Return which numbers a table shows, and what is written of each."""
    return [(mark.number.name, mark.number.text) for mark in table.marks]


def taken_over(held: Product, product: Product) -> list[Animation]:
    """Return the animations in which the result of a product becomes the values by which another one multiplies."""
    moved = [(held.names[2], product.names[1]), (held.shapes[2], product.shapes[1])]
    return [morph(held.result, product.right), *[ReplacementTransform(one, other) for one, other in moved]]


def made(stage: Stage, head: str, sentence: str | None) -> Product:
    """Return the product of a sentence's embeddings with the values matrix, which gives the values."""
    tokens = stage.tokens(sentence)
    parts = (
        Slice("embeddings", sentence, token=tokens),
        Slice("W_V", sentence, head=head),
        Slice("values", sentence, head=head, token=tokens),
    )
    region, names = within(len(tokens), lines=False), ("X", "W_V", "V")
    colors = (theme.DIM, theme.VALUE, theme.VALUE)
    return product_of(stage, *parts, region, names=names, colors=colors, styles=MADE, window=True)


def grown(old: Product, new: Product, fresh: Sequence[str]) -> list[Animation]:
    """Return the animations in which a product becomes one of more rows; results of the `fresh` rows do not come yet.

    What both have stays: the values, with their name and shape.
    """
    table = new.result
    entries = [table.index(row, column) for row in fresh for column in table.column_labels]
    later = [table.marks[k] for k in entries]
    table.empty(*entries)
    kept = [(old.names[1], new.names[1]), (old.shapes[1], new.shapes[1]), (old.dot, new.dot)]
    gone = [old.names[0], old.names[2], old.shapes[0], old.shapes[2], old.sign, old.note]
    come = [new.names[0], new.names[2], new.shapes[0], new.shapes[2], new.sign, new.note]
    return [
        morph(old.left, new.left),
        morph(old.right, new.right),
        morph(old.result, table, later=later),
        *[ReplacementTransform(one, other) for one, other in kept],
        *[step for one, other in zip(gone, come, strict=True) for step in replaced(one, other)],
    ]
