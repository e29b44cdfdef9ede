"""A worksheet: the exercises that a film's numbers make, from one pair of words to several heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.worksheet import heads, maps, pairs, rows
from attnviz.worksheet.amounts import UnworkableError
from attnviz.worksheet.exercises import Exercise, Maker, exercise_of
from attnviz.worksheet.formulas import line_text
from attnviz.worksheet.shown import Board, boards_of

if TYPE_CHECKING:
    from attnviz.input.fonts import Font
    from attnviz.render.shots.work import Work

MAKERS: tuple[Maker, ...] = (*pairs.MAKERS, *rows.MAKERS, *maps.MAKERS, *heads.MAKERS)
OF_A_KIND = 2
"""So many exercises of a kind are set at most, of different models or heads."""
PARTS = {
    1: "Two words",
    2: "One row of attention",
    3: "Linear maps",
    4: "Queries, keys and values",
    5: "Whole heads",
}


@dataclass(frozen=True)
class Worksheet:
    """A film's exercises in their order, and why others are left out."""

    title: str
    language: str
    decimals: int
    exercises: tuple[Exercise, ...]
    left_out: tuple[str, ...]
    fonts: tuple[Font, ...] = ()


def worksheet_of(work: Work) -> Worksheet:
    """Return the exercises of what a film shows; raises `ProblemsFound` if there is nothing to be worked out."""
    set_, left_out = [], dict[str, None]()
    boards = boards_of(work)
    for maker in MAKERS:
        mine, reasons = _of_kind(maker, [board for board in boards if board.shows(*maker.needs)])
        set_ += mine
        left_out |= {} if mine else reasons
    if not set_:
        message = "the film shows nothing that could be worked out by hand"
        hint = "; ".join(left_out) or "show similarities, weights, or tables that are multiplied"
        raise ProblemsFound(Problem(message, work.storyboard.path, hint=hint))
    board = work.storyboard
    set_.sort(key=lambda each: each.level)
    return Worksheet(board.title, board.language, board.decimals, tuple(set_), tuple(left_out), board.fonts)


def _of_kind(maker: Maker, boards: Sequence[Board]) -> tuple[list[Exercise], dict[str, None]]:
    """Return the exercises of a kind, one a board at first, and what is said of those that cannot be set."""
    made, reasons = list[Exercise](), dict[str, None]()
    for board in boards:
        if len(made) == OF_A_KIND:
            break
        for chosen in maker.choices(board):
            try:
                made.append(exercise_of(maker, board, chosen))
                break
            except UnworkableError as why:
                reasons[f"{line_text(maker.title(board, chosen))}: {why}"] = None
    return _different(made), reasons


def _different(made: Sequence[Exercise]) -> list[Exercise]:
    """Return exercises that do not ask for the same numbers."""
    return list({tuple(answer.text for answer in each.answers): each for each in made}.values())
