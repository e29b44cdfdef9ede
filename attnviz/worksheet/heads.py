"""Exercises about heads: queries, keys and values, scores, one head from end to end, and several side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attnviz.worksheet.amounts import Amount, UnworkableError
from attnviz.worksheet.exercises import (
    MOST,
    Chosen,
    Grid,
    Maker,
    Parts,
    Result,
    Step,
    answer,
    fits,
    grid,
)
from attnviz.worksheet.formulas import Inline, Node, brackets, fraction, line, name, num, op, power, root, sub, word
from attnviz.worksheet.pairs import by_root
from attnviz.worksheet.rows import mix, mixed, rows_of
from attnviz.worksheet.shown import Board
from attnviz.worksheet.wording import product, titled, vector
from attnviz.worksheet.working import softmax, sum_of_products, times_matrix

OF = {
    "queries": ("W_Q", "d_head", "Q", "q"),
    "keys": ("W_K", "d_head", "K", "k"),
    "values": ("W_V", "d_value", "V", "v"),
}
"""Of queries, keys and values: their matrix, their dimension, and the letters of the table and of one word."""
Rows = Mapping[str, Mapping[str, Amount]]
Choose = Callable[[Board], Sequence[Chosen]]
Make = Callable[[Board, Chosen], Parts]


def _word(array: str) -> Callable[[Board, Chosen], Parts]:
    """Return the maker of one word's query, key or value."""
    return _projection(array, lambda board, chosen: [chosen["token"]])


def _all_words(array: str) -> Callable[[Board, Chosen], Parts]:
    """Return the maker of all words' queries, keys or values."""
    return _projection(array, lambda board, chosen: board.words)


def _projection(array: str, words: Callable[[Board, Chosen], list[str]]) -> Callable[[Board, Chosen], Parts]:
    matrix_name, along, table, letter = OF[array]

    def make(board: Board, chosen: Chosen) -> Parts:
        head, tokens = _head(chosen), words(board, chosen)
        fits(len(tokens), "words")
        vectors = {token: board.amounts("embeddings", "d_model", token=token) for token in tokens}
        matrix = _matrix(board, matrix_name, along, head)
        given = (grid(board, "X", vectors), grid(board, matrix_name, matrix))
        alone = len(tokens) == 1 and len(board.words) > 1
        left = vector(board, letter, tokens[0]) if alone else name(table)
        right = vector(board, "x", tokens[0]) if alone else name("X")
        task: Inline = ("Multiply: ", line(left, "=", product(board, right, name(matrix_name))), ".")
        rows, steps = dict[str, Mapping[str, Amount]](), []
        for token, each in vectors.items():
            labels = {k: sub(name(letter), num(k)) for k in next(iter(matrix.values()))}
            columns = {k: [row[k] for row in matrix.values()] for k in labels}
            rows[token], worked = times_matrix(board, list(each.values()), columns, array, labels)
            steps.append(Step((word(board.written(token)), ":"), worked))
        return Parts(task, given, (_table(board, left, array, along, head, rows),), tuple(steps))

    return make


def scores_row(board: Board, chosen: Chosen) -> Parts:
    """A word's query, times the keys of all words, divided by the root of their dimension."""
    head, token = _head(chosen), chosen["query"]
    query = board.amounts("queries", "d_head", token=token, **head)
    keys = {key: board.amounts("keys", "d_head", token=key, **head) for key in board.row("scores", "key", **chosen)}
    given = (grid(board, "Q", {token: query}), grid(board, "K", keys))
    scores, steps = _scores(board, token, query, keys)
    formula = fraction(product(board, vector(board, "q", token), power(name("K"), op("⊤"))), root(name("d")))
    task: Inline = ("Work out this word's scores: ", formula, ".")
    return Parts(task, given, (_answers(board, "S", "scores", chosen, scores),), steps)


def whole_head(board: Board, chosen: Chosen) -> Parts:
    """One head from end to end, for one word: from query, keys and values to what becomes of it."""
    head, token = _head(chosen), chosen["token"]
    query = board.amounts("queries", "d_head", token=token, **head)
    keys = {key: board.amounts("keys", "d_head", token=key, **head) for key in board.words}
    values = {key: board.amounts("values", "d_value", token=key, **head) for key in keys}
    given = (grid(board, "Q", {token: query}), grid(board, "K", keys), grid(board, "V", values))
    scores, first = _scores(board, token, query, keys)
    names = {key: sub(name("a"), word(board.written(key))) for key in keys}
    weights, second = softmax(board, scores, "weights", names)
    found, worked = mix(board, "head_outputs", token, weights, values)
    of_row = {"query": token, **head}
    results = (
        _answers(board, "S", "scores", of_row, scores),
        _answers(board, "A", "weights", of_row, weights),
        mixed(board, "head_outputs", token, head, found),
    )
    inside = fraction(product(board, vector(board, "q", token), power(name("K"), op("⊤"))), root(name("d")))
    taken = line(word("softmax"), brackets(inside))
    task: Inline = ("Do all that this head does for one word: ", product(board, taken, name("V")), ".")
    last = Step(("Mix the values by the weights.",), worked)
    return Parts(task, given, results, (*first, *second, last))


