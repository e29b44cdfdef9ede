"""Working on paper: sums of products, softmax and norms, step by step, with what rounding leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attnviz.worksheet.amounts import EXACT, Amount, total
from attnviz.worksheet.exercises import Step, finished
from attnviz.worksheet.formulas import Node, factor, fraction, joined, line, name, num, op, power, root, summed
from attnviz.worksheet.shown import Board


def equals(exactly: Amount, result: Amount) -> Node:
    """Return = if a result is just what was computed, else ≈."""
    return op("=" if abs(exactly.mid - result.mid) < EXACT else "≈")


def sum_of_products(
    board: Board, left: Node, pairs: Sequence[tuple[Amount, Amount]], array: str
) -> tuple[Amount, Node]:
    """Return Σ x·y of some pairs, with the line on which it is worked out for what is named on its `left`."""
    products = [one * other for one, other in pairs]
    written = [each.written(board.decimals) for each in products]
    added = total(written)
    result = finished(board, added, array)
    worked = [line(factor(one.text), "·", factor(other.text)) for one, other in pairs]
    parts = [left, op("="), joined("+", worked)]
    exact = all(abs(one.mid - other.mid) < EXACT for one, other in zip(products, written, strict=True))
    if len(pairs) > 1:
        parts += [op("=" if exact else "≈"), summed([each.text for each in written])]
    parts += [equals(added, result) if len(pairs) > 1 or exact else op("≈"), num(result.text)]
    return result, line(*parts)


def norm(board: Board, left: Node, coordinates: Sequence[Amount]) -> tuple[Amount, Node]:
    """Return √(Σ x²) with its line."""
    squares = [each.squared().written(board.decimals) for each in coordinates]
    added = total(squares).written(board.decimals)
    result = added.root().written(board.decimals)
    inside = joined("+", [power(factor(each.text), num("2")) for each in coordinates])
    exact = all(abs(one.mid**2 - two.mid) < EXACT for one, two in zip(coordinates, squares, strict=True))
    middle = op("=" if exact else "≈")
    return result, line(
        left, "=", root(inside), middle, root(num(added.text)), equals(added.root(), result), num(result.text)
    )


def softmax(
    board: Board, scores: Mapping[str, Amount], array: str, labels: Mapping[str, Node]
) -> tuple[dict[str, Amount], tuple[Step, ...]]:
    """Return the softmax of a row, with its three steps; `labels` are what each weight is called."""
    powers = {key: score.exp() for key, score in scores.items()}
    written = {key: each.written(board.decimals) for key, each in powers.items()}
    lines = [
        line(power(name("e"), num(scores[key].text)), equals(powers[key], written[key]), num(written[key].text))
        for key in scores
    ]
    added = total(written.values())
    whole = added.written(board.decimals)
    adding = line(summed([each.text for each in written.values()]), equals(added, whole), num(whole.text))
    weights, divided = divide(board, written, whole, array, labels)
    return weights, (
        Step(("Take e to the power of each number.",), tuple(lines)),
        Step(("Add them.",), (adding,)),
        Step(("Divide each of them by the sum.",), divided),
    )


def divide(
    board: Board, row: Mapping[str, Amount], by: Amount, array: str, labels: Mapping[str, Node]
) -> tuple[dict[str, Amount], tuple[Node, ...]]:
    """Return a row divided by a number, with a line for each of its entries."""
    exactly = {key: each / by for key, each in row.items()}
    results = {key: finished(board, each, array) for key, each in exactly.items()}
    lines = tuple(
        line(labels[key], "=", fraction(num(row[key].text), num(by.text)), equals(exactly[key], each), num(each.text))
        for key, each in results.items()
    )
    return results, lines


def times_matrix(
    board: Board,
    vector: Sequence[Amount],
    columns: Mapping[str, Sequence[Amount]],
    array: str,
    labels: Mapping[str, Node],
) -> tuple[dict[str, Amount], tuple[Node, ...]]:
    """Return a row vector times a matrix, given by its columns, with a line for each entry."""
    results, lines = dict[str, Amount](), list[Node]()
    for key, column in columns.items():
        results[key], worked = sum_of_products(board, labels[key], list(zip(vector, column, strict=True)), array)
        lines.append(worked)
    return results, tuple(lines)
