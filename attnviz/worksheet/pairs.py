"""Exercises about two words: dot product, cosine, scaled dot product."""

from __future__ import annotations

import math
from collections.abc import Callable

from attnviz.worksheet.amounts import Amount
from attnviz.worksheet.exercises import Chosen, Grid, Maker, Parts, Result, Step, answer, finished, fits, grid
from attnviz.worksheet.formulas import Inline, Node, fraction, line, num, root, word
from attnviz.worksheet.shown import Board
from attnviz.worksheet.wording import titled, vector
from attnviz.worksheet.working import equals, norm, sum_of_products


def dot_product(board: Board, chosen: Chosen) -> Parts:
    """Two vectors, and their dot product."""
    given, (one, other) = _vectors(board, chosen)
    found, worked = _dot(board, chosen, one, other)
    task: Inline = ("Work out the dot product of the two vectors.",)
    step = Step(("Multiply coordinate by coordinate, and add.",), (worked,))
    return Parts(task, (given,), (_one(board, "dot", chosen, found),), (step,))


def cosine(board: Board, chosen: Chosen) -> Parts:
    """Two vectors, and the cosine of their angle."""
    given, (one, other) = _vectors(board, chosen)
    found, worked = _dot(board, chosen, one, other)
    first, second = (_size(board, chosen[dim]) for dim in ("query", "key"))
    (size, line_one), (other_size, line_two) = norm(board, first, [*one]), norm(board, second, [*other])
    both = (size * other_size).written(board.decimals)
    exactly = found / both
    result = finished(board, exactly, "cosine")
    divided = line(
        fraction(num(found.text), line(num(size.text), "·", num(other_size.text))),
        equals(size * other_size, both), fraction(num(found.text), num(both.text)),
        equals(exactly, result), num(result.text),
    )  # fmt: skip
    task: Inline = (
        "Work out the cosine of the angle between the two vectors: their dot product, divided by both norms.",
    )
    steps = (
        Step(("Take the dot product.",), (worked,)),
        Step(("Take both norms.",), (line_one, line_two)),
        Step(("Divide.",), (divided,)),
    )
    return Parts(task, (given,), (_one(board, "cosine", chosen, result),), steps)


def scaled(board: Board, chosen: Chosen) -> Parts:
    """Two vectors, and their dot product divided by the root of the dimension."""
    given, (one, other) = _vectors(board, chosen)
    found, worked = _dot(board, chosen, one, other)
    result, divided = by_root(board, found, len(one), "scaled_dot")
    task: Inline = ("Work out the scaled dot product of the two vectors: divided by the root of their dimension.",)
    counted = f"There are {len(one)} coordinates. Divide by the root of that."
    steps = (Step(("Take the dot product.",), (worked,)), Step((counted,), (divided,)))
    return Parts(task, (given,), (_one(board, "scaled_dot", chosen, result),), steps)


def by_root(board: Board, found: Amount, dimension: int, array: str) -> tuple[Amount, Node]:
    """Return a number divided by the root of a dimension, with its line; the root itself can be taken on the way."""
    exact = math.sqrt(dimension)
    taken = Amount(exact, exact, exact).written(board.decimals)
    divided = found / Amount(exact, taken.low, taken.high)
    result = finished(board, divided, array)
    quotient = fraction(num(found.text), root(num(str(dimension))))
    return result, line(quotient, equals(divided, result), num(result.text))


def _vectors(board: Board, chosen: Chosen) -> tuple[Grid, tuple[tuple[Amount, ...], tuple[Amount, ...]]]:
    rows = {chosen[dim]: board.amounts("embeddings", "d_model", token=chosen[dim]) for dim in ("query", "key")}
    fits(len(rows[chosen["query"]]), "coordinates")
    one, other = (tuple(rows[chosen[dim]].values()) for dim in ("query", "key"))
    return grid(board, "X", rows), (one, other)


def _dot(board: Board, chosen: Chosen, one: tuple[Amount, ...], other: tuple[Amount, ...]) -> tuple[Amount, Node]:
    left = line(vector(board, "x", chosen["query"]), "·", vector(board, "x", chosen["key"]))
    return sum_of_products(board, left, list(zip(one, other, strict=True)), "dot")


def _size(board: Board, label: str) -> Node:
    return line("|", vector(board, "x", label), "|")


def _one(board: Board, array: str, chosen: Chosen, found: Amount) -> Result:
    asked = answer(board, found, array, **chosen)
    return Result(word(_CALLED[array]), (board.written(chosen["query"]),), (board.written(chosen["key"]),), ((asked,),))


_CALLED = {"dot": "dot product", "cosine": "cosine", "scaled_dot": "scaled dot product"}


def _pairs(array: str) -> Callable[[Board], list[Chosen]]:
    def pairs(board: Board) -> list[Chosen]:
        seen = [each.coords for each in board.all_seen(array)]
        return [each for each in seen if each.keys() == {"query", "key"} and each["query"] != each["key"]]

    return pairs


MAKERS = tuple(
    Maker(array, 1, ("embeddings", array), titled(f"The {called} of {{query}} and {{key}}"), _pairs(array), make)
    for (array, called), make in zip(_CALLED.items(), (dot_product, cosine, scaled), strict=True)
)