def side_by_side(board: Board, chosen: Chosen) -> Parts:
    """What all heads make of a word, side by side, times W_O."""
    token = chosen["token"]
    heads = [str(head) for head in board.trace["head"].values]
    outputs = {head: board.amounts("head_outputs", "d_value", token=token, head=head) for head in heads}
    sizes = [len(row) for row in outputs.values()]
    if len(heads) < 2 or len({*sizes}) > 1:
        raise UnworkableError("its heads are of different sizes, or there is only one")
    matrix = _rows(board, "W_O", "d_concat", "d_output")
    row = [amount for each in outputs.values() for amount in each.values()]
    labels = list(matrix)
    joined_row = dict(zip(labels, row, strict=True))
    columns = {axis: [each[axis] for each in matrix.values()] for axis in next(iter(matrix.values()))}
    found, worked = times_matrix(board, row, columns, "output", {axis: sub(name("y"), word(axis)) for axis in columns})
    by_head = {head: outputs[head] for head in heads}
    given = (_of_heads(board, token, by_head), grid(board, "W_O", matrix))
    laid = tuple(answer(board, each, "concatenated", token=token, d_concat=k) for k, each in joined_row.items())
    moved = tuple(answer(board, each, "output", token=token, d_output=axis) for axis, each in found.items())
    written = (board.written(token),)
    results = (
        Result(name("C"), written, tuple(labels), (laid,)),
        Result(vector(board, "y", token), written, tuple(found), (moved,)),
    )
    task: Inline = ("Lay what the heads give side by side, and multiply by ", name("W_O"), ".")
    numbers = ", ".join(each.text for each in row)
    steps = (Step((f"Side by side: {numbers}.",)), Step(("Multiply, and add.",), worked))
    return Parts(task, given, results, steps)


def _of_heads(board: Board, token: str, outputs: Rows) -> Grid:
    """Return what every head makes of a word, a row for each head."""
    fits(len(outputs), "heads")
    cells = tuple(tuple(amount.text for amount in row.values()) for row in outputs.values())
    return Grid(vector(board, "y", token), tuple(outputs), tuple(next(iter(outputs.values()))), cells)


def _scores(
    board: Board, token: str, query: Mapping[str, Amount], keys: Rows
) -> tuple[dict[str, Amount], tuple[Step, ...]]:
    dots, lines, scores, divided = dict[str, Amount](), [], dict[str, Amount](), []
    for key, row in keys.items():
        left = line(vector(board, "q", token), "·", vector(board, "k", key))
        dots[key], worked = sum_of_products(
            board, left, list(zip(query.values(), row.values(), strict=True)), "query_key_dot"
        )
        scores[key], shorter = by_root(board, dots[key], len(query), "scores")
        lines.append(worked)
        divided.append(line(sub(name("s"), word(board.written(key))), "=", shorter))
    first = Step(("Take the dot product of the query with every key.",), tuple(lines))
    return scores, (first, Step((f"Divide by the root of the dimension, which is {len(query)}.",), tuple(divided)))


def _answers(board: Board, letter: str, array: str, chosen: Chosen, found: Mapping[str, Amount]) -> Result:
    """Return a row of answers, one for each key."""
    answers = tuple(answer(board, amount, array, **chosen, key=key) for key, amount in found.items())
    return Result(name(letter), (board.written(chosen["query"]),), tuple(map(board.written, found)), (answers,))


def _head(chosen: Chosen) -> dict[str, str]:
    return {dim: label for dim, label in chosen.items() if dim in ("head", "layer")}


def _matrix(board: Board, array: str, along: str, head: Mapping[str, str]) -> dict[str, dict[str, Amount]]:
    return _rows(board, array, "d_model", along, **head)


def _rows(board: Board, array: str, down: str, along: str, **head: str) -> dict[str, dict[str, Amount]]:
    if array not in board.trace:
        raise UnworkableError(f"there is no '{array}'")
    labels = [str(label) for label in board.trace[array][down].values]
    fits(len(labels), f"rows of {array}")
    return {label: board.amounts(array, along, **{down: label}, **head) for label in labels}


def _table(board: Board, left: Node, array: str, along: str, head: Mapping[str, str], rows: Rows) -> Result:
    answers = tuple(
        tuple(answer(board, amount, array, token=token, **{along: k}, **head) for k, amount in row.items())
        for token, row in rows.items()
    )
    columns = tuple(next(iter(rows.values())))
    return Result(left, tuple(map(board.written, rows)), columns, answers)


def _each_head(array: str) -> Callable[[Board], list[Chosen]]:
    def choose(board: Board) -> list[Chosen]:
        """Choose the heads all of whose words are on screen."""
        words = {*board.words}
        if len(words) > MOST:
            return []
        heads = board.heads_seen(array)
        return [each for each in heads if words <= {seen.coords.get("token") for seen in board.all_seen(array, **each)}]

    return choose


def _made(kind: str, level: int, needs: str, title: str, choices: Choose, make: Make) -> Maker:
    return Maker(kind, level, tuple(needs.split()), titled(title), choices, make)


_OF_HEAD = "queries keys values weights head_outputs"
_OF_HEADS = "head_outputs concatenated W_O output"
MAKERS = (
    _made("query", 4, "embeddings W_Q queries", "The query of {token}", rows_of("queries", "token"), _word("queries")),
    _made("keys", 4, "embeddings W_K keys", "All keys", _each_head("keys"), _all_words("keys")),
    _made("values", 4, "embeddings W_V values", "All values", _each_head("values"), _all_words("values")),
    _made("scores", 4, "queries keys scores", "The scores of {query}", rows_of("scores", "query"), scores_row),
    _made("head", 5, _OF_HEAD, "A whole head for {token}", rows_of("head_outputs", "token"), whole_head),
    _made("heads", 5, _OF_HEADS, "Several heads for {token}", rows_of("output", "token"), side_by_side),
)
