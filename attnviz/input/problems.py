"""Bad user input as data: a message with file, line, what was expected, and a suggestion.

All of attnviz reports bad input as `Problem`s, collected in one `ProblemsFound`; only the command line prints them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One fault in the user's input, and how to fix it.

    `message` says what is wrong ("unknown verb 'pul'"), `hint` what was expected or what to do
    ("did you mean 'pull'?"); `file` and `line` (counted from 1) say where, if that is known.
    """

    message: str
    file: Path | None = None
    line: int | None = None
    hint: str | None = None

    def __str__(self) -> str:
        """Return the one-line form `file:line: message; hint`."""
        place = "" if self.file is None else f"{self.file}:" if self.line is None else f"{self.file}:{self.line}:"
        text = f"{place} {self.message}".strip()
        return visible(f"{text}; {self.hint}" if self.hint else text)


def placed(problem: Problem, file: Path, line: int) -> Problem:
    """Return the problem, located at this file and line unless it already names a file."""
    return Problem(problem.message, file, line, problem.hint) if problem.file is None else problem


def refused_by_system(error: OSError) -> str:
    """Return in one line what is told where the operating system refuses what nobody expected it to: a full disk."""
    return f"the operating system refused: {' '.join(str(error).split())}"


def visible(text: str) -> str:
    """Return the text with unprintable characters, such as terminal control codes, escaped as `repr` does."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


class ProblemsFound(Exception):
    """Raised for bad input, with all the problems found in it; the command line then exits with status 2."""

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class NotInstalled(ProblemsFound):
    """Raised for a model that there is, or may be, but not on this machine; the hint is how to get it."""


class TooLong(ProblemsFound):
    """Raised for a text of more tokens than are read."""


def none_there(missing: Mapping[str, NotInstalled]) -> NotInstalled:
    """Return what is told if none of some models is there; `missing` has, by their names, what each of them told."""
    if len(missing) == 1:
        return next(iter(missing.values()))
    hints = [f"{name}: {problem.hint}" for name, found in missing.items() for problem in found.problems]
    return NotInstalled(Problem(f"none of the models {', '.join(missing)} is there", hint="; ".join(hints)))


@contextlib.contextmanager
def placeless(path: Path) -> Iterator[None]:
    """Let what is wrong with a file that nobody can look into be told without its lines."""
    try:
        yield
    except ProblemsFound as found:
        raise ProblemsFound(
            replace(problem, file=None, line=None) if problem.file == path else problem for problem in found.problems
        ) from None


@contextlib.contextmanager
def gathered(problems: list[Problem]) -> Iterator[None]:
    """Collect the problems raised in the block instead of propagating them, so that checking can go on.

    What is not installed cannot be checked: that is propagated.
    """
    try:
        yield
    except NotInstalled:
        raise
    except ProblemsFound as found:
        problems += found.problems


def closest(word: str, options: Iterable[str], limit: int = 3) -> list[str]:
    """Return at most `limit` options spelled like `word`, best first; empty if none comes close."""
    from rapidfuzz import fuzz, process, utils

    if not any(letter.isalnum() for letter in word):
        return []  # the scorer ignores punctuation: words made of nothing else would all match
    found = process.extract(word, list(options), scorer=fuzz.ratio, processor=utils.default_process, limit=limit)
    return [option for option, score, _ in found if score >= 60]


def did_you_mean(word: str, options: Iterable[str], what: str = "one of") -> str:
    """Return the hint for an unknown name: the closest options or, if none is close, all that exist (at most 20).

    `what` introduces the list: "one of", or a plural noun such as "the scenes".
    """
    known = list(options)
    near = closest(word, known)
    if near:
        return "did you mean " + " or ".join(repr(option) for option in near) + "?"
    shown = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
    if what.startswith("the "):
        return f"{what} are: {shown}" if known else f"there are no {what.removeprefix('the ')}"
    return f"expected {what}: {shown}" if known else f"there is no {what} to choose from"
