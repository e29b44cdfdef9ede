"""A quiz about a film: questions that its numbers answer, made of its claims and of what is on screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.worksheet.amounts import UnworkableError
from attnviz.worksheet.asking import Asked, how_much, which
from attnviz.worksheet.claimed import asked_in
from attnviz.worksheet.phrases import PHRASES
from attnviz.worksheet.shown import Board, Moment, Seen, boards_by_scene, shots_in_time

if TYPE_CHECKING:
    from attnviz.render.shots.claims import TriedClaim
    from attnviz.render.shots.work import Work


@dataclass(frozen=True)
class Question:
    """A question with its options, of which one is right, and what proves it: a number, and when it is on screen.

    `about` says of which sentence it is, and of which model and words, where a film has several of one sentence.
    `claim` is the claim of the storyboard that it is made of, "" if it is made of what is on screen alone.
    """

    asked: Asked
    about: str
    facts: Mapping[str, str]
    moment: Moment
    claim: str = ""

    @property
    def text(self) -> str:
        """The question, with what it is about."""
        return f"{self.about}: {self.asked.text}" if self.about else self.asked.text


@dataclass(frozen=True)
class Quiz:
    """The questions about a film, in its order."""

    title: str
    language: str
    questions: tuple[Question, ...]


def quiz_of(work: Work, most: int) -> Quiz:
    """Return a quiz about the wanted shots, all of which must be known, and whose claims were tried.

    Each shot is asked about once at most; of more questions than `most`, some from everywhere are taken. Raises
    `ProblemsFound` if there is nothing to ask.
    """
    scenes, questions = boards_by_scene(work), dict[str, Question]()
    maker = _QuizMaker([board for boards in scenes.values() for board in boards.values()])
    for scene, shot, _ in shots_in_time(work):
        claims = [each for each in work.claims if each.shot == shot.name and each.outcome.holds]
        asked = maker.of_shot(shot.name, claims, scenes[scene.name])
        found = (each for each in asked if each.text not in questions)
        if question := next(found, None):
            questions[question.text] = question
    if not questions:
        hint = "show weights, similarities, or other numbers of words"
        raise ProblemsFound(
            Problem("the film shows nothing that could be asked about", work.storyboard.path, hint=hint)
        )
    board = work.storyboard
    return Quiz(board.title, board.language, tuple(_spread([*questions.values()], most)))


class _QuizMaker:
    """Makes questions about the boards of a film."""

    def __init__(self, boards: Sequence[Board]) -> None:
        self._boards = list({id(board): board for board in boards}.values())
        self._about = {id(board): _about(board, self._boards) for board in self._boards}

    def of_shot(self, shot: str, claims: Sequence[TriedClaim], boards: Mapping[str, Board]) -> Iterator[Question]:
        """Yield what can be asked about a shot, the best first: what is claimed in it, and what it shows."""
        for tried in claims:
            for board, asked in asked_in(tried.claim, boards):
                yield from self._question(board, asked, tried.claim.source)
        for board in boards.values():
            for seen in board.seen:
                if seen.moment.shot == shot and seen.array in PHRASES:
                    yield from self._on_screen(board, seen)

    def _on_screen(self, board: Board, seen: Seen) -> Iterator[Question]:
        sizes = board.trace[seen.array].sizes
        coords = {dim: label for dim, label in seen.coords.items() if sizes[dim] > 1}
        for ask in (which, how_much):
            try:
                yield from self._question(board, ask(board, seen.array, coords))
            except UnworkableError:
                continue

    def _question(self, board: Board, asked: Asked, claim: str = "") -> Iterator[Question]:
        """Yield a question whose answer is on screen, unless the same words are true of other numbers, too."""
        moment, about = board.first_seen(asked.array, **asked.proof.coords), self._about[id(board)]
        alike = [each for each in self._boards if self._about[id(each)] == about and each is not board]
        if moment is not None and all(_same_answer(each, asked) for each in alike):
            yield Question(asked, about, board.facts, moment, claim)


def _same_answer(board: Board, asked: Asked) -> bool:
    """Tell whether a question has the same answer on another board, or cannot be asked there."""
    try:
        value = board.value(asked.array, **asked.proof.coords)
    except UnworkableError:
        return True
    return value == asked.proof.value


def _about(board: Board, boards: Sequence[Board]) -> str:
    """Say of which sentence a board is and, where there are others of the same, of which model and words."""
    facts = board.facts
    if not facts["sentence"]:
        return ""
    alike = [each for each in boards if each.facts["sentence"] == facts["sentence"]]
    parts = [f"“{facts['sentence']}”"]
    if len({(each.facts["model"], each.facts["layer"]) for each in alike}) > 1:
        parts.append(f"model {facts['model']}" + (f", layer {facts['layer']}" if facts["layer"] else ""))
    if len({tuple(each.words) for each in alike}) > 1:
        parts.append(f"with {', '.join(map(board.written, board.words))} on the board")
    return ", ".join(parts)


def _spread(questions: Sequence[Question], most: int) -> Sequence[Question]:
    """Return at most so many questions, from the first to the last."""
    if len(questions) <= most:
        return questions
    places = [round(k * (len(questions) - 1) / max(1, most - 1)) for k in range(most)]
    return [questions[place] for place in places]
