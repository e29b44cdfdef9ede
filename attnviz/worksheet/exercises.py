"""An exercise: what is given, what is asked, how it is worked out, and how far off an answer may be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from attnviz.worksheet.amounts import EXACT, Amount, UnworkableError, digits, value_of
from attnviz.worksheet.formulas import Inline, Node, name, plain
from attnviz.worksheet.plane import Plane
from attnviz.worksheet.shown import ALWAYS_IN_FULL, Board, Moment

MOST = 6
"""So many words, or coordinates, are worked with by hand at most."""
VAGUEST = 0.1
"""An answer of which rounding leaves more open than this, or than this part of it, tells nothing."""
SIXTH_DIGIT = 1e-6
"""Numbers of a film are looked at to six significant digits."""

Chosen = Mapping[str, str]
"""Which word, head or map an exercise is about, by the dimensions of the arrays."""


@dataclass(frozen=True)
class Grid:
    """A table of numbers as they are given: its name, the labels of rows and columns, and digits."""

    name: Node
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]

    def turned(self) -> Grid:
        """Return it with rows for columns."""
        return Grid(self.name, self.columns, self.rows, tuple(zip(*self.cells, strict=True)))

    def plain(self) -> dict[str, Any]:
        """Return it as plain data for a template."""
        return {"name": self.name.plain(), "rows": self.rows, "columns": self.columns, "cells": self.cells}


@dataclass(frozen=True)
class Answer:
    """An entry of the trace that is asked for.

    `value` has six significant digits and `text` is how it is shown; `worked` is what comes out by hand, which is right
    from its `low` to its `high`.
    """

    array: str
    coords: Mapping[str, str]
    value: float
    text: str
    worked: Amount

    @property
    def off(self) -> float:
        """How far an answer may be off from `text`, where everything is rounded as it is told."""
        shown = value_of(self.text)
        return max(self.worked.high - shown, shown - self.worked.low, 0.0)

    def tolerance(self, places: int) -> str:
        """Return how far it may be off, rounded up to so many decimals; "" if not at all."""
        units = math.ceil(self.off * 10**places - SIXTH_DIGIT)
        return digits(units / 10**places, places) if units > 0 else ""


@dataclass(frozen=True)
class Result:
    """A table of answers, which a sheet leaves empty."""

    name: Node
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    answers: tuple[tuple[Answer, ...], ...]

    def grid(self) -> Grid:
        """Return it filled in."""
        cells = tuple(tuple(answer.text for answer in row) for row in self.answers)
        return Grid(self.name, self.rows, self.columns, cells)

    def plain(self, places: int) -> dict[str, Any]:
        """Return it as plain data for a template: with one tolerance if that is the same for all, else one a cell."""
        cells = [[answer.tolerance(places) for answer in row] for row in self.answers]
        every = {each for row in cells for each in row}
        alike = {"tolerance": next(iter(every)), "tolerances": []}
        return {**self.grid().plain(), **(alike if len(every) == 1 else {"tolerance": "", "tolerances": cells})}

    def turned(self) -> Result:
        """Return it with rows for columns."""
        return Result(self.name, self.columns, self.rows, tuple(zip(*self.answers, strict=True)))


@dataclass(frozen=True)
class Step:
    """A step of a solution: what is done, and formulas, each on a line of its own."""

    note: Inline
    formulas: tuple[Node, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as plain data for a template."""
        return {"note": plain(self.note), "formulas": [formula.plain() for formula in self.formulas]}


@dataclass(frozen=True)
class Exercise:
    """An exercise with its solution; `moment` is when the film shows the result first, `facts` of what it is.

    `level` goes from one pair of words to several heads. `arrows` are drawn on a plane of the words, if there are any:
    from where to where, with their names.
    """

    kind: str
    level: int
    title: Inline
    task: Inline
    given: tuple[Grid, ...]
    results: tuple[Result, ...]
    steps: tuple[Step, ...]
    moment: Moment
    facts: Mapping[str, str]
    places: int = 2
    figure: Plane | None = None

    @property
    def answers(self) -> list[Answer]:
        """All that is asked for."""
        return [answer for result in self.results for row in result.answers for answer in row]

    def turned(self) -> Exercise:
        """Return it with all tables transposed, as they are where vectors are columns."""
        given = tuple(grid.turned() for grid in self.given)
        return replace(self, given=given, results=tuple(result.turned() for result in self.results))


