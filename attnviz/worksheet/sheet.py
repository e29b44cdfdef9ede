"""A worksheet: the exercises that a film's numbers make, from one pair of words to several heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attnviz.input.in_words import counted
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.worksheet import heads, maps, pairs, rows
from attnviz.worksheet.amounts import UnworkableError
from attnviz.worksheet.exercises import Exercise, Maker, exercise_of
from attnviz.worksheet.formulas import line_text, plain
from attnviz.worksheet.pages import page
from attnviz.worksheet.shown import Board, boards_of

if TYPE_CHECKING:
    from attnviz.input.fonts import Font
    from attnviz.render.shots.work import Work
    from attnviz.worksheet.plane import Plane

MAKERS: tuple[Maker, ...] = (*pairs.MAKERS, *rows.MAKERS, *maps.MAKERS, *heads.MAKERS)
ORDER = (
    *("dot", "cosine", "scaled_dot", "shares", "softmax", "mask", "move", "map", "distance", "determinant"),
    *("query", "keys", "values", "scores", "weights", "mixture", "head", "heads"),
)
OF_A_KIND = 2
"""So many exercises of a kind are set at most, of different models or heads."""
SPACES = (3, 5, 7, 10, 14)
"""Rows of squares that are left to work on, as many as there are lines to write, and two."""
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
        left_out |= dict.fromkeys(reasons)
    if not set_:
        message = "the film shows nothing that could be worked out by hand"
        hint = "; ".join(left_out) or "show similarities, weights, or tables that are multiplied"
        raise ProblemsFound(Problem(message, work.storyboard.path, hint=hint))
    board = work.storyboard
    set_.sort(key=lambda each: (each.level, ORDER.index(each.kind)))
    return Worksheet(board.title, board.language, board.decimals, tuple(set_), tuple(left_out), board.fonts)


def _of_kind(maker: Maker, boards: Sequence[Board]) -> tuple[list[Exercise], list[str]]:
    """Return the exercises of a kind, one a board, and what is said of boards of which none can be set."""
    made, left_out = list[Exercise](), list[str]()
    for board in boards:
        reasons = []
        for chosen in maker.choices(board):
            try:
                made.append(exercise_of(maker, board, chosen))
                break
            except UnworkableError as why:
                reasons.append(f"{line_text(maker.title(board, chosen))} ({about(board.facts)}): {why}")
        else:
            left_out += reasons[:1]
        if len(made) == OF_A_KIND:
            break
    return _different(made), left_out


def _different(made: Sequence[Exercise]) -> list[Exercise]:
    """Return exercises that do not ask for the same numbers."""
    return list({tuple(answer.text for answer in each.answers): each for each in made}.values())


def worksheet_html(sheet: Worksheet, *, key: bool) -> str:
    """Return a worksheet as a page of HTML; with the key, each exercise has its solution folded under it."""
    return page("worksheet.html.j2", plain_sheet(sheet) | {"key": key})


def plain_sheet(sheet: Worksheet) -> dict[str, Any]:
    """Return a worksheet as plain data for a template, its exercises numbered through its parts."""
    numbered = list(enumerate(sheet.exercises, 1))
    parts = [
        {"title": title, "exercises": [_plain(number, each, sheet) for number, each in numbered if each.level == level]}
        for level, title in PARTS.items()
    ]
    return {
        "title": sheet.title,
        "language": sheet.language,
        "rounding": rounding(sheet.decimals),
        "parts": [part for part in parts if part["exercises"]],
        "left_out": sheet.left_out,
    }


def rounding(decimals: int) -> str:
    """Say how numbers are given, and how they are to be worked with."""
    places = counted(decimals, "decimal") if decimals else "no decimals"
    return (
        f"Numbers are given as the film shows them, to {places}; those with fewer are exact. "
        f"Write each step to {places} or more. The key says how far off an answer may be: that is what rounding "
        "what is given, and every step, can make of it."
    )


def _plain(number: int, exercise: Exercise, sheet: Worksheet) -> dict[str, Any]:
    figure: Plane | None = exercise.figure
    lines = sum(len(step.formulas) for step in exercise.steps)
    return {
        "number": number,
        "title": plain(exercise.title),
        "task": plain(exercise.task),
        "about": about(exercise.facts),
        "given": [each.plain() for each in exercise.given],
        "results": [each.plain(sheet.decimals) for each in exercise.results],
        "steps": [step.plain() for step in exercise.steps],
        "space": next((size for size in SPACES if size >= 2 + lines), SPACES[-1]),
        "proof": _proof(exercise),
        "figure": None if figure is None else figure.plain(),
    }


def about(facts: Mapping[str, str]) -> str:
    """Return which sentence of which model something is about."""
    layer = f", layer {facts['layer']}" if facts["layer"] else ""
    return f"“{facts['sentence']}”, model {facts['model']}{layer}"


def _proof(exercise: Exercise) -> str:
    """Say where the film shows the answers, and of which parameters they are."""
    arrays = " and ".join(dict.fromkeys(answer.array for answer in exercise.answers))
    moment, facts = exercise.moment, exercise.facts
    return (
        f"{arrays} of the model {facts['model']} ({facts['fingerprint']}); on screen in {moment.shot} at {moment.clock}"
    )
