"""What was wrong with what a person gave us: one clear message with file, line, expectation and suggestion.

Every room reports bad input as `Problem`s, gathered in one `ProblemsFound`; only the command line prints them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and how to mend it.

    `message` says what is wrong ("unknown verb 'pul'"), `hint` what was expected or what to do
    ("did you mean 'pull'?"); `file` and `line` (counted from 1) say where, when there is a place.
    """

    message: str
    file: Path | None = None
    line: int | None = None
    hint: str | None = None

    def __str__(self) -> str:
        """Give the one-line form: file:line: message; hint."""
        place = "" if self.file is None else f"{self.file}:" if self.line is None else f"{self.file}:{self.line}:"
        text = f"{place} {self.message}".strip()
        return visible(f"{text}; {self.hint}" if self.hint else text)


def placed(problem: Problem, file: Path, line: int) -> Problem:
    """Return the problem with this place, if it has none of its own."""
    return Problem(problem.message, file, line, problem.hint) if problem.file is None else problem


def visible(text: str) -> str:
    """Return a text in which every character that does not show, or that commands a terminal, is written out."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


class ProblemsFound(Exception):
    """Bad input, with everything that is wrong with it at once; the command line exits with 2."""

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@contextlib.contextmanager
def gathered(problems: list[Problem]) -> Iterator[None]:
    """Note what is found wrong in a block, so that the next one can be tried."""
    try:
        yield
    except ProblemsFound as found:
        problems += found.problems


def closest(word: str, options: Iterable[str], limit: int = 3) -> list[str]:
    """Return the options spelled most like `word`, best first (none, if nothing is near)."""
    from rapidfuzz import fuzz, process, utils

    if not any(letter.isalnum() for letter in word):
        return []  # signs are not looked at, so that all that have nothing else would be alike
    found = process.extract(word, list(options), scorer=fuzz.ratio, processor=utils.default_process, limit=limit)
    return [option for option, score, _ in found if score >= 60]


def did_you_mean(word: str, options: Iterable[str], what: str = "one of") -> str:
    """Return the hint for an unknown name: the nearest option, or else all that exist (at most 20).

    `what` names them: "one of", or in the plural "the scenes".
    """
    known = list(options)
    near = closest(word, known)
    if near:
        return "did you mean " + " or ".join(repr(option) for option in near) + "?"
    shown = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
    if what.startswith("the "):
        return f"{what} are: {shown}" if known else f"there are no {what.removeprefix('the ')}"
    return f"expected {what}: {shown}" if known else f"there is no {what} to choose from"
