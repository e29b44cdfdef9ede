"""What the claims of a storyboard make questions of: the numbers that they name, and which of them is the largest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attnviz.input.problems import ProblemsFound
from attnviz.storyboard.claim_grammar import Claim, Expression, Operation, Reference
from attnviz.storyboard.claim_kinds import is_label
from attnviz.storyboard.narration import Insert, selection
from attnviz.worksheet.amounts import UnworkableError
from attnviz.worksheet.asking import Asked, how_much, which
from attnviz.worksheet.shown import Board

SHOWN_AS = {"weights": "softmax", "softmax": "weights"}
"""The same numbers under another name."""


def asked_in(claim: Claim, boards: Mapping[str, Board]) -> Iterator[tuple[Board, Asked]]:
    """Yield the questions that a claim which holds makes: which word an `argmax` is, how much other numbers are.

    `boards` are those of its scene, by the names of the sentences.
    """
    sides = [side for side in claim.sides if isinstance(side, Operation) and is_label(side)]
    for side in sides:
        yield from _tried(side.operands[0], boards, "most" if side.symbol == "argmax" else "least")
    for reference in (each for side in claim.sides for each in _references(side)):
        yield from _tried(reference, boards, "how_much")


def _tried(part: Expression, boards: Mapping[str, Board], kind: str) -> Iterator[tuple[Board, Asked]]:
    found = _named(part.insert, boards) if isinstance(part, Reference) else None
    if found is None:
        return
    board, array, coords = found
    for ask in (kind,) if kind != "how_much" else ("most", kind):
        try:
            yield board, how_much(board, array, coords) if ask == "how_much" else which(board, array, coords, ask)
        except UnworkableError:
            continue


def _named(insert: Insert, boards: Mapping[str, Board]) -> tuple[Board, str, dict[str, str]] | None:
    """Return the board, the array and the labels that are meant, without those that all of its entries have."""
    board = boards.get(insert.sentence) if insert.sentence else next(iter(boards.values()), None)
    if board is None or insert.array not in board.trace:
        return None
    entries = board.trace[insert.array]
    dims = {str(dim): [str(label) for label in entries[dim].values] for dim in entries.dims}
    try:
        chosen = selection(insert, dims)
    except ProblemsFound:
        return None
    coords = {dim: label for dim, label in chosen.items() if label is not None and len(dims[dim]) > 1}
    array = insert.array
    if not board.shows(array) and board.shows(SHOWN_AS.get(array, array)):
        array = SHOWN_AS[array]
    return board, array, coords


def _references(part: Expression) -> Iterator[Reference]:
    if isinstance(part, Reference):
        yield part
    elif isinstance(part, Operation) and not is_label(part):
        for operand in part.operands:
            yield from _references(operand)
