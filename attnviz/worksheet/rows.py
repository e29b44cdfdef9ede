"""Exercises about one row of attention: shares of its sum, softmax, a mask, and the mixture that a word becomes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from attnviz.worksheet.amounts import EXACT, Amount, UnworkableError, total, value_of
from attnviz.worksheet.exercises import (
    Chosen,
    Maker,
    Parts,
    Result,
    Step,
    answer,
    fits,
    grid,
)
from attnviz.worksheet.formulas import Inline, Node, line, name, num, power, sub, summed, word
from attnviz.worksheet.plane import Plane, plane_of
from attnviz.worksheet.shown import Board, finite
from attnviz.worksheet.wording import line_word, product, titled, vector
from attnviz.worksheet.working import divide, equals, softmax, times_matrix

SCORES = {"softmax": "similarity", "weights": "scores"}
"""What the softmax of a table is taken of, by the array that it gives."""
VECTORS = {"output": "embeddings", "mixed_points": "points", "head_outputs": "values"}
"""What weights mix, by the array that comes of it."""
ALONG = {"embeddings": "d_model", "points": "axis", "values": "d_value"}
COMES_ALONG = {"output": "d_output", "mixed_points": "axis", "head_outputs": "d_value"}
LETTERS = {"embeddings": "X", "points": "X", "values": "V"}


def normalised(board: Board, chosen: Chosen) -> Parts:
    """A row of similarities, each divided by their sum."""
    row = board.amounts("similarity", "key", query=chosen["query"])
    given = grid(board, "S", {chosen["query"]: row})
    added = total(row.values())
    whole = added.written(board.decimals)
    adding = line(summed([each.text for each in row.values()]), equals(added, whole), num(whole.text))
    shares, divided = divide(board, row, whole, "normalised", _entries(board, chosen, row))
    task: Inline = (f"Make shares of this {line_word(board)}: divide each number by the sum of all of them.",)
    steps = (Step(("Add the numbers.",), (adding,)), Step(("Divide each of them by the sum.",), divided))
    return Parts(task, (given,), (_row(board, "normalised", chosen, shares),), steps)


def softmax_row(array: str) -> Callable[[Board, Chosen], Parts]:
    """Return the maker of a row's softmax, which gives an array."""

    def make(board: Board, chosen: Chosen) -> Parts:
        scores = window(board, SCORES[array], chosen)
        given = grid(board, "S", {chosen["query"]: scores})
        weights, steps = softmax(board, scores, array, _entries(board, chosen, scores))
        task: Inline = (
            f"Take the softmax of this {line_word(board)}: e to the power of each number, divided by the sum.",
        )
        if any(math.isinf(each.mid) for each in scores.values()):
            hides = ("The mask hides what comes later: there the score is ", num("−∞"), ", and ")
            task = (*hides, line(power(name("e"), num("−∞")), "=", num("0")), ". ", *task)
        return Parts(task, (given,), (_row(board, array, chosen, weights),), steps)

    return make


def mixture(array: str) -> Callable[[Board, Chosen], Parts]:
    """Return the maker of what weights make of vectors, which gives an array."""

    def make(board: Board, chosen: Chosen) -> Parts:
        source, head = VECTORS[array], {dim: label for dim, label in chosen.items() if dim in ("head", "layer")}
        weights = window(board, "weights", {"query": chosen["token"], **head})
        _check_whole(board, weights)
        rows = {key: board.amounts(source, ALONG[source], token=key, **_known(board, source, head)) for key in weights}
        given = (
            grid(board, "A", {chosen["token"]: weights}),
            grid(board, LETTERS[source], rows),
        )
        found, worked = mix(board, array, chosen["token"], weights, rows)
        task: Inline = (
            "Mix the vectors by these weights: work out ",
            product(board, sub(name("A"), word(board.written(chosen["token"]))), name(LETTERS[source])),
            ".",
        )
        steps = (Step(("For each coordinate, multiply by the weights, and add.",), worked),)
        result = mixed(board, array, chosen["token"], head, found)
        return Parts(task, given, (result,), steps, _figure(board, source, chosen["token"], rows, result))

    return make


def _figure(
    board: Board, source: str, token: str, rows: Mapping[str, Mapping[str, Amount]], result: Result
) -> Plane | None:
    """Return the plane on which a word moves; None for values, which are another space than the word's own."""
    if source == "values":
        return None
    points = {board.written(key): [each.mid for each in row.values()] for key, row in rows.items()}
    goal = [value_of(each.text) for each in result.answers[0]]
    return plane_of(list(rows[token]), points, board.written(token), goal)


