"""Exercises about linear maps: where a map takes a word, how far it parts two, and its determinant."""

from __future__ import annotations

from collections.abc import Callable

from attnviz.worksheet.amounts import Amount, UnworkableError
from attnviz.worksheet.exercises import (
    Chosen,
    Maker,
    Parts,
    Result,
    Step,
    answer,
    finished,
    grid,
)
from attnviz.worksheet.formulas import Inline, Node, factor, line, name, num, sub, word
from attnviz.worksheet.shown import Board
from attnviz.worksheet.wording import product, titled, vector
from attnviz.worksheet.working import equals, norm, times_matrix


def mapped_word(board: Board, chosen: Chosen) -> Parts:
    """A word times the matrix of a map."""
    point, matrix = _point(board, chosen["token"]), _matrix(board, chosen["map"])
    found, worked = _times(board, point, matrix)
    answers = tuple(answer(board, each, "mapped", **chosen, plane=axis) for axis, each in found.items())
    asked = product(board, vector(board, "x", chosen["token"]), name("M"))
    task: Inline = ("Work out where the map takes the word: ", asked, ".")
    given = (grid(board, "X", {chosen["token"]: point}), grid(board, _called(chosen), matrix))
    result = Result(vector(board, "y", chosen["token"]), (board.written(chosen["token"]),), tuple(found), (answers,))
    step = Step(("Each coordinate goes along its own line of the matrix: multiply, and add.",), worked)
    return Parts(task, given, (result,), (step,))


def mapped_distance(board: Board, chosen: Chosen) -> Parts:
    """How far a map parts two words."""
    matrix = _matrix(board, chosen["map"])
    points = {chosen[dim]: _point(board, chosen[dim]) for dim in ("query", "key")}
    steps, places = [], list[dict[str, Amount]]()
    for label, point in points.items():
        found, worked = _times(board, point, matrix)
        places.append(found)
        steps.append(Step(("Take ", word(board.written(label)), " through the map."), worked))
    both = zip(*(each.values() for each in places), strict=True)
    apart = [(one - other).written(board.decimals) for one, other in both]
    size, taken = norm(board, name("d"), apart)
    result = finished(board, size, "mapped_distance")
    rest = Step(("Subtract one from the other, and take the norm.",), (_differences(places, apart), taken))
    asked = answer(board, result, "mapped_distance", **chosen)
    task: Inline = ("Take both words through the map, and work out how far apart they are then.",)
    given = (grid(board, "X", points), grid(board, _called(chosen), matrix))
    one, other = (board.written(chosen[dim]) for dim in ("query", "key"))
    return Parts(task, given, (Result(word("distance"), (one,), (other,), ((asked,),)),), (*steps, rest))


def determinant(board: Board, chosen: Chosen) -> Parts:
    """How much a map enlarges areas."""
    matrix = _matrix(board, chosen["map"])
    (a, b), (c, d) = (tuple(row.values()) for row in matrix.values())
    one, other = (a * d).written(board.decimals), (b * c).written(board.decimals)
    result = finished(board, one - other, "determinant")
    factors = [factor(each.text) for each in (a, d, b, c)]
    worked = line(
        factors[0], "·", factors[1], "−", factors[2], "·", factors[3], equals(one - other, result), num(result.text)
    )
    asked = answer(board, result, "determinant", **chosen)
    task: Inline = ("By how much does this map enlarge areas? Work out its determinant.",)
    left = Result(word("determinant"), (chosen["map"],), ("det",), ((asked,),))
    step = Step(("Multiply along the diagonal, and subtract the product of the other two.",), (worked,))
    return Parts(task, (grid(board, _called(chosen), matrix),), (left,), (step,))


def _times(
    board: Board, point: dict[str, Amount], matrix: dict[str, dict[str, Amount]]
) -> tuple[dict[str, Amount], tuple[Node, ...]]:
    columns = {axis: [row[axis] for row in matrix.values()] for axis in next(iter(matrix.values()))}
    labels = {axis: sub(name("y"), word(axis)) for axis in columns}
    return times_matrix(board, list(point.values()), columns, "mapped", labels)


def _differences(places: list[dict[str, Amount]], apart: list[Amount]) -> Node:
    parts: list[Node | str] = []
    for one, other, difference in zip(*(each.values() for each in places), apart, strict=True):
        parts += [num(one.text), "−", factor(other.text), equals(one - other, difference), num(difference.text), ",  "]
    return line(*parts[:-1])


def _point(board: Board, token: str) -> dict[str, Amount]:
    """Return a word's place in the plane, which is that of its first two axes."""
    row = board.amounts("embeddings", "d_model", token=token)
    if len(row) != 2:
        raise UnworkableError("the plane is only a part of the space")
    return row


def _matrix(board: Board, chosen: str) -> dict[str, dict[str, Amount]]:
    axes = board.row("maps", "plane_in", map=chosen, plane=str(board.trace["plane"].values[0]))
    return {axis: board.amounts("maps", "plane", map=chosen, plane_in=axis) for axis in axes}


def _called(chosen: Chosen) -> Node:
    return sub(name("M"), word(chosen["map"]))


def _seen(array: str) -> Callable[[Board], list[Chosen]]:
    """Return what chooses numbers of an array that are on screen, one axis of each point, and pairs of two words."""

    def choose(board: Board) -> list[Chosen]:
        seen = [{dim: label for dim, label in each.coords.items() if dim != "plane"} for each in board.all_seen(array)]
        pairs = [dict(each) for each in dict.fromkeys(tuple(each.items()) for each in seen)]
        return [each for each in pairs if "query" not in each or each["query"] != each["key"]]

    return choose


MAKERS = tuple(
    Maker(kind, 3, ("maps", array, *more), titled(title), _seen(array), make)
    for kind, array, more, title, make in (
        ("map", "mapped", ("embeddings",), "Where the map {map} takes {token}", mapped_word),
        ("distance", "mapped_distance", (), "How far the map {map} parts {query} and {key}", mapped_distance),
        ("determinant", "determinant", (), "The determinant of the map {map}", determinant),
    )
)
