"""What the parts of a claim are (a number, many, a word), so that `check` refuses what cannot be compared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.storyboard.claim_grammar import Claim, Constant, Expression, Operation, Reference, Word
from attnviz.storyboard.narration import Insert, as_known

EQUAL = ("==", "!=")
OF_LABELS = ("argmax", "argmin")
OF_MANY = ("min", "max", "sum")
OF_ONE = ("abs", "sqrt")

# The dimensions that a reference leaves open (`:`), with their labels where they are known.
Open = Mapping[str, Sequence[str] | None]
Ask = Callable[[Insert], Open]


class Largest(NamedTuple):
    """What `argmax` gives: a label along a dimension."""

    dimension: str
    labels: Sequence[str] | None


def check_claim(claim: Claim, ask: Ask, words: Collection[str] = ()) -> None:
    """Raise `ProblemsFound` (without a place) if a claim compares what cannot be compared.

    `ask` returns the open dimensions of a reference, and raises `ProblemsFound` if it names nothing; `words` are known
    to stand on the board.
    """
    for relation, left, right in pairs(claim):
        if not (is_label(left) or is_label(right)):
            _number(claim, left, ask, words)
            _number(claim, right, ask, words)
        else:
            _check_labels(claim, relation, left, right, ask)


def pairs(claim: Claim) -> list[tuple[str, Expression, Expression]]:
    """Return each relation of a claim with its two sides."""
    return list(zip(claim.relations, claim.sides, claim.sides[1:], strict=False))


def is_label(side: Expression) -> bool:
    """Tell whether a side is an `argmax` or `argmin`, which gives a label."""
    return isinstance(side, Operation) and side.symbol in OF_LABELS


def word_of(side: Expression) -> str | None:
    """Return a side that stands beside a label as the word that is meant; None if it cannot be one."""
    match side:
        case Word(text):
            return text
        case Constant(_, source):
            return source
        case Reference() if side.is_bare:
            return side.source
    return None


def _refused(claim: Claim, message: str, hint: str | None = None) -> ProblemsFound:
    """Return what is raised for a fault of a claim."""
    return ProblemsFound(Problem(f"'{claim.source}': {message}", hint=hint))


def _check_labels(claim: Claim, relation: str, left: Expression, right: Expression, ask: Ask) -> None:
    found = [_largest(claim, side, ask) for side in (left, right) if is_label(side)]
    if relation not in EQUAL:
        raise _refused(claim, f"words cannot be compared by '{relation}'", "write == or !=")
    for side in (left, right):
        if is_label(side):
            continue
        word = word_of(side)
        if word is None:
            source = left.source if is_label(left) else right.source
            raise _refused(claim, f"{source} is a word, {side.source} a number", "compare it with a word")
        as_known(word, found[0].dimension, found[0].labels, claim.source)


def _largest(claim: Claim, side: Expression, ask: Ask) -> Largest:
    """Return what an `argmax` chooses from."""
    assert isinstance(side, Operation)
    operand, *others = side.operands
    left_open = ask(operand.insert) if isinstance(operand, Reference) else {}
    if others or len(left_open) != 1:
        hint = f"write it like {side.symbol}(weights[apple, :])"
        raise _refused(claim, f"{side.symbol} takes one array, with one ':' in it", hint)
    [(dimension, labels)] = left_open.items()
    return Largest(dimension, labels)


def _number(claim: Claim, part: Expression, ask: Ask, words: Collection[str]) -> None:
    """Raise `ProblemsFound` unless a part of a claim is one number."""
    if isinstance(part, Word) or _is_word(part, words):
        hint = f"write an entry, such as weights[apple, {part.source}], or argmax(weights[apple, :]) == {part.source}"
        raise _refused(claim, f"{part.source} is a word, and a number is needed here", hint)
    if isinstance(part, Reference) and ask(part.insert):
        raise _refused(claim, f"{part.source} is many numbers", "put them into min(…), max(…), sum(…) or argmax(…)")
    if not isinstance(part, Operation):
        return
    if part.symbol in OF_LABELS:
        raise _refused(
            claim, f"{part.source} is a word, and a number is needed here", f"write {part.symbol}(…) == word"
        )
    if part.symbol in OF_ONE and len(part.operands) != 1:
        raise _refused(claim, f"{part.symbol} takes one number")
    for operand in part.operands:
        if part.symbol in OF_MANY and isinstance(operand, Reference) and not _is_word(operand, words):
            ask(operand.insert)
        else:
            _number(claim, operand, ask, words)


def _is_word(part: Expression, words: Collection[str]) -> bool:
    return isinstance(part, Reference) and part.is_bare and part.source in words