def mix(
    board: Board, array: str, token: str, weights: Mapping[str, Amount], rows: Mapping[str, Mapping[str, Amount]]
) -> tuple[dict[str, Amount], tuple[Node, ...]]:
    """Return weights times vectors, coordinate by coordinate, with the lines on which it is worked out."""
    axes = list(next(iter(rows.values())))
    columns = {axis: [rows[key][axis] for key in weights] for axis in axes}
    labels = {axis: sub(name("y"), word(axis)) for axis in axes}
    return times_matrix(board, list(weights.values()), columns, array, labels)


def mixed(board: Board, array: str, token: str, head: Chosen, found: Mapping[str, Amount]) -> Result:
    """Return the answers of a mixture."""
    axes = board.row(array, COMES_ALONG[array], token=token, **_known(board, array, head))
    answers = tuple(
        answer(board, amount, array, **{"token": token, COMES_ALONG[array]: axis, **_known(board, array, head)})
        for axis, amount in zip(axes, found.values(), strict=True)
    )
    return Result(vector(board, "y", token), (board.written(token),), tuple(axes), (answers,))


def _check_whole(board: Board, weights: Mapping[str, Amount]) -> None:
    """Raise `UnworkableError` where weights are shares, and other words than those on the board have some of them."""
    if board.trace.attrs.get("weights") == "scores":
        return
    open_ = sum((each.high - each.low) / 2 for each in weights.values()) + EXACT
    rounded = len(weights) * 0.5 * 10**-board.decimals if board.trace.attrs.get("carry") == "displayed" else 0.0
    if abs(total(weights.values()).mid - 1) > open_ + rounded:
        raise UnworkableError("words that are not on the board have a share, too")


def window(board: Board, array: str, chosen: Chosen) -> dict[str, Amount]:
    """Return a row as it is given; one that is too long without the entries that the mask hides: these count nothing.

    Raises `UnworkableError` if it is too long even so.
    """
    row = board.row(array, "key", **chosen)
    if len(row) > 6:
        seen = finite(row) if array in SCORES.values() else {key: value for key, value in row.items() if value}
        fits(len(seen), "words")
        row = seen
    return {key: board.amount(array, value) for key, value in row.items()}


def _known(board: Board, array: str, head: Chosen) -> dict[str, str]:
    """Return of a head and a layer what an array is chosen by."""
    dims = board.trace[array].dims if array in board.trace else ()
    return {dim: label for dim, label in head.items() if dim in dims}


def _entries(board: Board, chosen: Chosen, keys: Mapping[str, object]) -> dict[str, Node]:
    """Return what the entries of a row of weights are called."""
    return {key: sub(name("a"), word(board.written(key))) for key in keys}


def _row(board: Board, array: str, chosen: Chosen, found: Mapping[str, Amount]) -> Result:
    answers = tuple(answer(board, amount, array, **chosen, key=key) for key, amount in found.items())
    return Result(name("A"), (board.written(chosen["query"]),), tuple(map(board.written, found)), (answers,))


def rows_of(array: str, dim: str, *, masked: bool = False) -> Callable[[Board], list[Chosen]]:
    """Return what chooses rows of an array that are on screen: of each head, the word in focus first.

    If it is to be `masked`, those of which a mask hides something, but not all but one; else the others first.
    """

    def choose(board: Board) -> list[Chosen]:
        heads = board.heads_seen(array)
        chosen: list[Chosen] = [{dim: label, **head} for head in heads for label in board.rows_seen(array, dim)]
        if array not in SCORES:
            return chosen
        hidden = {tuple(each.values()): _hidden(board, SCORES[array], each) for each in chosen}
        return [each for each in chosen if hidden[tuple(each.values())] is masked]

    return choose


def _hidden(board: Board, array: str, chosen: Chosen) -> bool | None:
    """Tell whether a mask hides some of a row; None if it leaves one entry, which is no exercise."""
    row = board.row(array, "key", **chosen)
    left = len(finite(row))
    return None if left < 2 else left < len(row)


ROW, MASKED = "The attention {line} of {query}", "A {line} with a mask: {query}"
MAKERS = (
    Maker(
        "shares",
        2,
        ("similarity", "normalised"),
        titled("Shares for {query}"),
        rows_of("normalised", "query"),
        normalised,
    ),
    *(
        Maker(
            kind,
            level,
            (SCORES[array], array),
            titled(title),
            rows_of(array, "query", masked=masked),
            softmax_row(array),
        )
        for array, level in (("softmax", 2), ("weights", 4))
        for kind, title, masked in ((array, ROW, False), ("mask", MASKED, True))
    ),
    *(
        Maker(kind, level, ("weights", VECTORS[array], array), titled(title), rows_of(array, "token"), mixture(array))
        for kind, level, array, title in (
            ("move", 2, "output", "A step of {token}"),
            ("move", 2, "mixed_points", "A step of {token}"),
            ("mixture", 4, "head_outputs", "What becomes of {token}"),
        )
    ),
)
