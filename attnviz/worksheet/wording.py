"""What things are called in exercises: their titles, vectors and products, by the storyboard's convention."""

from __future__ import annotations

import re
from collections.abc import Callable

from attnviz.worksheet.exercises import Chosen
from attnviz.worksheet.formulas import Inline, Node, line, name, sub, word
from attnviz.worksheet.shown import Board


def titled(template: str) -> Callable[[Board, Chosen], Inline]:
    """Return what titles an exercise: `{token}` and the like are words, `{line}` is what these stand in.

    The head is named at the end, if there are several.
    """

    def title(board: Board, chosen: Chosen) -> Inline:
        pieces = re.split(r"{(\w+)}", template.replace("{line}", line_word(board)))
        parts = [word(board.written(chosen[piece])) if k % 2 else piece for k, piece in enumerate(pieces)]
        of_head: Inline = (", head ", word(chosen["head"])) if "head" in chosen else ()
        return (*(part for part in parts if part), *of_head)

    return title


def vector(board: Board, letter: str, label: str) -> Node:
    """Return the name of a word's vector: its letter, with the word as a subscript."""
    return sub(name(letter), word(board.written(label)))


def product(board: Board, *factors: Node) -> Node:
    """Return a product as the convention has it: with columns the factors stand the other way round."""
    return line(*(factors if board.convention == "row" else reversed(factors)))


def line_word(board: Board) -> str:
    """Return what a word's numbers are in a table: a row, or a column."""
    return "row" if board.convention == "row" else "column"