@dataclass(frozen=True)
class Maker:
    """How a kind of exercise is made: of films that show the arrays that it `needs`, for one of its `choices`."""

    kind: str
    level: int
    needs: tuple[str, ...]
    title: Callable[[Board, Chosen], Inline]
    choices: Callable[[Board], Sequence[Chosen]]
    make: Callable[[Board, Chosen], Parts]


@dataclass(frozen=True)
class Parts:
    """What a maker makes: the task with what is given, the results, and the steps that lead to them."""

    task: Inline
    given: tuple[Grid, ...]
    results: tuple[Result, ...]
    steps: tuple[Step, ...]
    figure: Plane | None = None


def exercise_of(maker: Maker, board: Board, chosen: Chosen) -> Exercise:
    """Make an exercise; raises `UnworkableError` if it cannot be solved by hand from what is given."""
    parts = maker.make(board, chosen)
    answers = [answer for result in parts.results for row in result.answers for answer in row]
    for answer in answers:
        _check(answer, board)
    last = parts.results[-1].answers[0][0]
    seen = [each.moment for each in board.all_seen(last.array)]
    moment = board.first_seen(last.array, **last.coords) or seen[0]
    steps = (*parts.steps, *_as_on_screen(answers))
    title = maker.title(board, chosen)
    made = Exercise(
        maker.kind, maker.level, title, parts.task, parts.given, parts.results, steps, moment, board.facts,
        board.decimals, parts.figure,
    )  # fmt: skip
    return made.turned() if board.convention == "column" else made


def _check(answer: Answer, board: Board) -> None:
    """Raise `UnworkableError` unless what is given leads to what the trace has, and not to about anything."""
    slack = SIXTH_DIGIT * max(1.0, abs(answer.value))
    if not answer.worked.low - slack <= answer.value <= answer.worked.high + slack:
        raise UnworkableError("the model does more there than what is shown")
    if answer.off > VAGUEST * max(1.0, abs(answer.value)):
        raise UnworkableError("rounding leaves too much open")


def _as_on_screen(answers: Sequence[Answer]) -> tuple[Step, ...]:
    """Say which results end in other digits on screen, where more digits are computed with."""
    other = [each for each in answers if abs(value_of(each.text) - value_of(each.worked.text)) > EXACT]
    if not other:
        return ()
    pairs = [part for each in other for part in (each.text, " for ", each.worked.text, ", ")]
    return (Step(("With all its digits the model has ", *pairs[:-1], ".")),)


def answer(board: Board, worked: Amount, array: str, **coords: str) -> Answer:
    """Return an entry that is asked for, with what came out by hand."""
    value = board.value(array, **coords)
    return Answer(array, coords, value, digits(value, board.decimals, short=array not in ALWAYS_IN_FULL), worked)


def finished(board: Board, amount: Amount, array: str) -> Amount:
    """Return a result as it is written down at last: in the way of its array."""
    return amount.written(board.decimals, short=array not in ALWAYS_IN_FULL)


def grid(board: Board, named: str | Node, rows: Mapping[str, Mapping[str, Amount]]) -> Grid:
    """Return amounts as a table, by the labels of rows and columns; raises `UnworkableError` if it is too large."""
    first = next(iter(rows.values()))
    fits(len(rows), "rows")
    fits(len(first), "columns")
    cells = tuple(tuple(amount.text for amount in row.values()) for row in rows.values())
    node = name(named) if isinstance(named, str) else named
    return Grid(node, tuple(map(board.written, rows)), tuple(map(board.written, first)), cells)


def fits(count: int, what: str) -> None:
    """Raise `UnworkableError` if there are too many numbers to work with by hand."""
    if count > MOST:
        raise UnworkableError(f"there are {count} {what}, and more than {MOST} are not worked with by hand")
