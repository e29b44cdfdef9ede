"""Checks that the tables which a verb multiplies have shapes that compose, by what is known of the model's arrays."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from attnviz.model.interface import Contents
from attnviz.storyboard.product_source import Factor, WrittenProduct

Shape = tuple[int | None, int | None]


def wrong_products(products: tuple[WrittenProduct, ...], contents: Contents) -> Iterator[tuple[WrittenProduct, str]]:
    """Yield each product whose factors do not compose, with what is wrong, in every head of the model.

    What cannot be told from source and model is passed over: the stage checks it when it is drawn.
    """
    heads = [*contents.labels.get("head", ())] or [""]
    for product in products:
        told = [_wrong(product, contents, str(head)) for head in heads]
        if all(told):
            yield product, str(told[0])


def _wrong(product: WrittenProduct, contents: Contents, head: str) -> str | None:
    shapes = [_shape(factor, contents, head) for factor in product.factors]
    for (one, (rows, inner)), (other, (wanted, columns)) in pairwise(zip(product.factors, shapes, strict=True)):
        if inner is not None and wanted is not None and inner != wanted:
            sizes = f"{_text(rows)}×{inner} · {wanted}×{_text(columns)}"
            return f"{one.array} · {other.array} ({sizes}) cannot be multiplied"
    return None


def _shape(factor: Factor, contents: Contents, head: str) -> Shape:
    """Return how many rows and columns a part of the trace has, each None if that is not known."""
    dims = contents.arrays.get(factor.array, ())
    left = [dim for dim in dims if factor.chosen.get(dim) != "one"]
    if len(left) > 2:
        left = [dim for dim in left if factor.chosen.get(dim) != "unknown"]
    if len(left) != 2:
        return None, None
    sizes = [None if dim in factor.chosen else _size(dim, contents, head) for dim in left]
    return (sizes[1], sizes[0]) if factor.transposed else (sizes[0], sizes[1])


def _size(dim: str, contents: Contents, head: str) -> int | None:
    labels = contents.head_labels.get(dim, {}).get(head) or contents.labels.get(dim)
    return None if labels is None else len(labels)


def _text(size: int | None) -> str:
    return "?" if size is None else str(size)
