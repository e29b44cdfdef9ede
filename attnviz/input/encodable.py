"""Names and texts that are UTF-8: Python lets other bytes of a command line through as halves of characters.

Such a half cannot be printed, and cannot be written into any file of text: it is refused before anything is done.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from attnviz.input.problems import Problem, ProblemsFound


def is_encodable(text: str) -> bool:
    """Say whether a text holds only whole characters."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def as_bytes_seen(text: str) -> str:
    r"""Return a text with the bytes that are not UTF-8 as a shell writes them, such as `\xff`."""
    return text.encode("utf-8", "surrogateescape" if _is_escaped(text) else "backslashreplace").decode(
        "utf-8", "backslashreplace"
    )


def check_arguments(arguments: Iterable[str]) -> None:
    """Raise `ProblemsFound` if an argument, the file that it names, or the current folder is not named in UTF-8."""
    problems = []
    if not is_encodable(here := _real("")):
        hint = "rename the folder, or work in another one"
        problems.append(Problem(f"the name of the current folder, '{as_bytes_seen(here)}', is not UTF-8", hint=hint))
    for argument in arguments:
        if not is_encodable(argument):
            hint = "a text must be written, and a file or folder be named, in UTF-8"
            problems.append(Problem(f"the argument '{as_bytes_seen(argument)}' is not UTF-8", hint=hint))
        elif not problems:
            problems += _led_astray(argument)
    if problems:
        raise ProblemsFound(problems)


def check_path(path: Path) -> None:
    """Raise `ProblemsFound` if a path leads to a file or folder that is not named in UTF-8."""
    if problems := _led_astray(str(path)):
        raise ProblemsFound(problems)


def _led_astray(path: str) -> list[Problem]:
    real = _real(path)
    if is_encodable(real):
        return []
    hint = "rename the folder or file, or copy it to another place"
    what = f"'{as_bytes_seen(path)}' leads to '{as_bytes_seen(real)}', which is not UTF-8"
    return [Problem(what, hint=hint)]


def _real(argument: str) -> str:
    """Return where a path of a command line leads, with all links followed; what is no path leads nowhere."""
    path = argument.partition("=")[2] if argument.startswith("--") else argument.removeprefix("hf:")
    try:
        return os.path.realpath(Path(path))
    except (OSError, ValueError):  # there is no current folder any more, say
        return ""


def _is_escaped(text: str) -> bool:
    return all("\udc80" <= letter <= "\udcff" for letter in text if not is_encodable(letter))
