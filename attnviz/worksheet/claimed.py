"""What the claims of a storyboard make questions of: the numbers that they name, and which of them is the largest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attnviz.input.problems import ProblemsFound
from attnviz.storyboard.claim_grammar import Claim, Expression, Operation, Reference
from attnviz.storyboard.claim_kinds import is_label
from attnviz.storyboard.narration import Insert, selection
from attnviz.worksheet.amounts import UnworkableError
from attnviz.worksheet.asking import Asked, how_much, which
from attnviz.worksheet.shown import Board, identity

SHOWN_AS = {"weights": "softmax", "softmax": "weights"}
"""The same numbers under another name."""


def asked_in(claim: Claim, boards: Sequence[Board], traces: Mapping[str, Any]) -> Iterator[tuple[Board, Asked]]:
    """Yield the questions of a claim that holds: of an `argmax` which word it is, of other numbers how much they are."""
    sides = [side for side in claim.sides if isinstance(side, Operation) and is_label(side)]
    for side in sides:
        kind = "most" if side.symbol == "argmax" else "least"
        yield from _tried(side.operands[0], boards, traces, kind)
    for reference in (each for side in claim.sides for each in _references(side)):
        yield from _tried(reference, boards, traces, "how_much")


def _tried(
    part: Expression, boards: Sequence[Board], traces: Mapping[str, Any], kind: str
) -> Iterator[tuple[Board, Asked]]:
    if not isinstance(part, Reference):
        return
    found = _named(part.insert, boards, traces)
    if found is None:
        return
    board, array, coords = found
    for ask in (kind,) if kind != "how_much" else ("most", kind):
        try:
            if ask == "how_much":
                yield board, how_much(board, array, coords)
            else:
                yield board, which(board, array, coords, ask)
        except UnworkableError:
            continue


def _named(
    insert: Insert, boards: Sequence[Board], traces: Mapping[str, Any]
) -> tuple[Board, str, dict[str, str]] | None:
    """Return the board, the array and the labels that are meant, without those that all of its entries have."""
    trace = traces.get(insert.sentence) if insert.sentence else next(iter(traces.values()), None)
    if trace is None or insert.array not in trace:
        return None
    board = next((each for each in boards if each.identity == identity(trace)), None)
    if board is None:
        return None
    dims = {str(dim): [str(label) for label in trace[dim].values] for dim in trace[insert.array].dims}
    try:
        chosen = selection(insert, dims)
    except ProblemsFound:
        return None
    coords = {dim: label for dim, label in chosen.items() if label is not None and len(dims[dim]) > 1}
    array = insert.array
    if not board.all_seen(array) and board.all_seen(SHOWN_AS.get(array, "")):
        array = SHOWN_AS[array]
    return board, array, coords


def _references(part: Expression) -> Iterator[Reference]:
    if isinstance(part, Reference):
        yield part
    elif isinstance(part, Operation) and not is_label(part):
        for operand in part.operands:
            yield from _references(operand)
