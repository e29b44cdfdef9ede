"""What a narration says, once its numbers are filled in, and where in it they and its marks stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from attnviz.storyboard.cues import NumberNamed
from attnviz.storyboard.narration import Insert, Mark, Spoken, formatted


@dataclass(frozen=True)
class MarkAt:
    """A mark, and the place in what is told of the word before which it stands.

    `named` are its targets, once the numbers among them were found in a trace.
    """

    mark: Mark
    at: int
    named: tuple[str | NumberNamed, ...] = ()


@dataclass(frozen=True)
class NumberAt:
    """A number that is told, from one character up to another; `named` once it was read from a trace."""

    insert: Insert
    start: int
    end: int
    named: NumberNamed | None = None


@dataclass(frozen=True)
class Told:
    """The words to be said, with the places (counted in characters) of their marks and numbers."""

    text: str
    marks: tuple[MarkAt, ...] = ()
    numbers: tuple[NumberAt, ...] = ()


def told(narration: Sequence[Spoken], lookup: Callable[[Insert], float], decimals: int = 2) -> Told:
    """Return what a narration says, every insert replaced by the number that `lookup` returns for it.

    Marks leave nothing behind: of the spaces around one, those before it stay.
    """
    text, marks, numbers = "", list[MarkAt](), list[NumberAt]()
    for piece in narration:
        if isinstance(piece, Mark):
            marks.append(MarkAt(piece, len(text)))
        elif isinstance(piece, Insert):
            said = formatted(lookup(piece), piece.format, decimals)
            numbers.append(NumberAt(piece, len(text), len(text) + len(said)))
            text += said
        else:
            follows_mark = bool(marks) and marks[-1].at == len(text)
            text += piece.text.lstrip() if follows_mark and (not text or text[-1].isspace()) else piece.text
    return Told(text, tuple(marks), tuple(numbers))


def fill(narration: Sequence[Spoken], lookup: Callable[[Insert], float], decimals: int = 2) -> str:
    """Return the words to be said only."""
    return told(narration, lookup, decimals).text
