"""Whether a claim holds, by the numbers that a lookup gives."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from attnviz.input.significant import significant
from attnviz.storyboard.claim_grammar import Claim, Constant, Expression, Operation, Reference
from attnviz.storyboard.claim_kinds import OF_MANY, is_label, pairs, word_of
from attnviz.storyboard.narration import Insert, as_known, formatted


@dataclass(frozen=True)
class Entries:
    """What a reference stands for: numbers and, where it leaves one dimension open, their labels along it."""

    values: tuple[float, ...]
    dimension: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Whether a claim holds, and what its sides came to, each as it is written; `why` it cannot be told, if so."""

    holds: bool
    values: tuple[tuple[str, float | str], ...] = ()
    why: str | None = None


Lookup = Callable[[Insert], Entries]

_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_COMPUTED: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class UndecidedError(Exception):
    """A claim neither holds nor fails: something in it is undefined."""


def outcome_of(claim: Claim, lookup: Lookup, decimals: int = 2) -> Outcome:
    """Return what becomes of a claim that was checked; `≈` compares the digits that are shown, to so many decimals.

    Raises `ProblemsFound` (without a place) for a reference or a word that the trace does not have.
    """
    reckoning = _Reckoning(claim, lookup, decimals)
    try:
        held = [reckoning.holds(relation, left, right) for relation, left, right in pairs(claim)]
    except UndecidedError as undecided:
        return Outcome(False, tuple(reckoning.found.items()), str(undecided))
    return Outcome(all(held), tuple(reckoning.found.items()))


class _Reckoning:
    """Computes the sides of one claim; `found` is what they came to, by how they are written."""

    def __init__(self, claim: Claim, lookup: Lookup, decimals: int) -> None:
        self.found: dict[str, float | str] = {}
        self._claim, self._lookup, self._decimals = claim, lookup, decimals

    def holds(self, relation: str, left: Expression, right: Expression) -> bool:
        """Tell whether a relation holds between two sides."""
        if is_label(left) or is_label(right):
            return (self._word(left, right) == self._word(right, left)) is (relation == "==")
        one, other = self._side(left), self._side(right)
        if relation == "~=":
            return formatted(one, None, self._decimals) == formatted(other, None, self._decimals)
        return _COMPARED[relation](one, other)

    def _side(self, side: Expression) -> float:
        value = significant(self._number(side))  # as every number is that a film shows
        if reads(side):
            self.found[side.source] = value
        return value

    def _word(self, side: Expression, beside: Expression) -> str:
        """Return the label that an `argmax` gives, or the word beside one as the trace spells it."""
        if is_label(side):
            label, _ = self._largest(side)
            return label
        _, entries = self._largest(beside)
        return as_known(word_of(side) or "", entries.dimension, entries.labels, self._claim.source)

    def _largest(self, side: Expression) -> tuple[str, Entries]:
        """Return the label of the largest (or smallest) entry, which must be one, and what it is chosen from."""
        assert isinstance(side, Operation)
        [reference] = side.operands
        assert isinstance(reference, Reference)
        entries = self._entries(reference)
        wanted = max(entries.values) if side.symbol == "argmax" else min(entries.values)
        first = [label for label, value in zip(entries.labels, entries.values, strict=True) if value == wanted]
        if len(first) > 1:
            raise UndecidedError(f"{side.source} is not one word: {', '.join(first[:-1])} and {first[-1]} are equal")
        self.found |= {side.source: first[0], f"{side.symbol.removeprefix('arg')}({reference.source})": wanted}
        return first[0], entries

    def _entries(self, reference: Reference) -> Entries:
        entries = self._lookup(reference.insert)
        if any(map(math.isnan, entries.values)):
            raise UndecidedError(f"{reference.source} is undefined (NaN)")
        return entries

    def _number(self, part: Expression) -> float:
        if isinstance(part, Constant):
            return part.value
        if isinstance(part, Reference):
            [value] = self._entries(part).values
            return value
        assert isinstance(part, Operation)
        if part.symbol in OF_MANY:
            value = _of_many(part.symbol, [each for operand in part.operands for each in self._numbers(operand)])
        else:
            value = self._of_numbers(part, *map(self._number, part.operands))
        if math.isnan(value):
            raise UndecidedError(f"{part.source} is undefined")
        return value

    def _numbers(self, operand: Expression) -> Sequence[float]:
        return self._entries(operand).values if isinstance(operand, Reference) else [self._number(operand)]

    def _of_numbers(self, part: Operation, first: float, second: float | None = None) -> float:
        """Compute `+ - * /` of two numbers, or `-`, `abs` or `sqrt` of one."""
        if second is not None:
            if part.symbol == "/" and second == 0:
                raise UndecidedError(f"{part.source} divides by zero")
            return _COMPUTED[part.symbol](first, second)
        if part.symbol == "sqrt":
            return math.sqrt(first) if first >= 0 else math.nan
        return abs(first) if part.symbol == "abs" else -first


def reads(part: Expression) -> bool:
    """Tell whether a part of a claim reads anything, or is written out."""
    return isinstance(part, Reference) or (isinstance(part, Operation) and any(map(reads, part.operands)))


def _of_many(function: str, values: Sequence[float]) -> float:
    return sum(values) if function == "sum" else max(values) if function == "max" else min(values)
